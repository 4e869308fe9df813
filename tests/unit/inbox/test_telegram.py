"""The Telegram stand-in: what it takes, what it refuses, and in which words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.unit.inbox.talk import Answer, Talk, talk

TOKEN = "110201543:AAE-abc_defghijklmnopqrstuvwxyz0123"
GROUP = -1001234567890
USER = 77


async def ask(t: Talk, method: str, body: Any = None, token: str = TOKEN) -> Answer:
    """One call of the Bot API."""
    verb = "GET" if body is None else "POST"
    return await t.call(verb, f"/telegram/bot{token}/{method}", body)


async def send(t: Talk, text: str = "hi", **more: Any) -> Answer:
    """Post, a second after the last one."""
    t.clock.now += 60
    return await ask(t, "sendMessage", {"chat_id": GROUP, "text": text, **more})


def test_a_message_is_answered_as_telegram_would_and_kept() -> None:
    async def scenario(t: Talk) -> None:
        text = '🚨 <b><a href="https://e.example/?a=1&amp;b=2">down &lt;now&gt;</a></b>'
        keyboard = [[{"text": "Logs", "url": "https://e.example/logs"}]]
        answer = await send(
            t,
            text,
            parse_mode="HTML",
            message_thread_id=42,
            reply_markup={"inline_keyboard": keyboard},
        )
        result = answer.json["result"]
        (kept,) = await t.messages()

        assert answer.status == 200
        assert answer.json["ok"] is True
        assert result["text"] == "🚨 down <now>"
        assert result["chat"]["id"] == GROUP
        assert result["message_thread_id"] == 42
        assert {one["type"] for one in result["entities"]} == {"bold", "text_link"}
        assert [one["offset"] for one in result["entities"]] == [3, 3]
        assert kept["provider"] == "telegram"
        assert kept["webhook"] == str(GROUP)
        assert kept["id"] == str(result["message_id"])
        assert kept["text"].split("\n") == [
            "🚨 down <now>",
            "https://e.example/?a=1&b=2",
            "Logs (https://e.example/logs)",
        ]
        assert TOKEN not in json.dumps(kept)
        assert TOKEN not in json.dumps(await t.control("GET", "/calls"))

    talk(scenario)


def test_a_form_and_a_query_are_taken_as_well() -> None:
    async def scenario(t: Talk) -> None:
        asked = urlencode({"chat_id": USER, "text": "by query"})
        assert (await ask(t, f"sendMessage?{asked}")).status == 200
        form = urlencode({"chat_id": GROUP, "text": "by form"}).encode()
        answer = await t.call(
            "POST",
            f"/telegram/bot{TOKEN}/SENDMESSAGE",
            form,
            Content_Type="application/x-www-form-urlencoded",
        )

        assert answer.status == 200
        assert [one["text"] for one in await t.messages()] == ["by query", "by form"]

    talk(scenario)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b>x</i>",
            'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("é <x", "Unclosed start tag at byte offset 3"),
        ("1 < 2 > 1", 'Unsupported start tag "" at byte offset 2'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href>x</a>", "Expected equal sign in declaration of an attribute"),
        ("<a href=x/y>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("<!-- x -->", 'Unsupported start tag "!--"'),
    ],
)
def test_invalid_markup_is_refused_in_telegram_s_words(markup: str, words: str) -> None:
    async def scenario(t: Talk) -> None:
        answer = await send(t, markup, parse_mode="HTML")

        assert answer.status == 400
        assert answer.json["error_code"] == 400
        told = answer.json["description"]
        assert told.startswith(f"Bad Request: can't parse entities: {words}")
        assert await t.messages() == []

    talk(scenario)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x" * 4_097}, "message is too long"),
        ({"text": "𝕏" * 2_049}, "message is too long"),
        ({"text": "x", "parse_mode": "Markup"}, "unsupported parse_mode"),
        ({"text": "\ud800"}, "strings must be encoded in UTF-8"),
        ({"chat_id": None}, "chat_id is empty"),
        ({"chat_id": "nobody"}, "chat not found"),
        ({"message_thread_id": 1}, "message thread not found"),
        ({"message_thread_id": 5, "chat_id": USER}, "message thread not found"),
        ({"message_thread_id": "x"}, "invalid message thread"),
        ({"reply_markup": {"inline_keyboard": 1}}, "object expected as reply markup"),
        ({"reply_markup": "{"}, "can't parse reply keyboard markup JSON"),
    ],
)
def test_what_telegram_would_refuse_is_refused(
    given: dict[str, Any], words: str
) -> None:
    async def scenario(t: Talk) -> None:
        answer = await send(t, **{"text": "x", **given})

        assert answer.status == 400
        assert answer.json["description"].startswith(f"Bad Request: {words}")
        calls = (await t.control("GET", "/calls?refused=1"))["calls"]
        assert words in calls[0]["reason"]

    talk(scenario)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[{"text": "x", "url": "http://grafana:3000"}]], "inline keyboard button URL"),
        ([[{"text": "x", "url": "javascript:x"}]], "inline keyboard button URL"),
        ([[{"text": " ", "url": "https://e.example"}]], "can't parse inline keyboard"),
        ([[{"text": "x"}]], "text buttons are unallowed"),
        ([[{"text": "x", "callback_data": "é" * 33}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "x", "url": "https://e.example"}] * 9], "reply markup is too long"),
        ([[{"text": "x" * 999, "url": "https://e.example"}]] * 11, "reply markup is"),
    ],
)
def test_a_keyboard_has_its_limits(rows: Any, words: str) -> None:
    async def scenario(t: Talk) -> None:
        answer = await send(t, reply_markup={"inline_keyboard": rows})

        assert answer.status == 400
        assert answer.json["description"].startswith(f"Bad Request: {words}")

    talk(scenario)


def test_the_text_is_counted_after_its_markup_is_read() -> None:
    async def scenario(t: Talk) -> None:
        text = "<b>" + "&amp;" * 4_096 + "</b>\n "

        assert (await send(t, text, parse_mode="HTML")).status == 200

    talk(scenario)


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ('<a href="tg://user?id=5">Ada</a>', ["5"]),
        ("hi @everyone", ["@everyone"]),
        ("hi @\u2060everyone ada@example.com <code>@x1</code>", []),
    ],
)
def test_it_is_seen_who_would_be_called(text: str, users: list[str]) -> None:
    async def scenario(t: Talk) -> None:
        await send(t, text, parse_mode="HTML", disable_notification=True)
        (kept,) = await t.messages()

        assert kept["pings"]["users"] == users
        assert kept["pings"]["silent"] is True

    talk(scenario)


def test_a_chat_takes_one_a_second_and_says_how_long_to_wait() -> None:
    async def scenario(t: Talk) -> None:
        body = {"chat_id": USER, "text": "x"}
        first, second = [await ask(t, "sendMessage", body) for _ in range(2)]
        other = await ask(t, "sendMessage", {**body, "chat_id": 78})
        t.clock.now += 1
        later = await ask(t, "sendMessage", body)

        assert (first.status, other.status, later.status) == (200, 200, 200)
        assert second.status == 429
        assert second.headers["Retry-After"] == "1"
        assert second.json["parameters"] == {"retry_after": 1}
        assert second.json["description"] == "Too Many Requests: retry after 1"

    talk(scenario)


def test_a_group_takes_twenty_a_minute() -> None:
    async def scenario(t: Talk) -> None:
        body = {"chat_id": GROUP, "text": "x"}
        for _ in range(20):
            assert (await ask(t, "sendMessage", body)).status == 200
            t.clock.now += 1
        answer = await ask(t, "sendMessage", body)

        assert answer.status == 429
        assert answer.json["parameters"]["retry_after"] == 40

    talk(scenario)


def test_limits_are_switched_by_the_control_api() -> None:
    async def scenario(t: Talk) -> None:
        told = await t.control("POST", "/limits", {"telegram_per_chat": None})
        body = {"chat_id": USER, "text": "x"}
        answers = [(await ask(t, "sendMessage", body)).status for _ in range(3)]
        await t.control("POST", "/reset")

        assert told["telegram_per_chat"] is None
        assert told["telegram_per_group"] == [20, 60.0]
        assert answers == [200, 200, 200]
        limits = await t.control("GET", "/limits")
        assert limits["telegram_per_chat"] == [1, 1.0]

    talk(scenario)


def test_a_message_is_edited_and_deleted() -> None:
    async def scenario(t: Talk) -> None:
        number = (await send(t, "down")).json["result"]["message_id"]
        which = {"chat_id": GROUP, "message_id": number}
        edited = await ask(t, "editMessageText", {**which, "text": "up"})
        same = await ask(t, "editMessageText", {**which, "text": "up"})
        (kept,) = await t.messages()
        deleted = await ask(t, "deleteMessage", which)
        again = await ask(t, "deleteMessage", which)
        lost = await ask(t, "editMessageText", {**which, "text": "x"})

        assert edited.json["result"]["text"] == "up"
        assert "message is not modified" in same.json["description"]
        assert kept["text"] == "up"
        assert deleted.json == {"ok": True, "result": True}
        assert again.json["description"].endswith("message to delete not found")
        assert lost.json["description"].endswith("message to edit not found")

    talk(scenario)


def test_bot_and_chat_tell_about_themselves() -> None:
    async def scenario(t: Talk) -> None:
        bot = (await ask(t, "getMe")).json["result"]
        kinds = []
        for chat in (USER, -5, GROUP, "@alerts"):
            found = (await ask(t, f"getChat?chat_id={chat}")).json["result"]
            kinds.append(found["type"])

        assert bot["id"] == 110201543
        assert bot["is_bot"] is True
        assert kinds == ["private", "group", "supergroup", "channel"]

    talk(scenario)


@pytest.mark.parametrize("token", ["1:x", "x", TOKEN + "x"])
def test_a_token_that_is_none_is_not_found(token: str) -> None:
    async def scenario(t: Talk) -> None:
        answer = await ask(t, "getMe", token=token)

        assert answer.status == 404
        assert answer.json == {
            "ok": False,
            "error_code": 404,
            "description": "Not Found",
        }
        assert (await ask(t, "sendDice")).status == 404

    talk(scenario)


@pytest.mark.parametrize(
    ("order", "status", "seen"),
    [
        ({"mode": "blocked"}, 403, "Forbidden: bot was blocked by the user"),
        ({"mode": "kicked"}, 403, "Forbidden: bot was kicked from the supergroup"),
        ({"mode": "gone"}, 400, "Bad Request: chat not found"),
        ({"mode": "unauthorized"}, 401, "Unauthorized"),
        ({"mode": "migrated"}, 400, '"migrate_to_chat_id":-1001234567890'),
        ({"mode": "limited", "retry_after": 7}, 429, '"retry_after":7'),
        ({"mode": "html"}, 502, "nginx"),
        ({"mode": "status", "status": 500}, 500, "Internal Server Error"),
        ({"mode": "status", "status": 400, "body": {"ok": False}}, 400, "false"),
    ],
)
def test_a_chat_fails_as_ordered_and_then_works_again(
    order: dict[str, Any], status: int, seen: str
) -> None:
    async def scenario(t: Talk) -> None:
        chat = "-1234567890"
        await t.control("POST", "/behaviour", {"webhook": chat, "times": 1, **order})
        failed = await send(t, chat_id=chat)

        assert failed.status == status
        assert seen in failed.text
        assert (await send(t, chat_id=chat)).status == 200
        assert len(await t.messages()) == 1

    talk(scenario)


def test_what_is_kept_although_the_answer_fails_is_seen() -> None:
    async def scenario(t: Talk) -> None:
        order = {"mode": "status", "status": 500, "when": "after_store", "times": 1}
        await t.control("POST", "/behaviour", order)

        assert (await send(t)).status == 500
        assert len(await t.messages()) == 1

    talk(scenario)
