"""Dead letters: the provider was down, and forty of sixty go out again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

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


def test_a_question_goes_with_its_page(sit: Sit, world: ApiWorld) -> None:
    seat = sit(world, "dead")
    seat.page.get_by_role("button", name="Replay all 60").click()
    expect(seat.page.get_by_role("dialog")).to_be_visible()
    seat.go("overview")

    expect(seat.page.get_by_role("dialog")).to_have_count(0)
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


def test_they_go_to_another_destination_and_say_so(sit: Sit, world: ApiWorld) -> None:
    page = sit(world, "dead", key="ops").page
    page.get_by_role("button", name="Replay all 60").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Where to").select_option("oncall")
    dialog.get_by_role("button", name="Replay 60").click()

    expect(page.get_by_text("60 dead letters queued again.")).to_be_visible()
    expect(page.get_by_text("No dead letters.")).to_be_visible()
    for row in world.ledger.kept.values():
        assert row.deliveries["feed"].state is State.CANCELLED
        assert row.deliveries["oncall"].state is State.QUEUED
        assert row.actions[-1].what == "replayed to oncall"
    first = min(world.ledger.kept)
    page.goto(f"{page.url.partition('#')[0]}#/notifications/{first}")
    expect(page.locator(".timeline")).to_contain_text("ops replayed to oncall")
    expect(page.locator(".deliveries")).to_contain_text("replayed to oncall by ops")


def test_only_what_is_still_open_is_sent_again(sit: Sit, world: ApiWorld) -> None:
    for number in range(3):
        firing = {"type": "disk.full", "title": f"open {number}", "state": "firing"}
        told(world, 5, "dead", firing)
    page = sit(world, "dead").page
    page.get_by_role("button", name="Replay all 63").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Only the 3 still open").check()
    dialog.get_by_role("button", name="Replay 3", exact=True).click()

    expect(page.get_by_text("3 dead letters queued again.")).to_be_visible()
    assert states(world).count(State.QUEUED) == 3
    assert states(world).count(State.DEAD_LETTER) == 60


def test_more_than_a_call_takes_go_in_several_and_can_be_stopped(
    sit: Sit, world: ApiWorld
) -> None:
    for number in range(190):
        told(world, 5, "dead", {"type": "shop.order", "title": f"late {number}"})
    seat = sit(world, "dead")
    page = seat.page
    page.get_by_role("button", name="Replay all 250").click()
    page.get_by_role("dialog").get_by_role("button", name="Replay 250").click()

    expect(page.get_by_text("250 dead letters queued again.")).to_be_visible()
    assert states(world).count(State.QUEUED) == 250
    asked = [path for _, path in seat.site.calls if path.endswith("/replay")]
    assert len(asked) == 1 + 3  # a count, and a hundred at a time


def test_a_failure_half_way_says_how_far_it_came_and_goes_on(
    sit: Sit, world: ApiWorld
) -> None:
    for number in range(90):
        told(world, 5, "dead", {"type": "shop.order", "title": f"late {number}"})
    page = sit(world, "dead").page
    asked = 0

    def answer(route: Route) -> None:
        nonlocal asked
        asked += 1
        if asked == 3:  # the count, a hundred, and then no answer any more
            route.fulfill(status=503, body="<html>no</html>")
        else:
            route.continue_()

    page.route("**/dead-letters/replay", answer)
    page.get_by_role("button", name="Replay all 150").click()
    page.get_by_role("dialog").get_by_role("button", name="Replay 150").click()
    expect(page.get_by_text("100 of 150 queued again")).to_be_visible()
    assert states(world).count(State.QUEUED) == 100

    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("150 dead letters queued again.")).to_be_visible()
    assert states(world).count(State.QUEUED) == 150


def test_one_letter_goes_elsewhere_from_its_own_page(sit: Sit, world: ApiWorld) -> None:
    first = min(world.ledger.kept)
    page = sit(world, f"notifications/{first}", key="ops").page
    page.get_by_role("button", name="Send dead ones again").click()
    page.get_by_role("dialog").get_by_label("Where to").select_option("oncall")
    page.get_by_role("dialog").get_by_role("button", name="Send dead").click()

    expect(page.locator(".deliveries")).to_contain_text("oncall")
    row = world.ledger.kept[first]
    assert row.deliveries["oncall"].state is State.QUEUED
    assert row.deliveries["feed"].state is State.CANCELLED


def test_none_is_good_news(sit: Sit) -> None:
    page = sit(ready_world(), "dead").page

    expect(page.get_by_text("No dead letters.")).to_be_visible()
