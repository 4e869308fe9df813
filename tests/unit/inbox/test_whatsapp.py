"""WhatsApp's stand-in: windows, templates, limits; and what the channel says to it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import build
from tests.unit.channels.messages import HOSTILE as HOSTILE_WORDS
from tests.unit.channels.messages import message
from tests.unit.inbox.talk import Answer, Talk, talk
from tests.unit.inbox.test_page import CHROMIUM, HOSTILE
from tests.unit.inbox.test_pagerduty import read
from tests.unit.inbox.test_webhook_receiver import look
from tocsin.channels import channel
from tocsin.channels.whatsapp import inbound
from tocsin.ports import Kind, Target

NUMBER = "106540352242922"
PERSON = "+41791234567"
PATH = f"/whatsapp/v24.0/{NUMBER}/messages"
TOKEN = "EAAJB1n2c3D4e5F6g7H8i9J0"
BODY = {"type": "body", "parameters": [{"type": "text", "text": "db"}] * 2}
TEMPLATE: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "to": PERSON,
    "type": "template",
    "template": {
        "name": "tocsin_alert",
        "language": {"code": "en"},
        "components": [BODY],
    },
}
TEXT: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "to": PERSON,
    "type": "text",
    "text": {"body": "*db* is down"},
}


async def post(t: Talk, told: Any = None, **headers: str) -> Answer:
    """One message."""
    named = {"Authorization": f"Bearer {TOKEN}"} | headers
    return await t.call("POST", PATH, TEMPLATE if told is None else told, **named)


async def write(t: Talk) -> Any:
    """The person writes; the webhook that comes of it."""
    path = f"/whatsapp/people/{PERSON}/messages"
    answer = await t.call("POST", path, {"phone_number_id": NUMBER, "text": "On it"})
    assert answer.status == 200
    return answer.json


def formed(**changed: Any) -> dict[str, Any]:
    """The template's message, its template changed."""
    return TEMPLATE | {"template": TEMPLATE["template"] | changed}


def saying(*texts: Any) -> dict[str, Any]:
    """The template, given these."""
    rows = [{"type": "text", "text": text} for text in texts]
    return formed(components=[{"type": "body", "parameters": rows}])


def code_of(answer: Answer) -> int:
    """The code of a refusal."""
    return int(answer.json["error"]["code"])


def test_a_template_is_shown_with_its_own_words() -> None:
    async def scenario(t: Talk) -> None:
        answer = await post(t, saying("🔴 db is down", "since 14:01"))

        assert answer.status == 200
        assert answer.json["messages"][0]["id"].startswith("wamid.")
        (arrived,) = await t.messages()
        assert (arrived["provider"], arrived["webhook"]) == ("whatsapp", PERSON)
        assert arrived["text"].startswith(
            "Tocsin reports: *🔴 db is down*\nsince 14:01"
        )
        assert TOKEN not in json.dumps(arrived["message"])

    talk(scenario)


def test_words_in_braces_are_words() -> None:
    async def scenario(t: Talk) -> None:
        await post(t, saying("{2} {1}", r"\g<0> {2}"))

        (arrived,) = await t.messages()
        assert arrived["text"].startswith("Tocsin reports: *{2} {1}*\n\\g<0> {2}\n")

    talk(scenario)


def test_a_text_needs_an_open_window() -> None:
    async def scenario(t: Talk) -> None:
        refused = await post(t, TEXT)
        assert (refused.status, code_of(refused)) == (400, 131047)

        (window,) = inbound.read(json.dumps(await write(t)).encode()).windows
        assert (window.phone_number_id, window.recipient) == (NUMBER, PERSON)
        assert (await post(t, TEXT)).status == 200
        t.clock.now += 24 * 3600 + 1
        assert code_of(await post(t, TEXT)) == 131047
        await t.control("POST", "/reset")
        assert await t.messages() == []

    talk(scenario)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (TEMPLATE | {"messaging_product": "sms"}, 100),
        (TEMPLATE | {"to": "0791234567x"}, 100),
        (TEMPLATE | {"colour": "red"}, 100),
        (TEMPLATE | {"type": "poll"}, 100),
        (TEMPLATE | {"biz_opaque_callback_data": "x" * 513}, 100),
        (TEXT | {"text": {"body": ""}}, 100),
        (TEXT | {"text": {"body": "x" * 4097}}, 100),
        (TEXT | {"type": "image", "image": {"link": "p.png"}}, 100),
        (
            TEXT
            | {
                "type": "image",
                "image": {"link": "https://e.x", "caption": "x" * 1025},
            },
            100,
        ),
        (formed(name="Tocsin Alert"), 100),
        (formed(language="en"), 100),
        (formed(language={"code": "english"}), 100),
        (formed(components=[{"type": "button"}]), 100),
        (formed(components=[{"type": "header", "parameters": []}]), 100),
        (saying("", "x"), 100),
        (saying("a\nb", "x"), 100),
        (saying("a     b", "x"), 100),
        (saying(7, "x"), 100),
        (saying("x"), 132000),
        (saying("x" * 1000, "y" * 25), 132005),
        ([], None),
    ],
)
def test_what_whatsapp_refuses_is_refused(told: Any, code: int | None) -> None:
    async def scenario(t: Talk) -> None:
        await write(t)
        answer = await post(t, told)

        assert answer.status == 400
        assert code is None or code_of(answer) == code
        assert await t.messages() == []

    talk(scenario)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", f"Basic {TOKEN}"])
def test_a_call_without_a_token_is_refused(header: str) -> None:
    async def scenario(t: Talk) -> None:
        answer = await post(t, Authorization=header)

        assert (answer.status, code_of(answer)) == (401, 190)

    talk(scenario)


@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        ("gone", 403, 131031),
        ("unauthorized", 401, 190),
        ("blocked", 400, 131026),
        ("limited", 400, 131056),
    ],
)
def test_it_misbehaves_as_ordered(mode: str, status: int, code: int) -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"webhook": PERSON, "mode": mode})
        answer = await post(t)

        assert (answer.status, code_of(answer)) == (status, code)

    talk(scenario)


def test_more_than_ten_messages_a_minute_to_one_person_are_held_back() -> None:
    async def scenario(t: Talk) -> None:
        statuses = [(await post(t)).status for _ in range(11)]

        assert statuses == [200] * 10 + [400]
        other = TEMPLATE | {"to": "+491701234567"}
        assert (await post(t, other)).status == 200
        t.clock.now += 60
        assert (await post(t)).status == 200

    talk(scenario)


def sent_through(state: dict[str, Any], *, writes: bool) -> list[dict[str, Any]]:
    """What hostile messages of the channel become, sent through the stand-in."""
    given = {
        "token": TOKEN,
        "phone_number_id": NUMBER,
        "to": PERSON,
        "template": {"name": "tocsin_alert"},
    }

    async def scenario() -> list[dict[str, Any]]:
        inbox = build()
        async with TestServer(inbox.app, host="127.0.0.1") as server:
            root = str(server.make_url("/")).rstrip("/")
            async with aiohttp.ClientSession(root) as session:
                path = f"/whatsapp/people/{PERSON}/messages"
                said = {"phone_number_id": NUMBER, "text": "On it"}
                if writes:
                    async with session.post(path, json=said):
                        pass
                await session.post("/_control/limits", json={"whatsapp": None})
            outcomes = await asyncio.to_thread(send_all, f"{root}/whatsapp")
        assert [one.kind for one in outcomes] == [Kind.OK] * len(outcomes), outcomes
        return [arrival.as_json() for arrival in inbox.store.select()]

    def send_all(base: str) -> list[Any]:
        opened = channel("whatsapp", base)
        kept, secret = opened.split(given)
        target = Target("oncall", kept, secret, state)
        assert opened.probe(target).ok
        return [
            opened.send([replace(message(text), id="a-b")] * count, target)
            for text in HOSTILE_WORDS
            for count in (1, 5)
        ]

    return asyncio.run(scenario())


def test_the_channel_s_templates_pass_the_strict_stand_in() -> None:
    arrived = sent_through({}, writes=False)

    assert {one["message"]["type"] for one in arrived} == {"template"}


def test_the_channel_s_texts_pass_it_in_an_open_window() -> None:
    arrived = sent_through({"window_until": 9_999_999_999_999}, writes=True)

    assert {one["message"]["type"] for one in arrived} == {"text", "image"}


def test_a_window_that_is_thought_open_falls_back_to_the_template() -> None:
    arrived = sent_through({"window_until": 9_999_999_999_999}, writes=False)

    assert {one["message"]["type"] for one in arrived} == {"template"}


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_a_message_is_drawn_and_hostile_words_stay_words() -> None:
    seen = asyncio.run(drawn(saying("*loud* db_main_1", f"_x_ {HOSTILE[:700]}")))

    assert seen["owned"] is None
    assert seen["foreign"] == 0
    assert seen["groups"] == ["WhatsApp", "Provider"]
    assert "db_main_1" in seen["text"]
    assert "*loud*" not in seen["text"]


async def drawn(told: Any) -> dict[str, Any]:
    """What a browser makes of one message."""
    inbox = build()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with TestServer(inbox.app, host="127.0.0.1") as server:
        async with (
            aiohttp.ClientSession(server.make_url("/"), headers=headers) as session,
            session.post(PATH, json=told) as response,
        ):
            assert response.status == 200
        return await asyncio.to_thread(look, str(server.make_url("/")), read)
