"""ntfy's and Pushover's stand-ins; and what the channel says to them."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import Inbox, build
from tests.unit.channels.apprise_services import APP, NTFY, POVER, TOKEN, TOPIC, USER
from tests.unit.channels.messages import HOSTILE as HOSTILE_WORDS
from tests.unit.channels.messages import message
from tests.unit.inbox.talk import Answer, Talk, talk
from tests.unit.inbox.test_page import CHROMIUM, HOSTILE
from tests.unit.inbox.test_pagerduty import read
from tests.unit.inbox.test_webhook_receiver import look
from tocsin.channels import channel
from tocsin.ports import Kind, Outcome, Target

ROOT = "/apprise/ntfy.example.com/"
PUSH = "/apprise/api.pushover.net/1/messages.json"
TOLD: dict[str, Any] = {"topic": TOPIC, "title": "db is down", "message": "since 14:01"}
FORM = {"token": APP, "user": USER, "message": "since 14:01", "title": "db is down"}


async def push(t: Talk, **changed: str) -> Answer:
    """One message to Pushover."""
    body = urlencode(FORM | changed).encode()
    kind = "application/x-www-form-urlencoded"
    return await t.call("POST", PUSH, body, Content_Type=kind)


def test_a_message_to_ntfy_is_shown_by_its_topic() -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call("POST", ROOT, TOLD)

        assert answer.json["topic"] == TOPIC
        (arrived,) = await t.messages()
        assert (arrived["provider"], arrived["webhook"]) == ("apprise", f"ntfy-{TOPIC}")
        assert arrived["text"] == "db is down\nsince 14:01"

    talk(scenario)


def test_a_message_to_pushover_is_shown_and_its_keys_hidden() -> None:
    async def scenario(t: Talk) -> None:
        assert (await push(t)).json["status"] == 1

        (arrived,) = await t.messages()
        assert arrived["webhook"] == f"pushover-{USER[-4:]}"
        told = json.dumps([arrived, await t.control("GET", "/calls")])
        assert USER not in told
        assert APP not in told

    talk(scenario)


@pytest.mark.parametrize(
    "told",
    [
        {"topic": "a b"},
        {"topic": ""},
        {"topic": TOPIC, "message": 7},
        {"topic": TOPIC, "priority": 9},
        [],
    ],
)
def test_what_ntfy_refuses_is_refused(told: Any) -> None:
    async def scenario(t: Talk) -> None:
        assert (await t.call("POST", ROOT, told)).status == 400
        assert await t.messages() == []

    talk(scenario)


def test_what_ntfy_makes_a_file_of_is_told() -> None:
    async def scenario(t: Talk) -> None:
        await t.call("POST", ROOT, TOLD | {"message": "x" * 4097, "title": "y" * 251})

        (arrived,) = await t.messages()
        assert len(arrived["warnings"]) == 2

    talk(scenario)


@pytest.mark.parametrize(
    "changed",
    [
        {"token": "short"},
        {"user": ""},
        {"message": " "},
        {"message": "x" * 1025},
        {"title": "x" * 251},
        {"priority": "3"},
    ],
)
def test_what_pushover_refuses_is_refused(changed: dict[str, str]) -> None:
    async def scenario(t: Talk) -> None:
        answer = await push(t, **changed)

        assert (answer.status, answer.json["status"]) == (400, 0)
        assert await t.messages() == []

    talk(scenario)


def test_another_service_has_no_stand_in_and_says_so() -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call("POST", "/apprise/api.twilio.com/2010/x.json", {})

        assert answer.status == 404
        assert "api.twilio.com" in answer.text

    talk(scenario)


@pytest.mark.parametrize(
    ("mode", "status"),
    [("gone", 404), ("unauthorized", 403), ("limited", 429), ("html", 502)],
)
def test_it_misbehaves_as_ordered(mode: str, status: int) -> None:
    async def scenario(t: Talk) -> None:
        order = {"webhook": f"ntfy-{TOPIC}", "mode": mode}
        await t.control("POST", "/behaviour", order)

        assert (await t.call("POST", ROOT, TOLD)).status == status

    talk(scenario)


def test_more_than_sixty_messages_a_minute_are_held_back() -> None:
    async def scenario(t: Talk) -> None:
        statuses = [(await t.call("POST", ROOT, TOLD)).status for _ in range(61)]

        assert statuses == [200] * 60 + [429]

    talk(scenario)


@pytest.mark.parametrize("url", [NTFY, POVER])
def test_whatever_the_channel_says_passes_the_strict_stand_in(url: str) -> None:
    inbox = build()

    def act(base: str) -> list[Outcome]:
        opened = channel("apprise", base)
        target = Target("tail", {}, url)
        return [opened.send([message(text)], target) for text in HOSTILE_WORDS]

    outcomes = against(inbox, act)
    kept = list(inbox.store.select())

    assert {outcome.kind for outcome in outcomes} == {Kind.OK}, outcomes
    assert len(kept) == len(HOSTILE_WORDS)
    assert not [arrival.warnings for arrival in kept if arrival.warnings]
    assert TOKEN not in json.dumps([arrival.message for arrival in kept])


def against(inbox: Inbox, act: Any) -> list[Outcome]:
    """What the channel makes of the stand-in."""

    async def run() -> list[Outcome]:
        async with TestServer(inbox.app, host="127.0.0.1") as server:
            base = str(server.make_url("/apprise"))
            found: list[Outcome] = await asyncio.to_thread(act, base)
            return found

    return asyncio.run(run())


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_a_message_is_drawn_and_hostile_words_stay_words() -> None:
    seen = asyncio.run(drawn(TOLD | {"title": HOSTILE[:200], "message": HOSTILE}))

    assert seen["owned"] is None
    assert seen["foreign"] == 0
    assert seen["groups"] == ["Apprise", "Provider"]
    assert "<script>window.owned=1</script>" in seen["text"]


async def drawn(told: Any) -> dict[str, Any]:
    """What a browser makes of one message."""
    inbox = build()
    async with TestServer(inbox.app, host="127.0.0.1") as server:
        async with (
            aiohttp.ClientSession(server.make_url("/")) as session,
            session.post(ROOT, json=told) as response,
        ):
            assert response.status == 200
        return await asyncio.to_thread(look, str(server.make_url("/")), read)
