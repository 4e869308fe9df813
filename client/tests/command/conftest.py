"""What the command's tests share: a stack, and a hand on the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from client.tests.command.stack import Stack
from tests.fakes.api import KEYS
from tocsin_client.command.app import app

Run = Callable[..., Result]


@pytest.fixture
def stack() -> Iterator[Stack]:
    """The API over fakes."""
    with Stack() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a working folder that hold nothing yet."""
    for name in list(os.environ):
        if name.startswith("TOCSIN_") or name in ("FORCE_COLOR", "NO_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tocsin(stack: Stack, home: Path) -> Run:
    """Run the command against the stack, with the admin's key unless told otherwise."""

    def run(*arguments: str, key: str = "admin", piped: str = "", **env: str) -> Result:
        given = {"TOCSIN_URL": stack.url, "TOCSIN_KEY": KEYS.get(key, key), **env}
        wanted = {name: value for name, value in given.items() if value}
        return CliRunner().invoke(app, list(arguments), env=wanted, input=piped)

    return run


def environment(stack: Stack) -> dict[str, str]:
    """What a process of its own needs to find the code and the stack."""
    paths = os.pathsep.join(path for path in sys.path if path)
    ours = {"TOCSIN_URL": stack.url, "TOCSIN_KEY": KEYS["admin"], "PYTHONPATH": paths}
    return {**os.environ, **ours}
