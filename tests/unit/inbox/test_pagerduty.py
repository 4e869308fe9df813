"""PagerDuty's stand-in: alerts open, change and end; what is odd is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import build
from tests.unit.inbox.talk import Answer, Talk, talk
from tests.unit.inbox.test_page import CHROMIUM, HOSTILE
from tests.unit.inbox.test_webhook_receiver import look

KEY = "a1B2" * 8
SERVICE = "pd-a1B2"
TRIGGER: dict[str, Any] = {
    "routing_key": KEY,
    "event_action": "trigger",
    "dedup_key": "p1",
    "payload": {"summary": "db is down", "source": "aws", "severity": "critical"},
}


async def enqueue(t: Talk, path: str = "/v2/enqueue", **changed: Any) -> Answer:
    """One event."""
    return await t.call("POST", f"/pagerduty{path}", TRIGGER | changed)


async def states(t: Talk) -> list[str]:
    """How the alerts stand, in order of their coming."""
    return [each["message"]["state"] for each in await t.messages()]


def test_a_trigger_opens_an_alert_and_hides_the_key() -> None:
    async def scenario(t: Talk) -> None:
        answer = await enqueue(t)

        assert answer.status == 202
        assert answer.json["dedup_key"] == "p1"
        (message,) = await t.messages()
        assert (message["provider"], message["webhook"]) == ("pagerduty", SERVICE)
        assert message["message"]["summary"] == "db is down"
        assert "db is down" in message["text"]
        assert KEY not in str(message)

    talk(scenario)


def test_an_alert_lives_under_its_key() -> None:
    async def scenario(t: Talk) -> None:
        for action in ("trigger", "trigger", "acknowledge"):
            await enqueue(t, event_action=action)

        assert await states(t) == ["acknowledged"]
        await enqueue(t, event_action="resolve")
        await enqueue(t, event_action="resolve")
        assert await states(t) == ["resolved"]
        await enqueue(t)
        await enqueue(t, dedup_key="p2")
        assert await states(t) == ["resolved", "triggered", "triggered"]

    talk(scenario)


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_what_names_no_open_alert_is_dropped(action: str) -> None:
    async def scenario(t: Talk) -> None:
        assert (await enqueue(t, event_action=action)).status == 202

        assert await t.messages() == []

    talk(scenario)


def test_a_trigger_without_a_key_is_let_pass_and_told() -> None:
    async def scenario(t: Talk) -> None:
        await enqueue(t, dedup_key="")

        (message,) = await t.messages()
        assert "every retry opens another alert" in message["warnings"][0]

    talk(scenario)


def test_a_change_is_shown_and_opens_nothing() -> None:
    async def scenario(t: Talk) -> None:
        assert (await enqueue(t, "/v2/change/enqueue")).status == 202

        assert await states(t) == ["change"]

    talk(scenario)


@pytest.mark.parametrize(
    "changed",
    [
        {"routing_key": "short"},
        {"routing_key": None},
        {"event_action": "open"},
        {"dedup_key": "x" * 256},
        {"event_action": "resolve", "dedup_key": ""},
        {"payload": None},
        {"payload": {"summary": "", "source": "a", "severity": "info"}},
        {"payload": {"summary": "x" * 1025, "source": "a", "severity": "info"}},
        {"payload": {"summary": "x", "source": "a", "severity": "high"}},
        {"payload": {"summary": "x", "source": "", "severity": "info"}},
        {"links": "https://example.com"},
        {"payload": TRIGGER["payload"] | {"custom_details": "x" * 525_000}},
    ],
)
def test_what_pagerduty_refuses_is_refused(changed: dict[str, Any]) -> None:
    async def scenario(t: Talk) -> None:
        answer = await enqueue(t, **changed)

        assert answer.status == 400
        assert answer.json["status"] == "invalid event"
        assert answer.json["errors"]
        assert await t.messages() == []

    talk(scenario)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{"])
def test_a_body_that_is_no_object_is_refused(raw: bytes) -> None:
    async def scenario(t: Talk) -> None:
        assert (await t.call("POST", "/pagerduty/v2/enqueue", raw)).status == 400

    talk(scenario)


@pytest.mark.parametrize(
    ("mode", "status"),
    [("gone", 400), ("unauthorized", 403), ("limited", 429), ("html", 502)],
)
def test_it_misbehaves_as_ordered(mode: str, status: int) -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"webhook": SERVICE, "mode": mode})

        assert (await enqueue(t)).status == status

    talk(scenario)


def test_more_than_120_events_a_minute_are_held_back() -> None:
    async def scenario(t: Talk) -> None:
        statuses = [(await enqueue(t)).status for _ in range(121)]

        assert statuses == [202] * 120 + [429]
        t.clock.now += 60
        assert (await enqueue(t)).status == 202

    talk(scenario)


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_an_alert_is_shown_and_hostile_words_stay_words() -> None:
    payload = {"summary": HOSTILE, "source": HOSTILE[:99], "severity": "info"}
    hostile = TRIGGER | {
        "payload": payload | {"custom_details": {"<b>x</b>": HOSTILE}},
        "links": [{"href": "javascript:window.owned=1", "text": HOSTILE}],
        "client_url": "https://example.com/a",
    }
    seen = asyncio.run(shown_in_browser("/pagerduty/v2/enqueue", hostile))

    assert seen["owned"] is None
    assert seen["foreign"] == 0
    assert seen["groups"] == ["PagerDuty", "Provider"]
    assert seen["links"] == ["https://example.com/a"]
    assert "<b>x</b>" in seen["text"]


async def shown_in_browser(path: str, body: Any) -> dict[str, Any]:
    """What a browser makes of one call."""
    inbox = build()
    async with TestServer(inbox.app, host="127.0.0.1") as server:
        async with (
            aiohttp.ClientSession(server.make_url("/")) as session,
            session.post(path, json=body) as response,
        ):
            assert response.status == 202
        return await asyncio.to_thread(look, str(server.make_url("/")), read)


def read(page: Any) -> dict[str, Any]:
    """What is asked of the page."""
    inside = "#timeline script, #timeline svg, #timeline b, #timeline i"
    return {
        "owned": page.evaluate("window.owned ?? null"),
        "groups": page.locator("#channels .group").all_inner_texts(),
        "text": page.inner_text("#timeline"),
        "foreign": page.locator(inside).count(),
        "links": page.eval_on_selector_all("#timeline a", "a => a.map(x => x.href)"),
    }
