"""One event, routed to a destination of every channel: each has it, and people see it."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from local.everywhere import DESTINATIONS, furnish, named, send, show
from tests.browser.chromium import WIDE, chromium, listen
from tests.e2e.stack import Stack
from tocsin import channels


@pytest.fixture(scope="module")
def told(stack: Stack) -> tuple[str, str]:
    """(id, title) of an event that every channel has taken."""
    described = stack.described
    furnish(described["api_url"], described["admin_key"])
    title = f"checkout-5xx is in ALARM ({time.time_ns()})"
    return send(described, title=title), title


def test_no_channel_is_left_out() -> None:
    assert set(DESTINATIONS) == set(channels._MODULES)


@pytest.mark.parametrize("channel", DESTINATIONS)
def test_it_arrives_once_on_every_channel(
    stack: Stack, told: tuple[str, str], channel: str
) -> None:
    one, title = told
    mailbox = DESTINATIONS[channel][1]
    listed = stack.inbox("GET", f"/messages?webhook={quote(mailbox, safe='')}")
    (found,) = (each for each in listed["messages"] if title in each["text"])

    assert found["provider"] == channel
    assert "7.25 > 5 %" in found["text"]
    deliveries = {each["destination"]: each for each in stack.read(one)["deliveries"]}
    delivery = deliveries[named(channel)]
    assert (delivery["status"], delivery["attempts"]) == ("sent", 0)


def test_the_inbox_shows_all_of_them_on_one_page(
    stack: Stack, told: tuple[str, str]
) -> None:
    _, title = told
    complaints: list[str] = []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]})
        listen(page, complaints)
        show(page, stack.described["inbox_url"], title)

        shown = page.locator(".everywhere .one")
        assert shown.count() == len(DESTINATIONS)
        for section in shown.all():
            assert "checkout-5xx is in ALARM" in section.inner_text()
    assert complaints == []
