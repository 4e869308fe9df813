"""Background processes: known to live, stopped gently."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.calls import wait_until
from local.daemon import Daemon

SLEEPS = "import time; print('awake', flush=True); time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('awake', flush=True); time.sleep(60)"
)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    made = Daemon(tmp_path, "sleeper")
    yield made
    made.stop(0.2)


def begin(daemon: Daemon, program: str) -> None:
    daemon.start(["-c", program], dict(os.environ))
    log = daemon.folder / "sleeper.log"
    assert wait_until(lambda: "awake" in log.read_text(), 10)


def test_a_process_lives_until_it_is_stopped(daemon: Daemon) -> None:
    assert not daemon.alive()
    begin(daemon, SLEEPS)

    assert daemon.alive()
    assert Daemon(daemon.folder, "sleeper").alive()
    assert daemon.stop(10)
    assert not daemon.alive()


def test_a_process_that_will_not_end_is_ended(daemon: Daemon) -> None:
    begin(daemon, STUBBORN)

    assert not daemon.stop(0.2)
    assert wait_until(lambda: not daemon.alive(), 10)


def test_a_process_that_ended_by_itself_is_not_mistaken_for_another(
    daemon: Daemon,
) -> None:
    daemon.start(["-c", "pass"], dict(os.environ))
    assert wait_until(lambda: not daemon.alive(), 10)

    # Its number may belong to someone else by now: nothing is signalled.
    assert daemon.stop(0.2)
