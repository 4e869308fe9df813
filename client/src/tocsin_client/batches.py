"""Batches: events that travel in one request, under one idempotency key."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tocsin_client.verdicts import Kind, Verdict

NATIVE = "application/json"
CLOUDEVENTS = "application/cloudevents-batch+json"
MOST = 100
LARGEST = 240 * 1024  # bytes; the API takes 256 KiB


class Entry(NamedTuple):
    """One event, written; `own`: the client itself tells it, about drops."""

    body: bytes
    media: str = NATIVE
    own: bool = False


def new_key() -> str:
    """A name for one request, the same at every try."""
    return os.urandom(16).hex()


@dataclass
class Batch:
    """A list of events and how its sending goes. Times are on the monotonic clock.

    `due` is when to try again, `paced` whether the server itself asked for that;
    `doubted` is since when answers let one think that the events are to blame.
    """

    entries: tuple[Entry, ...]
    key: str = field(default_factory=new_key)
    tries: int = 0
    tried: float = 0.0
    due: float = 0.0
    paced: bool = False
    doubted: float | None = None

    @property
    def media(self) -> str:
        """The content type; one for all of a batch."""
        return self.entries[0].media

    @property
    def body(self) -> bytes:
        """The list, written."""
        return b"[" + b",".join(entry.body for entry in self.entries) + b"]"

    @property
    def events(self) -> int:
        """How many of them the application has sent."""
        return sum(not entry.own for entry in self.entries)

    def judged(self, verdict: Verdict, now: float, doubt: float) -> Kind:
        """The verdict, after what has been seen of this batch before: events that have
        met nothing but errors for long are parted to find the one that causes them."""
        self.tries, self.tried = self.tries + 1, now
        kind = verdict.kind
        if kind is Kind.DOUBTFUL:
            if self.doubted is None:
                self.doubted = now
            kind = Kind.PART if now - self.doubted >= doubt else Kind.AGAIN
        if kind is Kind.PART and len(self.entries) == 1:
            return Kind.REFUSED
        return kind

    def wait(self, now: float, hurried: float | None) -> float:
        """Seconds until it is to be tried; `hurried` bounds a wait of our own, not one
        that the server asked for."""
        due = self.due
        if hurried is not None and not self.paced:
            due = min(due, self.tried + hurried)
        return due - now

    def halves(self) -> tuple[Batch, ...]:
        """Two smaller ones, to find out which event is the bad one."""
        middle = (len(self.entries) + 1) // 2
        parts = self.entries[:middle], self.entries[middle:]
        return tuple(Batch(part, doubted=self.doubted) for part in parts if part)


def fitting(entries: Iterable[Entry]) -> int:
    """How many of these, from the first on, fit into one request; at least one."""
    count = size = 0
    media = ""
    for entry in entries:
        size += len(entry.body) + 1
        media = media or entry.media
        if count and (count == MOST or size > LARGEST or entry.media != media):
            break
        count += 1
    return count
