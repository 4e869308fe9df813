"""What the processes of a local stack are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.place import Place, Ports
from local.surroundings import of_emulator, plain, time_scale, toward_emulator

REAL = {
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "real",
    "AWS_SESSION_TOKEN": "real",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "PATH": "/usr/bin",
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, Ports())


def test_nothing_of_a_real_account_reaches_the_stack(place: Place) -> None:
    for environment in (
        plain(REAL),
        of_emulator(place, REAL),
        toward_emulator(place, REAL),
    ):
        assert "real" not in environment.values()
        assert "production" not in environment.values()


def test_loopback_is_never_called_through_a_proxy(place: Place) -> None:
    assert "127.0.0.1" in of_emulator(place, REAL)["NO_PROXY"]


def test_functions_find_the_stand_in(place: Place) -> None:
    told = of_emulator(place, REAL)

    for name in ("discord", "slack", "telegram"):
        base = told[f"TOCSIN_{name.upper()}_BASE"]
        assert base == f"http://127.0.0.1:8701/{name}"
    assert told["TOCSIN_SMTP"] == "127.0.0.1:8703"


def test_a_stand_in_of_the_user_s_own_wins(place: Place) -> None:
    own = REAL | {
        "TOCSIN_DISCORD_BASE": "http://127.0.0.1:1/mine",
        "TOCSIN_SLACK_BASE": "http://127.0.0.1:2",
        "TOCSIN_TIME_SCALE": "60",
    }

    told = of_emulator(place, own)

    assert {name: told[name] for name in own if name.startswith("TOCSIN_")} == {
        "TOCSIN_DISCORD_BASE": "http://127.0.0.1:1/mine",
        "TOCSIN_SLACK_BASE": "http://127.0.0.1:2",
        "TOCSIN_TIME_SCALE": "60",
    }


def test_the_emulator_listens_on_loopback_and_keeps_its_state(place: Place) -> None:
    told = of_emulator(place, REAL)

    assert told["BIND_HOST"] == "127.0.0.1"
    assert told["PERSIST_STATE"] == "1"
    assert Path(told["STATE_DIR"]).is_relative_to(place.folder)


@pytest.mark.parametrize(
    ("text", "scale"), [("", 1.0), ("60", 60.0), ("0.5", 0.5), ("fast", 1.0)]
)
def test_the_clocks_run_as_told(text: str, scale: float) -> None:
    assert time_scale({"TOCSIN_TIME_SCALE": text}) == scale
