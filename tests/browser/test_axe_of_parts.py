"""axe finds nothing in what opens: the calendar, previews, the question of a replay."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, WIDE, Sit
from tests.browser.story import ALARM, planned_world
from tests.fakes.api import ApiWorld

Look = tuple[tuple[int, int], bool]


@pytest.fixture(scope="module")
def planned() -> Callable[[], ApiWorld]:
    """One past and future for all of these: they change nothing."""
    world = planned_world()
    return lambda: world


@pytest.fixture(params=[(WIDE, False), (PHONE, True)], ids=["wide-light", "phone-dark"])
def look(request: pytest.FixtureRequest) -> Look:
    found: Look = request.param
    return found


def test_the_calendar_and_its_table(
    sit: Sit, planned: Callable[[], ApiWorld], look: Look
) -> None:
    page = sit(planned(), "routes/silences", size=look[0], dark=look[1]).page
    page.get_by_text("As a table").click()
    expect(page.get_by_role("table")).to_be_visible()

    assert violations(page) == []
    wider = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(wider) <= 0


def test_the_looks_of_a_notification(
    sit: Sit, planned: Callable[[], ApiWorld], look: Look
) -> None:
    world = planned()
    [alarm] = [e for e in world.ledger.kept.values() if e.event.type == ALARM["type"]]
    page = sit(world, f"notifications/{alarm.id}", size=look[0], dark=look[1]).page
    page.get_by_text("As each channel shows it").click()
    expect(page.locator(".look-one")).to_have_count(3)
    assert violations(page) == []

    page.get_by_label("Channel").select_option("email")
    expect(page.locator(".look-on.email")).to_be_visible()
    assert violations(page) == []


def test_the_question_of_a_replay(
    sit: Sit, planned: Callable[[], ApiWorld], look: Look
) -> None:
    page = sit(planned(), "dead", size=look[0], dark=look[1]).page
    page.get_by_role("button", name="Replay all").click()
    dialog = page.get_by_role("dialog")
    disabled = dialog.get_by_role("option", name="feed (disabled)")
    expect(disabled).to_be_disabled()

    assert violations(page) == []


def test_a_new_silence_unfolded(
    sit: Sit, planned: Callable[[], ApiWorld], look: Look
) -> None:
    page = sit(planned(), "routes/silences", size=look[0], dark=look[1]).page
    page.get_by_role("button", name="New silence").click()
    page.get_by_text("Later, or again and again").click()
    expect(page.get_by_label("Begins")).to_be_visible()

    assert violations(page) == []
