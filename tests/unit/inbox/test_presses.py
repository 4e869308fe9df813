"""Pressing a button in the inbox: the API is told of it as the provider would tell it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.unit.inbox.talk import HOOK, Talk, talk

BOT, CHAT, CHANNEL = f"42:{'A' * 35}", -1001234567890, "C0123456789"
NAME = "ack:01m7ypw2gqq2t02sf5nfr54wsq"


@dataclass
class Api:
    """What the stack's API was told, and what it answers."""

    answer: dict[str, Any] | None = None
    status: int = 200
    said: str = ""
    url: str = ""
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append((request.path, headers, body))
        if self.said:
            await self.respond(body)
        if self.answer is None:
            return web.Response(status=self.status)
        return web.json_response(self.answer, status=self.status)

    async def respond(self, body: bytes) -> None:
        payload = json.loads(parse_qs(body.decode())["payload"][0])
        url = payload["response_url"].replace("https://hooks.slack.com", "/slack")
        told = {"response_type": "ephemeral", "text": self.said}
        answer = await self.t.call("POST", url, told)
        assert answer.json == {"ok": True}

    t: Talk = field(init=False)


@asynccontextmanager
async def heard(t: Talk, api: Api) -> AsyncIterator[Api]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", api.handle)
    async with TestServer(app) as server:
        api.url, api.t = str(server.make_url("")).rstrip("/"), t
        await t.control("POST", "/upstream", {"url": api.url})
        yield api


async def posted(t: Talk, provider: str, api: Api) -> str:
    """The id of a message with a button; where its presses go is known."""
    if provider == "discord":
        told = await t.control("GET", "/applications")
        owner = {"id": HOOK, "application_id": told["discord"]["application_id"]}
        await t.control("POST", "/webhooks", owner)
        button = {"type": 2, "style": 2, "label": "Acknowledge", "custom_id": NAME}
        rows = [{"type": 1, "components": [button]}]
        body: dict[str, Any] = {"content": "db down", "components": rows}
        answer = await t.post(body, query="wait=true&with_components=true")
    elif provider == "slack":
        words = {"type": "plain_text", "text": "Acknowledge"}
        one = {"type": "button", "text": words, "action_id": NAME, "value": NAME}
        blocks = [{"type": "actions", "elements": [one]}]
        body = {"channel": CHANNEL, "text": "db down", "attachments": []}
        body["attachments"] = [{"blocks": blocks}]
        answer = await t.call(
            "POST", "/slack/api/chat.postMessage", body, Authorization="Bearer xoxb-1"
        )
    else:
        path = f"/telegram/bot{BOT}"
        hook = {"url": f"{api.url}/v1/interactions/telegram", "secret_token": "s" * 20}
        assert (await t.call("POST", f"{path}/setWebhook", hook)).status == 200
        keyboard = [[{"text": "Acknowledge", "callback_data": NAME}]]
        body = {"chat_id": CHAT, "text": "db down"}
        body["reply_markup"] = {"inline_keyboard": keyboard}
        answer = await t.call("POST", f"{path}/sendMessage", body)
    assert answer.status == 200, answer.text
    return str((await t.messages())[-1]["id"])


def scene(
    provider: str, api: Api, act: Callable[[Talk, str], Awaitable[None]]
) -> list[tuple[str, dict[str, str], bytes]]:
    """What the API was told while a message with a button stood there."""

    async def scenario(t: Talk) -> None:
        async with heard(t, api):
            await act(t, await posted(t, provider, api))

    talk(scenario)
    return api.seen


def press(
    provider: str, api: Api, button: str = NAME
) -> tuple[Any, list[tuple[str, dict[str, str], bytes]]]:
    answers = []

    async def act(t: Talk, message: str) -> None:
        body = {"message": message, "button": button, "user": "ann"}
        answers.append((await t.call("POST", "/_control/presses", body)).json)

    seen = scene(provider, api, act)
    return answers[0], seen


def test_discord_signs_with_the_application_s_key() -> None:
    keys = []

    async def act(t: Talk, message: str) -> None:
        keys.append((await t.control("GET", "/applications"))["discord"]["public_key"])
        body = {"message": message, "button": NAME, "user": "ann"}
        told = await t.control("POST", "/presses", body)
        assert told == {"status": 200, "words": ""}

    ((path, headers, body),) = scene("discord", Api({"type": 6}), act)

    assert path == "/v1/interactions/discord"
    at, signature = headers["x-signature-timestamp"], headers["x-signature-ed25519"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[0]))
    key.verify(bytes.fromhex(signature), at.encode() + body)
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(signature), at.encode() + body + b" ")
    told = json.loads(body)
    assert (told["type"], told["data"]["custom_id"]) == (3, NAME)
    assert told["member"]["user"]["username"] == "ann"


def test_slack_signs_with_the_app_s_secret() -> None:
    secrets = []

    async def act(t: Talk, message: str) -> None:
        secrets.append(
            (await t.control("GET", "/applications"))["slack"]["signing_secret"]
        )
        await t.control("POST", "/presses", {"message": message, "button": NAME})

    ((path, headers, body),) = scene("slack", Api(), act)

    assert path == "/v1/interactions/slack"
    content = f"v0:{headers['x-slack-request-timestamp']}:".encode() + body
    digest = hmac.new(secrets[0].encode(), content, hashlib.sha256).hexdigest()
    assert headers["x-slack-signature"] == f"v0={digest}"
    payload = json.loads(parse_qs(body.decode())["payload"][0])
    assert payload["actions"][0]["value"] == NAME
    assert payload["response_url"].startswith("https://hooks.slack.com/actions/")


def test_telegram_sends_the_secret_token_to_the_bot_s_webhook() -> None:
    answer = {"method": "answerCallbackQuery", "callback_query_id": "?", "text": "no"}
    told, ((path, headers, body),) = press("telegram", Api(answer))

    assert told == {"status": 200, "words": ""}, "it answers another press"
    assert path == "/v1/interactions/telegram"
    assert headers["x-telegram-bot-api-secret-token"] == "s" * 20
    query = json.loads(body)["callback_query"]
    assert (query["data"], query["from"]["username"]) == (NAME, "ann")


def test_words_for_who_pressed_are_shown_to_them() -> None:
    shown = {"type": 4, "data": {"content": "Nothing to do", "flags": 64}}

    assert press("discord", Api(shown))[0]["words"] == "Nothing to do"
    assert press("slack", Api(said="Nothing to do"))[0]["words"] == "Nothing to do"


@pytest.mark.parametrize("provider", ["discord", "slack"])
@pytest.mark.parametrize("status", [401, 503])
def test_a_press_that_is_refused_says_so(provider: str, status: int) -> None:
    told, _ = press(provider, Api({"title": "no"}, status=status))

    assert told["status"] == status
    assert "failed" in told["words"]


@pytest.mark.parametrize("provider", ["discord", "slack", "telegram"])
def test_a_button_that_is_not_shown_cannot_be_pressed(provider: str) -> None:
    told, seen = press(provider, Api(), button="resolve:other")

    assert "never shown" in told["error"]
    assert seen == []


def test_what_a_slow_client_still_shows_can_be_pressed() -> None:
    async def act(t: Talk, message: str) -> None:
        path = f"/discord/api/v10/webhooks/{HOOK}/token/messages/{message}"
        edit = {"content": "over", "components": []}
        assert (await t.call("PATCH", path, edit)).status == 200
        told = await t.control("POST", "/presses", {"message": message, "button": NAME})
        assert told["status"] == 200

    assert len(scene("discord", Api({"type": 6}), act)) == 1


def test_a_bot_without_a_webhook_hears_nothing() -> None:
    async def act(t: Talk, message: str) -> None:
        assert (
            await t.call("POST", f"/telegram/bot{BOT}/setWebhook", {})
        ).status == 200
        told = await t.control("POST", "/presses", {"message": message, "button": NAME})
        assert told["status"] == 0

    assert scene("telegram", Api(), act) == []


@pytest.mark.parametrize(
    "given",
    [
        {"url": "http://example.com/x"},
        {"url": "ftp://127.0.0.1/x"},
        {"url": "https://example.com", "secret_token": "with space"},
    ],
)
def test_a_webhook_that_telegram_would_not_take_is_refused(given: Any) -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call("POST", f"/telegram/bot{BOT}/setWebhook", given)
        assert (answer.status, answer.json["ok"]) == (400, False)

    talk(scenario)


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"message": "1"}'])
def test_a_press_of_nothing_is_refused(body: bytes) -> None:
    async def scenario(t: Talk) -> None:
        assert (await t.call("POST", "/_control/presses", body)).status == 400

    talk(scenario)


def test_slack_takes_words_only_while_the_press_lasts() -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call("POST", "/slack/actions/T0LOCAL000/1/key", {"text": "x"})
        assert answer.status == 404

    talk(scenario)
