"""Payloads as they really arrive: the files in `events/`, and what they become.

`python -m tests.unit.intake.payloads` writes the goldens anew; read their diff.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from tocsin.intake.batch import Batch
from tocsin.intake.http import read_request
from tocsin.intake.sns import read_notification

EVENTS = Path(__file__).parents[3] / "events"
GOLDENS = Path(__file__).parent / "goldens"
NAMES = sorted(
    path.stem
    for path in EVENTS.glob("*.json")
    if path.stem.startswith(("http-", "sns-"))
)


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


def batch_of(name: str) -> Batch:
    """What a file of `events/` is read as."""
    if name.startswith("http-"):
        return read_request(*request(name))
    return read_notification(payload(name))


def told(batch: Batch) -> dict[str, Any]:
    """A batch as JSON, to be compared with its golden."""
    return {
        "many": batch.many,
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
