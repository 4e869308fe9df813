"""What is delivered twice and writes down no key of its own, as messages of SNS do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import NOON
from tests.fakes.strictness import refusal_of
from tests.fakes.world import World, event, settings_for
from tests.unit.accepting import DAY, firing, fresh, opened, resolved, written
from tests.unit.write_units import write_units
from tocsin.acknowledge import resolve
from tocsin.aws import items
from tocsin.aws.writes import Writes
from tocsin.delivery import MINUTE
from tocsin.events import Event
from tocsin.identity import brief_of
from tocsin.intake.dressing import dressed_anyhow
from tocsin.intake.sns import read_notification
from tocsin.intaking import Accepted
from tocsin.notification import COUNTED_KEPT, Notification
from tocsin.ports import Repeat
from tocsin.rules.config import Config

HOUR = 60 * MINUTE
EVENTS = Path(__file__).parents[2] / "events"
End = Callable[[World], object]


def message(world: World, number: int, told: Event | None = None) -> Accepted:
    """One that SNS sent at a second of its own, delivered now."""
    at = NOON - HOUR + number
    (result,) = world.accept(told or firing(), key=f"message {number}", at=at)
    return result


def problems(world: World) -> list[Notification]:
    """In order of opening; their ends are none."""
    rows = (world.ledger.kept[name] for name in sorted(world.ledger.kept))
    return [row for row in rows if row.event.state == "firing"]


def somebody_ends_it(world: World) -> None:
    (name,) = opened(world)
    resolve(name, actor="ann", note="", means=world.means())


def an_event_ends_it(world: World) -> None:
    world.accept(resolved())


def it_ends_by_itself(world: World) -> None:
    world.clock.at += HOUR
    world.sweep()


ENDS = pytest.mark.parametrize(
    "end", [somebody_ends_it, an_event_ends_it, it_ends_by_itself]
)


def closing_world() -> World:
    return World(settings_for("ops", auto_close="1h"))


def test_a_repeat_that_comes_again_after_others_counts_once() -> None:
    world = World()
    for number in (0, 1, 2, 3, 1, 2, 1, 3):
        again = message(world, number)

    assert (again.verdict, again.notification.id) == ("repeat", world.one().id)
    assert world.one().occurrences == 4
    assert world.ledger.receipts == {}


def test_a_repeat_is_the_one_write_that_it_was_and_the_second_is_none() -> None:
    world = World()
    message(world, 0)
    fresh(world)
    message(world, 1)
    assert (written(world), world.chaos.calls.count("load")) == (["repeat"], 2)
    fresh(world)
    message(world, 1)

    assert written(world) == []


@ENDS
def test_a_repeat_that_comes_again_after_the_end_opens_nothing(end: End) -> None:
    world = closing_world()
    first = message(world, 0)
    message(world, 1)
    message(world, 2)
    end(world)
    again = message(world, 1)
    assert opened(world) == []
    assert (again.verdict, again.notification.id) == ("repeat", first.notification.id)
    assert again.notification.occurrences == 3

    assert message(world, 3).verdict == "open"


@ENDS
def test_a_repeat_that_comes_again_is_not_counted_on_what_opened_since(
    end: End,
) -> None:
    world = closing_world()
    message(world, 0)
    message(world, 1)
    end(world)
    message(world, 2)
    message(world, 1)

    assert [row.occurrences for row in problems(world)] == [2, 1]


@ENDS
def test_one_without_a_key_opens_anew_after_any_end(end: End) -> None:
    world = closing_world()
    message(world, 0)
    end(world)
    (new,) = world.accept(firing())

    assert new.verdict == "open"


def test_an_end_by_hand_begins_anew_whether_it_flaps() -> None:
    world = World(settings_for("ops", flap={"changes": 3, "within": "1h"}))
    world.accept(firing())
    for _ in range(4):
        somebody_ends_it(world)
        (new,) = world.accept(firing())

    assert new.notification.flapping is None


def test_what_got_worse_and_better_is_not_worse_by_the_first_message_again() -> None:
    world = World()
    message(world, 0, event("db down", state="firing", severity="low"))
    message(world, 1, event("db down", state="firing", severity="high"))
    message(world, 2, event("db down", state="firing", severity="medium"))
    message(world, 1, event("db down", state="firing", severity="high"))

    assert world.one().event.severity.value == "medium"
    assert world.one().occurrences == 3


@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("reached", [30, 100])
def test_a_report_of_progress_that_comes_again_after_the_end_tells_nothing(
    reached: int, dated: bool
) -> None:
    world = World()
    at = world.clock.at - 500 if dated else 0
    world.accept(event("import", progress=0))
    for _ in range(2):
        world.accept(event("import", progress=reached), key="k", at=at)
        world.accept(event("import", progress=100)) if opened(world) else None
        world.clock.at += MINUTE
    world.send_all()

    assert world.provider.shown() == ["import"]
    assert world.one().occurrences == 1


def test_a_notice_that_was_held_back_is_not_told_when_it_comes_again_later() -> None:
    """Lambda tries again after a minute, when the window may be over."""
    world = World(settings_for("ops", throttle={"limit": 1, "per": "1m"}))
    for number in range(3):
        message(world, number, event())
    world.clock.at += 2 * MINUTE
    again = message(world, 1, event())

    assert (again.verdict, world.one().occurrences) == ("repeat", 3)


def test_a_first_notice_without_a_key_is_still_written_before_anything_is_read() -> (
    None
):
    world = World()
    world.accept(event())

    assert "memories" not in world.chaos.calls


def test_the_last_few_that_were_counted_are_known_and_no_row_grows_for_ever() -> None:
    world = World()
    for number in range(COUNTED_KEPT + 4):
        message(world, number)
        world.clock.at += 1
    for number in range(4, COUNTED_KEPT + 4):
        message(world, number)

    assert len(world.one().counted) == COUNTED_KEPT
    assert world.one().occurrences == COUNTED_KEPT + 4


def test_where_very_many_were_counted_at_once_one_more_fits_in_a_request() -> None:
    """Each of them had read of those before only, and took the room of one."""
    world = World()
    message(world, 0)
    known = {brief_of(f"at once {n}"): NOON + n for n in range(1_000)}
    world.ledger.kept[world.one().id] = replace(world.one(), counted=known)
    forgets = world.one().crowded_out
    (write,) = Writes("t", DAY).repeat(
        Repeat(world.one().id, NOON, key="k", forgets=forgets)
    )
    assert refusal_of("UpdateItem", write["Update"]) == ""

    for number in range(1, 30):
        message(world, number)
        world.clock.at += 1
    assert len(world.one().counted) == COUNTED_KEPT


@pytest.mark.parametrize("name", ["metric-math", "composite", "anomaly"])
def test_an_alarm_that_knows_all_it_can_is_still_one_write_unit(name: str) -> None:
    told = json.loads((EVENTS / f"sns-alarm-{name}.json").read_text())
    (received,) = dressed_anyhow(read_notification(told), Config(), NOON)
    world = World()
    world.accept(received.event, key=received.key)
    world.send_all()
    item = items.pack(world.one(), 90 * DAY)
    known = {f"{items.COUNTED}{brief_of(str(n))}": n for n in range(COUNTED_KEPT)}
    item |= {each: items.number(NOON + n) for each, n in known.items()}

    assert write_units(item) == 1


def test_a_key_of_yesterday_is_free_though_what_was_open_ended_just_now() -> None:
    world = World()
    world.accept(firing())
    world.accept(firing(), key="k")
    world.clock.at += DAY
    world.accept(firing(), key="k")
    assert world.one().occurrences == 3
    world.clock.at += DAY - MINUTE
    world.accept(resolved())
    world.clock.at += MINUTE
    (new,) = world.accept(firing(), key="k")

    assert new.verdict == "open"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, 9))
@pytest.mark.parametrize("ends", [False, True])
def test_whoever_dies_over_a_repeat_counts_it_once_whatever_comes_between(
    ends: bool, call: int, after: bool
) -> None:
    world = World()
    world.provider.editable = True
    message(world, 0)
    world.send_all()
    fresh(world)
    world.chaos.fatal, world.chaos.after = call, after
    died = world.survive(lambda: message(world, 1))
    world.chaos.revive()
    message(world, 2)
    if ends:
        somebody_ends_it(world)
    message(world, 1)
    world.live(minutes=3)

    assert sum(row.occurrences for row in problems(world)) == 3
    assert len(problems(world)) == 1 or (died and ends)
    for row in problems(world):
        assert row.deliveries["ops"].shown == row.edition


@given(
    st.lists(st.integers(0, COUNTED_KEPT - 1), min_size=1, max_size=30),
    st.integers(0, 30),
    st.sampled_from([somebody_ends_it, an_event_ends_it]),
)
def test_in_whatever_order_messages_come_again_each_is_counted_once(
    order: list[int], ended: int, end: End
) -> None:
    world = World()
    for place, number in enumerate(order):
        if place == ended and opened(world):
            end(world)
        message(world, number)
        world.clock.at += 1_000

    assert sum(row.occurrences for row in problems(world)) == len(set(order))
    assert len(problems(world)) <= 2
