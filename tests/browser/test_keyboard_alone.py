"""The keyboard alone, from the door to the last dead letter; and stillness for those
who ask for it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Sit
from tests.browser.site import Site
from tests.browser.story import ALARM, lived_world
from tests.browser.test_setup import URL, discord_world
from tests.fakes.api import KEYS
from tocsin.delivery import State

FOCUSED = """() => {
  const e = document.activeElement;
  return [e.ariaLabel, e.labels?.[0]?.textContent, e.textContent].find((t) => t?.trim()) ?? '';
}"""
MOST = 60
RUNNING = (
    "document.getAnimations().filter((each) => each.playState === 'running').length"
)


def tab_to(page: Page, wanted: str, tag: str = "") -> None:
    """Press Tab until what has this name has the focus; it must be seen to have it."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        kind = page.evaluate("document.activeElement.tagName")
        if wanted in page.evaluate(FOCUSED) and tag in ("", kind):
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(outline) != "none"
            return
    raise AssertionError(f"Tab never reaches {wanted!r}")


def test_from_the_door_to_an_acknowledged_alarm(sit: Sit) -> None:
    page = sit(lived_world(), key=None).page
    page.get_by_label("Key").wait_for()
    page.keyboard.type(KEYS["ops"])
    page.keyboard.press("Enter")
    page.get_by_role("navigation").wait_for()

    tab_to(page, "Skip to the content")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.locator(".list li").first.wait_for()
    tab_to(page, ALARM["title"], "A")
    page.keyboard.press("Enter")
    expect(page.locator(".pane h2")).to_have_text(ALARM["title"])
    tab_to(page, "Acknowledge", "BUTTON")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.type("on my way")
    page.keyboard.press("Enter")

    expect(page.get_by_text("ops is on it")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_dead_letters_are_chosen_and_replayed(sit: Sit) -> None:
    world = lived_world()
    page = sit(world, "dead", key="ops").page
    page.locator(".reasons").wait_for()

    tab_to(page, "Show them")
    page.keyboard.press("Enter")
    tab_to(page, "Choose Hot lead")
    page.keyboard.press("Space")
    tab_to(page, "Replay 1 chosen", "BUTTON")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    tab_to(page, "Replay 1")
    page.keyboard.press("Enter")

    expect(page.get_by_text("1 dead letter queued again.")).to_be_visible()
    states = [
        delivery.state
        for each in world.ledger.kept.values()
        for delivery in each.deliveries.values()
    ]
    assert State.DEAD_LETTER not in states


def test_a_destination_is_set_up_and_tested(sit: Sit) -> None:
    seat = sit(discord_world(), "overview")
    page = seat.page
    page.locator(".steps").wait_for()

    tab_to(page, "Add a destination and test it.", "A")
    page.keyboard.press("Enter")
    page.get_by_text("No destination yet.").wait_for()
    tab_to(page, "Add a destination", "A")
    page.keyboard.press("Enter")
    page.locator("a.channel").first.wait_for()
    tab_to(page, "Discord", "A")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("ops")
    page.keyboard.press("Tab")
    page.keyboard.type(URL)
    page.keyboard.press("Enter")

    expect(page.get_by_text("It works.")).to_be_visible()
    tab_to(page, "To the routes", "A")


def test_a_dialog_holds_the_focus_and_gives_it_back(sit: Sit) -> None:
    page = sit(lived_world(), "notifications").page
    page.get_by_role("link", name=ALARM["title"]).click()
    tab_to(page, "Acknowledge", "BUTTON")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    inside = "Boolean(document.activeElement.closest('dialog')) || document.activeElement === document.body"
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate(FOCUSED) == "Acknowledge"


@pytest.mark.parametrize(("wish", "moving"), [("reduce", 0), ("no-preference", 4)])
def test_what_moves_stands_still_for_those_who_ask_for_it(
    browser: Browser, wish: str, moving: int
) -> None:
    site = Site(lived_world())
    context = browser.new_context(reduced_motion=wish)  # type: ignore[arg-type]
    page = context.new_page()
    # Nothing of the API answers: what stands for what is loaded goes on to be shown.
    page.route("**/v1/**", lambda _: None)
    kept = f"['tocsin.key', {KEYS['ops']!r}], ['tocsin.scope', 'operate']"
    page.add_init_script(
        f"for (const each of [{kept}]) sessionStorage.setItem(...each);"
    )
    page.goto(f"{site.url}#/notifications")
    page.locator(".skeleton div").first.wait_for()

    running = page.evaluate(RUNNING)
    context.close()
    site.close()
    assert running == 0 if not moving else running >= moving
