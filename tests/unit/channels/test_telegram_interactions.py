"""Telegram's presses: inline buttons, what is read of a press, what is said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import patient
from tests.unit.channels.messages import HOSTILE, message
from tests.unit.telegram_html import broken_limits
from tocsin.channels.telegram import HOST, Telegram, encoding, interactions, runs
from tocsin.channels.telegram.settings import Settings
from tocsin.errors import Malformed
from tocsin.identity import new_id
from tocsin.message import Link, Message, Press
from tocsin.passes import PRESS_ACKNOWLEDGE, PRESS_RESOLVE
from tocsin.ports import Kind, Presser, Target

CHAT, TOKEN = "-1001234567890", f"110201543:{'A' * 35}"
NAME = new_id(1_700_000_000_000, bytes(10))
PRESSES = (Press("Acknowledge", f"ack:{NAME}"), Press("Resolve", f"resolve:{NAME}"))
LINKS = (
    Link("Acknowledge", "https://t.example.com/a/x", acts=True),
    Link("Runbook", "https://example.com/run"),
)
OPEN = replace(message("db down"), links=LINKS, presses=PRESSES)
OWN = Settings(chat=CHAT)


def payload(*messages: Message, hears: bool = True) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        encoding.encoded(messages, OWN, hears=hears).body()
    )
    return told


def rows(told: dict[str, Any]) -> list[list[tuple[str, str]]]:
    keyboard = told.get("reply_markup", {}).get("inline_keyboard", [])
    return [
        [(one["text"], one.get("callback_data") or one["url"]) for one in row]
        for row in keyboard
    ]


def test_a_bot_that_is_heard_has_buttons_that_act_in_place_of_the_link() -> None:
    told = payload(OPEN)

    assert rows(told) == [
        [(one.label, one.name) for one in PRESSES],
        [("Runbook", "https://example.com/run")],
    ]
    assert "/a/x" not in json.dumps(told)
    assert not broken_limits(json.dumps(told).encode())


def test_others_keep_their_links() -> None:
    assert rows(payload(OPEN, hears=False)) == [[(one.label, one.url) for one in LINKS]]


def test_a_link_that_acts_is_no_words_either_where_a_button_does() -> None:
    local = Link("Acknowledge", "http://127.0.0.1:8700/a/x", acts=True)

    assert "/a/" not in payload(replace(OPEN, links=(local,)))["text"]


@pytest.mark.parametrize("act", [PRESS_ACKNOWLEDGE, PRESS_RESOLVE])
def test_a_button_s_name_fits(act: str) -> None:
    assert len(f"{act}:{NAME}".encode()) <= 64


def test_several_notifications_in_one_message_have_links_only() -> None:
    told = payload(OPEN, OPEN)

    assert rows(told) == []
    assert "/a/x" in told["text"]


def test_an_edit_shows_what_can_still_be_done() -> None:
    over = replace(OPEN, presses=(), links=())
    letter = encoding.edited([over], OWN, chat=CHAT, message_id=7, hears=True)

    assert rows(json.loads(letter.body())) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_no_message_with_buttons_breaks_a_limit(text: str) -> None:
    many = tuple(Link(f"L{n}", "https://example.com/" + "x" * 200) for n in range(120))
    told = payload(replace(message(text * 50), presses=PRESSES, links=many))

    assert not broken_limits(json.dumps(told).encode())
    assert rows(told)[0] == [(one.label, one.name) for one in PRESSES]


def test_where_telegram_takes_no_button_the_link_that_acts_stands_in_the_text() -> None:
    refusal = {"ok": False, "error_code": 400, "description": "BUTTON_DATA_INVALID"}
    taken = {"ok": True, "result": {"message_id": 7, "chat": {"id": int(CHAT)}}}
    answers = (loopback.answer(400, refusal), loopback.answer(200, taken))
    with loopback.provider(*answers) as told:
        opened = Telegram(patient(frozenset({HOST}), told.base))
        outcome = opened.send([OPEN], Target("ops", {"chat": CHAT}, TOKEN, hears=True))

    assert outcome.kind is Kind.OK
    last = json.loads(told.requests[-1].body)
    assert rows(last) == []
    assert "https://t.example.com/a/x" in last["text"]


def test_a_press_is_read_with_who_pressed() -> None:
    user = {"id": 42, "username": "ann", "first_name": "Boss"}
    chat = {"id": -100123, "username": "OpsRoom"}
    message = {"message_id": 7, "chat": chat}
    query = {"id": "q", "from": user, "data": "ack:1", "message": message}
    came = interactions.read(json.dumps({"callback_query": query}).encode())

    chats = frozenset({"-100123", "@opsroom"})
    assert came == interactions.Interaction("q", "ack:1", "ann (Telegram)", chats)


@pytest.mark.parametrize(
    ("user", "actor"),
    [
        ({"id": 42, "first_name": "Ann"}, "Ann 42 (Telegram)"),
        ({"id": 42}, "42 (Telegram)"),
        (None, "somebody (Telegram)"),
        ({"username": "a\nb"}, "a b (Telegram)"),
    ],
)
def test_whoever_presses_has_a_name(user: object, actor: str) -> None:
    query = {"id": "q", "from": user, "data": "ack:1"}
    came = interactions.read(json.dumps({"callback_query": query}).encode())

    assert came.actor == actor


@pytest.mark.parametrize("told", [b"", b"[]", b"{", b"1", b"\xff"])
def test_what_is_no_update_is_malformed(told: bytes) -> None:
    with pytest.raises(Malformed):
        interactions.read(told)


@pytest.mark.parametrize("text", HOSTILE)
def test_words_for_who_pressed_fit_and_must_be_read(text: str) -> None:
    told = interactions.answered("q", text * 20)

    assert told["method"] == "answerCallbackQuery"
    assert runs.units(told["text"]) <= 200
    assert told["show_alert"] is True


def test_when_all_is_well_nothing_must_be_read() -> None:
    assert interactions.answered("q")["show_alert"] is False


def test_the_channel_takes_a_secret_token() -> None:
    opened = Telegram(patient(frozenset({HOST}), "http://127.0.0.1:1"))

    assert isinstance(opened, Presser)
    opened.check_signing({"chat": CHAT}, "a" * 32)
