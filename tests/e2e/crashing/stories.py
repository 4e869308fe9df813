"""Stories: what happens until somebody is killed, and to whom it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.e2e.crashing.functions import Functions
from tests.e2e.crashing.site import BROKEN, Site

Story = Callable[[Site, Functions, Callable[[], None]], None]
ONE: Final = [{"type": "test", "title": "Only one"}]
OPEN: Final = [{"type": "test", "title": "Down", "state": "firing"}]
END: Final = [{"type": "test", "title": "Down", "state": "resolved"}]
TEN: Final = [{"type": "test", "title": f"Number {n}"} for n in range(10)]


def one_notification(
    site: Site, functions: Functions, answered: Callable[[], None]
) -> None:
    """In, and out."""
    if functions.ingest(ONE) == 202:
        answered()
    functions.send_all()


def ten_over_three(
    site: Site, functions: Functions, answered: Callable[[], None]
) -> None:
    """Ten to three destinations, of which one answers 500."""
    if functions.ingest(TEN) == 202:
        answered()
    functions.send_all()


def a_lost_queue(
    site: Site, functions: Functions, answered: Callable[[], None]
) -> None:
    """The sweep finds what the queue has lost, and queues it again."""
    functions.sweep()
    functions.send_all()


def an_end_that_nobody_repeats(
    site: Site, functions: Functions, answered: Callable[[], None]
) -> None:
    """A problem that is open, and whose card stands, is over."""
    if functions.ingest(END) == 202:
        answered()
    functions.send_all()


STORIES: Final[dict[str, tuple[Story, list[Any], tuple[str, ...]]]] = {
    "one_notification": (one_notification, ONE, ("ops",)),
    "ten_over_three": (ten_over_three, TEN, ("ops", "team", BROKEN)),
    "a_lost_queue": (a_lost_queue, ONE, ("ops",)),
    "an_end_that_nobody_repeats": (an_end_that_nobody_repeats, END, ("ops",)),
}
ASKED_AGAIN: Final = (one_notification, ten_over_three)
