"""The asynchronous twin: the same words, and a loop that is never held up."""

from __future__ import annotations

import asyncio
import inspect
import threading
from typing import Any

import pytest

from client.tests.conftest import KEY, QUICK
from client.tests.loopback import Loopback, problem
from tocsin_client import AsyncTocsin, NotSent, Tocsin


@pytest.fixture
def twin(server: Loopback) -> AsyncTocsin:
    return AsyncTocsin(server.url, KEY, pacing=QUICK, send_in_tests=True, patience=5)


def test_everything_waits_without_holding_up_the_loop(
    server: Loopback, twin: AsyncTocsin
) -> None:
    release = threading.Event()

    def slow(handler: Any, request: Any) -> None:
        release.wait(5)
        problem(503, "No")(handler, request)

    server.answers.append(slow)

    async def both() -> bool:
        sending = asyncio.ensure_future(twin.notify("a", "b"))
        await asyncio.to_thread(server.until, lambda: server.requests)
        assert not sending.done()
        release.set()
        return bool(await sending)

    assert asyncio.run(both())
    assert len(server.events) == 1


def test_it_does_all_that_the_other_does(server: Loopback, twin: AsyncTocsin) -> None:
    async def everything() -> None:
        assert await twin.check()
        assert await twin.announce("Till started")
        assert twin.post("a", "b")
        assert twin.post_cloudevent({"specversion": "1.0", "type": "x"})
        assert await twin.bind(source="shop").notify("a", "bound")
        async with twin.progress("Import"):
            pass
        with pytest.raises(ValueError, match="x"):
            async with twin.on_error():
                raise ValueError("x")
        assert await twin.flush()

    asyncio.run(everything())

    assert (twin.waiting, twin.dropped) == (0, 0)
    types = sorted(event["type"] for event in server.events)
    assert types == [
        "a",
        "a",
        "app.error",
        "progress",
        "progress",
        "service.started",
        "x",
    ]
    assert KEY not in repr(twin)


def test_its_words_are_those_of_the_other() -> None:
    public = {name for name in vars(Tocsin) if not name.startswith("_")}
    made = AsyncTocsin("http://127.0.0.1:9", KEY)

    assert {name for name in public if not hasattr(made, name)} == set()
    for name in ("notify", "check", "announce", "flush", "bind"):
        ours = inspect.signature(getattr(AsyncTocsin, name))
        assert ours.parameters == inspect.signature(getattr(Tocsin, name)).parameters


def test_errors_are_raised_where_they_are_wanted(server: Loopback) -> None:
    server.answers.append(problem(401, "Key missing or unknown"))
    twin = AsyncTocsin(server.url, KEY, raise_errors=True, send_in_tests=True)

    with pytest.raises(NotSent):
        asyncio.run(twin.notify("a", "b"))
