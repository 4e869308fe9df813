"""Set-up: from nothing to a first destination, and keys that are shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from playwright.sync_api import expect

from tests.browser.conftest import Seat, Sit
from tests.browser.story import bare_world, ready_world
from tests.fakes.api import ApiWorld
from tests.fakes.provider import Provider
from tocsin.api.resources import all_operations
from tocsin.channels import channel
from tocsin.message import Message
from tocsin.ports import Kind, Outcome, Probe, Target

URL = "https://discord.com/api/webhooks/123456789012345678/s3cret-T0ken_x"


def discord_world() -> ApiWorld:
    """Nothing set up. Settings are Discord's; what is sent there meets the fake."""
    world = bare_world()
    world.provider.split = channel("discord").split  # type: ignore[method-assign]
    reach = replace(world.reach, channels=lambda _: world.provider)
    world.operations = all_operations(reach)
    return world


def fill(seat: Seat, name: str, url: str) -> None:
    seat.page.get_by_label("Name", exact=True).fill(name)
    seat.page.get_by_label("Webhook URL").fill(url)


def test_from_nothing_to_a_first_destination(sit: Sit) -> None:
    world = discord_world()
    seat = sit(world, "overview")
    page = seat.page

    page.get_by_role("link", name="Add a destination", exact=True).click()
    page.get_by_role("link", name="Discord").click()
    expect(page.get_by_text("Integrations › Webhooks › New Webhook.")).to_be_visible()
    fill(seat, "ops", URL)
    page.get_by_role("button", name="Save and test").click()

    expect(page.get_by_text("It works.")).to_be_visible()
    assert world.provider.shown("ops") == ["Tocsin: a test"]
    expect(page.get_by_label("Webhook URL")).to_have_value("")
    assert "s3cret" not in page.content()

    page.get_by_role("link", name="To the routes").click()
    page.get_by_label("Routing file in YAML").fill(
        "routes:\n  - name: all\n    to: [ops]\n"
    )
    expect(page.get_by_text("all: all events go to ops.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Live as edition")).to_be_visible()
    assert world.settings.current().config.routes[0].to == ("ops",)


def test_what_is_typed_wrong_is_told_while_typing(sit: Sit) -> None:
    seat = sit(discord_world(), "setup/destinations/new/discord")
    fill(seat, "Ops!", "https://discord.com/channels/1")

    expect(seat.page.get_by_text("small letters, digits, - and _ only")).to_be_visible()
    expect(
        seat.page.get_by_text("It begins with https://discord.com/api/webhooks/")
    ).to_be_visible()
    seat.page.get_by_role("button", name="Save and test").click()
    assert not [call for call in seat.site.calls if call[0] == "PUT"]


def test_a_refusal_stands_at_its_field(sit: Sit) -> None:
    seat = sit(discord_world(), "setup/destinations/new/discord")
    fill(seat, "ops", URL.replace("//", "//evil."))
    seat.page.get_by_role("button", name="Save and test").click()

    wrong = seat.page.locator(".field[data-wrong]")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("not an address of Discord")
    assert "ops" not in seat.site.world.settings.current().destinations


def test_a_failed_test_tells_the_reason_and_what_to_do(sit: Sit) -> None:
    world = ready_world()

    def gone(_: Provider, messages: Sequence[Message], target: Target) -> Outcome:
        return Outcome(Kind.GONE, "HTTP 404: Unknown Webhook (10015)")

    world.provider.behaviour = gone
    page = sit(world, "setup/destinations").page
    page.get_by_role("button", name="Test").first.click()

    expect(page.get_by_text("HTTP 404: Unknown Webhook (10015)")).to_be_visible()
    expect(page.get_by_text("make a new one there, and put it here")).to_be_visible()


def test_a_destination_in_use_is_kept_and_says_why(sit: Sit) -> None:
    world = ready_world()
    page = sit(world, "setup/destinations").page
    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.get_by_role("alert")).to_contain_text("route")
    assert "feed" in world.settings.current().destinations


def test_a_new_key_is_shown_once_and_works(sit: Sit) -> None:
    seat = sit(ready_world(), "setup/keys")
    page = seat.page
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill("web")
    page.get_by_role("button", name="Create").click()

    key = page.locator(".key code").inner_text()
    assert key.startswith("toc_")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("curl")).to_contain_text(f"KEY='{key}'")
    dialog.get_by_label("Used in").select_option(label="Python")
    expect(dialog.get_by_label("Python")).to_contain_text("tocsin_client")
    page.get_by_role("button", name="I have it").click()
    expect(page.get_by_text("web", exact=True)).to_be_visible()
    assert key not in page.content()
    assert seat.site.world.call("GET", "/v1/event-types", key=key).status == 200


def test_a_key_is_rotated_then_the_older_one_revoked(sit: Sit) -> None:
    world = ready_world()
    page = sit(world, "setup/keys").page
    shop = page.locator(".card", has_text="shop")
    shop.get_by_role("button", name="Rotate").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    page.get_by_role("button", name="I have it").click()
    shop.get_by_role("button", name="Revoke the older key").click()
    page.get_by_role("dialog").get_by_role(
        "button", name="Revoke the older key"
    ).click()

    expect(page.get_by_text("The older key is dead.")).to_be_visible()
    assert world.call("GET", "/v1/event-types", key="shop").status == 401


def test_a_bot_that_is_not_let_in_is_shown_the_way(sit: Sit) -> None:
    world = discord_world()
    seat = sit(world, "setup/destinations/new/discord")
    page = seat.page
    page.get_by_label("Name", exact=True).fill("ops")
    page.get_by_role("button", name="Save and test").click()
    expect(page.get_by_text("needed, unless there is a bot token")).to_be_visible()

    page.get_by_text("A bot, a thread, buttons that act").click()
    # Its first part is another id than the application's, as in old tokens.
    token = f"MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.{'t' * 30}"
    page.get_by_label("Bot token").fill(token)
    page.get_by_role("button", name="Save and test").click()
    wrong = page.locator(".field[data-wrong]")
    expect(wrong).to_contain_text("a bot must be told its channel")

    world.provider.behaviour = unseen
    told = Probe(False, "no access", {"application_id": "87654321"})
    world.provider.probe = lambda target: told  # type: ignore[method-assign]
    page.get_by_label("Channel id").fill("123456789012345679")
    page.get_by_role("button", name="Save and test").click()
    link = page.get_by_role("link", name="Invite the bot to your server")
    assert "client_id=87654321" in (link.get_attribute("href") or "")
    assert "t" * 30 not in page.content()

    seat.go("setup/destinations")
    page.get_by_role("button", name="Ask the provider").click()
    expect(link).to_be_visible()


def unseen(_: Provider, messages: Sequence[Message], target: Target) -> Outcome:
    return Outcome(Kind.GONE, "Discord answered 403: Missing Access (50001)")


def test_each_tool_is_told_what_to_enter_where(sit: Sit) -> None:
    seat = sit(ready_world(), "setup/keys")
    page = seat.page
    shop = page.locator(".card", has_text="shop")
    shop.get_by_role("button", name="How to use it").click()
    tool = page.get_by_label("Used in")
    names = tool.locator("option").all_inner_texts()

    assert {"curl", "cron", "Grafana", "GitHub Actions", "Sentry"} <= set(names)
    for name in names:
        tool.select_option(label=name)
        expect(page.get_by_role("dialog")).to_contain_text(seat.site.root)
        expect(page.locator("dialog .using")).to_contain_text("<key>")
