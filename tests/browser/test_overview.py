"""The overview: what is open, what was sent, what is ill; and the very first visit."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Sit
from tests.browser.story import bare_world, lived_world, ready_world, told


def test_it_tells_what_is_open_and_who_is_on_it(sit: Sit) -> None:
    page = sit(lived_world(), "overview").page

    expect(page.get_by_role("heading", level=2).first).to_have_text(
        "3 problems open, 2 with nobody on it"
    )
    page.get_by_role("link", name="Critical").click()
    expect(page.locator(".list li")).to_have_count(1)


def test_it_tells_how_deliveries_went(sit: Sit) -> None:
    page = sit(lived_world(), "overview").page

    expect(page.get_by_text("12 of 15 that had an outcome")).to_be_visible()
    expect(page.locator(".bars g")).to_have_count(24)
    expect(page.locator(".health li").first).to_contain_text("feedDisabled")
    expect(page.locator(".health li").first).to_contain_text("Unknown Webhook")


def test_it_tells_latency_and_what_waits_longest(sit: Sit) -> None:
    world = lived_world()
    page = sit(world, "overview").page
    expect(page.locator(".share", has_text="Time to send")).to_contain_text("400 ms")
    expect(page.locator(".share", has_text="Time to send")).to_contain_text(
        "median; 95 % within 400 ms"
    )
    expect(page.locator(".share", has_text="Queue age")).to_contain_text("empty")


def test_a_queue_that_stands_still_is_seen(sit: Sit) -> None:
    world = ready_world()
    told(world, 7, "waits", {"type": "t", "title": "left alone"})
    page = sit(world, "overview").page
    queue = page.locator(".share", has_text="Queue age")

    expect(queue.locator(".big")).to_have_text("7 min")
    expect(queue).to_contain_text("1 delivery waits")
    expect(queue.locator(".big")).to_have_attribute("data-kind", "bad")


def test_a_quiet_day_is_no_first_visit(sit: Sit) -> None:
    world = ready_world()
    told(world, 3 * 24 * 60, "sent", {"type": "t", "title": "long ago"})
    page = sit(world, "overview").page

    expect(page.get_by_text("Nothing came in.")).to_be_visible()
    expect(page.get_by_text("Send the first event")).to_have_count(0)


def test_when_nothing_is_wrong_it_says_so(sit: Sit) -> None:
    page = sit(ready_world(), "overview").page

    expect(page.get_by_text("Nothing is open.")).to_be_visible()


def test_the_first_visit_teaches_the_way(sit: Sit) -> None:
    page = sit(bare_world(), "overview").page

    expect(page.get_by_text("Send the first event")).to_be_visible()
    expect(page.locator(".snippet pre")).to_contain_text("curl http://127.0.0.1")
    page.get_by_role("link", name="Add a destination and test it.").click()
    expect(page.get_by_text("No destination yet.")).to_be_visible()
