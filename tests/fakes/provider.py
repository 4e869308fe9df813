"""A provider that shows what it was sent, and fails as it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin.message import Message
from tocsin.ports import Clock, Kind, Outcome, Probe, Target

Behaviour = Callable[["Provider", Sequence[Message], Target], Outcome | None]


@dataclass
class Post:
    """One accepted call."""

    at: int
    destination: str
    messages: tuple[Message, ...]


@dataclass
class Provider:
    """`ports.Channel`. A behaviour may answer instead; None lets the call through."""

    clock: Clock
    most: int = 10
    latency: int = 50
    behaviour: Behaviour | None = None
    calls: list[tuple[int, str, int]] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)

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
        self.posts.append(Post(self.clock.now(), target.name, tuple(messages)))
        return Outcome(Kind.OK, message_id=f"m{len(self.posts)}")

    def probe(self, target: Target) -> Probe:
        return Probe(True, "it is there")

    def shown(self, destination: str | None = None) -> list[str]:
        """The titles people saw, in order."""
        return [
            message.title
            for post in self.posts
            if destination in (None, post.destination)
            for message in post.messages
        ]
