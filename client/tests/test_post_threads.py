"""Posting from a thread of its own: one that dies, idles, or cannot be started."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any, cast

import pytest

from client.tests.conftest import Make
from client.tests.loopback import Loopback, problem
from client.tests.posting import outbox_of, titles
from tocsin_client import Tocsin
from tocsin_client import outbox as outbox_module
from tocsin_client.outbox import Outbox


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_replaced_and_its_batch_sent_under_its_key(
    server: Loopback, tocsin: Tocsin
) -> None:
    outbox = outbox_of(tocsin)
    attempt = outbox._courier.attempt
    keys: list[str] = []

    def die(batch: Any, timeout: float | None = None) -> Any:
        keys.append(batch.key)
        outbox._courier.attempt = attempt  # type: ignore[method-assign]
        raise SystemExit

    outbox._courier.attempt = die  # type: ignore[method-assign]
    tocsin.post("a", "b")
    server.until(lambda: keys and not lives(outbox))

    tocsin.post("a", "c")

    server.until(lambda: titles(server) == ["b", "c"])
    assert server.requests[0].headers["idempotency-key"] == keys[0]


def test_an_error_in_the_thread_is_logged_and_survived(
    server: Loopback,
    tocsin: Tocsin,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(outbox_module, "LOG_EVERY", 0.01)
    outbox = outbox_of(tocsin)
    attempt = outbox._courier.attempt

    def fail(batch: Any, timeout: float | None = None) -> Any:
        outbox._courier.attempt = attempt  # type: ignore[method-assign]
        raise RuntimeError("a mistake of ours")

    outbox._courier.attempt = fail  # type: ignore[method-assign]

    tocsin.post("a", "b")

    assert tocsin.flush(5)
    assert titles(server) == ["b"]
    assert "a mistake of ours" in caplog.text


def test_a_thread_with_nothing_to_do_ends_and_another_takes_over(
    server: Loopback, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "IDLE", 0.05)
    tocsin = make()
    tocsin.post("a", "b")
    assert tocsin.flush(5)
    server.until(lambda: not lives(outbox_of(tocsin)))

    tocsin.post("a", "c")

    assert tocsin.flush(5)
    assert titles(server) == ["b", "c"]


def test_where_no_thread_can_be_started_a_flush_sends(
    server: Loopback, tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    server.answers.append(problem(503, "No"))
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert tocsin.post("a", "b")
        patched.undo()
        outbox_of(tocsin)._start = lambda: None  # type: ignore[method-assign]
        assert tocsin.flush(5)

    assert titles(server) == ["b"]


def test_posting_inside_of_posting_does_not_lock_up(
    server: Loopback, tocsin: Tocsin
) -> None:
    """A finalizer or a signal handler may run in the middle of `post`."""
    outbox = outbox_of(tocsin)
    with outbox._work:
        assert tocsin.post("a", "b")

    assert tocsin.flush(5)
    assert titles(server) == ["b"]


def test_an_outbox_nobody_holds_is_let_go(
    server: Loopback, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "IDLE", 0.02)
    tocsin = Tocsin(server.url, "key", send_in_tests=True)
    tocsin.post("a", "b")
    assert tocsin.flush(5)
    outbox = weakref.ref(outbox_of(tocsin))
    server.until(lambda: not lives(cast("Outbox", outbox())))

    del tocsin
    gc.collect()

    assert outbox() is None


def lives(outbox: Outbox) -> bool:
    return outbox._thread is not None and outbox._thread.is_alive()
