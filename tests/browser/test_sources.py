"""A source's page: what it may send, and how its calls are signed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Seat, Sit
from tests.browser.story import ready_world
from tests.fakes.api import ApiWorld
from tocsin.settings import Source

SECRET = "a-secret-that-github-was-given"
PATH = "setup/keys/shop"


def shop(world: ApiWorld) -> Source:
    return world.settings.current().sources["shop"]


def put(page: Page, secret: str, button: str = "Ask for signed calls") -> None:
    page.get_by_label("Signing secret").fill(secret)
    page.get_by_role("button", name=button).click()


def changes(seat: Seat) -> list[tuple[str, str]]:
    return [call for call in seat.site.calls if call[0] != "GET"]


def test_bounds_are_seen_changed_and_only_the_change_is_sent(sit: Sit) -> None:
    world = ready_world()
    options = {"generic": {"severity": "low"}}
    world.call("PATCH", "/v1/sources/shop", {"types": ["a.*"], "rate": 60})
    page = sit(world, "setup/keys").page
    page.get_by_role("link", name="Settings of shop").click()

    expect(page.get_by_label("Event types")).to_have_value("a.*")
    expect(page.get_by_label("Events in a minute")).to_have_value("60")
    page.get_by_label("Event types").fill("backup.*, disk.full")
    # What somebody else changes meanwhile stays.
    world.call("PATCH", "/v1/sources/shop", {"options": options, "rate": 61})
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".toast")).to_have_text("Saved.")
    expect(page.get_by_label("Events in a minute")).to_have_value("61")
    assert shop(world).types == ("backup.*", "disk.full")
    assert (shop(world).rate, shop(world).options) == (61, options)


def test_emptied_bounds_ask_nothing_any_more(sit: Sit) -> None:
    world = ready_world()
    bounds = {"types": ["a.*"], "rate": 60, "options": {"github": {"severity": "low"}}}
    world.call("PATCH", "/v1/sources/shop", bounds)
    page = sit(world, PATH).page
    for label in ("Event types", "Events in a minute", "Options, in JSON"):
        page.get_by_label(label).fill("")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".toast")).to_have_text("Saved.")
    assert not shop(world).bounded
    assert shop(world).options == {}


@pytest.mark.parametrize(
    ("label", "typed", "said"),
    [
        ("Event types", "a.*, b c", "b c: letters, digits"),
        ("Events in a minute", "many", "a whole number up to 100,000"),
        ("Events in a minute", "100001", "a whole number up to 100,000"),
        ("Options, in JSON", "{", "This is not JSON"),
        ("Options, in JSON", "[1]", "one {…} for each adapter"),
    ],
)
def test_a_wrong_bound_is_told_while_typing_and_not_sent(
    sit: Sit, label: str, typed: str, said: str
) -> None:
    seat = sit(ready_world(), PATH)
    page = seat.page
    page.get_by_text("What adapters are told about its calls").click()
    page.get_by_label(label).fill(typed)

    expect(page.locator(".field[data-wrong]")).to_contain_text(said)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label(label)).to_be_focused()
    assert changes(seat) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ('{"github": {"branches": "main"}}', "branches"),
        ('{"gitub": {}}', "gitub"),
    ],
)
def test_what_the_api_refuses_stands_at_its_field(
    sit: Sit, typed: str, said: str
) -> None:
    world = ready_world()
    page = sit(world, PATH).page
    page.get_by_text("What adapters are told about its calls").click()
    page.get_by_label("Options, in JSON").fill(typed)
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".field[data-wrong]")).to_contain_text(said)
    expect(page.get_by_label("Options, in JSON")).to_be_focused()
    assert shop(world).options == {}


def test_a_source_is_signed_rotated_and_let_go_of(sit: Sit) -> None:
    world = ready_world()
    seat = sit(world, PATH)
    page = seat.page
    expect(page.get_by_text("Payload URL: the address below")).to_be_visible()
    expect(page.get_by_label("Address", exact=True)).to_have_text(
        f"{seat.site.root}/v1/hooks/github/shop"
    )
    put(page, SECRET)
    told = page.get_by_text("Only calls signed as GitHub, Gitea or Forgejo do")
    expect(told).to_be_focused()
    assert list(world.signing_vault.kept.values()) == [SECRET]
    assert SECRET not in page.content()
    expect(page.get_by_label("Signing secret")).to_have_value("")

    put(page, "another-secret", "Put a second secret")
    expect(page.locator(".hints li")).to_have_count(2)
    expect(page.get_by_label("Signing secret")).to_have_count(0)
    page.get_by_role("button", name="Forget the older secret").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Forget the older secret").click()
    expect(page.locator(".hints li")).to_have_count(1)
    assert list(world.signing_vault.kept.values()) == ["another-secret"]

    page.get_by_role("button", name="Ask for the key alone").click()
    dialog.get_by_role("button", name="Ask for the key alone").click()
    expect(page.get_by_text("Not signed: the key is enough.")).to_be_focused()
    assert shop(world).signature is None
    assert world.signing_vault.kept == {}


@pytest.mark.parametrize(
    ("tool", "secret", "said"),
    [
        ("Stripe", "short", "8 to 512 characters"),
        ("Stripe", "with a space in it", "8 to 512 characters"),
        ("Standard Webhooks", "whsec_!!!!!!!!", "base64 behind whsec_"),
        ("Sentry", "", "needed"),
    ],
)
def test_a_secret_that_cannot_be_one_is_told_and_not_sent(
    sit: Sit, tool: str, secret: str, said: str
) -> None:
    seat = sit(ready_world(), PATH)
    seat.page.get_by_label("Who signs").select_option(label=tool)
    put(seat.page, secret)

    expect(seat.page.locator(".field[data-wrong]")).to_contain_text(said)
    expect(seat.page.get_by_label("Signing secret")).to_be_focused()
    assert changes(seat) == []


def test_what_the_api_says_of_a_secret_stands_at_it(sit: Sit) -> None:
    world = ready_world()
    page = sit(world, PATH).page
    page.get_by_label("Who signs").select_option(label="Standard Webhooks")
    put(page, "whpk_AAAAAAAA")

    wrong = page.locator(".field[data-wrong]")
    expect(wrong).to_contain_text("an Ed25519 key after whpk_")
    assert shop(world).signature is None


def test_a_secret_can_be_made_for_a_tool_that_takes_one(sit: Sit) -> None:
    world = ready_world()
    page = sit(world, PATH).page
    page.get_by_role("button", name="Make one").click()
    made = page.get_by_label("Signing secret").input_value()
    assert re.fullmatch(r"[0-9a-f]{64}", made)
    expect(page.get_by_text("it is not shown again")).to_be_visible()
    page.get_by_role("button", name="Ask for signed calls").click()

    expect(page.get_by_text("Only calls signed as")).to_be_visible()
    assert list(world.signing_vault.kept.values()) == [made]
    assert made not in page.content()


def test_each_tool_that_signs_is_told_what_to_click_and_keeps_the_focus(
    sit: Sit,
) -> None:
    page = sit(ready_world(), PATH).page
    tool = page.get_by_label("Who signs")
    tool.focus()
    names = tool.locator("option").all_inner_texts()
    told = set()
    for name in names:
        tool.select_option(label=name)
        told.add(page.locator(".steps").inner_text())
        expect(tool).to_be_focused()

    assert len(told) == len(names) == 7


def test_who_signs_is_told_the_address_without_a_key(sit: Sit) -> None:
    world = ready_world()
    signed = {"scheme": "stripe", "secret": SECRET}
    world.call("PUT", "/v1/sources/shop/signature", signed)
    page = sit(world, "setup/keys").page
    page.locator(".card", has_text="shop").get_by_role(
        "button", name="How to use it"
    ).click()

    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("/v1/hooks/stripe/shop")
    expect(dialog).not_to_contain_text("<key>")


def test_a_key_for_more_than_sending_is_not_offered_to_sign(sit: Sit) -> None:
    seat = sit(ready_world(), "setup/keys/admin")
    page = seat.page
    expect(page.get_by_text("make a key for the tool alone")).to_be_visible()
    expect(page.get_by_label("Signing secret")).to_have_count(0)
    expect(page.get_by_label("Event types")).to_be_visible()

    seat.go("setup/keys/ops")
    expect(page.get_by_text("This source sends nothing")).to_be_visible()
    seat.go("setup/keys/nobody")
    expect(page.get_by_text("There is no source with this name.")).to_be_visible()


def test_an_operator_is_shown_no_source(sit: Sit) -> None:
    seat = sit(ready_world(), PATH, key="ops")
    expect(seat.page.get_by_text("needs a key with the scope admin")).to_be_visible()
    assert not [call for call in seat.site.calls if "/sources" in call[1]]


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_a_phone_and_is_clean(sit: Sit, *, dark: bool) -> None:
    world = ready_world()
    signed = {"scheme": "github", "secret": SECRET}
    world.call("PUT", "/v1/sources/shop/signature", signed)
    page = sit(world, PATH, size=PHONE, dark=dark).page
    page.get_by_text("What adapters are told about its calls").click()
    expect(page.locator(".hints li")).to_have_count(1)

    assert violations(page) == []
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(wide) <= 0
