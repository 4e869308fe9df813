"""Edits: what the channels make of a message that stands, as the stand-ins take it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import Inbox, build
from local.inbox.store import Arrival
from tests.unit.channels.messages import HOSTILE, message
from tests.unit.inbox.talk import Talk, talk
from tests.unit.inbox.test_slack import CHANNEL, api
from tocsin.channels import channel
from tocsin.ports import Channel, Editor, Kind, Outcome, Target

ID, SECRET = "112233445566778899", "tok-EN_" + "a1" * 30
TARGETS = {
    "discord": Target("ops", {}, f"https://discord.com/api/webhooks/{ID}/{SECRET}"),
    "slack": Target("ops", {"channel_id": "C0123456789"}, "xoxb-1234567890-1234-abc"),
    "telegram": Target("ops", {"chat": "-1234567890"}, f"110201543:{'A' * 35}"),
}
FORUM = Target(
    "ops", {"thread_name": "Alerts"}, f"https://discord.com/api/webhooks/{ID}/{SECRET}"
)
GREEN = replace(message("it is over"), links=(), preview=None, icon="✅")


def against(inbox: Inbox, name: str, act: Callable[[Channel], Any]) -> Any:
    """What the channel makes of its stand-in, whose limits are off."""

    async def run() -> Any:
        for stand_in in (inbox.discord, inbox.slack, inbox.telegram):
            for limit in stand_in.pacer.limits:
                stand_in.pacer.configure(limit, None)
        async with TestServer(inbox.app, host="127.0.0.1") as server:
            opened = channel(name, str(server.make_url(f"/{name}")))
            return await asyncio.to_thread(act, opened)

    return asyncio.run(run())


def edited(opened: Channel, sent: Outcome, target: Target, count: int = 1) -> Outcome:
    assert isinstance(opened, Editor)
    assert sent.kind is Kind.OK, sent
    messages = [GREEN] * count
    return opened.edit(messages, target, sent.message_id or "", sent.place or "")


def only(inbox: Inbox) -> Arrival:
    (arrival,) = inbox.store.select()
    return arrival


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("count", [1, 2])
def test_a_message_is_changed_where_it_stands_and_marked_as_edited(
    name: str, count: int
) -> None:
    inbox, target = build(), TARGETS[name]

    def act(opened: Channel) -> Outcome:
        sent = opened.send([message()] * count, target)
        return edited(opened, sent, target, count)

    assert against(inbox, name, act).kind is Kind.OK
    arrival = only(inbox)
    assert "it is over" in arrival.text
    assert "checkout-5xx" not in arrival.text
    assert "https://example.com/1" not in arrival.text
    assert arrival.edited_at is not None
    assert (len(arrival.edits), arrival.warnings) == (1, [])
    assert not [call for call in inbox.store.calls if call.warnings]


def test_a_post_in_a_forum_is_found_again_by_its_thread() -> None:
    inbox = build()
    hook = inbox.discord.hooks.find(ID, SECRET)
    hook.kind = "forum"

    def act(opened: Channel) -> Outcome:
        return edited(opened, opened.send([message()], FORUM), FORUM)

    assert against(inbox, "discord", act).kind is Kind.OK
    assert "it is over" in only(inbox).text


@pytest.mark.parametrize("name", TARGETS)
def test_a_message_that_someone_has_deleted_is_missing(name: str) -> None:
    inbox, target = build(), TARGETS[name]

    def act(opened: Channel) -> Outcome:
        sent = opened.send([message()], target)
        inbox.store.remove(only(inbox))
        return edited(opened, sent, target)

    assert against(inbox, name, act).kind is Kind.MISSING


@pytest.mark.parametrize("name", TARGETS)
def test_the_same_edit_twice_succeeds_twice(name: str) -> None:
    inbox, target = build(), TARGETS[name]

    def act(opened: Channel) -> list[Kind]:
        sent = opened.send([message()], target)
        return [edited(opened, sent, target).kind for _ in range(2)]

    assert against(inbox, name, act) == [Kind.OK, Kind.OK]


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_an_edit_says_is_taken_and_calls_nobody(name: str) -> None:
    inbox, target = build(), TARGETS[name]

    def act(opened: Channel) -> set[Kind]:
        assert isinstance(opened, Editor)
        sent = opened.send([GREEN], target)
        where = (sent.message_id or "", sent.place or "")
        return {
            opened.edit([message(text)] * count, target, *where).kind
            for text in HOSTILE
            for count in (1, 3)
        }

    assert against(inbox, name, act) == {Kind.OK}
    assert not [call for call in inbox.store.calls if call.warnings]
    pings = only(inbox).pings
    assert not any(pings[kind] for kind in ("everyone", "users", "roles"))


def test_what_slack_would_ignore_in_an_edit_is_told() -> None:
    async def scenario(t: Talk) -> None:
        sent = (
            await api(t, "chat.postMessage", {"channel": CHANNEL, "text": "a"})
        ).json
        named = {"channel": CHANNEL, "ts": sent["ts"], "text": "b"}
        await api(t, "chat.update", {**named, "username": "X", "unfurl_links": False})

        (call,) = [one for one in t.inbox.store.calls if "chat.update" in one.path]
        assert call.warnings == [
            "ignored by chat.update: unfurl_links",
            "ignored by chat.update: username",
        ]

    talk(scenario)
