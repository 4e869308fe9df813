"""Signing in and out: where the key is, and what it opens."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Sit
from tests.browser.story import lived_world
from tests.fakes.api import KEYS


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "Paste a key first."),
        ("toc_nobody-knows-it", "This key is not known."),
        (KEYS["shop"], "This key can only send events."),
    ],
)
def test_a_key_that_does_not_fit_is_told_why(sit: Sit, key: str, said: str) -> None:
    seat = sit(lived_world(), key=None)
    seat.sign_in(key)
    page = seat.page

    expect(page.get_by_role("alert")).to_contain_text(said)
    assert page.evaluate("sessionStorage.length") == 0


def test_the_key_is_in_this_tab_only_and_gone_after_signing_out(sit: Sit) -> None:
    seat = sit(lived_world(), "notifications", key=None)
    seat.sign_in(KEYS["admin"])
    page = seat.page
    expect(page.get_by_text("admin key")).to_be_visible()

    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    assert KEYS["admin"] not in page.url
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Tocsin")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_an_operator_sees_no_settings(sit: Sit) -> None:
    seat = sit(lived_world(), "setup", key=None)
    seat.sign_in(KEYS["ops"])

    for path in ("setup/destinations", "setup/keys", "routes"):
        seat.go(path)
        expect(
            seat.page.get_by_text("needs a key with the scope admin")
        ).to_be_visible()
    menu = seat.page.get_by_role("navigation", name="Pages")
    expect(menu.get_by_role("link", name="Set-up")).to_have_count(0)
    menu.get_by_role("link", name="Routes").click()
    expect(seat.page.get_by_role("button", name="New silence")).to_be_visible()


def test_a_revoked_key_leads_back_to_the_door(sit: Sit) -> None:
    seat = sit(lived_world(), "notifications", key="ops")
    seat.site.world.call("DELETE", "/v1/sources/ops")
    seat.go("dead")

    expect(seat.page.get_by_role("heading", name="Sign in to Tocsin")).to_be_visible()
