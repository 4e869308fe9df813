"""The client: tell what happened, and go on."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

from tocsin_client import guard
from tocsin_client.batches import CLOUDEVENTS, NATIVE, Entry, new_key
from tocsin_client.cloudevents import to_cloudevent
from tocsin_client.courier import Courier
from tocsin_client.drops import FULL
from tocsin_client.environment import defaults_of, transport_of
from tocsin_client.events import build, merged
from tocsin_client.herald import OnDrop
from tocsin_client.outbox import Outbox
from tocsin_client.plain import encode, now
from tocsin_client.progress import Progress
from tocsin_client.results import NotSent, Result, failed, result_of
from tocsin_client.verdicts import Kind, Pacing, Verdict
from tocsin_client.watching import Watch

if TYPE_CHECKING:
    import urllib3
    from typing_extensions import Self, Unpack

    from tocsin_client.events import Keys

logger = logging.getLogger("tocsin_client")
F = TypeVar("F", bound=Callable[..., Any])
CAPTURED = "captured"


class Tocsin:
    """Sends events to the API at `url` with an ingest `key`.

    What is not given is read from `TOCSIN_URL`, `TOCSIN_KEY`, `TOCSIN_SOURCE` and
    `TOCSIN_BRANCH`. `notify` waits for the answer, `post` does not; neither raises,
    unless `raise_errors` is set. `on_drop(count, reason)` hears of what `post` had to
    drop. `patience` bounds a `notify`, with all its tries; `exit_patience` what is left
    to send when the process ends (both in seconds). Safe for threads and forks.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        source: str | None = None,
        branch: str | None = None,
        labels: Mapping[str, object] | None = None,
        timeout: float = 5.0,
        patience: float = 10.0,
        queue_size: int = 500,
        exit_patience: float = 2.0,
        tell_drops_every: float = 60.0,
        on_drop: OnDrop | None = None,
        raise_errors: bool = False,
        send_in_tests: bool = False,
        pool: urllib3.PoolManager | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        self.raise_errors = raise_errors
        self.patience = patience
        self.exit_patience = exit_patience
        self.send_in_tests = send_in_tests
        self._defaults = defaults_of(source, branch, labels)
        self._courier: Courier | None = None
        self._outbox: Outbox | None = None
        self._unready = ""
        try:
            transport = transport_of(url, key, timeout=timeout, pool=pool)
        except ValueError as error:
            self._unready = str(error)
            logger.warning("nothing will be sent: %s", error)
            return
        # Not the application's dice: it may have seeded them, and a fork doubles them.
        chance = random.SystemRandom().random
        self._courier = Courier(transport, pacing=pacing or Pacing(), chance=chance)
        self._outbox = Outbox(
            self._courier,
            size=queue_size,
            source=self._defaults.get("source", ""),
            tell_every=tell_drops_every,
            on_drop=on_drop,
            exit_patience=exit_patience,
        )

    # -- sending -------------------------------------------------------------------

    def notify(
        self,
        type: str,
        title: str = "",
        message: str = "",
        *,
        dry_run: bool = False,
        idempotency_key: str = "",
        **keys: Unpack[Keys],
    ) -> Result:
        """Send one event and wait for the answer, at most `patience` seconds. True once
        it is durable. With `dry_run` nothing is stored or sent, and `trace` says why it
        would be. `attachments` may be paths, bytes, or names with bytes: these are
        uploaded first; the event goes out without, and says so, where one cannot be."""
        try:
            event = build(self._defaults, type, title, message, keys)
            result = self._notified(event, dry_run, idempotency_key or new_key())
        except Exception as error:  # Whoever notifies has worse trouble than ours.
            logger.exception("a notification failed")
            result = failed(f"{error.__class__.__name__}: {error}")
        return self._told(result)

    def post(
        self, type: str, title: str = "", message: str = "", **keys: Unpack[Keys]
    ) -> bool:
        """Queue one event and go on at once; False when the queue is full. It is sent
        in order with the others, as often as it takes."""
        try:
            event = build(self._defaults, type, title, message, keys)
            # The time it happened: it may take long until it can be sent.
            if "occurred_at" not in event:
                event["occurred_at"] = now()
            words = self._queued(event, NATIVE)
        except Exception as error:
            logger.exception("an event could not be queued")
            words = f"{error.__class__.__name__}: {error}"
        return not words or bool(self._told(failed(words)))

    def post_cloudevent(self, event: Any) -> bool:
        """Queue a CloudEvent: a mapping of its attributes and `data`, or an object of
        the CloudEvents SDK. Missing attributes are filled in."""
        try:
            words = self._queued(
                to_cloudevent(event, source=self._defaults.get("source", "")),
                CLOUDEVENTS,
            )
        except Exception as error:
            logger.exception("an event could not be queued")
            words = f"{error.__class__.__name__}: {error}"
        return not words or bool(self._told(failed(words)))

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything posted is sent; False if that takes longer."""
        return self._outbox is None or self._outbox.flush(timeout)

    # -- starting ------------------------------------------------------------------

    def check(self, *, type: str = "service.started") -> Result:
        """Whether address, key and answer are right, without sending anything. `type`
        is one that the key may send. What is wrong is logged, since whoever calls this
        at the start may not look."""
        result = self.notify(type, "Check of the client", dry_run=True)
        if not result:
            logger.warning("notifications do not work: %s", result.error)
        return result

    def announce(
        self,
        title: str = "Service started",
        message: str = "",
        *,
        type: str = "service.started",
        **keys: Unpack[Keys],
    ) -> Result:
        """Send a harmless event at start-up. What is wrong is logged, before the first
        event that matters."""
        if "severity" not in keys:
            keys["severity"] = "debug"
        result = self.notify(type, title, message, **keys)
        if not result:
            logger.warning("notifications do not work: %s", result.error)
        return result

    # -- larger things -------------------------------------------------------------

    def bind(self, **keys: Unpack[Keys]) -> Self:
        """The same client with these keys on every event; labels, fields and links add
        up with those of the event."""
        bound = copy(self)
        bound._defaults = merged(self._defaults, keys)
        return bound

    def progress(
        self,
        title: str,
        *,
        total: float = 100,
        every: int = 10,
        type: str = "progress",
        **keys: Unpack[Keys],
    ) -> Progress:
        """A long job, told as one stream: begun, advanced (each `every` percent), done
        or failed. To be used with `with` or `async with`."""
        return Progress(
            self.post, title, total=total, every=every, type=type, keys=keys
        )

    @overload
    def on_error(self, function: F, /) -> F: ...

    @overload
    def on_error(self, /, **keys: Any) -> Watch: ...

    def on_error(self, function: Any = None, /, **keys: Any) -> Any:
        """Tell of an exception, and let it go on. A decorator of functions, coroutines
        and generators, with or without arguments, or a block: `with x.on_error():`.

        `only` names the exceptions to tell of (all that are errors); other arguments
        are keys of the event.
        """
        watch = Watch(self.post, keys)
        return watch if function is None else watch(function)

    # -- state ---------------------------------------------------------------------

    @property
    def dropped(self) -> int:
        """How many posted events were dropped, since the start of this process."""
        return 0 if self._outbox is None else sum(self._outbox.drops.total.values())

    @property
    def waiting(self) -> int:
        """How many posted events are not sent yet."""
        return 0 if self._outbox is None else self._outbox.waiting()

    def __repr__(self) -> str:
        place = self._courier.address if self._courier else self._unready
        return f"{self.__class__.__name__}({place!r})"

    # -- inside --------------------------------------------------------------------

    def _guarded(self) -> bool:
        return not self.send_in_tests and guard.active()

    def _queued(self, event: dict[str, Any], media: str) -> str:
        """Why it was not queued; "" if it was."""
        if self._guarded():
            _capture(event)
            return ""
        if self._outbox is None:
            return self._unready
        if _has_files(event):
            from tocsin_client import attachments  # noqa: PLC0415 - as above

            attachments.attach(event, event["attachments"], attachments.waits_for_none)
        return "" if self._outbox.put(Entry(encode(event), media)) else FULL

    def _notified(self, event: dict[str, Any], dry_run: bool, key: str) -> Result:
        if self._guarded():
            _capture(event)
            return Result(accepted=True, status=CAPTURED)
        if self._courier is None:
            return failed(self._unready)
        patience = self.patience
        if _has_files(event):
            patience = self._attached(self._courier, event, dry_run)
        verdict = self._courier.deliver(
            encode(event),
            headers={"Content-Type": NATIVE, "Idempotency-Key": key},
            query={"dry_run": "true"} if dry_run else {},
            patience=patience,
        )
        return _result(verdict)

    def _attached(
        self, courier: Courier, event: dict[str, Any], dry_run: bool
    ) -> float:
        """Upload its files, in half of the time. Returns what is left of it."""
        from tocsin_client import attachments  # noqa: PLC0415 - few events have files

        began = time.monotonic()
        files = event["attachments"]
        if dry_run:
            files = [each for each in files if isinstance(each, Mapping)]
        upload = partial(courier.upload, deadline=began + self.patience / 2)
        for fault in attachments.attach(event, files, upload):
            logger.warning("sent without a file: %s", fault)
        return max(self.patience / 2, self.patience - (time.monotonic() - began))

    def _told(self, result: Result) -> Result:
        if self.raise_errors and not result:
            raise NotSent(result)
        return result


def _has_files(event: Mapping[str, Any]) -> bool:
    """Whether it has attachments that are no links yet."""
    given = event.get("attachments", ())
    return any(not isinstance(each, Mapping) for each in given)


def _capture(event: dict[str, Any]) -> None:
    if _has_files(event):
        from tocsin_client import attachments  # noqa: PLC0415 - as above

        event = {**event, "attachments": attachments.named(event["attachments"])}
    guard.capture(event)


def _result(verdict: Verdict) -> Result:
    if verdict.kind is Kind.ACCEPTED:
        return result_of(verdict.told)
    return failed(verdict.words, verdict.faults)


_shared: dict[int, Tocsin] = {}


def shared() -> Tocsin:
    """The client that the environment describes, one for the whole process."""
    if not _shared:
        _shared[0] = Tocsin()
    return _shared[0]
