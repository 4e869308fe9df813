"""The Slack stand-in: what it takes, what it refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.channels.messages import message
from tests.unit.inbox.talk import Answer, Talk, talk
from tocsin.channels.slack.encoding import encoded
from tocsin.channels.slack.settings import Settings

HOOK = "/slack/services/T0AAAAAAA/B0BBBBBBB/secretsecret"
TOKEN = "Bearer xoxb-1-2-abc"
CHANNEL = "C0123456789"
HELLO = {"text": "hello"}


def _section(text: Any = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


async def api(t: Talk, method: str, body: Any, **headers: str) -> Answer:
    """Call a method of the API."""
    sent = {
        "Authorization": TOKEN,
        "Content_Type": "application/json; charset=utf-8",
        **headers,
    }
    return await t.call("POST", f"/slack/api/{method}", body, **sent)


def test_a_webhook_answers_ok_and_nothing_else() -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call("POST", HOOK, HELLO)
        (arrived,) = await t.messages()

        assert (answer.status, answer.text) == (200, "ok")
        assert (arrived["provider"], arrived["webhook"]) == ("slack", "B0BBBBBBB")
        assert arrived["text"] == "hello"
        assert "secretsecret" not in str(arrived)

    talk(scenario)


def test_a_bot_gets_a_ts_with_which_it_changes_and_deletes() -> None:
    async def scenario(t: Talk) -> None:
        body = {**HELLO, "channel": CHANNEL, "thread_ts": "1700000000.000001"}
        posted = (await api(t, "chat.postMessage", body)).json
        named = {"channel": CHANNEL, "ts": posted["ts"]}
        updated = await api(t, "chat.update", {**named, "text": "bye"})
        (arrived,) = await t.messages()
        deleted = await api(t, "chat.delete", named)
        again = await api(t, "chat.delete", named)

        assert posted["ok"] is True
        assert posted["channel"] == CHANNEL
        assert updated.json["ok"] is True
        assert (arrived["text"], arrived["webhook"]) == ("bye", CHANNEL)
        assert arrived["thread"]["id"] == "1700000000.000001"
        assert "xoxb" not in str(arrived)
        assert deleted.json["ok"] is True
        assert again.json["error"] == "message_not_found"

    talk(scenario)


def test_two_messages_at_one_moment_have_two_ts() -> None:
    async def scenario(t: Talk) -> None:
        body = {**HELLO, "channel": CHANNEL}
        found = {(await api(t, "chat.postMessage", body)).json["ts"] for _ in range(3)}

        assert len(found) == 3

    talk(scenario)


def test_a_bot_is_told_who_it_is_and_what_its_channel_is() -> None:
    async def scenario(t: Talk) -> None:
        who = (await api(t, "auth.test", {})).json
        path = f"/slack/api/conversations.info?channel={CHANNEL}"
        info = (await t.call("GET", path, Authorization=TOKEN)).json

        assert who["user"] == "tocsin"
        assert info["channel"]["id"] == CHANNEL
        assert info["channel"]["is_member"] is True

    talk(scenario)


@pytest.mark.parametrize(
    ("method", "body", "headers", "error"),
    [
        ("chat.postMessage", {**HELLO, "channel": "#alerts"}, {}, "channel_not_found"),
        ("chat.postMessage", {"channel": CHANNEL}, {}, "no_text"),
        ("chat.postMessage", HELLO, {"Authorization": ""}, "not_authed"),
        ("chat.postMessage", HELLO, {"Authorization": "Bearer x"}, "invalid_auth"),
        ("chat.postMessage", b"{", {}, "invalid_json"),
        ("chat.postMessage", b"[]", {}, "json_not_object"),
        ("chat.postMessage", b"x", {"Content_Type": "text/plain"}, "invalid_post_type"),
        ("chat.nothing", {}, {}, "unknown_method"),
        (
            "chat.postMessage",
            {**HELLO, "channel": CHANNEL, "thread_ts": "now"},
            {},
            "invalid_thread_ts",
        ),
    ],
)
def test_the_api_says_no_with_a_200(
    method: str, body: Any, headers: dict[str, str], error: str
) -> None:
    async def scenario(t: Talk) -> None:
        answer = await api(t, method, body, **headers)

        assert answer.status == 200
        assert answer.json["ok"] is False
        assert answer.json["error"] == error

    talk(scenario)


LONG = {"type": "mrkdwn", "text": "x" * 2001}
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"{", 400, "invalid_payload"),
        ({}, 400, "no_text"),
        ({**HELLO, "channel": CHANNEL}, 404, "channel_not_found"),
        ({"blocks": [_section("x" * 3001)]}, 400, "invalid_blocks"),
        ({"blocks": [_section("")]}, 400, "invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, 400, "invalid_blocks"),
        ({"blocks": [{"type": "section", "fields": [LONG]}]}, 400, "invalid_blocks"),
        ({"blocks": [{"type": "carousel"}]}, 400, "invalid_blocks"),
        ({"blocks": [_section()] * 51}, 400, "invalid_blocks"),
        ({"blocks": [_section(block_id="a")] * 2}, 400, "invalid_blocks"),
        ({"blocks": [{"type": "context", "elements": []}]}, 400, "invalid_blocks"),
        (
            {"blocks": [{"type": "actions", "elements": [{**BUTTON, "url": "x"}]}]},
            400,
            "invalid_blocks",
        ),
        (
            {"blocks": [{"type": "header", "text": LONG}]},
            400,
            "invalid_blocks",
        ),
        ({"attachments": [{"blocks": [_section()] * 21}]}, 400, "invalid_attachments"),
        ({"attachments": [{"blocks": []}]}, 400, "invalid_attachments"),
        ({"attachments": [{"text": "x"}] * 101}, 400, "too_many_attachments"),
        ({"blocks": [_section("x" * 2700)] * 5}, 400, "msg_blocks_too_long"),
    ],
)
def test_a_webhook_says_no_with_a_word(body: Any, status: int, error: str) -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call("POST", HOOK, body)

        assert (answer.status, answer.text) == (status, error)
        assert await t.messages() == []

    talk(scenario)


def test_the_api_says_where_a_block_is_wrong() -> None:
    async def scenario(t: Talk) -> None:
        body = {"channel": CHANNEL, "blocks": [_section(), _section("x" * 3001)]}
        answer = (await api(t, "chat.postMessage", body)).json

        (told,) = answer["response_metadata"]["messages"]
        assert "less than 3001" in told
        assert "json-pointer:/blocks/1/text/text" in told

    talk(scenario)


def test_more_than_one_a_second_is_held_back_after_a_burst() -> None:
    async def scenario(t: Talk) -> None:
        for _ in range(5):
            assert (await t.call("POST", HOOK, HELLO)).status == 200
        held = await t.call("POST", HOOK, HELLO)
        other = await api(t, "chat.postMessage", {**HELLO, "channel": CHANNEL})
        t.clock.now += 5
        later = await t.call("POST", HOOK, HELLO)

        assert (held.status, held.headers["Retry-After"]) == (429, "5")
        assert other.json["ok"] is True
        assert later.status == 200
        for _ in range(12):
            t.clock.now += 1
            assert (await t.call("POST", HOOK, HELLO)).status == 200

    talk(scenario)


def test_the_limit_can_be_changed_and_comes_back() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/limits", {"slack_per_channel": None})
        for _ in range(20):
            assert (await t.call("POST", HOOK, HELLO)).status == 200
        await t.control("POST", "/reset")
        limits = await t.control("GET", "/limits")

        assert limits["slack_per_channel"] == [5, 5.0]

    talk(scenario)


@pytest.mark.parametrize(
    ("order", "hook", "bot"),
    [
        ({"mode": "gone"}, (404, "no_service"), (200, "is_archived")),
        ({"mode": "unauthorized"}, (403, "invalid_token"), (200, "token_revoked")),
        (
            {"mode": "limited", "seconds": 7},
            (429, "rate_limited"),
            (429, "ratelimited"),
        ),
        ({"mode": "html"}, (503, "Slack is down"), (503, "Slack is down")),
        (
            {"mode": "status", "status": 500, "body": "rollup_error"},
            (500, "rollup_error"),
            (500, "rollup_error"),
        ),
    ],
)
def test_ordered_faults_come_in_slacks_own_words(
    order: dict[str, Any], hook: tuple[int, str], bot: tuple[int, str]
) -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", order)
        by_hook = await t.call("POST", HOOK, HELLO)
        by_bot = await api(t, "chat.postMessage", {**HELLO, "channel": CHANNEL})

        assert by_hook.status == hook[0]
        assert hook[1] in by_hook.text
        assert by_bot.status == bot[0]
        assert bot[1] in by_bot.text
        assert await t.messages() == []

    talk(scenario)


def test_a_message_may_be_kept_although_the_sender_sees_a_failure() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"mode": "status", "after_store": True})

        assert (await t.call("POST", HOOK, HELLO)).status == 500
        assert len(await t.messages()) == 1

    talk(scenario)


def test_what_is_shown_is_readable_and_whom_it_pings_is_written_down() -> None:
    async def scenario(t: Talk) -> None:
        title = (
            "*<https://e.example/a?b=1&amp;c|🔴 a \u034f*b\u034f* &lt;c&gt;>* <!here>"
        )
        blocks = [_section(f"{title} <@U024BE7LH> <!date^1^{{time}}|noon>")]
        await t.call("POST", HOOK, {"text": "fallback <!channel>", "blocks": blocks})
        (arrived,) = await t.messages()

        shown = "🔴 a *b* <c> (https://e.example/a?b=1&c) @here @U024BE7LH noon"
        assert arrived["text"] == shown
        assert arrived["pings"]["everyone"] is True
        assert arrived["pings"]["users"] == ["U024BE7LH"]

    talk(scenario)


def test_what_slack_forgives_is_told() -> None:
    async def scenario(t: Talk) -> None:
        body = {"blocks": [_section()], "username": "x", "link_names": True}
        await t.call("POST", HOOK, body)
        (arrived,) = await t.messages()

        told = " ".join(arrived["warnings"])
        assert "ignored: username" in told
        assert "no top-level text" in told
        assert "link_names" in told

    talk(scenario)


def test_what_the_channel_writes_is_taken_without_a_warning() -> None:
    async def scenario(t: Talk) -> None:
        hook = encoded([message()], Settings(), bot=False)
        several = encoded([message("&<>*_~`" * 99)] * 10, Settings(), bot=False)
        own = Settings(channel_id=CHANNEL, username="Ops", icon_emoji=":bell:")
        bot = encoded([message()], own, bot=True)

        assert (await t.call("POST", HOOK, hook)).status == 200
        assert (await t.call("POST", HOOK, several)).status == 200
        assert (await api(t, "chat.postMessage", bot)).json["ok"] is True
        assert [one["warnings"] for one in await t.messages()] == [[], [], []]
        assert (await t.messages())[2]["message"]["author"]["username"] == "Ops"

    talk(scenario)
