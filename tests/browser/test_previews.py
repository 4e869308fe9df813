"""Previews: a notification, an event and a digest as each channel would show them."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Sit
from tests.browser.story import ALARM, lived_world, ready_world, told
from tests.browser.test_for_everyone import FAINT, NAMELESS
from tests.fakes.api import ApiWorld

HELD = b"""routes:
  - name: weekly
    match: {type: "report.*"}
    to: [feed]
    digest: {at: "09:00", every: mon}
  - name: everything
    to: [ops]
"""


@pytest.fixture
def world() -> ApiWorld:
    world = lived_world()
    for name, channel in (("ops", "discord"), ("oncall", "discord")):
        url = "https://discord.com/api/webhooks/1234567890123456789/" + "t" * 60
        put = {"channel": channel, "url": url, "username": "Bell"}
        assert world.call("PUT", f"/v1/destinations/{name}", put).status == 200
    return world


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_message_is_drawn_as_each_channel_shows_it(
    sit: Sit, world: ApiWorld, dark: bool
) -> None:
    page = sit(world, "notifications", key="ops", dark=dark).page
    page.get_by_role("link", name="checkout-5xx").click()
    page.locator("summary", has_text="As each channel shows it").click()
    where_sent = page.locator(".look-one")
    expect(where_sent.first).to_contain_text("ops · Discord")
    expect(where_sent.first.locator(".look-who")).to_contain_text("Bell")

    for channel in ("discord", "slack", "telegram", "whatsapp", "email", "teams"):
        page.get_by_label("Channel").select_option(channel)
        expect(where_sent).to_have_count(1)
        look = page.locator(f".look-on.{channel}")
        expect(look).to_contain_text("checkout-5xx is in ALARM")
        expect(look).to_contain_text("7.25 > 5 %")
        bar = look.evaluate("e => e.style.getPropertyValue('--bar')")
        assert bar == "#FF0000"
        assert page.evaluate(FAINT) == [], channel
        assert page.evaluate(NAMELESS) == [], channel


HANDED = {
    "webhook": ("POST", "webhook-signature", '"event_type": "aws.alarm"'),
    "pagerduty": ("Triggered", "Alert key", "7.25 > 5 %"),
    "sms": ("checkout-5xx is in ALARM", "character"),
    "apprise": ("checkout-5xx is in ALARM", "failure", "7.25 > 5 %"),
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_has_no_screen_is_drawn_from_what_is_handed_over(
    sit: Sit, world: ApiWorld, dark: bool
) -> None:
    page = sit(world, "notifications", key="ops", dark=dark, size=PHONE).page
    page.get_by_role("link", name="checkout-5xx").click()
    page.locator("summary", has_text="As each channel shows it").click()
    expect(page.locator(".look-one").first).to_be_visible()

    for channel, parts in HANDED.items():
        page.get_by_label("Channel").select_option(channel)
        expect(page.locator(".look-one")).to_have_count(1)
        for part in parts:
            expect(page.locator(".look-on")).to_contain_text(part)
        assert page.evaluate(FAINT) == [], channel
        wider = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(wider) <= 0, channel
        assert violations(page) == [], channel


def test_what_the_provider_is_handed_is_shown_without_secrets(
    sit: Sit, world: ApiWorld
) -> None:
    page = sit(world, "notifications", size=PHONE).page
    page.get_by_role("link", name="checkout-5xx").click()
    page.locator("summary", has_text="As each channel shows it").click()
    payload = page.locator(".look-one").first.locator("pre").last
    page.get_by_text("What the provider is handed").first.click()

    expect(payload).to_contain_text('"embeds"')
    assert "t" * 60 not in page.content()
    wider = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(wider) <= 0


def test_an_event_that_is_tried_is_drawn_where_it_would_go(
    sit: Sit, world: ApiWorld
) -> None:
    page = sit(world, "routes").page
    page.get_by_text("Try an event").click()
    page.get_by_role("button", name="Dry run").click()

    expect(page.locator(".look-on.discord")).to_have_count(2)
    expect(page.locator(".look-on.discord").first).to_contain_text("Certificate of")


def test_what_waits_for_a_digest_is_drawn_as_it_would_be_told(sit: Sit) -> None:
    world = ready_world()
    yaml = {"content-type": "application/yaml"}
    assert world.call("PUT", "/v1/config", HELD, headers=yaml).status == 200
    world.clock.at = int(time.time() * 1000)
    for number in range(3):
        report = {"type": "report.daily", "title": f"{number} orders", "source": "shop"}
        told(world, 5 - number, "waits", report)
    page = sit(world, "routes/silences", key="ops").page

    page.get_by_text("3 notifications for the digest").click()
    expect(page.locator(".waits")).to_contain_text("2 orders")


def test_where_nothing_waits_it_says_so(sit: Sit, world: ApiWorld) -> None:
    page = sit(world, "routes/silences").page

    expect(page.get_by_text("Nothing waits for a digest")).to_be_visible()


def test_a_look_stays_open_when_the_notification_changes(
    sit: Sit, world: ApiWorld
) -> None:
    seat = sit(world, "notifications", stopped=True)
    page = seat.page
    page.get_by_role("link", name="checkout-5xx").click()
    page.locator("summary", has_text="As each channel shows it").click()
    expect(page.locator(".look-on").first).to_be_visible()
    [row] = [e for e in world.ledger.kept.values() if e.event.title == ALARM["title"]]
    world.call("POST", f"/v1/notifications/{row.id}/acknowledge", {"note": "mine"})
    page.clock.run_for(5_100)

    expect(page.get_by_text("admin is on it")).to_be_visible()
    expect(page.locator(".look-on").first).to_contain_text("Acknowledged by admin")
