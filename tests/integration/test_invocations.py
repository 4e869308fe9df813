"""Every file in `events/` names a function, and its handler takes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.functions import EVENTS, KEYS, Context, Functions, deployed, load
from tests.unit.channels.loopback import answer, provider

# What is told in docs/sources.md. The first two are run by tests of their own.
FUNCTIONS = {
    "http": "ingest",
    "sns": "ingest",
    "hooks": "hooks",
    "eventbridge": "hooks",
    "lambda": "hooks",
    "whatsapp": "hooks",
    "sqs": "sender",
    "schedule-sweep": "sweep",
    "schedule-digest": "digest",
    "api": "api",
}


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with provider(answer(200, {})) as nobody, deployed(nobody.base) as found:
        yield found


def invoke(name: str, case: str) -> Any:
    event = json.loads((EVENTS / f"{case}.json").read_text())
    if "headers" in event:
        event["headers"]["authorization"] = f"Bearer {KEYS['admin']}"
    return load(name).handler(event, Context())


def function_of(case: str) -> str:
    found = [name for start, name in FUNCTIONS.items() if case.startswith(start)]
    return found[0] if found else ""


@pytest.mark.parametrize("case", sorted(path.stem for path in EVENTS.glob("*.json")))
def test_every_event_names_its_function(case: str) -> None:
    assert function_of(case)


def test_every_function_has_an_event() -> None:
    folders = {path.parent.name for path in EVENTS.parent.glob("functions/*/app.py")}
    assert {function_of(path.stem) for path in EVENTS.glob("*.json")} == folders


def test_the_sender_takes_a_parcel_whose_notification_is_gone(
    functions: Functions,
) -> None:
    assert invoke("sender", "sqs-deliveries") == {"batchItemFailures": []}


def test_the_sweep_runs(functions: Functions) -> None:
    assert invoke("sweep", "schedule-sweep")["complete"] is True


def test_the_digest_runs(functions: Functions) -> None:
    assert invoke("digest", "schedule-digest") == {"told": []}


def test_the_api_lists_notifications(functions: Functions) -> None:
    found = invoke("api", "api-notifications")

    assert found["statusCode"] == 200
    assert "notifications" in json.loads(found["body"])
