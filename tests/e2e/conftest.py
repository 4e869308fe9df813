"""A private stack for the session: real template, free ports, its own state."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from local.deployment import build
from local.lifecycle import up
from local.place import ROOT, Place, Ports, read_json, settle, write_json
from tests.e2e.stack import SCALE, Mailbox, Stack
from tests.fakes.issuer import Issuer

# The longest files, longest first: what begins late and lasts leaves one worker alone.
FIRST = (
    "test_incidents",
    "test_hooks",
    "bad_input.test_bad_bodies",
    "bad_input.test_bad_calls",
    "test_people",
    "test_crashes_for_real",
    "test_console_journeys",
    "test_command",
    "test_examples",
    "test_rules",
    "test_clocks",
    "test_alarms",
)
# The retry schedule is waited for from the first minute on, so its end is looked at
# late; whether anything leaked, when all has happened; a restart makes the inbox forget
# what it was told to do wrong.
LAST = ("test_trouble", "test_dead_letters", "test_secrets", "test_restart")
MAILBOXES = 40


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in its order, but these files first, and those last."""
    order = {name: place for place, name in enumerate(FIRST, -len(FIRST))}
    order |= {name: place for place, name in enumerate(LAST, 1)}
    places = {f"{__package__}.{name}": place for name, place in order.items()}

    def place(item: pytest.Item) -> int:
        return places.get(getattr(getattr(item, "module", None), "__name__", ""), 0)

    items.sort(key=place)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stack is. `TOCSIN_E2E_DIR` names a folder whose stack is used, and left
    running: whoever writes a test need not wait for a build each time."""
    found = Path(os.environ.get("TOCSIN_E2E_DIR") or tmp_path_factory.mktemp("stack"))
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.fixture(scope="session")
def issuer(folder: Path) -> Iterator[Issuer]:
    """Where people sign in, once the stack is told so; always on the same port, since
    a stack is told of it when it starts."""
    known = folder / "issuer.json"
    served = Issuer(port=read_json(known).get("port", 0))
    write_json(known, {"port": served.port})
    yield served
    served.close()


@pytest.fixture(scope="session")
def stack(folder: Path, issuer: Issuer) -> Iterator[Stack]:
    """One stack for all; a minute of its retry clock lasts a second."""
    kept = bool(os.environ.get("TOCSIN_E2E_DIR"))
    with nullcontext() if kept else guarded(folder), ended_by_signals():
        if "PYTEST_XDIST_WORKER" in os.environ and not kept:
            build_once(folder, surroundings(issuer))
        # After what takes long: free ports are free for a while only.
        place = settle(folder, auto=True, environment={})
        stack = Stack(place, up(place, surroundings(issuer)))
        stack.furnish(MAILBOXES)
        yield stack
        stack.close()


@pytest.fixture(scope="session")
def exhausted(stack: Stack) -> tuple[Mailbox, str]:
    """A mailbox that answers 500 from the session's beginning, and a notification for
    it: all its retries take two minutes, which other tests need not wait for."""
    box = stack.mailbox()
    box.behave("status", status=500)
    return box, box.send("Out of patience")


@pytest.fixture(scope="session", autouse=True)
def begun(request: pytest.FixtureRequest) -> None:
    """Begin at once what takes long, if anyone is going to look at it."""
    if any(
        "exhausted" in getattr(i, "fixturenames", ()) for i in request.session.items
    ):
        request.getfixturevalue("exhausted")


def surroundings(issuer: Issuer) -> dict[str, str]:
    """Ours, without what would change a stack."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
    return ours | {"TOCSIN_TIME_SCALE": SCALE, "TOCSIN_OIDC_BASE": issuer.base}


def build_once(folder: Path, environment: Mapping[str, str]) -> None:
    """Build in a folder that is every worker's, unless another one has, and copy it."""
    # As deep as the copies are: what is built names the functions' folders from there.
    shared = Place(folder.parents[1] / "built" / folder.name, Ports())
    shared.folder.mkdir(parents=True, exist_ok=True)
    with shared.alone():
        build(shared, environment)
        shutil.copytree(shared.folder / "build", folder / "build")
        shutil.copy2(shared.folder / "built.json", folder)


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Whatever happens to us, the stack in `folder` goes down."""
    guard = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.guard", str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    with guard:
        yield


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """A polite end is as good as Ctrl-C: fixtures are torn down."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
