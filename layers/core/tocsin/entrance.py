"""The entrance: what both functions that take events in do with what they read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tocsin.accept import Sender, accept, rehearse
from tocsin.intake.dressing import dressed, dressed_anyhow

if TYPE_CHECKING:
    from tocsin.bootstrap import Ports
    from tocsin.events import Event
    from tocsin.intake.batch import Batch, Received
    from tocsin.intaking import Accepted
    from tocsin.rules.config import Config
    from tocsin.settings import Source


class Log(Protocol):
    """Where a function tells what it did."""

    def info(self, msg: object, **about: Any) -> None:
        """Something was done."""

    def warning(self, msg: object, **about: Any) -> None:
        """Something went less well than it should."""


class Entrance:
    """The way in, over the real ports; `log` is the function's own."""

    def __init__(self, ports: Ports, log: Log) -> None:
        self._ports = ports
        self._log = log

    def dressed(self, batch: Batch) -> Batch:
        """What `intake.dressing` makes of it. Raises `Invalid`."""
        return dressed(batch, *self._dressing())

    def admit(
        self, batch: Batch, source: Source, *, signed: bool, counted: bool
    ) -> None:
        """Hold the source to what it may send; most may send anything."""
        if source.bounded:
            events = _events(batch.received)
            self._ports.admit(events, source, signed=signed, counted=counted)

    def rehearse(self, received: Sequence[Received], source: str) -> list[Accepted]:
        """What `accept` would come to, with nothing written."""
        return rehearse(_events(received), sender=Sender(source), **self._wired())

    def accept(self, received: Sequence[Received], sender: Sender) -> list[Accepted]:
        """Take them in, as one request. Raises `Conflict` or `Unavailable`."""
        outbox = self._ports.outbox
        wired = self._wired()
        results = accept(_events(received), sender=sender, outbox=outbox, **wired)
        ids = [result.notification.id for result in results]
        self._log.info("accepted", source=sender.name, ids=ids)
        return results

    def accept_each(self, batch: Batch, source: str) -> list[Accepted]:
        """The same where nobody can be answered: each is a request of its own by its
        own key, told even if it is wrong, alarms with what AWS knows of them."""
        received = dressed_anyhow(batch, *self._dressing())
        return [
            result
            for each in self._ports.enriched(received, self._without_details)
            for result in self.accept([each], Sender(source, each.key, at=each.at))
        ]

    def _without_details(self, why: str) -> None:
        self._log.warning("an alarm goes out without details", why=why)

    def _dressing(self) -> tuple[Config, int]:
        return self._ports.settings.current().config, self._ports.clock.now()

    def _wired(self) -> dict[str, Any]:
        ports = self._ports
        return {
            "settings": ports.settings.current(),
            "ledger": ports.ledger,
            "clock": ports.clock,
            "timing": ports.timing,
        }


def _events(received: Sequence[Received]) -> list[Event]:
    return [each.event for each in received]
