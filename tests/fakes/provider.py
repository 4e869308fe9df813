"""A provider that shows what it was sent, and fails as it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.fakes.chaos import Chaos
from tocsin.attic import Room
from tocsin.message import Message
from tocsin.ports import Clock, Kind, Outcome, Probe, Target

Behaviour = Callable[["Provider", Sequence[Message], Target], Outcome | None]


@dataclass
class Post:
    """One accepted call; `history` is all that its message ever showed, in order, and
    `edited_at` when it was edited."""

    at: int
    destination: str
    messages: tuple[Message, ...]
    id: str = ""
    history: list[tuple[Message, ...]] = field(default_factory=list)
    edited_at: list[int] = field(default_factory=list)
    gone: bool = False


@dataclass
class Provider:
    """`ports.Channel`, an `Editor` where `editable`, a `Threader` where `threaded`, and
    an `Uploader` of what it `carries`. A behaviour may answer instead; None lets the
    call through."""

    clock: Clock
    most: int = 10
    latency: int = 50
    editable: bool = False
    threaded: bool = False
    carries: Room | None = None
    behaviour: Behaviour | None = None
    on_edit: Behaviour | None = None
    calls: list[tuple[int, str, int]] = field(default_factory=list)
    edit_calls: list[tuple[int, str]] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def split(self, settings: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        kept = dict(settings)
        return kept, str(kept.pop("url", ""))

    def fits(self, messages: Sequence[Message]) -> int:
        return min(len(messages), self.most)

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        self.calls.append((self.clock.now(), target.name, len(messages)))
        self.clock.sleep(self.latency)
        if self.behaviour is not None:
            outcome = self.behaviour(self, messages, target)
            if outcome is not None:
                return outcome
        return self.show(messages, target)

    def show(self, messages: Sequence[Message], target: Target) -> Outcome:
        """Accept the call: people see it."""
        # Two destinations may be sent to at once: neither takes the other's number.
        name, shown = f"m{next(self.numbers)}", tuple(messages)
        post = Post(self.clock.now(), target.name, shown, name, [shown])
        self.posts.append(post)
        return Outcome(Kind.OK, message_id=name)

    def edits(self, target: Target) -> bool:
        return self.editable

    def threads(self, target: Target) -> bool:
        return self.threaded

    def edit(
        self, messages: Sequence[Message], target: Target, message_id: str, place: str
    ) -> Outcome:
        self.edit_calls.append((self.clock.now(), message_id))
        self.clock.sleep(self.latency)
        if self.on_edit is not None:
            outcome = self.on_edit(self, messages, target)
            if outcome is not None:
                return outcome
        return self.change(messages, message_id)

    def change(self, messages: Sequence[Message], message_id: str) -> Outcome:
        """Accept the edit: people see that instead."""
        post = next(one for one in self.posts if one.id == message_id)
        if post.gone:
            return Outcome(Kind.MISSING, "the message is gone")
        post.messages = tuple(messages)
        post.history.append(post.messages)
        post.edited_at.append(self.clock.now())
        return Outcome(Kind.OK, message_id=message_id)

    def room(self, target: Target) -> Room | None:
        return self.carries

    def probe(self, target: Target) -> Probe:
        return Probe(True, "it is there")

    def shown(self, destination: str | None = None) -> list[str]:
        """The titles people see, in order."""
        return [
            message.title
            for post in self.posts
            if destination in (None, post.destination)
            for message in post.messages
        ]


class SeenProvider:
    """The provider with its calls counted. It has its methods for real, since whether a
    channel is an `Editor` is asked of them."""

    def __init__(self, provider: Provider, chaos: Chaos) -> None:
        self.split = provider.split
        self.fits = provider.fits
        self.send = chaos.around("send", provider.send)
        self.edits = provider.edits
        self.threads = provider.threads
        self.edit = chaos.around("edit", provider.edit)
        self.room = provider.room
        self.probe = provider.probe
