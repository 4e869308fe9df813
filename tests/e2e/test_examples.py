"""The examples, run as they stand: what they tell is seen, and nothing fails of it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.e2e.examples import FOLDER, PYTHON, Reader, readers
from tests.e2e.stack import Stack

SHELL = ("sh", str(FOLDER / "curl.sh"))
NODE = ("node", str(FOLDER / "notify.mjs"))
GO = ("go", "run", str(FOLDER / "notify.go"))
SCRIPT = (PYTHON, str(FOLDER / "notify.py"))
PREFECT = (PYTHON, str(FOLDER / "prefect_flow.py"))
SEEN = {
    SHELL: ["Backup of db-main is done"],
    NODE: ["1,240 products are imported"],
    GO: ["The price feed has caught up"],
    SCRIPT: ["Invoices of November", "order 8 has no address", "2 invoices are out"],
}
NAMES = [Path(each[-1]).name for each in SEEN]
# Two requests, answered without a server: an order, and a report that fails.
REQUESTS = """
from fastapi.testclient import TestClient
from fastapi_app import app, tocsin
client = TestClient(app, raise_server_exceptions=False)
headers = {"x-user": "ana", "x-request-id": "r-7"}
print(client.post("/orders/7", headers=headers).status_code)
print(client.get("/report", headers=headers).status_code)
tocsin.flush(30)
"""
# What docs/migrating.md has people do.
APPRISE = """
import sys
import apprise
told = apprise.Apprise()
told.add(sys.argv[1])
done = told.notify(title="Backup failed", body="no space", notify_type="failure")
sys.exit(not done)
"""
READ_APPRISE = {
    "severity": "high",
    "map": {
        "type": "'apprise.message'",
        "title": "title",
        "message": "message",
        "severity": "type",
    },
}
DISCORD = {
    "content": "🔥 **HOT LEAD ALERT**",
    "embeds": [
        {
            "title": "Min-Ji Park - Score: 85",
            "color": 0xFF0000,
            "fields": [{"name": "Score", "value": "85", "inline": True}],
        }
    ],
}
STRANGER = "a-key-that-nobody-made"
HIGH = 0xFF4D00


@pytest.fixture(scope="module")
def waiting(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> list[Reader]:
    """Readers for all tests of this module; whoever is cold starts now."""
    stack.send({"type": "warm-up", "title": "Whoever is cold starts now"})
    return list(readers(stack, 12, tmp_path_factory.mktemp("tools")))


@pytest.fixture
def reader(waiting: list[Reader]) -> Reader:
    return waiting.pop()


@pytest.fixture
def stranger(waiting: list[Reader]) -> Reader:
    """One whose key nobody made."""
    return replace(waiting[0], key=STRANGER)


def need(*tools: str) -> None:
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"`{tool}` is not on this machine")


@pytest.mark.parametrize(("command", "words"), SEEN.items(), ids=NAMES)
def test_what_an_example_tells_is_seen(
    reader: Reader, command: tuple[str, ...], words: list[str]
) -> None:
    need("curl" if command is SHELL else command[0])

    ended = reader.run(*command)

    assert ended.well, ended.err
    for each in words:
        reader.box.wait(contains=each)


@pytest.mark.parametrize("command", SEEN, ids=NAMES)
def test_a_job_ends_well_although_it_could_not_tell(
    stranger: Reader, command: tuple[str, ...]
) -> None:
    need("curl" if command is SHELL else command[0])

    ended = stranger.run(*command)

    assert ended.code == 0
    assert "told" in ended.err
    assert STRANGER not in ended.err


def test_rust_tells_and_ends_well(
    reader: Reader, stranger: Reader, tmp_path: Path
) -> None:
    need("rustc", "curl")
    program, source = str(tmp_path / "tell"), str(FOLDER / "notify.rs")
    built = reader.run(
        "rustc", "--edition", "2021", "-Dwarnings", "-o", program, source
    )
    assert built.code == 0, built.err

    ended = reader.run(program)
    refused = stranger.run(program)

    assert ended.well, ended.err
    (message,) = reader.box.wait(contains="is rebuilt")
    assert 'index "products"' in message["payload"]["embeds"][0]["title"]
    assert refused.code == 0
    assert "not told" in refused.err


def test_a_job_of_cron_is_told_when_it_fails_and_when_it_works(reader: Reader) -> None:
    cron = str(FOLDER / "cron.sh")

    failed = reader.run("sh", cron, "nightly", "sh", "-c", "echo no space; exit 7")
    reader.box.wait(contains="nightly failed with code 7")
    again = reader.run("sh", cron, "nightly", "sh", "-c", "exit 7")
    worked = reader.run("sh", cron, "nightly", "true")

    assert (failed.code, failed.out, failed.err) == (7, "no space\n", "")
    assert (again.code, worked.code) == (7, 0)
    reader.box.wait(contains="Resolved")
    told = [each["title"] for each in reader.box.embeds()]
    assert sum("failed with code 7" in each for each in told) <= 2


def test_a_job_of_cron_keeps_its_code_although_it_could_not_tell(
    stranger: Reader,
) -> None:
    cron = str(FOLDER / "cron.sh")

    ended = stranger.run("sh", cron, "nightly", "sh", "-c", "exit 7")

    assert ended.code == 7
    assert "nightly: not told" in ended.err


def test_a_request_is_told_with_its_context(reader: Reader) -> None:
    ended = reader.run(PYTHON, "-c", REQUESTS, PYTHONPATH=f"client/src:{FOLDER}")

    assert ended.out.split() == ["200", "500"], ended.err
    for words in ("Order 7 came in", "the report has no figures"):
        (message,) = reader.box.wait(contains=words)
        told = [each["value"] for each in message["payload"]["embeds"][0]["fields"]]
        assert "ana" in told
        assert "r-7" in told


def test_a_flow_is_told(reader: Reader, tmp_path: Path) -> None:
    if find_spec("prefect") is None:
        pytest.skip("Prefect is not installed: it is not needed for anything else here")

    ended = reader.run(*PREFECT, PREFECT_HOME=str(tmp_path))

    assert ended.code == 0, ended.err
    reader.box.wait(contains="Min-Ji Park")
    reader.box.wait(contains="lead-scoring completed")


def test_a_workflow_s_step_tells_of_a_failure_and_of_its_end(reader: Reader) -> None:
    need("jq", "curl")
    workflow = yaml.safe_load((FOLDER / "github-actions.yml").read_text())
    script = workflow["jobs"]["deploy"]["steps"][-1]["run"]

    def step(outcome: str) -> None:
        """As GitHub runs it. A branch may be called almost anything."""
        ended = reader.run(
            "bash", "-e", "-o", "pipefail", "-c", script,
            OUTCOME=outcome,
            RUN_URL="https://github.com/example/shop/actions/runs/814",
            GITHUB_REPOSITORY="example/shop",
            GITHUB_REF_NAME='fix/"$(id)"',
            GITHUB_SHA="0123456789abcdef",
            GITHUB_ACTOR="ana",
            GITHUB_RUN_ID=f"{reader.box.name}-{outcome}",
            GITHUB_RUN_ATTEMPT="1",
        )  # fmt: skip
        assert ended.code == 0, ended.err

    step("failure")
    (message,) = reader.box.wait(contains="Deploy of example/shop failed")
    assert 'fix/"$(id)"' in message["payload"]["embeds"][0]["footer"]["text"]
    step("success")
    reader.box.wait(contains="Resolved: Deploy of example/shop failed")


def test_apprise_needs_one_more_url(reader: Reader) -> None:
    box, options = reader.box, {"options": {"generic": READ_APPRISE}}
    patched = box.stack.call("PATCH", f"/v1/sources/{box.name}", options)
    assert patched.status == 200, patched.body
    place = box.stack.described["api_url"].replace("http:", "json:")

    # Apprise itself waits 4 s, which a cold start on the emulator may exceed.
    url = f"{place}/v1/hooks/generic/{reader.key}?rto=60"
    ended = reader.run(PYTHON, "-c", APPRISE, url)

    assert ended.code == 0, ended.err
    (message,) = box.wait(contains="Backup failed")
    (embed,) = message["payload"]["embeds"]
    assert embed["color"] == HIGH
    assert embed["description"].startswith("no space")


def test_what_was_posted_to_discord_is_told_as_it_is(reader: Reader) -> None:
    box = reader.box

    path = f"/v1/hooks/discord/{reader.key}?wait=true"
    reply = box.stack.call("POST", path, {**DISCORD, "username": box.name}, key=None)

    assert reply.status == 202, reply.body
    (message,) = box.wait(contains="Min-Ji Park - Score: 85")
    (embed,) = message["payload"]["embeds"]
    assert embed["color"] == HIGH
    assert "HOT LEAD ALERT" in embed["description"]
    assert embed["fields"][0]["value"] == "85"
