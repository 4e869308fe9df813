"""Questions: the routes of a file, made ready to be asked of every event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tocsin.events import Event
from tocsin.notification import Step
from tocsin.rules.conditions import Judge, Remembered
from tocsin.rules.matching import match
from tocsin.rules.policy import Policy
from tocsin.rules.route import Route


class Question:
    """One route and how it tells; `asked` are the things that it asks about, each with
    the words in which it passes a value over, None where it does not."""

    __slots__ = ("asked", "policy", "route")

    def __init__(self, route: Route, policy: Policy) -> None:
        self.route, self.policy = route, policy
        rule = f"route {route.name}"
        self.asked = tuple(
            (condition.of, Remembered(_passes_over(rule, condition.judge)))
            for condition in route.match.conditions
        )

    def taken(self, event: Event, sender: str) -> Step:
        """Why it takes the event, and where to."""
        route = self.route
        goes = ", ".join(route.to) or "nowhere"
        further = "; looks further" if route.continue_ else ""
        why = match(route.match, event, sender)[1]
        return Step(f"route {route.name}", f"taken: {why} → {goes}{further}")


def _passes_over(rule: str, judge: Judge) -> Callable[[Any], Step | None]:
    def step(value: Any) -> Step | None:
        holds, why = judge(value)
        return None if holds else Step(rule, f"passed over: {why}")

    return step
