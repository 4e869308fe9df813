"""The channel and its stand-in: what one writes, the other takes, and the reverse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import Inbox, build
from local.inbox.faults import read_fault
from tests.unit.channels.messages import HOSTILE, message
from tests.unit.inbox.test_telegram import TOKEN
from tocsin.channels import channel
from tocsin.message import Message
from tocsin.ports import Channel, Kind, Outcome, Target

CHAT = "-1234567890"


def against(inbox: Inbox, act: Callable[[Channel], Any], *, paced: bool = False) -> Any:
    """What the channel makes of the stand-in."""

    async def run() -> Any:
        if not paced:
            for name in inbox.telegram.pacer.limits:
                inbox.telegram.pacer.configure(name, None)
        async with TestServer(inbox.app, host="127.0.0.1") as server:
            opened = channel("telegram", str(server.make_url("/telegram")))
            return await asyncio.to_thread(act, opened)

    return asyncio.run(run())


def target(**settings: Any) -> Target:
    """A destination there."""
    return Target("ops", {"chat": CHAT, **settings}, TOKEN)


def test_whatever_is_said_is_taken_and_calls_nobody() -> None:
    inbox = build()

    def act(opened: Channel) -> list[Outcome]:
        sent = []
        for text in HOSTILE:
            for markup in (False, True):
                one = message(text, markup=markup)
                sent += [opened.send([one], target()), opened.send([one] * 3, target())]
        return sent

    outcomes = against(inbox, act)

    assert {outcome.kind for outcome in outcomes} == {Kind.OK}
    assert not [outcome.reason for outcome in outcomes if outcome.reason]
    kept = list(inbox.store.select())
    assert len(kept) == len(outcomes)
    assert not [one for one in kept if one.pings["users"] or one.warnings]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("blocked", Kind.GONE),
        ("kicked", Kind.GONE),
        ("gone", Kind.GONE),
        ("unauthorized", Kind.GONE),
        ("limited", Kind.LIMITED),
        ("html", Kind.TRANSIENT),
        ("status", Kind.TRANSIENT),
        ("migrated", Kind.OK),
    ],
)
def test_every_order_has_its_outcome(mode: str, kind: Kind) -> None:
    inbox = build()
    inbox.faults.order([read_fault({"mode": mode, "webhook": CHAT, "times": 1})])
    outcome = against(inbox, lambda opened: opened.send([message()], target()))

    assert outcome.kind is kind
    assert bool(outcome.reason)


def test_a_group_that_moved_shows_the_message_where_it_is_now() -> None:
    inbox = build()
    inbox.faults.order([read_fault({"mode": "migrated", "webhook": CHAT})])
    outcome = against(inbox, lambda opened: opened.send([message()], target()))
    (kept,) = inbox.store.select()

    assert outcome.place == kept.webhook == "-1001234567890"


def test_a_topic_that_is_none_does_not_lose_the_message() -> None:
    inbox = build()
    user = Target("ops", {"chat": "77", "topic": 5}, TOKEN)
    outcome = against(inbox, lambda opened: opened.send([message()], user))

    assert outcome.kind is Kind.OK
    assert "topic" in outcome.reason
    assert [one.thread for one in inbox.store.select()] == [None]


def test_whoever_is_granted_is_called() -> None:
    inbox = build()
    one = Message(icon="", title="x", colour=1, at=message().at, pings=("user:5",))
    against(inbox, lambda opened: opened.send([one], target()))

    assert [kept.pings["users"] for kept in inbox.store.select()] == [["5"]]


def test_too_soon_is_a_limit_and_the_pace_asked_for_is_enough() -> None:
    inbox = build()

    def act(opened: Channel) -> list[Outcome]:
        return [opened.send([message()], target()) for _ in range(2)]

    first, second = against(inbox, act, paced=True)

    assert first.pause_ms == 3_000
    assert second.kind is Kind.LIMITED
    assert second.wait_ms == 1_100
