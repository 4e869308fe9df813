"""Examples that are files for other tools: each is what its tool takes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cfnlint
import pytest
import yaml

from tests.unit.intake.payloads import alarm
from tocsin.intake.cloudwatch import read_alarm
from tocsin.routing_file import Document, read

FOLDER = Path(__file__).parents[2] / "examples"
TEMPLATE = FOLDER / "alarm.cloudformation.yaml"
SEVERITY = "severity=critical"


def test_the_template_passes_the_linter() -> None:
    config = cfnlint.ManualArgs(regions=["eu-central-1"])

    assert cfnlint.lint(TEMPLATE.read_text(), config=config) == []


def test_the_alarm_says_its_end_too() -> None:
    told = cfnlint.decode.decode_str(TEMPLATE.read_text())[0]
    alarm = json.loads(json.dumps(told))["Resources"]["Errors"]["Properties"]

    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopicArn"}]


def test_both_alarms_are_the_same() -> None:
    """`AlarmName` is `alarm_name`, and so on; values that are words or numbers."""
    terraform = (FOLDER / "alarm.tf").read_text()
    stated = re.findall(r"^  ([a-z_]+) += (\".*\"|\d+)$", terraform, re.MULTILINE)
    told = cfnlint.decode.decode_str(TEMPLATE.read_text())[0]
    alarm = json.loads(json.dumps(told))["Resources"]["Errors"]["Properties"]
    named = {re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower(): name for name in alarm}

    same = {
        name: json.loads(value)
        for name, value in stated
        if name in named and name != "alarm_name"
    }

    assert len(same) >= 8
    assert same == {name: alarm[named[name]] for name in same}


def test_the_alarm_s_own_word_says_how_bad_it_is() -> None:
    assert SEVERITY in TEMPLATE.read_text()
    assert SEVERITY in (FOLDER / "alarm.tf").read_text()

    event = read_alarm(alarm(AlarmDescription=f"{SEVERITY}  Runbook: …"))

    assert event.severity == "critical"


def test_terraform_likes_its_form() -> None:
    if shutil.which("terraform") is None:
        pytest.skip("`terraform` is not on this machine")

    done = subprocess.run(
        ["terraform", "fmt", "-check", str(FOLDER / "alarm.tf")],
        check=False,
        capture_output=True,
    )

    assert done.returncode == 0


def test_a_workflow_s_step_cannot_fail_its_job() -> None:
    workflow: dict[str, Any] = yaml.safe_load(
        (FOLDER / "github-actions.yml").read_text()
    )
    step = workflow["jobs"]["deploy"]["steps"][-1]

    assert step["continue-on-error"] is True
    assert step["timeout-minutes"] == 1
    assert "${{" not in step["run"], "values come by the environment, not as code"


def test_the_links_of_support_are_what_the_routing_file_takes() -> None:
    told = yaml.safe_load((FOLDER / "seeds" / "support.yaml").read_text())

    assert read(Document("", "yaml", told)).links.keys() == {"conversation", "railway"}


def test_whoever_migrates_is_shown_files_and_programs_that_are_right() -> None:
    guide = (FOLDER.parent / "docs" / "migrating.md").read_text()
    files = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    routing = yaml.safe_load(files[-1])

    assert [each.name for each in read(Document("", "yaml", routing)).routes] == [
        "pages",
        "all alerts",
    ]
    for program in re.findall(r"```python\n(.*?)```", guide, re.DOTALL):
        compile(program, "migrating.md", "exec")


def test_every_example_is_listed() -> None:
    readme = (FOLDER / "README.md").read_text()
    files = [each for each in FOLDER.rglob("*") if each.is_file()]

    for each in files:
        if "__pycache__" not in each.parts and each.name != "README.md":
            assert str(each.relative_to(FOLDER)) in readme
