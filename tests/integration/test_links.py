"""Links in messages: a page on GET, an act on POST, and nothing for a stranger."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.fakes.api import ApiWorld
from tests.fakes.clock import NOON
from tocsin.events import Event
from tocsin.passes import LASTS_MS, Act, Pass

HOSTILE = "<script>alert(1)</script> & co"


def opened(world: ApiWorld, title: str = "db down") -> str:
    event = Event.model_validate(
        {"type": "t", "title": title, "state": "firing", "severity": "critical"}
    )
    (name,) = world.accept(event)
    return name


def link(world: ApiWorld, notification_id: str, act: Act = Act.ACKNOWLEDGE) -> str:
    wanted = Pass(act, notification_id, "ops", NOON + LASTS_MS)
    return "/a/" + world.reach.links.url(wanted).rpartition("/")[2]


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def test_looking_at_a_link_changes_nothing(world: ApiWorld) -> None:
    name = opened(world)
    before = world.ledger.kept[name]
    reply = world.call("GET", link(world, name), key=None)

    assert reply.status == 200
    assert "db down" in reply.body
    assert "<form" in reply.body
    assert world.ledger.kept[name] == before


def test_pressing_its_button_acknowledges_with_name_note_and_place(
    world: ApiWorld,
) -> None:
    name = opened(world)
    body = form(name=" ann  b ", note="on it")
    reply = world.call("POST", link(world, name), body, key=None)

    row = world.ledger.kept[name]
    assert reply.status == 200
    assert (row.ack_by, row.ack_note) == ("ann b (by link in ops)", "on it")
    assert row.actions[-1].what == "acknowledged"


def test_a_link_is_good_for_one_thing(world: ApiWorld) -> None:
    name = opened(world)
    world.call("POST", link(world, name, Act.RESOLVE), form(name="ann"), key=None)

    assert world.ledger.kept[name].state == "resolved"
    assert world.ledger.kept[name].ack_at is None


def test_without_a_name_it_asks_again(world: ApiWorld) -> None:
    name = opened(world)
    reply = world.call("POST", link(world, name), form(note="x"), key=None)

    assert "<form" in reply.body
    assert world.ledger.kept[name].ack_at is None


def test_a_second_press_after_the_end_says_so(world: ApiWorld) -> None:
    name = opened(world)
    for _ in range(2):
        reply = world.call(
            "POST", link(world, name, Act.RESOLVE), form(name="ann"), key=None
        )

    assert reply.status == 409
    assert "resolved already" in reply.body
    assert len(world.ledger.kept[name].actions) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("text", ["x", "a.b.c.d.e", "a" * 300])
def test_a_forged_link_does_nothing(world: ApiWorld, method: str, text: str) -> None:
    body = form(name="ann") if method == "POST" else None

    assert world.call(method, f"/a/{text}", body, key=None).status == 404


def test_a_link_runs_out(world: ApiWorld) -> None:
    name = opened(world)
    path = link(world, name)
    world.clock.at += LASTS_MS

    assert world.call("GET", path, key=None).status == 410
    assert world.call("POST", path, form(name="ann"), key=None).status == 410
    assert world.ledger.kept[name].ack_at is None


def test_the_page_runs_nothing_and_cannot_be_framed(world: ApiWorld) -> None:
    name = opened(world, HOSTILE)
    asked = world.call("GET", link(world, name), key=None)
    body = form(name=HOSTILE, note=HOSTILE)
    done = world.call("POST", link(world, name), body, key=None)

    for reply in (asked, done):
        assert "<script" not in reply.body
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert reply.headers["cache-control"] == "no-store"
