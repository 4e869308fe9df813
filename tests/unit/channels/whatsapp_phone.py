"""WhatsApp's channel over a loopback provider: a phone, what is said to it, what comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.unit.channels import loopback
from tests.unit.channels.messages import AT
from tocsin.channels import channel
from tocsin.channels._http import Http
from tocsin.channels.whatsapp import HOST, WhatsApp, words
from tocsin.message import Fact, Link, Message, Text
from tocsin.ports import Outcome, Target

TOKEN = "EAAJB1n2c3D4e5F6g7H8" + "ZxCvBnM9" * 20
GIVEN = {
    "token": TOKEN,
    "phone_number_id": "106540352242922",
    "to": "+41 79 123 45 67",
    "template": {"name": "tocsin_alert", "language": "en_US"},
}
WAMID = "wamid.HBgLNDE3OTEyMzQ1NjcVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+41791234567", "wa_id": "41791234567"}],
    "messages": [{"id": WAMID, "message_status": "accepted"}],
}
NOW = 1_800_000_000_000
OPEN = {"window_until": NOW + 3_600_000}
ALARM = Message(
    icon="🔴",
    title="checkout_5xx is in ALARM",
    colour=0xFF4D00,
    at=AT,
    url="https://example.com/alarm",
    body=Text("4.2 % of calls fail\nsince *14:01*"),
    code='{"a": 1}',
    facts=(Fact("Value", Text("4.2 %")),),
    state_line="Seen 3 ×",
    links=(Link("Runbook", "http://wiki/r"), Link("Odd", "javascript:alert(1)")),
    footer="Shop · aws · s0t1v2",
    rank=5,
    id="01jd8zq3k4m5n6p7q8r9s0t1v2-oncall",
    state="firing",
    type="aws.cloudwatch.alarm",
    severity="high",
)
RED, YELLOW = "🔴 checkout_5xx is in ALARM", "🟡 disk is filling"
TEXT = """*🔴 checkout_5xx is in ALARM*
Seen 3 ×

4.2 % of calls fail
since ∗14:01∗

*Value:* 4.2 %

```{"a": 1}```

Open: https://example.com/alarm
Runbook: http://wiki/r

Shop · aws · s0t1v2 · 3 Nov 14:05 UTC"""


def error(code: int, **more: Any) -> dict[str, Any]:
    """An error as the Graph API tells it."""
    data = {"messaging_product": "whatsapp", "details": f"Details of {code}."}
    told = {"message": f"(#{code}) Title", "type": "OAuthException", "code": code}
    return {"error": {**told, "error_data": data, "fbtrace_id": "Az8or2yhq", **more}}


def opened(base: str, seconds: float = 30.0) -> WhatsApp:
    """The channel with so much time in all, at a fixed moment."""
    http = Http({HOST}, base, connect_within=0.7 * seconds, total=seconds)
    return WhatsApp(http, lambda: NOW)


def target(state: Mapping[str, Any] | None = None, **changed: Any) -> Target:
    """A destination."""
    kept, secret = channel("whatsapp").split({**GIVEN, **changed})
    return Target("oncall", kept, secret, state or {})


def sent(
    *messages: Message,
    to: Target | None = None,
    told: tuple[loopback.Behaviour, ...] = (loopback.answer(200, ACCEPTED),),
) -> tuple[Outcome, list[dict[str, Any]]]:
    """(outcome, the bodies of all calls)."""
    with loopback.provider(*told) as provider:
        outcome = opened(provider.base).send(messages or [ALARM], to or target())
    return outcome, [json.loads(request.body) for request in provider.requests]


def parameters(body: dict[str, Any]) -> list[str]:
    """What the placeholders of a template say."""
    (component,) = [
        one for one in body["template"]["components"] if one["type"] == "body"
    ]
    return [one["text"] for one in component["parameters"]]


def broken_limits(body: dict[str, Any]) -> list[str]:
    """What WhatsApp would refuse."""
    said = {
        "product": body["messaging_product"] == "whatsapp",
        "to": body["to"] == "+41791234567",
        "callback": len(body.get("biz_opaque_callback_data", "x")) <= 512,
    }
    if body["type"] == "text":
        text = body["text"]["body"]
        said["text"] = 1 <= words.units(text) <= 4096
    elif body["type"] == "image":
        said["caption"] = 1 <= words.units(body["image"]["caption"]) <= 1024
    else:
        told = parameters(body)
        said |= {
            "empty": all(text.strip() for text in told),
            "lines": not any(set(text) & set("\n\t\r") for text in told),
            "spaces": not any("     " in text for text in told),
            "sum": sum(map(words.units, told)) <= 1024,
        }
    return [name for name, good in said.items() if not good]
