"""The wheel: what `pipx install` and `pip install` give people, and on which Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from client.tests.loopback import Loopback

CLIENT = Path(__file__).resolve().parents[1]
KEY = "tck_a-key-that-nobody-may-see"
OLDEST = "3.9"
# All that needs nothing but Python itself. Nothing is sent, since it says it is a test.
ALONE = """
import pkgutil, sys
import tocsin_client
from tocsin_client import Tocsin, TocsinHandler, guard, typed
others = {"celery", "command", "django", "fastapi", "flask", "pytest_plugin"}
for each in pkgutil.iter_modules(tocsin_client.__path__):
    if each.name not in others:
        __import__("tocsin_client." + each.name)
tocsin = Tocsin("http://127.0.0.1:9", "key")
tocsin.post(**typed.peer_joined(peer_name="Bo"))
with tocsin.progress("Import", total=2) as job:
    job.advance()
print("%d.%d" % sys.version_info[:2], bool(tocsin.notify("a", "b")))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it would be published."""
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)],
        cwd=CLIENT,
        check=True,
        capture_output=True,
    )
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that `pipx install` would make, except
    that what the wheel needs comes from here instead of from the network."""
    place = tmp_path_factory.mktemp("pipx")
    venv.create(place, symlinks=True)
    below = sysconfig.get_path("purelib", vars={"base": str(place)})
    (Path(below) / "here.pth").write_text(sysconfig.get_path("purelib"))
    program = place / "bin" / "python"
    wanted = [f"{wheel}[cli]", "--no-index", "--no-compile", "--quiet"]
    subprocess.run(
        [program, "-m", "pip", "install", "--disable-pip-version-check", *wanted],
        env=_bare(),
        check=True,
        capture_output=True,
    )
    return place / "bin"


def _bare(**more: str) -> dict[str, str]:
    """An environment that knows nothing of this repository."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **more}


def run(
    program: Path, *arguments: str, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments],
        env=_bare(**more),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_wheel_holds_its_types_and_nothing_of_the_tests(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()

    assert "tocsin_client/py.typed" in names
    assert "tocsin_client/command/app.py" in names
    assert not [name for name in names if "/test" in name or ".pyc" in name]


def test_the_command_of_the_wheel_sends(server: Loopback, installed: Path) -> None:
    place = {"TOCSIN_URL": server.url, "TOCSIN_KEY": KEY}

    ended = run(installed / "tocsin", "send", "Hello", "--json", **place)

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["status"] == "queued"
    assert [each["title"] for each in server.events] == ["Hello"]


def test_the_library_of_the_wheel_is_its_own(installed: Path) -> None:
    ended = run(
        installed / "python", "-c", "import tocsin_client as t; print(t.__file__)"
    )

    assert Path(ended.stdout).is_relative_to(installed.parent), ended.stderr


@pytest.mark.parametrize(
    ("shell", "asked"),
    [
        ("bash", {"COMP_WORDS": "tocsin de", "COMP_CWORD": "1"}),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "tocsin de"}),
        ("fish", {"_TYPER_COMPLETE_ARGS": "tocsin de", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}),
    ],
)  # fmt: skip
def test_a_shell_completes_commands(
    installed: Path, shell: str, asked: Mapping[str, str]
) -> None:
    tocsin = installed / "tocsin"

    script = run(tocsin, "--show-completion", shell)
    wanted = {"_TOCSIN_COMPLETE": f"complete_{shell}", **asked}
    words = run(tocsin, **wanted)

    assert "_TOCSIN_COMPLETE" in script.stdout, script.stderr
    assert {"dead-letters", "destinations"} <= set(
        words.stdout.replace('"', " ").split()
    )
    assert "silence" not in words.stdout


def test_the_wheel_works_on_the_oldest_python_that_it_promises(wheel: Path) -> None:
    program = oldest()
    if program is None:
        pytest.skip(f"no Python {OLDEST} here; `make lint` looks for what it lacks")

    ended = run(program, "-c", ALONE, PYTHONPATH=str(wheel), TOCSIN_UNDER_PYTEST="1")

    assert ended.stdout.split() == [OLDEST, "True"], ended.stderr


def oldest() -> Path | None:
    """The oldest Python that the client promises to work on, if it is here."""
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    kept = [str(each) for each in root.glob(f"versions/{OLDEST}.*/bin/python")]
    for each in (shutil.which(f"python{OLDEST}"), *kept):
        if each and run(Path(each), "-V").stdout.startswith(f"Python {OLDEST}."):
            return Path(each)
    return None
