"""What is used by few is paid for by those who use it: no channel is imported before
its first use or brings another one along, and ingest starts without what few ask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from local.place import ROOT
from tocsin.channels import _MODULES

FUNCTIONS = ("ingest", "hooks", "sender", "sweep", "digest", "api")
SURROUNDINGS = {
    "PYTHONPATH": "layers/core",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "invented",
    "AWS_SECRET_ACCESS_KEY": "invented",
    "POWERTOOLS_METRICS_NAMESPACE": "Tocsin",
    "TOCSIN_TABLE": "t",
    "TOCSIN_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/q.fifo",
    "TOCSIN_DLQ_URL": "https://sqs.eu-central-1.amazonaws.com/1/d.fifo",
    "TOCSIN_SECRETS_PREFIX": "/t",
    "TOCSIN_ADMIN_KEY_SECRET": "a",
    "TOCSIN_INGEST_KEY_SECRET": "i",
    "TOCSIN_OPS_TOPIC": "arn:aws:sns:eu-central-1:123456789012:ops",
}
PROGRAM = """
import json, sys
from importlib.util import module_from_spec, spec_from_file_location

def seen():
    return {name.split(".")[2] for name in sys.modules if name.count(".") >= 2
            and name.startswith("tocsin.channels.")} & known

known, found = set(json.loads(sys.argv[1])), {}
for path in json.loads(sys.argv[2]):
    spec = spec_from_file_location("app_" + path.split("/")[-2], path)
    spec.loader.exec_module(module_from_spec(spec))
found["start"] = sorted(seen())
from tocsin.channels import channel
for name in sorted(known):
    before = seen()
    channel(name)
    found[name] = sorted(seen() - before)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What all functions import when they start, and each channel when it is used."""
    apps = [str(ROOT / "functions" / name / "app.py") for name in FUNCTIONS]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(list(_MODULES)), json.dumps(apps)],
        cwd=ROOT,
        env={**os.environ, **SURROUNDINGS},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def test_no_function_imports_a_channel_when_it_starts(found: dict[str, Any]) -> None:
    assert found["start"] == []


def test_a_channel_brings_no_other_along(found: dict[str, Any]) -> None:
    assert {name: found[name] for name in _MODULES} == {
        name: [name] for name in _MODULES
    }


def test_ingest_imports_nothing_for_what_few_sources_ask() -> None:
    """Its start is the price of every first event."""
    code = (
        "import app, sys; print([name for name in sys.modules if name in ("
        "'tocsin.admission', 'tocsin.aws.quota', 'tocsin.aws.sns_pages',"
        " 'tocsin.reception', 'tocsin.credentials', 'tocsin.intake.signatures',"
        " 'tocsin.intake.asymmetric', 'tocsin.intake.hooks',"
        " 'tocsin.enriching', 'tocsin.intake.enrichment', 'tocsin.intake.alarm_graph',"
        " 'tocsin.aws.cloudwatch_details')])"
    )
    path = f"{ROOT / 'functions' / 'ingest'}:{ROOT / 'layers' / 'core'}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **SURROUNDINGS, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"
