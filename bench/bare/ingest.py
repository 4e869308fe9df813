"""Takes an event over HTTPS and queues it: no keys, no checks, no record."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import boto3

sqs = boto3.client("sqs")
QUEUE = os.environ.get("QUEUE_URL", "")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """POST anything with a title."""
    body = event.get("body") or ""
    json.loads(body)
    digest = hashlib.sha256(body.encode()).hexdigest()
    sqs.send_message(
        QueueUrl=QUEUE,
        MessageBody=body,
        MessageGroupId="all",
        MessageDeduplicationId=digest,
    )
    return {"statusCode": 202, "body": json.dumps({"id": digest})}
