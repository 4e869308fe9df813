"""Slack's presses: buttons in messages, what is read of a press, what is said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.messages import HOSTILE, message
from tests.unit.slack_limits import broken_limits
from tocsin.channels.slack import API, Slack, encoding, interactions, open_channel
from tocsin.channels.slack.settings import Settings
from tocsin.errors import Invalid, Malformed
from tocsin.message import Link, Message, Press
from tocsin.ports import Presser, Target

BOT = {"channel_id": "C0123456789"}
TOKEN, SECRET = "xoxb-1-abcdefghij", "0123456789abcdef" * 2
RESPOND = "https://hooks.slack.com/actions/T0/1/key"
PRESSES = (Press("Acknowledge", "ack:1"), Press("Resolve", "resolve:1"))
LINKS = (
    Link("Acknowledge", "https://t.example.com/a/x", acts=True),
    Link("Runbook", "https://example.com/run"),
)
OPEN = replace(message("db down"), links=LINKS, presses=PRESSES, picture=None)


def payload(
    *messages: Message, bot: bool = True, hears: bool = True, **own: Any
) -> dict[str, Any]:
    settings = Settings.model_validate({**(BOT if bot else {}), **own})
    body = encoding.encoded(messages, settings, bot=bot, hears=hears)
    told: dict[str, Any] = json.loads(body)
    return told


def buttons(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (one["text"]["text"], one.get("value") or one["url"])
        for attachment in told["attachments"]
        for block in attachment["blocks"]
        if block["type"] == "actions"
        for one in block["elements"]
    ]


def test_a_bot_that_is_heard_has_buttons_that_act_in_place_of_the_link() -> None:
    told = payload(OPEN)

    assert buttons(told) == [
        ("Acknowledge", "ack:1"),
        ("Resolve", "resolve:1"),
        ("Runbook", "https://example.com/run"),
    ]
    assert "/a/x" not in json.dumps(told)
    assert not broken_limits(json.dumps(told).encode(), bot=True)


@pytest.mark.parametrize("how", [{"hears": False}, {"bot": False}])
def test_others_keep_their_links(how: dict[str, bool]) -> None:
    assert buttons(payload(OPEN, **how)) == [(one.label, one.url) for one in LINKS]


def test_buttons_that_act_stay_where_links_are_words() -> None:
    for told in (
        payload(OPEN, buttons=False),
        payload(replace(OPEN, links=(*LINKS, Link("Graph", "http://grafana:3000")))),
    ):
        assert buttons(told) == [(one.label, one.name) for one in PRESSES]
        assert "https://example.com/run" in json.dumps(told)


def test_several_notifications_in_one_message_have_links_only() -> None:
    told = payload(OPEN, OPEN)

    assert buttons(told) == []
    assert "/a/x" in json.dumps(told)


def test_an_edit_shows_what_can_still_be_done() -> None:
    over = replace(OPEN, presses=PRESSES[1:], links=LINKS[1:])
    own = Settings.model_validate(BOT)
    body = encoding.edited([over], own, channel="C1", ts="1.1", hears=True)

    assert buttons(json.loads(body)) == [
        ("Resolve", "resolve:1"),
        ("Runbook", "https://example.com/run"),
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_message_with_buttons_breaks_a_limit(text: str) -> None:
    many = tuple(Link(f"L{n}", "https://example.com/" + "x" * 2000) for n in range(30))
    told = payload(replace(message(text * 50), presses=PRESSES, links=many))

    assert not broken_limits(json.dumps(told).encode(), bot=True)
    assert buttons(told)[:2] == [(one.label, one.name) for one in PRESSES]


def body(**told: Any) -> bytes:
    return urlencode({"payload": json.dumps(told)}).encode()


def test_a_press_is_read_with_who_and_where_to_answer() -> None:
    came = interactions.read(
        body(
            type="block_actions",
            user={"id": "U1", "username": "ann", "name": "ann", "team_id": "T1"},
            channel={"id": "C0123456789", "name": "alarms"},
            response_url=RESPOND,
            actions=[{"type": "button", "action_id": "ack:1", "value": "ack:1"}],
        )
    )

    assert came == interactions.Interaction(
        "ack:1", "ann (Slack)", "C0123456789", RESPOND
    )


@pytest.mark.parametrize(
    ("user", "actor"),
    [
        ({"id": "U1"}, "U1 (Slack)"),
        ({}, "somebody (Slack)"),
        ({"username": "a\nb\u202e"}, "a b (Slack)"),
    ],
)
def test_whoever_presses_has_a_name(user: dict[str, str], actor: str) -> None:
    assert interactions.read(body(type="block_actions", user=user)).actor == actor


@pytest.mark.parametrize(
    "told", [b"", b"payload=", b"payload=[]", b"[]", b"{", b"\xff"]
)
def test_what_is_no_interaction_is_malformed(told: bytes) -> None:
    with pytest.raises(Malformed):
        interactions.read(told)


@pytest.mark.parametrize("text", [*HOSTILE, "<!channel> & <@U024BE7LH>"])
def test_a_whisper_pings_nobody_and_leaves_the_message(text: str) -> None:
    told = json.loads(interactions.whispered(text))

    assert (told["response_type"], told["replace_original"]) == ("ephemeral", False)
    assert "<!" not in told["text"]
    assert "<@" not in told["text"]


def test_a_whisper_goes_where_the_press_says() -> None:
    with loopback.provider(loopback.answer(200, b"ok")) as told:
        opened = open_channel(told.base)
        assert isinstance(opened, Slack)
        opened.whisper(RESPOND, "Nothing to do")
        opened.whisper(f"{API}/../evil".replace("slack.com", "evil.example"), "no")

    (request,) = told.requests
    assert request.path == "/actions/T0/1/key"
    assert "authorization" not in request.headers


def test_a_whisper_that_nobody_takes_is_not_our_trouble() -> None:
    with loopback.deaf_port() as base:
        opened = open_channel(base)
        assert isinstance(opened, Slack)
        opened.whisper(RESPOND, "Nothing to do")


def test_what_the_target_hears_is_what_is_posted() -> None:
    shown = {"ok": True, "ts": "1700000000.000001", "channel": "C0123456789"}
    with loopback.provider(loopback.answer(200, shown)) as told:
        opened = open_channel(told.base)
        for hears in (True, False):
            opened.send([OPEN], Target("ops", BOT, TOKEN, hears=hears))

    named = [b'"value":"ack:1"' in request.body for request in told.requests]
    assert named == [True, False]


def test_a_bot_s_signing_secret_is_taken_and_a_webhook_s_refused() -> None:
    opened = open_channel()
    assert isinstance(opened, Presser)
    opened.check_signing(BOT, SECRET)

    with pytest.raises(Invalid, match="incoming webhook"):
        opened.check_signing({}, SECRET)
