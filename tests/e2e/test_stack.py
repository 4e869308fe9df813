"""The stack as a whole: an event and an alarm come out of what was deployed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from local.deployment import client
from local.place import ROOT, read_json
from tests.e2e.stack import Stack

KEYS = {
    "api_url",
    "console_url",
    "inbox_url",
    "admin_key",
    "ingest_key",
    "queue_url",
    "dlq_url",
    "table",
    "topic_arn",
    "endpoint_url",
}


def test_an_event_is_seen_by_people(stack: Stack) -> None:
    event = {"type": "backup.failed", "title": "e2e-event", "severity": "critical"}

    sent = stack.send(event)

    assert sent.status == 202
    assert [each["destination"] for each in sent.json["deliveries"]] == ["ops", "feed"]
    assert len(stack.arrived("e2e-event", 2)) == 2


def test_an_alarm_on_the_topic_is_seen_by_people(stack: Stack) -> None:
    record = json.loads((ROOT / "events" / "sns-alarm-metric.json").read_text())
    alarm = json.loads(record["Records"][0]["Sns"]["Message"])
    alarm["AlarmName"] = "e2e-alarm"
    # As it was recorded it may be known already: one change of an alarm is told once.
    alarm["AlarmArn"] = alarm["AlarmArn"].rpartition(":")[0] + ":e2e-alarm"

    client(stack.place, "sns").publish(
        TopicArn=stack.described["topic_arn"],
        Subject='ALARM: "e2e-alarm" in US East (N. Virginia)',
        Message=json.dumps(alarm),
    )

    stack.arrived("e2e-alarm")


def test_programs_find_everything_in_one_file(stack: Stack) -> None:
    assert set(read_json(stack.place.summary)) >= KEYS


def test_an_unknown_path_is_a_problem_document(stack: Stack) -> None:
    status, problem = stack.operate("GET", "/v1/nothing-here")

    assert status == problem["status"] == 404


def test_a_wrong_method_is_a_problem_document(stack: Stack) -> None:
    status, problem = stack.operate("GET", "/v1/events")

    assert status == problem["status"] == 405


def test_the_layer_holds_all_that_the_functions_import(stack: Stack) -> None:
    """The emulator's Python sees our development packages too; Lambda's does not."""
    layer = stack.place.folder / "build" / "CoreLayer" / "python"
    modules = sorted(_modules(layer / "tocsin", layer))
    program = (
        f"import sys, importlib; sys.path.insert(0, {str(layer)!r});"
        f"[importlib.import_module(name) for name in {modules!r}]"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-500:]


def _modules(package: Path, top: Path) -> list[str]:
    return [
        ".".join(path.relative_to(top).with_suffix("").parts).removesuffix(".__init__")
        for path in package.rglob("*.py")
    ]
