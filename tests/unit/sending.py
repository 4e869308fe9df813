"""What a provider answers, and what became of the only delivery."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.provider import Provider
from tests.fakes.world import World
from tocsin.delivery import Delivery
from tocsin.message import Message
from tocsin.ports import Outcome, Target


def answering(outcome: Outcome, *, times: int = 10**6, only: str = "") -> object:
    """A behaviour that gives this outcome so often, for messages with `only` in them."""
    left = [times]

    def behave(_: Provider, messages: Sequence[Message], __: Target) -> Outcome | None:
        if left[0] > 0 and any(only in message.title for message in messages):
            left[0] -= 1
            return outcome
        return None

    return behave


def delivery(world: World, name: str = "ops") -> Delivery:
    return world.one().deliveries[name]
