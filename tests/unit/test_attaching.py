"""Files on their way out: sent along where they can be, told where they cannot."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from sys import getrefcount
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.attic import FakeAttic
from tests.fakes.world import TIME_OF_A_RUN, World, event
from tests.unit.sending import answering
from tests.unit.test_crashes import calls_of
from tocsin import attaching
from tocsin.attaching import WHOLE, Baggage
from tocsin.attic import Kept, Room
from tocsin.calling import CALL_MS
from tocsin.delivery import State
from tocsin.errors import Unavailable
from tocsin.lane import UPLOAD_MS
from tocsin.message import File, Message
from tocsin.ports import Kind, Outcome
from tocsin.rendering import render

ROOM = Room("Discord", each=100, whole=150, count=3)
NOBODY = 3  # counts of what only the list, its reader and the question hold


def name_of(letter: str) -> str:
    return letter * 32


def world_with(**sizes: int) -> World:
    """A world whose sender has uploaded these, named by one letter."""
    world = World()
    world.provider.carries = ROOM
    for letter, size in sizes.items():
        kept = Kept(f"{letter}.png", "image/png", size)
        world.attic.keep("app", name_of(letter), kept, letter.encode() * size)
    return world


def told(world: World, letters: str, title: str = "With files", **more: Any) -> None:
    files = []
    for letter in letters:
        kept = world.attic.find("app", name_of(letter)) or Kept("?.png", "image/png", 9)
        files.append(
            {
                "id": name_of(letter),
                "name": kept.name,
                "media": kept.media,
                "size": kept.size,
            }
        )
    world.accept(event(title, attachments=files, **more))


def seen(world: World) -> list[Message]:
    return [message for post in world.provider.posts for message in post.messages]


def facts(message: Message) -> dict[str, str]:
    return {fact.name: fact.value.text for fact in message.facts}


def links(message: Message) -> list[str]:
    return [link.label for link in message.links]


def test_a_file_goes_along() -> None:
    world = world_with(a=3)
    told(world, "a")
    world.send_all()
    (message,) = seen(world)

    assert [(file.name, file.content) for file in message.files] == [("a.png", b"aaa")]
    assert (links(message), facts(message)) == ([], {})


def test_an_event_without_files_asks_nobody_for_any() -> None:
    world = world_with(a=3)
    world.accept(event("plain"))
    world.send_all()

    assert world.attic.fetches == 0
    assert not {"find", "fetch"} & set(world.chaos.calls)


def test_a_channel_that_takes_no_files_shows_links_and_fetches_nothing() -> None:
    world = world_with(a=3, b=5)
    world.provider.carries = None
    told(world, "ab")
    world.send_all()
    (message,) = seen(world)

    assert links(message) == ["📎 a.png", "📎 b.png"]
    assert message.links[0].url.startswith("https://tocsin.example.com/f/f.")
    assert message.picture == message.links[0].url
    assert (message.files, facts(message), world.attic.fetches) == ((), {}, 0)


def test_what_is_too_large_is_a_link_and_says_so() -> None:
    world = world_with(a=101, b=100)
    told(world, "ab")
    world.send_all()
    (message,) = seen(world)

    assert [file.name for file in message.files] == ["b.png"]
    assert facts(message) == {"📎 a.png": "too large for Discord: 101 bytes"}
    assert links(message) == ["📎 a.png"]


def test_files_that_are_too_large_together_go_as_far_as_there_is_room() -> None:
    world = world_with(a=90, b=90, c=60)
    told(world, "abc")
    world.send_all()
    (message,) = seen(world)

    assert [file.name for file in message.files] == ["a.png", "c.png"]
    assert facts(message)["📎 b.png"].startswith("90 bytes: more than 150 bytes")


def test_one_too_many_is_told() -> None:
    world = world_with(**dict.fromkeys("abcd", 1))
    told(world, "abcd")
    world.send_all()

    assert "at most 3" in facts(seen(world)[0])["📎 d.png"]


def test_what_has_expired_is_told_without_a_link() -> None:
    world = world_with(a=3)
    told(world, "ab")
    world.send_all()
    (message,) = seen(world)

    assert [file.name for file in message.files] == ["a.png"]
    assert facts(message) == {"📎 ?.png": attaching.GONE}
    assert links(message) == []


@pytest.mark.parametrize("error", [Unavailable("S3"), KeyError("ours")])
def test_a_store_that_fails_costs_the_file_not_the_message(error: Exception) -> None:
    world = world_with(a=3)

    def fail(*_: object) -> bytes:
        raise error

    world.attic.fetch = fail  # type: ignore[assignment, method-assign]
    told(world, "a")
    world.send_all()
    (message,) = seen(world)

    assert facts(message) == {"📎 a.png": attaching.FAILED}
    assert links(message) == ["📎 a.png"]
    assert world.statuses() == ["sent"]


def test_a_store_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "FETCHING", 0.0)
    world = world_with(a=3)
    told(world, "a")
    world.send_all()

    assert facts(seen(world)[0]) == {"📎 a.png": attaching.LATE}


def test_a_store_that_is_made_first_takes_no_time_from_its_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, moments, made = world_with(a=3, b=3), [0.0], list[FakeAttic]()
    clock = SimpleNamespace(monotonic=lambda: moments[-1])
    monkeypatch.setattr(attaching, "time", clock)

    def attic() -> FakeAttic:
        if not made:
            made.append(world.attic)
            moments.append(attaching.FETCHING + 1)
        return made[0]

    told(world, "ab")
    (row,) = world.ledger.kept.values()
    message = render(row, row.deliveries["ops"], zone="UTC", application="", now=0)
    (fetched,) = Baggage(ROOM, attic, lambda _: "").fetched([message])

    assert [file.content for file in fetched.files] == [b"aaa", b"bbb"]


def test_who_fetched_for_too_long_sends_in_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = world_with(a=3)
    told(world, "a")
    fetch = world.attic.fetch

    def dawdle(*wanted: Any) -> bytes:
        world.clock.sleep(TIME_OF_A_RUN - CALL_MS - UPLOAD_MS)
        return fetch(*wanted)

    monkeypatch.setattr(world.attic, "fetch", dawdle)
    world.send_once()
    assert world.provider.calls == []
    assert world.statuses() == ["queued"]

    monkeypatch.undo()
    world.send_all()
    assert [len(message.files) for message in seen(world)] == [1]
    assert not world.one().deliveries["ops"].possibly_sent


def test_files_of_one_call_are_let_go_before_the_next_are_fetched() -> None:
    world = world_with(a=90, b=90, c=90)
    for letter in "abc":
        told(world, letter, f"with {letter}")
    given: list[bytes] = []
    held: list[int] = []

    def fetch(_: str, name: str, __: int, ___: float) -> bytes:
        held.append(sum(getrefcount(each) > NOBODY for each in given))
        given.append(name.encode() * 3)
        return given[-1]

    world.attic.fetch = fetch  # type: ignore[assignment, method-assign]
    world.provider.behaviour = lambda *_: Outcome(Kind.OK, message_id="m")
    world.send_all()

    assert held == [0, 0, 0]
    assert world.statuses() == ["sent"] * 3


def test_a_file_that_grew_since_is_not_sent() -> None:
    world = world_with(a=3)
    told(world, "a")
    world.attic.keep("app", name_of("a"), Kept("a.png", "image/png", 3), b"x" * 400)
    world.send_all()

    assert "too large for Discord" in facts(seen(world)[0])["📎 a.png"]


def test_a_retry_sends_the_file_again() -> None:
    world = world_with(a=3)
    world.provider.behaviour = answering(Outcome(Kind.TRANSIENT, "500"), times=1)  # type: ignore[assignment]
    told(world, "a")
    world.live(3)

    assert [file.content for file in seen(world)[0].files] == [b"aaa"]
    assert world.attic.fetches == 2


def test_a_refusal_with_files_is_sent_without_before_it_is_believed() -> None:
    world = world_with(a=3)

    def refuse(_: object, messages: Any, __: object) -> Outcome | None:
        large = any(message.files for message in messages)
        return Outcome(Kind.PERMANENT, "413") if large else None

    world.provider.behaviour = refuse
    told(world, "a")
    world.send_all()
    (message,) = seen(world)

    assert facts(message) == {"📎 a.png": "not taken by Discord"}
    assert links(message) == ["📎 a.png"]
    assert world.statuses() == ["sent"]
    assert len(world.provider.calls) == 2


def test_a_message_that_is_refused_anyway_is_dead_after_that() -> None:
    world = world_with(a=3)
    world.provider.behaviour = answering(Outcome(Kind.PERMANENT, "400"))  # type: ignore[assignment]
    told(world, "a")
    world.send_all()

    assert world.one().deliveries["ops"].state is State.DEAD_LETTER
    assert len(world.provider.calls) == 2


def test_the_last_attempt_carries_none() -> None:
    world = world_with(a=3)

    def fail(_: object, messages: Any, __: object) -> Outcome | None:
        large = any(message.files for message in messages)
        return Outcome(Kind.UNKNOWN, "no answer in time") if large else None

    world.provider.behaviour = fail
    told(world, "a")
    world.live(180)
    (message,) = seen(world)

    assert facts(message) == {"📎 a.png": "left out of the last attempt"}
    assert world.statuses() == ["sent"]


def test_packed_messages_take_their_files_along_while_there_is_room() -> None:
    world = world_with(a=90, b=50, c=40)
    world.accept(event("first"))
    for letter in "abc":
        told(world, letter, f"with {letter}")
    world.send_all()
    calls = [count for _, _, count in world.provider.calls]

    assert sum(calls) == 4
    for post in world.provider.posts:
        sizes = [file.size for one in post.messages for file in one.files]
        assert sum(sizes) <= ROOM.whole
    carried = [file.name for message in seen(world) for file in message.files]
    assert carried == ["a.png", "b.png", "c.png"]


def test_who_finds_no_turn_comes_again() -> None:
    world = world_with(a=3)
    told(world, "a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attaching, "_TURNS", threading.BoundedSemaphore(1))
        patch.setattr(attaching, "WAITING", 0.01)
        with Baggage(ROOM, FakeAttic, lambda _: "").turn():
            world.send_once()

            assert not world.provider.posts
        world.live(2)

    assert [len(message.files) for message in seen(world)] == [1]


def sending_a_file(world: World) -> None:
    world.provider.carries = ROOM
    world.attic.keep("app", name_of("a"), Kept("a.png", "image/png", 3), b"aaa")
    told(world, "a")
    world.send_all()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, calls_of(sending_a_file) + 1))
def test_a_crash_at_any_point_loses_neither_message_nor_file(
    call: int, after: bool
) -> None:
    world = World()
    world.chaos.fatal, world.chaos.after = call, after
    crashed = world.survive(lambda: sending_a_file(world))
    if not world.ledger.kept:  # it died before anything was durable: sent again
        told(world, "a")
    world.live(15)
    carried = [[file.content for file in message.files] for message in seen(world)]

    assert crashed
    assert carried in ([[b"aaa"]], [[b"aaa"], [b"aaa"]])
    assert world.one().status == "sent"
    if len(carried) == 2:
        assert world.one().deliveries["ops"].possibly_sent


SIZES = st.lists(st.integers(0, 200), max_size=6)


@given(st.lists(SIZES, min_size=1, max_size=5))
def test_whatever_is_planned_fits_and_whatever_does_not_is_told(
    sizes: list[list[int]],
) -> None:
    baggage = Baggage(ROOM, FakeAttic, lambda file: f"https://x.example/{file.id}")
    messages = [
        Message(
            icon="",
            title="t",
            colour=0,
            at=datetime(2026, 11, 21, tzinfo=UTC),
            files=tuple(
                File(f"{n}.png", "image/png", size, id=str(n))
                for n, size in enumerate(each)
            ),
        )
        for each in sizes
    ]
    planned = [baggage.planned(message) for message in messages]
    for before, after in zip(messages, planned, strict=True):
        dropped = len(before.files) - len(after.files)

        assert sum(file.size for file in after.files) <= min(ROOM.whole, WHOLE)
        assert len(after.files) <= ROOM.count
        assert all(file.size <= ROOM.each for file in after.files)
        assert len(after.facts) == len(after.links) == dropped
    together = planned[: baggage.fitting(planned)]

    assert together
    assert sum(file.size for one in together for file in one.files) <= ROOM.whole
    assert sum(len(one.files) for one in together) <= ROOM.count
