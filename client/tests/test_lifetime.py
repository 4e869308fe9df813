"""Lifetime: forks, ends and imports, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from client.tests import loopback
from client.tests.loopback import Loopback

SOURCE = Path(__file__).parents[1] / "src"
START = """
import os, sys, threading, time
from tocsin_client import Tocsin
tocsin = Tocsin(sys.argv[1], "key", **{options})
"""


def run(
    code: str, url: str, *, options: str = "{}", seconds: float = 30
) -> subprocess.CompletedProcess[str]:
    """Run it as an application would: a script, outside of any test."""
    return subprocess.run(
        [sys.executable, "-c", START.replace("{options}", options) + code, url],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SOURCE),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def titles(server: Loopback) -> list[str]:
    return sorted(event["title"] for event in server.events)


def test_what_is_posted_last_is_sent_before_the_end(server: Loopback) -> None:
    ran = run("for n in range(150): tocsin.post('a', str(n))", server.url)

    assert ran.returncode == 0, ran.stderr
    assert len(titles(server)) == 150


def test_what_is_posted_while_ending_is_sent_too(server: Loopback) -> None:
    """Handlers run last in, first out: this one comes before ours; and a thread can no
    longer be started then, from Python 3.12 on."""
    code = "import atexit; atexit.register(lambda: tocsin.post('a', 'bye'))"

    ran = run(code, server.url)

    assert ran.returncode == 0, ran.stderr
    assert titles(server) == ["bye"]


def test_an_exception_that_ends_the_process_is_sent(server: Loopback) -> None:
    ran = run("with tocsin.on_error(): 1 / 0", server.url)

    assert "ZeroDivisionError" in ran.stderr
    assert titles(server) == ["ZeroDivisionError in __main__.<module>"]


@pytest.mark.parametrize("way", ["away", "hanging", "refusing to be hurried"])
def test_the_end_is_bounded_and_says_what_was_not_sent(
    server: Loopback, way: str
) -> None:
    server.always = {
        "away": None,
        "hanging": loopback.hang,
        "refusing to be hurried": loopback.reply(503, {}, Retry_After="600"),
    }[way]
    if way == "away":
        server.down()
    code = "for n in range(9): tocsin.post('a', str(n))"

    # Were it not bounded, `run` would lose its own patience.
    ran = run(code, server.url, options="dict(exit_patience=0.5, timeout=3600)")
    if way == "away":
        server.up()

    assert ran.returncode == 0, ran.stderr
    assert "9 events were not sent before the end" in ran.stderr


def test_a_child_has_a_queue_of_its_own(server: Loopback) -> None:
    code = """
server_is_slow = tocsin.post('a', 'parent 1')
for n in range(2, 6): tocsin.post('a', f'parent {n}')
child = os.fork()
if child == 0:
    ok = tocsin.waiting == 0 and tocsin.post('a', 'child') and tocsin.flush(5)
    os._exit(0 if ok else 1)
_, status = os.waitpid(child, 0)
assert status == 0
tocsin.post('a', 'parent 6')
"""

    ran = run(code, server.url)

    assert ran.returncode == 0, ran.stderr
    assert titles(server) == ["child", *(f"parent {n}" for n in range(1, 7))]


def test_a_fork_while_the_lock_is_held_does_not_lock_up_the_child(
    server: Loopback,
) -> None:
    code = """
held, go = threading.Event(), threading.Event()
def hold():
    with tocsin._outbox._work:
        held.set()
        go.wait(20)
thread = threading.Thread(target=hold)
thread.start()
held.wait()
child = os.fork()
if child == 0:
    os._exit(0 if tocsin.post('a', 'child') and tocsin.flush(5) else 1)
_, status = os.waitpid(child, 0)
go.set()
thread.join()
assert status == 0
"""

    ran = run(code, server.url)

    assert ran.returncode == 0, ran.stderr
    assert titles(server) == ["child"]


def test_many_forks_in_the_midst_of_posting_lose_and_double_nothing(
    server: Loopback,
) -> None:
    code = """
def work():
    for n in range(300):
        tocsin.post('a', f'parent {n:03}')
        time.sleep(0.0002)
thread = threading.Thread(target=work)
thread.start()
children = []
for number in range(8):
    child = os.fork()
    if child == 0:
        ok = all(tocsin.post('a', f'child {number} {n}') for n in range(5))
        os._exit(0 if ok and tocsin.flush(9) else 1)
    children.append(child)
    time.sleep(0.005)
thread.join()
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8
"""

    ran = run(code, server.url)

    assert ran.returncode == 0, ran.stderr
    assert titles(server) == sorted(
        [f"parent {n:03}" for n in range(300)]
        + [f"child {number} {n}" for number in range(8) for n in range(5)]
    )


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_children_of_multiprocessing_send_before_they_end(
    server: Loopback, way: str, tmp_path: Path
) -> None:
    script = tmp_path / "work.py"
    script.write_text(
        f"""
import multiprocessing, sys
from tocsin_client import Tocsin
tocsin = Tocsin({server.url!r}, "key")
def work(number):
    tocsin.post("a", str(number))
if __name__ == "__main__":
    context = multiprocessing.get_context({way!r})
    processes = [context.Process(target=work, args=(n,)) for n in range(3)]
    for process in processes: process.start()
    for process in processes: process.join()
"""
    )

    ran = subprocess.run(
        [sys.executable, str(script)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ran.returncode == 0, ran.stderr
    assert titles(server) == ["0", "1", "2"]


def test_importing_it_brings_nothing_heavy_along(server: Loopback) -> None:
    code = """
heavy = {"urllib3", "asyncio", "http.client", "ssl", "email", "uuid", "pytest"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
frameworks = {"fastapi", "starlette", "flask", "django", "celery", "prefect", "typer"}
assert not frameworks & set(sys.modules)
"""

    ran = run(code, server.url)

    assert ran.returncode == 0, ran.stderr
