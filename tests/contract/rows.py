"""Notifications for the ledger's contract, and the shortest ways to change one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fakes.clock import NOON
from tocsin.delivery import Delivery, Timing
from tocsin.events import Event
from tocsin.identity import new_id
from tocsin.memory import Memory
from tocsin.notification import Notification, Step
from tocsin.ports import Commit, Move

TIMING = Timing()


def drawn(number: int = 1, at: int = NOON, **more: Any) -> Notification:
    event = Event.model_validate(
        {"type": "t", "title": "Ünïcode 🚨", "data": {"a": [1, None, {"b": 2.5}]}}
    )
    values: dict[str, Any] = {
        "id": new_id(at, number.to_bytes(10, "big")),
        "event": event,
        "fingerprint": f"f{number}",
        "state": "notice",
        "sender": "app",
        "accepted_at": at,
        "last_at": at,
        "trace": (Step("route a", "taken"),),
        "deliveries": {"ops": Delivery("ops", route="a", pings=("user:1",))},
    }
    return Notification(**{**values, **more})


def key(row: Notification) -> str:
    return row.memory_key


def opening(row: Notification) -> Commit:
    """What opens a problem of which nothing is known yet."""
    return Commit(row, remembered=Memory(holder=row.id, since=row.accepted_at))


def move(
    ledger: Any, row: Notification, change: Callable[[Delivery], Delivery]
) -> None:
    old = row.deliveries["ops"]
    ledger.move([Move(row.id, old, change(old))])


def stored(ledger: Any, row: Notification) -> Notification:
    found: Notification = ledger.load([row.id])[row.id]
    return found
