"""Destinations' health, and who is told when they are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Protocol

from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """What the sender last learned of a destination. Times in ms; 0 = never.
    `failures` are those in a row. `learnt` are numbers that providers tell on their own
    account, by names of the channel's; what is shown as `Target.state`."""

    blocked_until: int = 0
    disabled_at: int = 0
    disabled_reason: str = ""
    last_ok_at: int = 0
    last_error_at: int = 0
    last_error: str = ""
    told: bool = False
    failures: int = 0
    learnt: Mapping[str, int] = field(default_factory=dict)


class HealthBook(Protocol):
    """Shared between all senders, since each process sees only its own calls."""

    def health(self, names: Iterable[str]) -> dict[str, Health]:
        """Of those that have one."""

    def block(self, name: str, until: int) -> None:
        """No call before `until`; never shortens a longer block."""

    def disable(self, name: str, at: int, reason: str) -> None:
        """The provider says it is gone: no more calls."""

    def note(self, name: str, at: int, error: str) -> None:
        """Remember the last failure ("" = it worked again)."""

    def all(self) -> dict[str, Health]:
        """Every destination that has one."""

    def told(self, name: str) -> None:
        """Its owner knows that it is gone."""

    def learn(self, name: str, what: str, value: int) -> None:
        """Remember a number that its provider told; never lowers it."""

    def forget(self, name: str, what: str, value: int) -> None:
        """A number does not hold any more, if it still is what is remembered."""


class Notice(Protocol):
    """The owner's own way of hearing of our trouble, past every route."""

    def tell(self, subject: str, text: str) -> None:
        """Raises `Unavailable`."""
