"""Presses in Slack and Telegram: the functions, two destinations, and what each provider posts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.integration.functions import EVENTS, KEYS, Context, Functions, Later
from tests.unit.channels.loopback import Provider

SECRETS = {"ops": "a" * 32, "other": "b" * 32}
SLACK_CHANNEL, CHAT = "C0123456789", "-1001234567890"
CHATS = {"id": int(CHAT), "type": "supergroup"}
RESPOND = "https://hooks.slack.com/actions/T0LOCAL/1/key-of-the-press"
SHOWN: dict[str, dict[str, Any]] = {
    "slack": {"ok": True, "ts": "1700000000.000001", "channel": SLACK_CHANNEL},
    "telegram": {"ok": True, "result": {"message_id": 7, "chat": {"id": int(CHAT)}}},
}
GIVEN: dict[str, dict[str, Any]] = {
    "slack": {"token": "xoxb-1-abcdefghij", "channel_id": SLACK_CHANNEL},
    "telegram": {"token": f"110201543:{'A' * 35}", "chat": CHAT},
}
Button = tuple[str, str]


@dataclass(frozen=True)
class Stack:
    """The functions, and two destinations whose presses other secrets sign."""

    functions: Functions
    told: Provider
    channel: str
    clock: Later

    def open(self, title: str, kind: str = "t") -> str:
        """The id of a problem that was told to `ops`, or to the one named `kind`."""
        event = {"type": kind, "title": title, "state": "firing", "severity": "high"}
        request = json.loads((EVENTS / "http-event.json").read_text())
        request["headers"] = {"authorization": f"Bearer {KEYS['ingest']}"}
        request |= {"body": json.dumps(event), "isBase64Encoded": False}
        answered = self.functions.ingest.handler(request, None)
        self.send()
        return str(json.loads(answered["body"])["id"])

    def send(self) -> None:
        self.clock.ahead += 10_000
        self.functions.send(self.functions.queued())

    def row(self, name: str) -> dict[str, Any]:
        _, found = self.functions.call("GET", f"/v1/notifications/{name}")
        return dict(found)

    def buttons(self) -> list[Button]:
        """(label, name or address) of each button in the last call."""
        body = json.loads(self.told.requests[-1].body)
        if self.channel == "telegram":
            rows = body.get("reply_markup", {}).get("inline_keyboard", [])
            return [
                (one["text"], one.get("callback_data") or one["url"])
                for row in rows
                for one in row
            ]
        return [
            (one["text"]["text"], one.get("value") or one["url"])
            for attachment in body["attachments"]
            for block in attachment["blocks"]
            if block["type"] == "actions"
            for one in block["elements"]
        ]

    def sign(self, name: str, secret: str, how: str = "PUT") -> int:
        path = f"/v1/destinations/{name}/signature"
        body = {"secret": secret} if how == "PUT" else None
        return self.functions.call(how, path, body)[0]

    def press(self, name: str, who: str = "ann", **how: Any) -> tuple[int, Any]:
        body = pressing(name, who, **how.pop("more", {}))
        return self.post(body[self.channel], **how)

    def post(
        self,
        body: bytes,
        secret: str = SECRETS["ops"],
        *,
        late_s: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """(status, JSON or None) of a call signed with `secret`."""
        at = str(self.functions.hooks.ports.clock.now() // 1000 - late_s)
        content = f"v0:{at}:".encode() + body
        digest = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
        signed = {
            "X-Slack-Signature": f"v0={digest}",
            "X-Slack-Request-Timestamp": at,
            "X-Telegram-Bot-Api-Secret-Token": secret,
        }
        event = {
            "version": "2.0",
            "headers": signed if headers is None else dict(headers),
            "pathParameters": {"channel": self.channel},
            "requestContext": {"requestId": "r"},
            "isBase64Encoded": True,
            "body": base64.b64encode(body).decode(),
        }
        answered = self.functions.hooks.handler(event, Context())
        return int(answered["statusCode"]), json.loads(answered["body"] or "null")

    def words(self, answered: tuple[int, Any]) -> str:
        """What only who pressed is told."""
        status, told = answered
        assert status == 200
        if self.channel == "telegram":
            assert (told["method"], told["callback_query_id"]) == (
                "answerCallbackQuery",
                "q1",
            )
            return str(told["text"]) if told["show_alert"] else ""
        assert told is None
        last = self.told.requests[-1]
        if not last.path.endswith("/actions/T0LOCAL/1/key-of-the-press"):
            return ""
        said = json.loads(last.body)
        assert (said["response_type"], said["replace_original"]) == ("ephemeral", False)
        return str(said["text"])


def pressing(
    name: str, who: str = "ann", chat: Mapping[str, Any] = CHATS, **more: Any
) -> dict[str, bytes]:
    """What each provider posts of a press; `chat` is Telegram's."""
    slack = {
        "type": "block_actions",
        "user": {"id": "U024BE7LH", "username": who, "name": "The boss"},
        "channel": {"id": SLACK_CHANNEL, "name": "alarms"},
        "response_url": RESPOND,
        "actions": [{"type": "button", "action_id": name, "value": name}],
        **more,
    }
    user = {"id": 4242, "username": who, "first_name": "The boss"}
    stands = {"message_id": 7, "chat": chat}
    query = {"id": "q1", "from": user, "data": name, "message": stands}
    telegram = {"update_id": 10, "callback_query": query}
    return {
        "slack": urlencode({"payload": json.dumps(slack)}).encode(),
        "telegram": json.dumps(telegram).encode(),
    }
