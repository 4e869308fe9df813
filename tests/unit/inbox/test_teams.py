"""The stand-in for Teams: cards it posts, and cards it drops without a word."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels.messages import message
from tests.unit.inbox.talk import Answer, Talk, talk
from tests.unit.inbox.test_page import CHROMIUM, HOSTILE
from tests.unit.inbox.test_pagerduty import shown_in_browser
from tocsin.channels.teams import cards

HOST = "default0123.7f.environment.api.powerplatform.com:443"
ROOT = f"/teams/{HOST}/powerautomate/automations/direct"
PATH = f"{ROOT}/workflows/0f1e2dabcdef/triggers/manual/paths/invoke?api-version=1&sig="
WORKFLOW = "workflow-abcdef"
CARD: dict[str, Any] = {
    "type": "AdaptiveCard",
    "version": "1.4",
    "body": [{"type": "TextBlock", "text": "db is down"}],
}


async def post(t: Talk, path: str = PATH + "s3cr3t", **changed: Any) -> Answer:
    """A message with one card."""
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": CARD | changed}
    return await t.call("POST", path, {"type": "message", "attachments": [attachment]})


def test_a_card_is_posted_and_the_address_hidden() -> None:
    async def scenario(t: Talk) -> None:
        assert (await post(t)).status == 202

        (arrived,) = await t.messages()
        assert (arrived["provider"], arrived["webhook"]) == ("teams", WORKFLOW)
        assert arrived["message"] == CARD
        assert arrived["text"] == "db is down"
        assert "s3cr3t" not in json.dumps([arrived, await t.control("GET", "/calls")])

    talk(scenario)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "Card"},
        {"version": "1.6"},
        {"body": None},
        {"actions": [{"type": "Action.Submit"}]},
        {"actions": [{"type": "Action.OpenUrl"}] * 7},
        {"actions": "x"},
        {"x": "y" * 29_000},
    ],
)
def test_what_a_workflow_cannot_post_is_answered_202_and_lost(
    changed: dict[str, Any],
) -> None:
    async def scenario(t: Talk) -> None:
        assert (await post(t, **changed)).status == 202

        assert await t.messages() == []
        (call,) = (await t.control("GET", "/calls"))["calls"]
        assert call["reason"].startswith("answered 202 and never posted: ")
        assert call["warnings"]

    talk(scenario)


def test_a_card_near_the_limit_is_posted_and_told() -> None:
    async def scenario(t: Talk) -> None:
        await post(t, x="y" * 21_000)

        (arrived,) = await t.messages()
        assert "more than 20 KB" in arrived["warnings"][0]

    talk(scenario)


@pytest.mark.parametrize(
    ("path", "status"),
    [(PATH, 401), (f"{ROOT}/other?sig=x", 404), (f"/teams/{HOST}/?sig=x", 404)],
)
def test_another_address_is_refused(path: str, status: int) -> None:
    async def scenario(t: Talk) -> None:
        assert (await post(t, path)).status == status
        assert await t.messages() == []

    talk(scenario)


@pytest.mark.parametrize(
    ("mode", "status"),
    [("gone", 404), ("unauthorized", 401), ("limited", 429), ("html", 502)],
)
def test_it_misbehaves_as_ordered(mode: str, status: int) -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"webhook": WORKFLOW, "mode": mode})

        assert (await post(t)).status == status

    talk(scenario)


def test_more_than_four_cards_a_second_are_held_back() -> None:
    async def scenario(t: Talk) -> None:
        assert [(await post(t)).status for _ in range(5)] == [202] * 4 + [429]

    talk(scenario)


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_a_card_is_drawn_and_hostile_words_stay_words() -> None:
    hostile = replace(message(HOSTILE), links=(), url="https://example.com/a")
    body = json.loads(cards.encoded(replace(hostile, picture=None, code="x\n\ny")))
    seen = asyncio.run(shown_in_browser(PATH + "s", body))

    assert seen["owned"] is None
    assert seen["foreign"] == 0
    assert seen["groups"] == ["Teams", "Provider"]
    assert seen["links"] == ["https://example.com/a"]
    assert "<script>window.owned=1</script>" in seen["text"]
    assert "November 3, 2026" in seen["text"]
    assert "does not draw" not in seen["text"]
