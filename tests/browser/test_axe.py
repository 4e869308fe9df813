"""axe finds nothing: on every page, in both themes, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, WIDE, Sit
from tests.browser.story import ALARM, bare_world, lived_world
from tests.browser.test_for_everyone import PAGES
from tests.fakes.api import ApiWorld
from tocsin.passes import Act, Pass

EMPTY = {
    "overview": "Send the first event",
    "notifications": "No event has come in yet.",
    "dead": "No dead letters.",
    "setup": "No destination yet.",
}
Look = tuple[tuple[int, int], bool]


@pytest.fixture(scope="module")
def lived() -> Callable[[], ApiWorld]:
    """One past for all of these: they change nothing."""
    world = lived_world()
    return lambda: world


@pytest.fixture(
    params=[(WIDE, False), (WIDE, True), (PHONE, False), (PHONE, True)],
    ids=["wide-light", "wide-dark", "phone-light", "phone-dark"],
)
def look(request: pytest.FixtureRequest) -> Look:
    found: Look = request.param
    return found


def test_every_page(sit: Sit, lived: Callable[[], ApiWorld], look: Look) -> None:
    seat = sit(lived(), size=look[0], dark=look[1])
    for path, there in PAGES.items():
        seat.go(path)
        seat.page.locator(there).first.wait_for()

        assert violations(seat.page) == [], path


def test_a_notification_and_what_is_asked_over_it(
    sit: Sit, lived: Callable[[], ApiWorld], look: Look
) -> None:
    page = sit(lived(), "notifications", size=look[0], dark=look[1]).page
    page.get_by_role("link", name=ALARM["title"]).click()
    expect(page.locator(".pane h2")).to_contain_text(ALARM["title"])
    page.get_by_text("Event as it came").click()
    assert violations(page) == []

    for name in ("Acknowledge", "Resolve"):
        page.locator(".pane").get_by_role("button", name=name, exact=True).click()
        page.get_by_role("dialog").wait_for()
        assert violations(page) == [], name
        page.keyboard.press("Escape")


def test_dead_letters_chosen_and_about_to_be_replayed(
    sit: Sit, lived: Callable[[], ApiWorld], look: Look
) -> None:
    page = sit(lived(), "dead", size=look[0], dark=look[1]).page
    page.get_by_role("button", name="Show them").first.click()
    page.get_by_role("button", name="Replay all").click()
    page.get_by_role("dialog").wait_for()

    assert violations(page) == []


def test_a_key_that_is_shown_once(sit: Sit, look: Look) -> None:
    page = sit(lived_world(), "setup/keys", size=look[0], dark=look[1]).page
    page.get_by_role("button", name="New key").click()
    assert violations(page) == []
    page.get_by_role("dialog").get_by_label("Name").fill("backup")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    page.get_by_text("This key is shown once.").wait_for()

    assert violations(page) == []


def test_the_door_and_a_refusal_at_it(sit: Sit, look: Look) -> None:
    seat = sit(bare_world(), key=None, size=look[0], dark=look[1])
    seat.page.get_by_role("button", name="Sign in").wait_for()
    assert violations(seat.page) == []
    seat.sign_in("toc_nobody-knows-it")
    seat.page.get_by_role("alert").wait_for()

    assert violations(seat.page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_is_empty_teaches_everyone(sit: Sit, dark: bool) -> None:
    seat = sit(bare_world(), dark=dark)
    for path, there in EMPTY.items():
        seat.go(path)
        seat.page.get_by_text(there).wait_for()

        assert violations(seat.page) == [], path


def test_the_pages_beside_the_console(
    sit: Sit, lived: Callable[[], ApiWorld], look: Look
) -> None:
    world = lived()
    seat = sit(world, size=look[0], dark=look[1])
    now = world.clock.now()
    acting = Pass(Act.ACKNOWLEDGE, max(world.ledger.kept), "ops", now + 3_600_000)
    link = world.reach.links.url(acting).rpartition("/")[2]
    # The docs are one long column at every width: looked at once for each theme.
    docs = ("docs",) if look[0] == WIDE else ()
    for path in (*docs, f"a/{link}", "a/nobody-knows-it"):
        seat.page.goto(f"{seat.site.root}/{path}")
        seat.page.locator("h1, h2").first.wait_for()

        assert violations(seat.page) == [], path


def test_a_page_that_breaks_a_rule_is_found_out(sit: Sit) -> None:
    page: Page = sit(bare_world(), "setup").page
    page.get_by_role("heading", name="Set-up").wait_for()
    page.evaluate("document.body.append(document.createElement('button'))")

    assert any(each.startswith("button-name") for each in violations(page))
