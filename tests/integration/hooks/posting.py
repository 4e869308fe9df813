"""What a tool posts to a hook, and how it shows who it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from tests.integration.functions import EVENTS, KEYS

KEY = KEYS["ingest"]
BEARER = {"authorization": f"Bearer {KEY}"}
SECRET, NEWER = "an-old-signing-secret", "a-newer-signing-secret"
RECORDED = sorted(
    path.stem
    for path in EVENTS.glob("*.json")
    if path.stem.startswith(("hooks-", "eventbridge-", "lambda-"))
)


def message(kind: str = "order.paid", **data: Any) -> dict[str, Any]:
    """A Standard Webhook in our own form."""
    return {
        "type": kind,
        "timestamp": "2026-11-21T08:31:23Z",
        "data": {"title": "An order", **data},
    }


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}"}


def as_basic(told: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(told.encode()).decode()}"}
