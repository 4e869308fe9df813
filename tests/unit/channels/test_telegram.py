"""Telegram: the channel as a whole, against a provider on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import (
    ChannelContract,
    EditorContract,
    impatient,
    patient,
)
from tests.unit.channels.messages import message
from tests.unit.telegram_html import broken_limits, pinged
from tocsin.channels import channel
from tocsin.channels.telegram import HOST, Telegram
from tocsin.ports import Channel, Kind, Outcome, Probe, Target

SECRET = "AAE-abc_defghijklmnopqrstuvwxyz0123"
TOKEN = f"110201543:{SECRET}"
CHAT = "-1001234567890"


def refused(status: int, words: str, **parameters: Any) -> dict[str, Any]:
    """The body of a refusal, as Telegram writes it."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": words}
    return body | ({"parameters": parameters} if parameters else {})


def accepted(chat: int = int(CHAT), number: int = 7) -> dict[str, Any]:
    """The body of a success."""
    return {"ok": True, "result": {"message_id": number, "chat": {"id": chat}}}


def told(
    *behaviours: loopback.Behaviour, chat: str = CHAT, **settings: Any
) -> tuple[Outcome, list[dict[str, Any]]]:
    """(outcome, the bodies that came) of one message to a provider that does this."""
    with loopback.provider(*behaviours) as provider:
        made = impatient if loopback.hang in behaviours else patient
        opened = Telegram(made(frozenset({HOST}), provider.base))
        target = Target("ops", {"chat": chat, **settings}, TOKEN)
        outcome = opened.send([message()], target)
    return outcome, [json.loads(request.body) for request in provider.requests]


BAD = "Bad Request: "
NO = "Forbidden: "


class TestTelegramKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "telegram"
    given = {"token": TOKEN, "chat": CHAT}
    secret_parts = (TOKEN, SECRET)
    answers: tuple[tuple[int, object, Mapping[str, str], Kind], ...] = (
        (200, accepted(), {}, Kind.OK),
        (200, refused(500, "Internal Server Error"), {}, Kind.TRANSIENT),
        *(
            (403, refused(403, NO + words), {}, Kind.GONE)
            for words in (
                "bot was blocked by the user",
                "user is deactivated",
                "bot was kicked from the group chat",
                "bot was kicked from the supergroup chat",
                "bot is not a member of the channel chat",
                "the group chat was deleted",
                "bot can't initiate conversation with a user",
                "bot can't send messages to bots",
            )
        ),
        (400, refused(400, BAD + "chat not found"), {}, Kind.GONE),
        (401, refused(401, "Unauthorized"), {}, Kind.GONE),
        (404, refused(404, "Not Found"), {}, Kind.GONE),
        *(
            (400, refused(400, BAD + words), {}, Kind.PERMANENT)
            for words in (
                "message is too long",
                "message text is empty",
                "can't parse entities: Unexpected end tag at byte offset 4",
                "reply markup is too long",
                "BUTTON_URL_INVALID",
                "not enough rights to send text messages to the chat",
                "have no rights to send a message",
                "TOPIC_CLOSED",
                "something new",
            )
        ),
        (403, refused(403, NO + "CHAT_WRITE_FORBIDDEN"), {}, Kind.PERMANENT),
        (403, refused(403, NO + "something new"), {}, Kind.PERMANENT),
        (409, refused(409, "Conflict"), {}, Kind.PERMANENT),
        (413, refused(413, "Request Entity Too Large"), {}, Kind.PERMANENT),
        (429, refused(429, "Too Many Requests", retry_after=3), {}, Kind.LIMITED),
        (429, b"<html>", {}, Kind.LIMITED),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504)),
        (302, None, {}, Kind.TRANSIENT),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return Telegram(impatient(frozenset({HOST}), base))

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        assert broken_limits(request.body) == []
        assert pinged(request.body) == set()


class TestTelegramKeepsTheEditorsContract(TestTelegramKeepsTheContract, EditorContract):
    """The kit again, for edits."""

    posted = ("7", CHAT)
    pings = ("user:1234567",)
    missing = (
        (400, refused(400, BAD + "message to edit not found")),
        (400, refused(400, BAD + "message can't be edited")),
        (400, refused(400, BAD + "MESSAGE_ID_INVALID")),
    )

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        body = json.loads(request.body)
        assert request.path == f"/bot{TOKEN}/editMessageText"
        assert body.pop("message_id") == 7
        assert broken_limits(json.dumps(body).encode()) == []
        assert pinged(request.body) == set()


def edited(
    *behaviours: loopback.Behaviour, place: str = CHAT, **settings: Any
) -> tuple[Outcome, list[dict[str, Any]]]:
    """(outcome, the bodies that came) of one edit."""
    with loopback.provider(*behaviours) as provider:
        opened = Telegram(patient(frozenset({HOST}), provider.base))
        target = Target("ops", {"chat": CHAT, **settings}, TOKEN)
        outcome = opened.edit([message()], target, "7", place)
    return outcome, [json.loads(request.body) for request in provider.requests]


def test_an_edit_keeps_the_buttons_and_says_nothing_of_topic_or_sound() -> None:
    taken = loopback.answer(200, accepted())
    outcome, (body,) = edited(taken, place="-42", topic=42, silent="always")

    assert outcome.kind is Kind.OK
    assert (body["chat_id"], body["message_id"]) == (-42, 7)
    assert body["reply_markup"]["inline_keyboard"]
    assert not {"message_thread_id", "disable_notification"} & set(body)


def test_an_edit_that_changes_nothing_has_succeeded() -> None:
    words = (
        "message is not modified: specified new message content and reply markup are "
        "exactly the same as a current content and reply markup of the message"
    )
    outcome, _ = edited(loopback.answer(400, refused(400, BAD + words)))

    assert outcome.kind is Kind.OK


def test_a_group_that_has_moved_took_its_messages_with_it() -> None:
    words = "group chat was upgraded to a supergroup chat"
    outcome, (_, second) = edited(
        loopback.answer(400, refused(400, BAD + words, migrate_to_chat_id=-100777)),
        loopback.answer(400, refused(400, BAD + "message to edit not found")),
        place="-5",
    )

    assert second["chat_id"] == -100777
    assert outcome.kind is Kind.MISSING


def test_an_edit_whose_markup_is_refused_is_made_in_plain_text() -> None:
    words = "can't parse entities: Unexpected end tag at byte offset 4"
    outcome, (_, second) = edited(
        loopback.answer(400, refused(400, BAD + words)),
        loopback.answer(200, accepted()),
    )

    assert outcome.kind is Kind.OK
    assert (second["message_id"], "parse_mode" in second) == (7, False)


def test_a_message_goes_to_the_chat_and_its_id_is_kept() -> None:
    with loopback.provider(loopback.answer(200, accepted())) as provider:
        target = Target("ops", {"chat": CHAT, "topic": 42}, TOKEN)
        outcome = channel("telegram", provider.base).send([message()], target)

    (request,) = provider.requests
    body = json.loads(request.body)
    assert (request.method, request.path) == ("POST", f"/bot{TOKEN}/sendMessage")
    assert request.headers["content-type"] == "application/json"
    assert (body["chat_id"], body["message_thread_id"]) == (int(CHAT), 42)
    assert body["parse_mode"] == "HTML"
    assert (outcome.message_id, outcome.place) == ("7", CHAT)
    assert outcome.reason == ""


@pytest.mark.parametrize(
    ("chat", "place", "pause"),
    [("77", 77, 1_000), (CHAT, int(CHAT), 3_000), ("@alerts", -100123, 3_000)],
)
def test_the_pace_is_a_second_and_in_groups_three(
    chat: str, place: int, pause: int
) -> None:
    outcome, bodies = told(loopback.answer(200, accepted(place)), chat=chat)

    assert outcome.pause_ms == pause
    assert bodies[0]["chat_id"] == (chat if chat.startswith("@") else int(chat))


@pytest.mark.parametrize(
    ("body", "headers", "wait"),
    [
        (refused(429, "x", retry_after=3), {}, 3_100),
        (refused(429, "x", retry_after=3), {"Retry-After": "5"}, 5_100),
        (refused(429, "x"), {"Retry-After": "2"}, 2_100),
        (refused(429, "x", retry_after="soon"), {}, 1_000),
        (refused(429, "x", retry_after=-4), {}, 1_000),
        (b"<html>", {}, 1_000),
    ],
)
def test_the_longest_wait_that_is_asked_for_counts(
    body: object, headers: dict[str, str], wait: int
) -> None:
    outcome, bodies = told(loopback.answer(429, body, headers))

    assert (outcome.kind, outcome.wait_ms) == (Kind.LIMITED, wait)
    assert not outcome.everywhere
    assert len(bodies) == 1


GONE_TOPIC = refused(400, BAD + "message thread not found")
ODD_MARKUP = refused(400, BAD + "can't parse entities: Unexpected end tag")
ODD_BUTTON = refused(400, BAD + "inline keyboard button URL is invalid")
UPGRADED = refused(
    400,
    BAD + "group chat was upgraded to a supergroup chat",
    migrate_to_chat_id=-1009,
)


def test_a_group_that_moved_is_followed_and_its_new_id_is_told() -> None:
    outcome, bodies = told(
        loopback.answer(400, UPGRADED), loopback.answer(200, accepted(-1009)), chat="-9"
    )

    assert [body["chat_id"] for body in bodies] == [-9, -1009]
    assert (outcome.kind, outcome.place) == (Kind.OK, "-1009")
    assert "-1009" in outcome.reason


def test_a_group_that_moved_is_found_at_once_the_next_time() -> None:
    answers = [loopback.answer(400, UPGRADED), loopback.answer(200, accepted(-1009))]
    with loopback.provider(*answers) as provider:
        opened = channel("telegram", provider.base)
        target = Target("ops", {"chat": "-9"}, TOKEN)
        outcomes = [opened.send([message()], target) for _ in range(2)]

    chats = [json.loads(request.body)["chat_id"] for request in provider.requests]
    assert chats == [-9, -1009, -1009]
    assert all("-1009" in outcome.reason for outcome in outcomes)


def test_two_groups_that_name_each_other_are_not_followed_for_ever() -> None:
    back = refused(400, "moved", migrate_to_chat_id=-9)
    outcome, bodies = told(
        *[loopback.answer(400, UPGRADED), loopback.answer(400, back)] * 5, chat="-9"
    )

    assert outcome.kind is not Kind.OK
    assert len(bodies) <= 5


def test_a_topic_that_is_gone_does_not_lose_the_message() -> None:
    outcome, bodies = told(
        loopback.answer(400, GONE_TOPIC), loopback.answer(200, accepted()), topic=42
    )

    assert [body.get("message_thread_id") for body in bodies] == [42, None]
    assert outcome.kind is Kind.OK
    assert "topic" in outcome.reason


def test_markup_that_is_not_taken_is_sent_once_more_as_plain_text() -> None:
    outcome, bodies = told(
        loopback.answer(400, ODD_MARKUP), loopback.answer(200, accepted())
    )

    assert "parse_mode" not in bodies[1]
    assert "<b>" not in bodies[1]["text"]
    assert "checkout-5xx is in ALARM" in bodies[1]["text"]
    assert bodies[1]["reply_markup"] == bodies[0]["reply_markup"]
    assert outcome.kind is Kind.OK
    assert "plain" in outcome.reason


def test_a_button_that_is_not_taken_becomes_a_link_in_the_text() -> None:
    outcome, bodies = told(
        loopback.answer(400, ODD_BUTTON), loopback.answer(200, accepted())
    )

    assert "reply_markup" not in bodies[1]
    assert "https://example.com/0" in bodies[1]["text"]
    assert outcome.kind is Kind.OK


def test_everything_that_can_be_changed_is_changed_once() -> None:
    outcome, bodies = told(
        loopback.answer(400, UPGRADED),
        loopback.answer(400, GONE_TOPIC),
        loopback.answer(400, ODD_BUTTON),
        loopback.answer(400, ODD_MARKUP),
        loopback.answer(400, ODD_MARKUP),
        chat="-9",
        topic=42,
    )

    assert outcome.kind is Kind.PERMANENT
    assert len(bodies) == 5
    assert all(len(body["text"]) <= 4_096 for body in bodies[4:])


def test_all_of_it_takes_no_longer_than_one_call() -> None:
    def slowly(sock: Any) -> None:
        time.sleep(0.6)
        loopback.answer(400, UPGRADED)(sock)

    began = time.monotonic()
    outcome, _ = told(slowly, loopback.hang, chat="-9")

    # Less than the hang alone would take, however busy the machine is.
    assert time.monotonic() - began < 2.9
    assert outcome.kind is Kind.UNKNOWN


def probed(*behaviours: loopback.Behaviour) -> tuple[Probe, list[loopback.Seen]]:
    """What asking after a destination tells, and which requests it took."""
    with loopback.provider(*behaviours) as provider:
        target = Target("ops", {"chat": "@alerts"}, TOKEN)
        probe = channel("telegram", provider.base).probe(target)
    return probe, provider.requests


def test_a_probe_asks_for_bot_and_chat_and_posts_nothing() -> None:
    bot = {"id": 1, "is_bot": True, "first_name": "Tocsin", "username": "tocsin_bot"}
    chat = {"id": -100, "type": "supergroup", "title": "Ops", "is_forum": True}
    probe, requests = probed(
        loopback.answer(200, {"ok": True, "result": bot}),
        loopback.answer(200, {"ok": True, "result": chat}),
    )

    assert [request.method for request in requests] == ["GET", "GET"]
    assert requests[0].path.endswith("/getMe")
    assert parse_qs(urlsplit(requests[1].path).query) == {"chat_id": ["@alerts"]}
    assert probe.ok
    assert probe.details == {
        "bot": "tocsin_bot",
        "chat": "Ops",
        "type": "supergroup",
        "topics": "yes",
    }


def test_a_probe_tells_a_good_bot_from_a_chat_it_cannot_see() -> None:
    probe, _ = probed(
        loopback.answer(200, {"ok": True, "result": {}}),
        loopback.answer(400, refused(400, BAD + "chat not found")),
    )

    assert not probe.ok
    assert "add the bot" in probe.reason


def test_a_reason_says_what_to_do_next() -> None:
    outcome, _ = told(loopback.answer(403, refused(403, NO + "bot was kicked from")))

    assert "add it again" in outcome.reason
    assert CHAT in outcome.reason
    assert "ops" in outcome.reason


def test_more_messages_than_one_call_holds_are_not_cut_silently() -> None:
    with loopback.provider(loopback.answer(200, {})) as provider:
        target = Target("ops", {"chat": CHAT}, TOKEN)
        outcome = channel("telegram", provider.base).send([message()] * 11, target)

    assert outcome.kind is Kind.PERMANENT
    assert provider.requests == []


@pytest.mark.parametrize("ahead", range(100, 200, 7))
def test_no_part_of_the_token_is_left_where_a_reason_is_cut(ahead: int) -> None:
    echo = refused(400, "x" * ahead + f" /bot{TOKEN}/sendMessage")
    outcome, _ = told(loopback.answer(400, echo))

    assert SECRET[:8] not in outcome.reason
