"""Dead letters: the provider was down, and forty of sixty go out again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Sit
from tests.browser.story import ready_world, told
from tests.fakes.api import ApiWorld
from tocsin.delivery import State


@pytest.fixture
def world() -> ApiWorld:
    """Forty that a provider refused, twenty of another type."""
    world = ready_world()
    for number in range(60):
        kind = "shop.order" if number < 40 else "shop.stock"
        told(world, 60 - number // 2, "dead", {"type": kind, "title": f"no. {number}"})
    return world


def states(world: ApiWorld) -> list[State]:
    return [each.deliveries["feed"].state for each in world.ledger.kept.values()]


def test_forty_of_sixty_are_counted_then_replayed(sit: Sit, world: ApiWorld) -> None:
    seat = sit(world, "dead", key="ops", size=PHONE)
    page = seat.page
    expect(page.get_by_text("60 dead letters", exact=True)).to_be_visible()

    page.get_by_label("Type").select_option("shop.order")
    page.get_by_role("button", name="Replay all 40").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Send 40 dead letters again?")
    expect(dialog).to_contain_text("feed: 40")
    assert states(world).count(State.QUEUED) == 0

    dialog.get_by_role("button", name="Replay 40").click()
    expect(page.get_by_text("40 dead letters queued again.")).to_be_visible()
    assert states(world).count(State.QUEUED) == 40
    assert states(world).count(State.DEAD_LETTER) == 20


def test_leaving_the_question_replays_nothing(sit: Sit, world: ApiWorld) -> None:
    page = sit(world, "dead").page
    page.get_by_role("button", name="Replay all 60").click()
    page.get_by_role("button", name="Cancel").click()

    assert states(world).count(State.DEAD_LETTER) == 60


def test_those_chosen_by_hand_are_replayed(sit: Sit, world: ApiWorld) -> None:
    page = sit(world, "dead").page
    expect(page.locator(".reasons")).to_have_count(1)
    expect(page.locator(".reasons")).to_contain_text("HTTP 404: Unknown Webhook")
    page.get_by_role("button", name="Show them").click()
    page.get_by_label("Choose no. 3", exact=True).check()
    page.get_by_label("Choose no. 7", exact=True).check()
    page.get_by_role("button", name="Replay 2 chosen").click()
    page.get_by_role("dialog").get_by_role("button", name="Replay 2").click()

    expect(page.get_by_text("2 dead letters queued again.")).to_be_visible()
    again = [
        each.event.title
        for each in world.ledger.kept.values()
        if each.deliveries["feed"].state is State.QUEUED
    ]
    assert sorted(again) == ["no. 3", "no. 7"]


def test_none_is_good_news(sit: Sit) -> None:
    page = sit(ready_world(), "dead").page

    expect(page.get_by_text("No dead letters.")).to_be_visible()
