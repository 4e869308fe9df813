"""The guard: an application's tests send nothing, unless they say so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from client.tests.conftest import KEY
from client.tests.loopback import Loopback
from tocsin_client import Tocsin, guard, pytest_plugin

SOURCE = Path(__file__).parents[1] / "src"
Captured = list[dict[str, Any]]


def test_what_would_be_sent_is_captured_and_looks_accepted(
    server: Loopback, tocsin_outbox: Captured
) -> None:
    tocsin = Tocsin(server.url, KEY, source="shop")

    result = tocsin.notify("a", "b", data={"at": Path("/tmp")})
    assert tocsin.post("a", "c")
    assert tocsin.post_cloudevent({"specversion": "1.0", "type": "x"})

    assert result
    assert result.status == "captured"
    assert tocsin_outbox[0] == {
        "type": "a",
        "title": "b",
        "source": "shop",
        "data": {"at": "/tmp"},
    }
    assert [event["type"] for event in tocsin_outbox] == ["a", "a", "x"]
    assert server.requests == []


def test_it_is_captured_even_where_nothing_is_set_up(tocsin_outbox: Captured) -> None:
    assert Tocsin("", "").notify("a", "b")

    assert len(tocsin_outbox) == 1


def test_without_the_fixture_nothing_is_sent_or_kept(server: Loopback) -> None:
    assert Tocsin(server.url, KEY).notify("a", "b")

    assert server.requests == []


def test_a_run_that_says_so_sends(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(guard.SEND, "1")

    assert Tocsin(server.url, KEY).notify("a", "b")

    assert len(server.events) == 1


def test_outside_of_tests_it_sends(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sign in guard.SIGNS:
        monkeypatch.delenv(sign, raising=False)

    assert Tocsin(server.url, KEY).notify("a", "b")

    assert len(server.events) == 1


SUITE = """
import os, subprocess, sys
from tocsin_client import Tocsin

tocsin = Tocsin({url!r}, "key")
at_import = tocsin.notify("a", "while being imported")

def test_one(tocsin_outbox):
    assert at_import.status == "captured"
    tocsin.post("a", "b")
    assert [event["title"] for event in tocsin_outbox] == ["b"]

def test_two(tocsin_outbox):
    assert tocsin_outbox == []
    code = "from tocsin_client import Tocsin; Tocsin({url!r}, 'key').notify('a', 'b')"
    subprocess.run([sys.executable, "-c", code], check=True)
"""


def test_a_strangers_suite_with_the_plugin_sends_nothing_not_even_from_children(
    server: Loopback, tmp_path: Path
) -> None:
    (tmp_path / "test_shop.py").write_text(SUITE.format(url=server.url))
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in guard.SIGNS and not name.startswith(("PYTEST", "COV"))
    }

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tocsin_client.pytest_plugin"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr
    assert server.requests == []


def test_the_plugin_marks_a_run_under_any_pytest(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old ones leave no sign of their own outside of a test."""
    for sign in guard.SIGNS:
        monkeypatch.delenv(sign, raising=False)

    pytest_plugin.pytest_configure()
    assert Tocsin(server.url, KEY).notify("a", "b").status == "captured"
    pytest_plugin.pytest_unconfigure()

    assert Tocsin(server.url, KEY).notify("a", "b").status == "queued"
