"""A webhook's destination, and the calls that its receiver saw."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Any

from tests.unit.channels import loopback
from tests.unit.channels.messages import message
from tocsin.channels import channel
from tocsin.channels._public import PublicHttp
from tocsin.channels.webhook import Webhook
from tocsin.ports import Outcome, Target

HOST = "hooks.example.com"
PATH = "/in/t0ken-in-path?key=t0ken-in-query"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_" + b64encode(bytes(range(64))).decode()
GIVEN: dict[str, Any] = {
    "url": f"https://{HOST}{PATH}",
    "secret": SECRET,
    "old_secrets": [OLD],
    "headers": {"Authorization": 'Bearer "s3cr3t-value"'},
}
NOW = 1_793_707_200.75


def opened(base: str, clock: float = NOW, *, seconds: float = 30.0) -> Webhook:
    """The channel with so much time in all, at a moment that stands still."""
    http = PublicHttp(base, connect_within=0.7 * seconds, total=seconds)
    return Webhook(http, clock=lambda: clock)


def target(**more: Any) -> Target:
    """A destination as the vault and the settings would give it."""
    kept, secret = channel("webhook").split({**GIVEN, **more})
    return Target("crm", kept, secret)


def called(*behaviours: loopback.Behaviour, **more: Any) -> Outcome:
    """One message, to a receiver that behaves so."""
    with loopback.provider(*behaviours) as told:
        return opened(told.base).send([message()], target(**more))


def verified(request: loopback.Seen, secret: str) -> bool:
    """What a receiver does, written down apart from what is tested."""
    head = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    key = b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, head.encode() + request.body, hashlib.sha256).digest()
    expected = "v1," + b64encode(digest).decode()
    return expected in request.headers["webhook-signature"].split(" ")
