"""Payloads as they really arrive: the files in `events/`, and what they become.

`python -m tests.unit.intake.payloads` writes the goldens anew; read their diff.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from tocsin.intake.batch import Batch
from tocsin.intake.eventbridge import read_invocation
from tocsin.intake.hooks import Call, reader_of
from tocsin.intake.http import read_request
from tocsin.intake.sns import read_notification

EVENTS = Path(__file__).parents[3] / "events"
GOLDENS = Path(__file__).parent / "goldens"
KINDS = ("http-", "sns-", "hooks-", "eventbridge-", "lambda-")
NAMES = sorted(
    path.stem for path in EVENTS.glob("*.json") if path.stem.startswith(KINDS)
)
HOOKS = [name for name in NAMES if name.startswith("hooks-")]
INVOCATIONS = [name for name in NAMES if name.startswith(("eventbridge-", "lambda-"))]
# What the operator has set where these payloads come from.
OPTIONS: dict[str, dict[str, Any]] = {
    "hooks-generic-mapped": {
        "each": "checks",
        "key": "to_string(id)",
        "map": {
            "type": "'probe.check'",
            "title": "what",
            "state": "status",
            "severity": "level",
            "fingerprint": "join(':', ['probe', to_string(id)])",
            "url": "page",
            "occurred_at": "when",
        },
    },
    "hooks-github-push": {"also": ["push"]},
    "hooks-github-deployment-success": {"also": ["deployment"]},
}


def payload(name: str) -> dict[str, Any]:
    """One file of `events/`, parsed."""
    parsed: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return parsed


def request(name: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of an HTTP API payload."""
    event = payload(name)
    body = event["body"].encode()
    coded = event["isBase64Encoded"]
    return event["headers"], base64.b64decode(body) if coded else body


def alarm(name: str = "metric", **changed: Any) -> dict[str, Any]:
    """The JSON of an alarm, with some of its keys changed."""
    message = payload(f"sns-alarm-{name}")["Records"][0]["Sns"]["Message"]
    parsed: dict[str, Any] = json.loads(message)
    return parsed | changed


def call_of(name: str) -> tuple[str, Call]:
    """(adapter, call) of an HTTP API payload of `/v1/hooks/{adapter}`."""
    event = payload(name)
    query = event.get("queryStringParameters") or {}
    options = OPTIONS.get(name, {})
    call = Call(event["headers"], event["body"].encode(), query, options)
    return event["pathParameters"]["adapter"], call


def batch_of(name: str) -> Batch:
    """What a file of `events/` is read as."""
    if name.startswith("http-"):
        return read_request(*request(name))
    if name in HOOKS:
        adapter, call = call_of(name)
        return reader_of(adapter)(call)
    if name in INVOCATIONS:
        return read_invocation(payload(name))
    return read_notification(payload(name))


def told(batch: Batch) -> dict[str, Any]:
    """A batch as JSON, to be compared with its golden."""
    ignored = {"ignored": batch.ignored} if batch.ignored else {}
    return {
        "many": batch.many,
        **ignored,
        "received": [
            {"key": received.key, "event": received.event.dump()}
            for received in batch.received
        ],
        "rejections": [repr(rejection) for rejection in batch.rejections],
    }


if __name__ == "__main__":
    GOLDENS.mkdir(exist_ok=True)
    for each in NAMES:
        golden = json.dumps(told(batch_of(each)), indent=2, ensure_ascii=False)
        (GOLDENS / f"{each}.json").write_text(golden + "\n", "utf-8")
