"""Progress and errors: larger things told as they go, without getting in the way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest

from client.tests.conftest import Make
from client.tests.loopback import Loopback
from tocsin.events import Event
from tocsin_client import Tocsin
from tocsin_client.progress import spoken

Captured = list[dict[str, Any]]


@pytest.fixture
def quiet(tocsin_outbox: Captured) -> Tocsin:
    """A client as an application's tests have it."""
    return Tocsin("http://127.0.0.1:9", "key")


# -- progress ---------------------------------------------------------------------


def test_a_job_is_one_stream_from_nothing_to_done(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    with quiet.progress("Import", total=40, every=25, labels={"job": "7"}) as progress:
        for _ in range(40):
            progress.advance()

    assert [event["progress"] for event in tocsin_outbox] == [0, 25, 50, 75, 100]
    assert [event["state"] for event in tocsin_outbox] == ["firing"] * 4 + ["resolved"]
    assert tocsin_outbox[-1]["severity"] == "success"
    assert {event["thread"] for event in tocsin_outbox} == {"Import"}
    assert len({event["fingerprint"] for event in tocsin_outbox}) == 1
    assert all(event["labels"] == {"job": "7"} for event in tocsin_outbox)
    for event in tocsin_outbox:
        Event.model_validate(event)


def test_two_runs_are_two_problems(quiet: Tocsin, tocsin_outbox: Captured) -> None:
    for _ in range(2):
        with quiet.progress("Import"):
            pass

    assert len({event["fingerprint"] for event in tocsin_outbox}) == 2


def test_a_job_that_fails_says_so_and_how_far_it_came(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    def fail() -> None:
        with quiet.progress("Import", total=10) as progress:
            progress.advance(4)
            raise KeyError("row 5")

    with pytest.raises(KeyError):
        fail()

    last = tocsin_outbox[-1]
    assert last["title"] == "Import failed at 40 %: KeyError"
    assert last["severity"] == "high"
    assert last["progress"] == 40
    assert "state" not in last  # A repeat of the open job would be told to nobody.
    assert "row 5" in last["message"]


def test_a_job_that_is_stopped_is_no_failure(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    with pytest.raises(KeyboardInterrupt), quiet.progress("Import"):
        raise KeyboardInterrupt

    assert tocsin_outbox[-1]["title"] == "Import was stopped at 0 %: KeyboardInterrupt"
    assert tocsin_outbox[-1]["severity"] == "medium"


@pytest.mark.parametrize("total", [0, -1, 100, 1e-300, float("nan")])
def test_no_total_breaks_a_job(
    quiet: Tocsin, tocsin_outbox: Captured, total: float
) -> None:
    with quiet.progress("Import", total=total) as progress:
        progress.advance(3)
        progress.advance(1e300)
        progress.say("still here")

    assert all(0 <= event["progress"] <= 100 for event in tocsin_outbox)
    assert "still here" in [event.get("message") for event in tocsin_outbox]


def test_threads_may_advance_it_together(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    with quiet.progress("Import", total=4000) as progress:

        def work() -> None:
            for _ in range(1000):
                progress.advance()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert progress.done == 4000
    assert len(tocsin_outbox) == 11


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.25, "250 ms"),
        (59, "59 s"),
        (61, "1 min"),
        (3600 * 3 + 60 * 20, "3 h 20 min"),
        (86400 * 2, "2 d"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


# -- errors -----------------------------------------------------------------------


def ways(tocsin: Tocsin) -> dict[str, Callable[[], Any]]:
    """Every way to watch something, each raising when it is called."""

    @tocsin.on_error
    def bare() -> None:
        raise ValueError("a secret 4711")

    @tocsin.on_error(severity="critical", labels={"team": "ops"})
    def given() -> None:
        raise ValueError("a secret 4711")

    @tocsin.on_error
    async def later() -> None:
        await asyncio.sleep(0)
        raise ValueError("a secret 4711")

    @tocsin.on_error
    def each() -> Iterator[int]:
        yield 1
        raise ValueError("a secret 4711")

    @tocsin.on_error
    async def each_later() -> AsyncIterator[int]:
        yield 1
        raise ValueError("a secret 4711")

    def block() -> None:
        with tocsin.on_error():
            raise ValueError("a secret 4711")

    async def block_later() -> None:
        async with tocsin.on_error():
            raise ValueError("a secret 4711")

    async def drain() -> None:
        async for _ in each_later():
            pass

    return {
        "bare": bare,
        "given": given,
        "later": lambda: asyncio.run(later()),
        "each": lambda: list(each()),
        "each_later": lambda: asyncio.run(drain()),
        "block": block,
        "block_later": lambda: asyncio.run(block_later()),
    }


@pytest.mark.parametrize(
    "way",
    ["bare", "given", "later", "each", "each_later", "block", "block_later"],
)
def test_an_error_is_told_and_goes_on(
    quiet: Tocsin, tocsin_outbox: Captured, way: str
) -> None:
    with pytest.raises(ValueError, match="4711"):
        ways(quiet)[way]()

    (event,) = tocsin_outbox
    assert event["type"] == "app.error"
    assert event["title"].startswith(f"ValueError in {__name__}.")
    assert way in event["title"]
    assert "4711" not in event["title"] + event["fingerprint"]
    assert event["message"].startswith("a secret 4711\n\nTraceback")
    assert event["labels"]["exception"] == "ValueError"
    assert event["severity"] == ("critical" if way == "given" else "high")
    Event.model_validate(event)


def test_what_is_watched_keeps_its_name_value_and_kind(quiet: Tocsin) -> None:
    @quiet.on_error
    def add(left: int, right: int = 1) -> int:
        """Adds."""
        return left + right

    @quiet.on_error(title="t")
    async def later() -> int:
        return 7

    @quiet.on_error
    def each() -> Generator[int, None, int]:
        yield 1
        return 2

    assert (add(1, right=2), add.__name__, add.__doc__) == (3, "add", "Adds.")
    assert asyncio.run(later()) == 7
    assert list(each()) == [1]


def test_an_error_on_its_way_up_is_told_once(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    @quiet.on_error
    def inner() -> None:
        raise ValueError("x")

    @quiet.on_error
    def outer() -> None:
        with quiet.progress("Job"):
            inner()

    with pytest.raises(ValueError, match="x"):
        outer()

    assert [e["type"] for e in tocsin_outbox] == ["progress", "app.error", "progress"]


def test_only_the_errors_asked_for_are_told(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    with pytest.raises(KeyError), quiet.on_error(only=OSError):
        raise KeyError
    with pytest.raises(SystemExit), quiet.on_error():
        raise SystemExit
    with pytest.raises(FileNotFoundError), quiet.on_error(only=(OSError, EOFError)):
        raise FileNotFoundError

    assert len(tocsin_outbox) == 1


class Mute(Exception):
    """An exception that cannot describe itself, nor be marked."""

    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError("no")


def test_the_error_wins_whatever_the_telling_does(server: Loopback, make: Make) -> None:
    server.down()
    full = make(queue_size=0, raise_errors=True)

    with pytest.raises(Mute), full.on_error():
        raise Mute
    with pytest.raises(Mute), full.progress("Job"):
        raise Mute
    server.up()


def test_a_long_traceback_keeps_its_end(quiet: Tocsin, tocsin_outbox: Captured) -> None:
    def down(number: int) -> None:
        if number == 0:
            raise ValueError("x" * 9000)
        other(number - 1)

    def other(number: int) -> None:
        down(number)

    with pytest.raises(ValueError, match="xxx"), quiet.on_error():
        down(60)

    (event,) = tocsin_outbox
    assert len(event["message"]) < 13_000
