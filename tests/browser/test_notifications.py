"""Notifications: found, read, acted on, with the mouse, the keyboard and many at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Sit
from tests.browser.story import ALARM, bare_world, lived_world, ready_world, told
from tests.fakes.api import KEYS, ApiWorld

HOSTILE = (
    "<img src=x onerror=window.owned=1><script>window.owned=1</script>"
    "<svg/onload=window.owned=1>"
)


@pytest.fixture
def world() -> ApiWorld:
    return lived_world()


def ack_of(world: ApiWorld, title: str) -> list[str]:
    return [
        each.ack_by for each in world.ledger.kept.values() if each.event.title == title
    ]


def test_the_3_am_alarm_on_a_phone_is_read_understood_and_acknowledged(
    sit: Sit, world: ApiWorld
) -> None:
    page = sit(world, "notifications?state=firing", key="ops", size=PHONE).page

    page.get_by_role("link", name="checkout-5xx is in ALARM").click()
    expect(page.get_by_text("Nobody is on it yet.")).to_be_visible()
    expect(page.locator(".message")).to_contain_text("3 of the last 3 datapoints")
    expect(
        page.get_by_text("taken: severity critical is at least high")
    ).to_be_visible()

    page.get_by_role("button", name="Acknowledge", exact=True).click()
    page.get_by_label("Note").fill("restarting checkout")
    page.get_by_label("For how long").select_option("1h")
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()

    expect(page.get_by_text("ops is on it")).to_be_visible()
    assert ack_of(world, ALARM["title"]) == ["ops"]
    taken = next(
        e for e in world.ledger.kept.values() if e.event.title == ALARM["title"]
    )
    assert taken.ack_note == "restarting checkout"
    assert taken.ack_until == (taken.ack_at or 0) + 3_600_000


def test_the_timeline_holds_attempts_and_actions_in_order(
    sit: Sit, world: ApiWorld
) -> None:
    page = sit(world, "notifications").page
    page.get_by_role("link", name="Certificate of shop").click()

    lines = page.locator(".timeline li")
    expect(lines.first).to_contain_text("came in")
    expect(page.locator(".timeline")).to_contain_text("ops: sent")
    expect(lines.last).to_contain_text("ops acknowledged it")
    expect(lines.last).to_contain_text("will renew this week")


def test_filters_stand_in_the_address_and_come_back_with_it(
    sit: Sit, world: ApiWorld
) -> None:
    seat = sit(world, "notifications")
    page = seat.page
    page.get_by_label("Severity").select_option(">=high")
    expect(page.locator(".list li")).to_have_count(3)
    assert "severity=%3E%3Dhigh" in page.url

    page.reload()
    expect(page.locator(".list li")).to_have_count(3)
    page.go_back()
    expect(page.locator(".list li")).to_have_count(9)


def test_search_finds_what_has_all_the_words(sit: Sit, world: ApiWorld) -> None:
    page = sit(world, "notifications").page
    expect(page.locator(".list li")).to_have_count(9)
    page.keyboard.press("/")
    page.keyboard.type("db-main")
    expect(page.locator(".list li")).to_have_count(2)

    page.keyboard.type(" friday")
    expect(page.locator(".list li")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=db-main(\\+|%20)friday"))


def test_a_search_goes_back_beyond_what_is_loaded_and_says_how_far(sit: Sit) -> None:
    world = ready_world()
    told(world, 9_000, "sent", {"type": "rare", "title": "the needle"})
    for number in range(5_600):
        told(world, 8_000 - number, "waits", {"type": "hay", "title": f"no. {number}"})
    page = sit(world, "notifications?q=needle").page

    expect(page.get_by_text("Searched back to")).to_be_visible()
    expect(page.get_by_text("Nothing so far.")).to_be_visible()
    page.get_by_role("button", name="Search further back").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    expect(page.get_by_text("the needle")).to_be_visible()
    expect(page.get_by_text("Searched all there is.")).to_be_focused()
    expect(page.get_by_text("1 notification", exact=True)).to_be_visible()
    assert page.get_by_text("1 notification", exact=True).get_attribute("role")


def test_a_search_that_finds_nothing_says_so_in_the_end(
    sit: Sit, world: ApiWorld
) -> None:
    page = sit(world, "notifications?q=nowhere&source=shop").page

    expect(page.get_by_text("Nothing fits these filters.")).to_be_visible()
    expect(page.get_by_label("Source")).to_have_value("shop")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator(".list li")).to_have_count(9)


def test_the_keyboard_alone_opens_acknowledges_and_resolves(
    sit: Sit, world: ApiWorld
) -> None:
    page = sit(world, "notifications").page
    expect(page.locator(".list li")).to_have_count(9)

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".pane h2")).to_have_text(ALARM["title"])
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("admin is on it")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is over: nothing is left to do.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()


def test_going_back_undoes_a_filter_in_its_control_too(
    sit: Sit, world: ApiWorld
) -> None:
    page = sit(world, "notifications").page
    page.get_by_label("Source").fill("certwatch")
    page.keyboard.press("Enter")
    expect(page.locator(".list li")).to_have_count(1)
    page.get_by_label("Severity").focus()
    page.get_by_label("Severity").select_option("low")
    expect(page.get_by_text("Nothing fits these filters.")).to_be_visible()

    page.go_back()
    expect(page.locator(".list li")).to_have_count(1)
    expect(page.get_by_label("Severity")).to_have_value("")
    page.get_by_label("Source").focus()
    page.go_back()
    expect(page.locator(".list li")).to_have_count(9)
    expect(page.get_by_label("Source")).to_have_value("")


def test_what_is_asked_again_leaves_the_focus_where_it_is(
    sit: Sit, world: ApiWorld
) -> None:
    page = sit(world, "notifications", stopped=True).page
    page.get_by_label("Choose checkout-5xx is in ALARM").check()
    resolve = page.locator(".bulk").get_by_role("button", name="Resolve")
    resolve.focus()
    told(world, 0, "sent", {"type": "test", "title": "a late one"})
    page.clock.run_for(5_100)

    expect(page.get_by_text("a late one")).to_be_visible()
    expect(resolve).to_be_focused()


def test_several_are_acknowledged_at_once(sit: Sit) -> None:
    world = ready_world()
    for number in range(3):
        told(world, 5, "sent", {**ALARM, "title": f"alarm {number}"})
    page = sit(world, "notifications").page

    page.get_by_label("Choose all that are shown").check()
    page.get_by_role("button", name="Acknowledge", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()

    expect(page.get_by_text("3 notifications acknowledged")).to_be_visible()
    assert [each.ack_by for each in world.ledger.kept.values()] == ["admin"] * 3


def test_what_comes_in_appears_within_five_seconds(sit: Sit, world: ApiWorld) -> None:
    seat = sit(world, "notifications", stopped=True)
    expect(seat.page.locator(".list li")).to_have_count(9)

    told(world, 0, "sent", {"type": "test", "title": "a late one"})
    seat.page.clock.run_for(5_100)

    expect(seat.page.get_by_text("a late one")).to_be_visible()


def test_a_hidden_page_asks_nothing_until_it_is_seen_again(
    sit: Sit, world: ApiWorld
) -> None:
    seat = sit(world, "notifications", stopped=True)
    expect(seat.page.locator(".list li")).to_have_count(9)
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true})"
    changed = "document.dispatchEvent(new Event('visibilitychange'))"
    seat.page.evaluate(hide % "true")
    seat.page.evaluate(changed)
    asked = len(seat.site.calls)
    seat.page.clock.run_for(60_000)
    assert len(seat.site.calls) == asked

    told(world, 0, "sent", {"type": "test", "title": "a late one"})
    seat.page.evaluate(hide % "false")
    seat.page.evaluate(changed)

    expect(seat.page.get_by_text("a late one")).to_be_visible()


def test_hostile_text_is_shown_and_never_obeyed(sit: Sit) -> None:
    world = ready_world()
    event = {
        **ALARM,
        "title": HOSTILE,
        "message": HOSTILE,
        "source": "<b>x</b>",
        "fields": [{"name": "<i>n</i>", "value": HOSTILE}],
        "links": [{"label": HOSTILE[:60], "url": "https://e.example/%22onclick=1"}],
    }
    named = told(world, 1, "dead", event)
    seat = sit(world, f"notifications/{named}")
    page = seat.page

    expect(page.locator(".pane h2")).to_contain_text("<script>window.owned=1</script>")
    for folded in ("As each channel shows it", "Event as it came"):
        page.locator("summary", has_text=folded).click()
    for channel in ("discord", "slack", "telegram", "email", "webhook"):
        page.get_by_label("Channel").select_option(channel)
        expect(page.locator(".look-one")).to_have_count(1)  # no more one for each
        expect(page.locator(".look-one")).to_contain_text("<script>window.owned=1")
    for path in ("overview", "dead"):
        seat.go(path)
        expect(page.locator("main")).to_contain_text(
            "problem" if path == "overview" else "Unknown"
        )
    assert page.evaluate("window.owned") is None
    assert page.locator("main script, main img, main [onerror]").count() == 0


def test_it_can_be_copied_as_curl_without_the_key(sit: Sit, world: ApiWorld) -> None:
    page = sit(world, "notifications").page
    page.get_by_role("link", name="checkout-5xx").click()
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert "/v1/events" in copied
    assert '"title":"checkout-5xx is in ALARM"' in copied
    assert KEYS["admin"] not in copied


def test_when_the_api_is_away_the_page_says_so_and_recovers(
    sit: Sit, world: ApiWorld
) -> None:
    seat = sit(world, "notifications", stopped=True)
    expect(seat.page.locator(".list li")).to_have_count(9)
    seat.site.refusing = True
    seat.page.clock.run_for(5_100)
    expect(seat.page.get_by_text("Not reachable; trying again")).to_be_visible()
    expect(seat.page.locator(".list li")).to_have_count(9)

    seat.site.refusing = False
    seat.page.evaluate("dispatchEvent(new Event('online'))")
    expect(seat.page.get_by_text("Live", exact=True)).to_be_visible()


def test_an_empty_list_teaches_how_to_send(sit: Sit) -> None:
    page = sit(bare_world(), "notifications").page

    expect(page.get_by_text("No event has come in yet.")).to_be_visible()
    expect(page.locator(".snippet pre")).to_contain_text("/v1/events -H")
