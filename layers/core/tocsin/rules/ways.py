"""Ways: the routes that take an event, as the answer to having asked them."""

from __future__ import annotations

from tocsin.notification import Step
from tocsin.rules.policy import Policy
from tocsin.rules.route import Route
from tocsin.values import dataclass

Way = tuple[Route, Policy]


@dataclass(frozen=True, slots=True)
class Ways:
    """The routes that take an event, how each tells, and what was asked of all."""

    taken: tuple[Way, ...]
    steps: tuple[Step, ...]

    def policy(self, defaults: Policy) -> Policy:
        """What holds for the event as a whole: the first route's word."""
        return self.taken[0][1] if self.taken else defaults
