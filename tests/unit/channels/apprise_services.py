"""Services that Apprise knows: a URL, an answer and a message for each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.messages import AT
from tocsin.channels import channel
from tocsin.channels._public import PublicHttp
from tocsin.channels.apprise import Apprise
from tocsin.errors import Invalid
from tocsin.message import Fact, Link, Message, Text
from tocsin.ports import Outcome, Target

TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
TOPIC = "alerts-5f3a9c"
NTFY = f"ntfys://{TOKEN}@ntfy.example.com/{TOPIC}"
USER, APP = "u1Qwe2rty3uiO4pas5dfG6hjk7lzX8", "a9Zxc8vbn7mA6sdf5ghJ4kl3qwE2rt"
POVER = f"pover://{USER}@{APP}"
HEX = "a1b2c3d4e5f60718" * 2
# One of each; where it goes, by host.
URLS: dict[str, tuple[str, str]] = {
    "barks": ("barks://api.day.app/DeviceKey123456", "api.day.app"),
    "clicksend": ("clicksend://user:key12345@15551234567", "rest.clicksend.com"),
    "gchat": ("gchat://space123/webhookkey456/token789", "chat.googleapis.com"),
    "gotifys": ("gotifys://push.example.com/A1b2C3d4E5f6G7h", "push.example.com"),
    "join": (f"join://{HEX}", "joinjoaomgcd.appspot.com"),
    "line": (f"line://{HEX}/U{HEX}", "api.line.me"),
    "mastodons": ("mastodons://token12345@mastodon.example", "mastodon.example"),
    "matrixs": ("matrixs://token12345@m.example/!room:m.example", "m.example"),
    "mmosts": ("mmosts://chat.example.com/3ccdd113474722377935511fc85d3dd4", ""),
    "msgbird": (f"msgbird://{HEX[:25]}/15551230000/15551234567", ""),
    "nctalks": ("nctalks://user:passw0rd1@cloud.example.com/roomid123", ""),
    "ntfy": ("ntfy://mytopic123", "ntfy.sh"),
    "ntfys": (NTFY, "ntfy.example.com"),
    "pbul": (f"pbul://o.{HEX}", "api.pushbullet.com"),
    "pover": (POVER, "api.pushover.net"),
    "prowl": (f"prowl://{HEX}a1b2c3d4", "api.prowlapp.com"),
    "psafers": (f"psafers://{HEX[:20]}", "www.pushsafer.com"),
    "rockets": ("rockets://webhookA/webhookB@rocket.example.com/%23alerts", ""),
    "signals": ("signals://signal.example.com/+15551230000/+15551234567", ""),
    "sinch": (f"sinch://{HEX}:{HEX}@15551230000/15551234567", ""),
    "threema": ("threema://%2AABCDEFG@secret123456/ABCDEFGH", "msgapi.threema.ch"),
    "twilio": (f"twilio://AC{HEX}:{HEX}@15551230000/15551234567", "api.twilio.com"),
    "vonage": (f"vonage://abcdefgh:{HEX[:16]}@15551230000/15551234567", ""),
    "webex": (f"webex://{HEX}{HEX}{HEX[:16]}", ""),
    "zulip": (f"zulip://bot@org/{HEX}/general", "org.zulipchat.com"),
}
# What a service must say besides 200, for Apprise to believe it.
BODIES: dict[str, Any] = {
    "psafers": {"status": 1},
    "matrixs": {
        "user_id": "@t:m.example",
        "room_id": "!room:m.example",
        "device_id": "d",
    },
}
ALARM = Message(
    icon="🔴",
    title="checkout-5xx is in ALARM",
    colour=0xFF4D00,
    at=AT,
    url="https://example.com/alarm",
    body=Text("4.2 % of calls fail\nsince 14:01"),
    code='{"a": 1}',
    facts=(Fact("Value", Text("4.2 %")),),
    state_line="Seen 3 ×",
    links=(Link("Runbook", "http://wiki/r"), Link("Odd", "javascript:alert(1)")),
    footer="Shop · aws · s0t1v2",
    state="firing",
    severity="high",
)
BODY = """Seen 3 ×

4.2 % of calls fail
since 14:01

Value: 4.2 %

{"a": 1}

Open: https://example.com/alarm
Runbook: http://wiki/r

Shop · aws · s0t1v2 · 3 Nov 14:05 UTC"""


def opened(base: str, seconds: float = 30.0) -> Apprise:
    """The channel with so much time in all."""
    return Apprise(PublicHttp(base, connect_within=0.7, total=seconds))


def sent(
    *told: loopback.Behaviour, url: str = NTFY, one: Message = ALARM
) -> tuple[Outcome, list[loopback.Seen]]:
    """(outcome, requests) of one message."""
    with loopback.provider(*told or (loopback.answer(200, {}),)) as provider:
        outcome = opened(provider.base).send([one], Target("tail", {}, url))
    return outcome, provider.requests


def faults(url: Any) -> str:
    """Why a URL is refused."""
    with pytest.raises(Invalid) as caught:
        channel("apprise").split({"url": url})
    (fault,) = caught.value.faults
    assert fault.field == "url"
    return fault.reason
