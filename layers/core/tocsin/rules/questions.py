"""Questions: the routes of a file, made ready to be asked of every event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.events import Event
from tocsin.notification import Step
from tocsin.rules.matching import match
from tocsin.rules.policy import Policy

if TYPE_CHECKING:
    from tocsin.rules.config import Route

_REMEMBERED = 128


class _Steps(dict[str, Step]):
    """How one route passes events over: the same few reasons come again and again."""

    def __init__(self, rule: str) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, why: str) -> Step:
        step = Step(self._rule, f"passed over: {why}")
        if len(self) < _REMEMBERED:
            self[why] = step
        return step


class Question:
    """One route and how it tells; `passed` holds the words for each reason why not."""

    __slots__ = ("conditions", "passed", "policy", "route")

    def __init__(self, route: Route, policy: Policy) -> None:
        self.route, self.policy = route, policy
        self.conditions = route.match.conditions
        self.passed = _Steps(f"route {route.name}")

    def taken(self, event: Event, sender: str) -> Step:
        """Why it takes the event, and where to."""
        route = self.route
        goes = ", ".join(route.to) or "nowhere"
        further = "; looks further" if route.continue_ else ""
        why = match(route.match, event, sender)[1]
        return Step(f"route {route.name}", f"taken: {why} → {goes}{further}")
