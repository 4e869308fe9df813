"""Posts each queued event to the webhook: no limits, no retries but the queue's."""

from __future__ import annotations

import json
import os
from typing import Any

import urllib3

WEBHOOK = os.environ.get("WEBHOOK", "")
pool = urllib3.PoolManager()


def handler(event: dict[str, Any], _context: Any) -> None:
    """One call for each event."""
    for record in event["Records"]:
        told = json.loads(record["body"])
        embed = {"title": told["title"], "description": told["message"]}
        answer = pool.request(
            "POST",
            f"{WEBHOOK}?wait=true",
            body=json.dumps({"embeds": [embed]}),
            headers={
                "Content-Type": "application/json",
                "User-Agent": "DiscordBot (https://example.com, 1.0)",
            },
        )
        if answer.status >= 300:
            raise RuntimeError(f"answered {answer.status}")
