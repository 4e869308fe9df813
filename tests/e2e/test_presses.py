"""Buttons that act, pressed in the inbox: acknowledged, and the message edited."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from local.furnishing import PRESSED, WEBHOOKS
from tests.e2e.stack import Reply, Stack, until

BOT = f"110201543:{'e' * 35}"
CHAT, CHANNEL, HOOK = "-1009990001112", "C0E2EPRESS", "1310000000000000001"
SECRET_TOKEN = "e2e-secret-token-of-the-webhook"
OPS = WEBHOOKS[PRESSED].split("/")[-2]
PROVIDERS = ("discord", "slack", "telegram")
BOXES = {"discord": HOOK, "slack": CHANNEL, "telegram": CHAT}


@dataclass(frozen=True)
class Scene:
    """The stack, with a destination of each provider whose buttons act."""

    stack: Stack
    signing_secret: str

    def open(self, provider: str) -> tuple[str, dict[str, Any]]:
        """(id of a problem told there alone, the message that tells it)."""
        title = f"Pressed on {provider} {time.time_ns()}"
        event = {"type": f"e2e-press-{provider}", "title": title, "state": "firing"}
        sent = self.stack.send({**event, "severity": "high"})
        assert sent.status == 202, sent.body
        name = str(sent.json["id"])
        self.stack.settled(name, status="sent")
        return name, self.message(provider, title)

    def message(self, provider: str, title: str) -> dict[str, Any]:
        box = quote(BOXES[provider], safe="")
        found = self.stack.inbox("GET", f"/messages?webhook={box}")["messages"]
        (message,) = (each for each in found if title in each["text"])
        return dict(message)

    def press(self, message: dict[str, Any], button: str) -> dict[str, Any]:
        body = {"message": message["id"], "webhook": message["webhook"]}
        told = {**body, "button": button, "user": "ann"}
        return dict(self.stack.inbox("POST", "/presses", told))

    def forged(
        self, provider: str, name: str, *, secret: str = "", late_s: int = 0
    ) -> Reply:
        """A call that is signed as told; with a Discord signature of nobody's."""
        at = str(int(time.time()) - late_s)
        if provider == "slack":
            actions = [{"type": "button", "value": f"ack:{name}"}]
            payload: dict[str, Any] = {"type": "block_actions", "actions": actions}
            payload |= {"user": {"username": "eve"}}
            body = urlencode({"payload": json.dumps(payload)}).encode()
        elif provider == "telegram":
            query = {"id": "1", "from": {"username": "eve"}, "data": f"ack:{name}"}
            body = json.dumps({"update_id": 1, "callback_query": query}).encode()
        else:
            body = json.dumps(
                {"type": 3, "data": {"custom_id": f"ack:{name}"}}
            ).encode()
        content = f"v0:{at}:".encode() + body
        digest = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
        headers = {
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={digest}",
            "X-Telegram-Bot-Api-Secret-Token": secret,
            "X-Signature-Timestamp": at,
            "X-Signature-Ed25519": "00" * 64,
        }
        path = f"/v1/interactions/{provider}"
        return self.stack.call("POST", path, body, key=None, headers=headers)


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scene:
    keys = stack.inbox("GET", "/applications")
    discord, slack = keys["discord"], keys["slack"]["signing_secret"]
    owner = {"id": HOOK, "application_id": discord["application_id"]}
    stack.inbox("POST", "/webhooks", owner)
    url = f"https://discord.com/api/webhooks/{HOOK}/{'e' * 68}"
    given = {
        "discord": {"url": url, "public_key": discord["public_key"]},
        "slack": {"token": "xoxb-e2e-abcdefghij", "channel_id": CHANNEL},
        "telegram": {"token": BOT, "chat": CHAT},
    }
    for provider, own in given.items():
        path, body = f"/v1/destinations/e2e-{provider}", {"channel": provider, **own}
        status, told = stack.operate("PUT", path, body)
        assert status == 200, told
    for provider, secret in (("slack", slack), ("telegram", SECRET_TOKEN)):
        path = f"/v1/destinations/e2e-{provider}/signature"
        status, told = stack.operate("PUT", path, {"secret": secret})
        assert status == 200, told
    _set_webhook(stack)
    stack.add_routes(
        *(
            {
                "name": f"press-{provider}",
                "match": {"type": f"e2e-press-{provider}"},
                "to": [f"e2e-{provider}"],
            }
            for provider in PROVIDERS
        )
    )
    return Scene(stack, slack)


def _set_webhook(stack: Stack) -> None:
    """As the bot's owner does, with one call of the Bot API."""
    inbox = stack.described["inbox_url"].rstrip("/")
    url = f"{stack.described['api_url']}/v1/interactions/telegram"
    hook = json.dumps({"url": url, "secret_token": SECRET_TOKEN})
    answer = stack._http.request(
        "POST",
        f"{inbox}/telegram/bot{BOT}/setWebhook",
        body=hook,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == 200, answer.data


def edited(scene: Scene, provider: str, title: str) -> Callable[[], Any]:
    """The message, once it was edited to say who is on it."""

    def found() -> dict[str, Any] | None:
        message = scene.message(provider, title)
        said = message["edits"] and "ann" in message["text"]
        return message if said else None

    return found


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_press_acknowledges_and_the_message_is_edited(
    scene: Scene, provider: str
) -> None:
    name, message = scene.open(provider)
    title = next(line for line in message["text"].split("\n") if "Pressed on" in line)
    title = title[title.index("Pressed on") :].split(" (")[0]
    assert f"ack:{name}" in json.dumps(message["payload"])

    assert scene.press(message, f"ack:{name}")["status"] == 200
    assert scene.stack.read(name)["ack_by"] == f"ann ({provider.title()})"
    shown = until(edited(scene, provider, title), f"the edit on {provider}")
    assert f"ack:{name}" not in json.dumps(shown["message"])

    assert scene.press(shown, f"resolve:{name}")["status"] == 200
    assert scene.stack.read(name)["state"] == "resolved"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_stale_press_is_answered_in_words(scene: Scene, provider: str) -> None:
    name, message = scene.open(provider)
    scene.stack.operate("POST", f"/v1/notifications/{name}/resolve", {})

    said = scene.press(message, f"ack:{name}")
    assert said["status"] == 200
    assert "resolved already" in said["words"]


@pytest.mark.parametrize(
    ("provider", "how"),
    [
        ("discord", {}),
        ("slack", {"secret": "not-the-secret-of-the-app"}),
        ("slack", {"late_s": 301}),
        ("telegram", {"secret": "not-the-secret-token"}),
        ("telegram", {}),
    ],
)
def test_what_is_not_signed_just_now_is_refused_and_changes_nothing(
    scene: Scene, provider: str, how: dict[str, Any]
) -> None:
    name, _ = scene.open(provider)
    before = scene.stack.read(name)
    if "late_s" in how:
        how = {**how, "secret": scene.signing_secret}

    assert scene.forged(provider, name, **how).status == 401
    assert scene.stack.read(name) == before
    scene.stack.operate("POST", f"/v1/notifications/{name}/resolve", {})


def test_the_stack_begins_with_a_destination_whose_buttons_act(stack: Stack) -> None:
    title = f"Pressed on ops {time.time_ns()}"
    event = {"type": "e2e-begins", "title": title, "state": "firing"}
    name = stack.send({**event, "severity": "critical"}).json["id"]

    def shown() -> list[dict[str, Any]]:
        query = f"/messages?webhook={OPS}"
        found = stack.inbox("GET", query)["messages"]
        return [each for each in found if title in each["text"]]

    (message,) = until(shown, "the message on ops")
    told = {"message": message["id"], "webhook": OPS, "button": f"ack:{name}"}
    stack.inbox("POST", "/presses", told)
    assert stack.read(name)["ack_by"] == "you (Discord)"
    stack.operate("POST", f"/v1/notifications/{name}/resolve", {})
