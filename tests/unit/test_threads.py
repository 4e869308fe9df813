"""Threads: a problem has a message of its own, and what follows is put under that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.fakes.provider import Provider
from tests.fakes.world import World, event, settings_for
from tocsin.acknowledge import acknowledge
from tocsin.events import Event
from tocsin.message import Message, Posted
from tocsin.notification import Notification
from tocsin.ports import Kind, Outcome, Target


def world_of(*, thread: bool = True, **route: Any) -> World:
    world = World(settings_for("ops", thread=thread, **route))
    world.provider.editable = world.provider.threaded = True
    return world


def problem(severity: str = "high", title: str = "db down", **more: Any) -> Event:
    return event(title, state="firing", severity=severity, fingerprint=title, **more)


def end(title: str = "db down", **more: Any) -> Event:
    return event(title, state="resolved", fingerprint=title, **more)


def told(world: World, *events: Event) -> None:
    world.accept(*events)
    world.send_all()


def first(world: World) -> Notification:
    return world.ledger.kept[min(world.ledger.kept)]


def answers(world: World) -> list[Posted | None]:
    return [post.messages[0].answers for post in world.provider.posts]


def on_it(world: World) -> None:
    acknowledge(first(world).id, actor="ann", note="", means=world.means())


ROOT = Posted("m1")


@pytest.mark.parametrize(
    ("route", "taken", "words"),
    [
        ({"ack": {"remind": "10m"}}, True, "Reminder: it is still open"),
        ({"ack": {"expires": "10m"}}, True, "Reminder: nobody is on it any more"),
        ({"escalate": [{"after": "10m", "to": ["ops"]}]}, False, "Escalated"),
    ],
)
def test_what_is_told_again_goes_to_the_thread_of_its_problem(
    route: dict[str, Any], taken: bool, words: str
) -> None:
    world = world_of(**route)
    told(world, problem())
    if taken:
        on_it(world)
    world.live(minutes=13)

    assert answers(world) == [None, ROOT]
    assert words in (world.provider.posts[1].messages[0].state_line or "")


def test_a_repeat_that_is_told_goes_to_the_thread_and_the_card_stays_the_first() -> (
    None
):
    world = world_of()
    told(world, problem("medium"))
    told(world, problem("critical"))
    world.live(minutes=3)

    assert answers(world) == [None, ROOT]
    card = world.provider.posts[0].messages[0]
    assert (card.severity, first(world).deliveries["ops"].message_id) == (
        "critical",
        "m1",
    )


def test_the_end_turns_the_card_green_and_is_told_in_the_thread_without_a_ping() -> (
    None
):
    world = world_of(mentions={"critical": ["@everyone"], "info": ["user:1"]})
    told(world, problem("critical"))
    world.clock.at += 12 * 60_000
    told(world, end())

    card, told_end = (post.messages[0] for post in world.provider.posts)
    assert (card.icon, told_end.answers, told_end.pings) == ("✅", ROOT, ())
    assert "Resolved after 12 min" in (told_end.state_line or "")


@pytest.mark.parametrize("place", range(3))
def test_a_problem_among_news_has_a_message_of_its_own(place: int) -> None:
    world = world_of()
    events = [event("news"), event("more news"), event("old news")]
    events.insert(place, problem("medium"))
    told(world, *events)
    posts = [[each.title for each in post.messages] for post in world.provider.posts]
    (own,) = [titles for titles in posts if "db down" in titles]

    assert own == ["db down"]
    assert [title for titles in posts for title in titles] == [
        each.title for each in events
    ]


def test_each_incident_has_a_thread_of_its_own() -> None:
    world = world_of()
    told(world, *(problem(title=f"p{n}") for n in range(3)), event("news"))
    (root,) = [
        row.deliveries["ops"].message_id or ""
        for row in world.ledger.kept.values()
        if row.event.title == "p1"
    ]
    told(world, end("p1"))
    told(world, problem(title="p1"))

    assert {len(post.messages) for post in world.provider.posts} == {1}
    assert answers(world) == [*[None] * 4, Posted(root), None]


@pytest.mark.parametrize("how", ["route", "channel", "sender"])
def test_without_a_wish_or_a_way_nothing_is_put_under_anything(how: str) -> None:
    world = world_of(thread=how != "route")
    world.provider.threaded = how != "channel"
    own = {"thread": "one of mine"} if how == "sender" else {}
    told(world, problem("medium", **own))
    told(world, problem("critical", **own))
    told(world, end(**own))

    assert set(answers(world)) == {None}


def test_where_the_thread_is_gone_it_stands_for_itself_and_is_the_card() -> None:
    world = world_of()
    told(world, problem("medium"))

    def refuse(_: Provider, messages: Sequence[Message], __: Target) -> Outcome | None:
        gone = messages[0].answers is not None
        return Outcome(Kind.PERMANENT, "thread_not_found") if gone else None

    world.provider.behaviour = refuse
    told(world, problem("critical"))

    assert answers(world) == [None, None]
    delivery = first(world).deliveries["ops"]
    assert delivery.message_id == "m2"
    assert any("thread_not_found" in line.reason for line in delivery.log)
