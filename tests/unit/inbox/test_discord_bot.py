"""The Discord stand-in as bots see it: channels, and messages that are posted once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import build
from local.inbox.discord.application import ID
from local.inbox.faults import read_fault
from tests.unit.channels.messages import message
from tests.unit.inbox.talk import Answer, Talk, talk
from tocsin.channels import channel
from tocsin.message import Message, Press
from tocsin.ports import Editor, Kind, Outcome, Probe, Target

CHANNEL, TOKEN = "1012345678901234567", f"{'M' * 24}.Gabcde.{'x' * 38}"
PATH = f"/discord/api/v10/channels/{CHANNEL}/messages"
KEY = "0123456789abcdef" * 4


async def post(t: Talk, **body: Any) -> Answer:
    told = {"content": "hi", **body}
    return await t.call("POST", PATH, told, Authorization=f"Bot {TOKEN}")


def test_the_same_nonce_is_the_same_message_for_a_few_minutes() -> None:
    async def scenario(t: Talk) -> None:
        first = await post(t, nonce="a", enforce_nonce=True)
        again = await post(t, nonce="a", enforce_nonce=True, content="other words")
        other = await post(t, nonce="b", enforce_nonce=True)
        t.clock.now += 301
        late = await post(t, nonce="a", enforce_nonce=True)

        assert first.json["id"] == again.json["id"]
        assert again.json["content"] == "hi"
        assert len({first.json["id"], other.json["id"], late.json["id"]}) == 3
        assert len(await t.messages()) == 3

    talk(scenario)


def test_a_nonce_that_is_not_enforced_or_too_long_helps_nobody() -> None:
    async def scenario(t: Talk) -> None:
        await post(t, nonce="a")
        await post(t, nonce="a")
        refused = await post(t, nonce="x" * 26, enforce_nonce=True)

        assert len(await t.messages()) == 2
        assert refused.codes == {"nonce": "BASE_TYPE_MAX_LENGTH"}

    talk(scenario)


def test_who_has_no_token_is_not_let_in() -> None:
    async def scenario(t: Talk) -> None:
        assert (await t.call("POST", PATH, {"content": "hi"})).status == 401
        assert await t.messages() == []

    talk(scenario)


def test_a_bot_that_does_not_see_its_channel_can_still_ask_whose_it_is() -> None:
    probe = asyncio.run(_unseen())

    assert not probe.ok
    assert "does not see the channel" in probe.reason
    assert probe.details == {"application_id": ID}


async def _unseen() -> Probe:
    inbox = build()
    body = {"code": 50001, "message": "Missing Access"}
    fault = {"webhook": CHANNEL, "mode": "status", "status": 403, "body": body}
    inbox.faults.order([read_fault(fault)], append=True)
    async with TestServer(inbox.app, host="127.0.0.1") as server:
        opened = channel("discord", str(server.make_url("/discord")))
        target = Target("ops", {"channel_id": CHANNEL}, TOKEN)
        probe = await asyncio.to_thread(opened.probe, target)
    assert [call.warnings for call in inbox.store.calls] == [[], []]
    return probe


@pytest.mark.parametrize("times", [1, 3])
def test_the_channel_posts_once_however_often_it_is_asked(times: int) -> None:
    outcomes, shown = asyncio.run(_sent(times))

    assert {outcome.kind for outcome in outcomes} == {Kind.OK}
    assert len({outcome.message_id for outcome in outcomes}) == 1
    (one,) = shown
    assert "db down" in one["text"]
    assert "over" in one["message"]["embeds"][0]["title"]
    assert one["warnings"] == []


def test_an_answer_that_is_lost_leads_to_no_double() -> None:
    # The message is shown, and the connection cut instead of an answer.
    order = {"webhook": CHANNEL, "mode": "hang", "seconds": 0, "method": "POST"}
    order["when"] = "after_store"
    outcomes, shown = asyncio.run(_sent(2, order))

    assert [outcome.kind for outcome in outcomes] == [Kind.UNKNOWN, Kind.OK]
    (one,) = shown
    assert "over" in one["message"]["embeds"][0]["title"], "the id is of what stands"


async def _sent(
    times: int, order: dict[str, Any] | None = None
) -> tuple[Sequence[Outcome], list[dict[str, Any]]]:
    """(what came of each try, what the inbox shows after an edit)."""
    inbox = build()
    if order is not None:
        inbox.faults.order([read_fault({**order, "times": 1})], append=True)
    presses = (Press("Acknowledge", "ack:1"),)
    one = replace(message("db down"), id="n1-ops", presses=presses)

    def act(base: str) -> list[Outcome]:
        opened = channel("discord", base)
        target = Target("ops", {"channel_id": CHANNEL, "public_key": KEY}, TOKEN)
        assert opened.probe(target).ok
        outcomes = [opened.send([one], target) for _ in range(times)]
        assert isinstance(opened, Editor)
        over: Message = replace(one, title="db down is over")
        outcome = outcomes[-1]
        edit = opened.edit(
            [over], target, outcome.message_id or "", outcome.place or ""
        )
        assert edit.kind is Kind.OK
        return outcomes

    async with TestServer(inbox.app, host="127.0.0.1") as server:
        outcomes = await asyncio.to_thread(act, str(server.make_url("/discord")))
    return outcomes, [each.as_json() for each in inbox.store.select(CHANNEL)]
