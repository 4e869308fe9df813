"""The courier: one try to hand events over, and what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from tocsin_client.answers import NotTaken
from tocsin_client.batches import Batch
from tocsin_client.transport import Transport, Unreachable
from tocsin_client.verdicts import Kind, Pacing, Verdict, judge, unreachable

PATH = "/v1/events"
UPLOADS = "/v1/attachments"


class _Here(threading.local):
    """Whether this thread is sending: what it logs then must not be sent in turn."""

    sending = False


here = _Here()


class Courier:
    """Hands events over. `wait` and `chance` are the clock's and the dice's."""

    def __init__(
        self,
        transport: Transport,
        *,
        pacing: Pacing,
        chance: Callable[[], float],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.pacing = pacing
        self.chance = chance
        self.address = transport.url
        self.timeout = transport.timeout
        self._transport = transport
        self._wait = wait

    def attempt(self, batch: Batch, timeout: float | None = None) -> Verdict:
        """One try with a list of events."""
        headers = {"Content-Type": batch.media, "Idempotency-Key": batch.key}
        return self._call(batch.body, headers, {}, timeout=timeout, many=True)

    def deliver(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        patience: float,
    ) -> Verdict:
        """One event, now: tried again under the same key while `patience` lasts (s)."""
        deadline = time.monotonic() + patience
        tries = 0
        while True:
            left = max(0.05, deadline - time.monotonic())
            timeout = min(left, self.timeout)
            verdict = self._call(body, headers, query, timeout=timeout, many=False)
            tries += 1
            pause = self.pacing.wait(tries, verdict.after, self.chance)
            hopeful = verdict.kind in (Kind.AGAIN, Kind.DOUBTFUL)
            if not hopeful or time.monotonic() + pause >= deadline:
                return verdict
            self._wait(pause)

    def upload(self, name: str, media: str, content: bytes, *, deadline: float) -> str:
        """Hand a file in, before `deadline` (monotonic): its id. Raises `NotTaken`."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise NotTaken("there was no time left for it")
        before, here.sending = here.sending, True
        try:
            answer = self._transport.call(
                "POST",
                UPLOADS,
                body=content,
                query={"name": name},
                headers={"Content-Type": media},
                timeout=min(left, self.timeout),
            )
        except Unreachable as error:
            raise NotTaken(error.reason) from None
        finally:
            here.sending = before
        if answer.problem is not None:
            raise NotTaken(str(answer.problem))
        return str(answer.json["id"])

    def _call(
        self,
        body: bytes,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        *,
        timeout: float | None,
        many: bool,
    ) -> Verdict:
        before, here.sending = here.sending, True
        try:
            answer = self._transport.call(
                "POST", PATH, body=body, query=query, headers=headers, timeout=timeout
            )
        except Unreachable as error:
            return unreachable(error.reason)
        finally:
            here.sending = before
        return judge(answer, many=many)
