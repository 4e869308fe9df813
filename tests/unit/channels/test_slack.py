"""Slack: the channel as a whole, against a provider on loopback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import (
    ChannelContract,
    EditorContract,
    impatient,
    patient,
)
from tests.unit.channels.messages import message
from tests.unit.slack_limits import broken_limits, pinged
from tocsin.channels import channel
from tocsin.channels.slack import HOSTS, Slack
from tocsin.ports import Channel, Kind, Outcome, Target

PART = "aB3dE5fG7hI9jK1lM3nO5pQ7"
URL = f"https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/{PART}"
TOKEN = "xoxb-123456789012-1234567890123-aBcDeFgHiJkLmNoPqRsTuVwX"
BOT = {"channel_id": "C0123456789"}
TAKEN = {"ok": True, "channel": "C0123456789", "ts": "1700000000.123456"}

DESTINATION = """
    account_inactive token_revoked token_expired invalid_auth not_authed missing_scope
    no_permission not_in_channel is_archived channel_not_found restricted_action
    restricted_action_read_only_channel ekm_access_denied
"""
MESSAGE = """
    invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text
    metadata_too_large cannot_reply_to_message markdown_text_conflict
    too_many_attachments a_name_that_nobody_knows
"""
AGAIN = "service_unavailable request_timeout team_added_to_org message_limit_exceeded"


def _no(error: str, **more: Any) -> dict[str, Any]:
    return {"ok": False, "error": error, **more}


class SlackContract(ChannelContract):
    """What a webhook and a bot have in common."""

    bot = False

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return Slack(impatient(HOSTS, base))

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        assert broken_limits(request.body, bot=self.bot) == []
        assert pinged(request.body) == set()


class TestAWebhookKeepsTheContract(SlackContract):
    """The kit that every channel runs."""

    name = "slack"
    given = {"url": URL}
    secret_parts = (PART,)
    accepted = b"ok"
    answers = (
        (200, b"ok", {}, Kind.OK),
        (403, b"action_prohibited", {}, Kind.GONE),
        (500, b"action_prohibited", {}, Kind.GONE),
        (403, b"invalid_token", {}, Kind.GONE),
        (400, b"invalid_token\n", {}, Kind.GONE),
        (404, b"channel_not_found", {}, Kind.GONE),
        (404, b"no_service", {}, Kind.GONE),
        (404, b"no_team", {}, Kind.GONE),
        (404, b"<html>", {}, Kind.GONE),
        (410, b"channel_is_archived", {}, Kind.GONE),
        (403, b"posting_to_general_channel_denied", {}, Kind.GONE),
        (403, b"team_disabled", {}, Kind.GONE),
        (404, b"no_active_hooks", {}, Kind.GONE),
        (400, b"invalid_payload", {}, Kind.PERMANENT),
        (400, b"no_text", {}, Kind.PERMANENT),
        (400, b"user_not_found", {}, Kind.PERMANENT),
        (400, b"too_many_attachments", {}, Kind.PERMANENT),
        (400, b"invalid_blocks", {}, Kind.PERMANENT),
        (400, b"something else", {}, Kind.PERMANENT),
        (413, None, {}, Kind.PERMANENT),
        (200, b"invalid_payload", {}, Kind.PERMANENT),
        (429, None, {"Retry-After": "1"}, Kind.LIMITED),
        (429, {"retry_after": 1}, {}, Kind.LIMITED),
        (200, b"rate_limited", {}, Kind.LIMITED),
        (500, b"rollup_error", {}, Kind.TRANSIENT),
        (500, b"fatal_error", {}, Kind.UNKNOWN),
        (503, None, {}, Kind.TRANSIENT),
        (302, None, {}, Kind.TRANSIENT),
    )

    def test_a_probe_tells_what_is_wrong(self) -> None:
        """Nothing can be asked without posting, and that is what it tells."""
        with loopback.provider(loopback.answer(404, b"no_service")) as told:
            probe = self.quick(told.base).probe(self.target())

        assert probe.ok
        assert "cannot be asked" in probe.reason
        assert told.requests == []


class TestABotKeepsTheContract(SlackContract):
    """The kit that every channel runs."""

    name = "slack"
    bot = True
    given = {"token": TOKEN, **BOT}
    secret_parts = (TOKEN, TOKEN.rsplit("-", 1)[-1])
    accepted = TAKEN
    answers = (
        (200, TAKEN, {}, Kind.OK),
        *((200, _no(error), {}, Kind.GONE) for error in DESTINATION.split()),
        *((200, _no(error), {}, Kind.PERMANENT) for error in MESSAGE.split()),
        *((200, _no(error), {}, Kind.TRANSIENT) for error in AGAIN.split()),
        (200, _no("internal_error"), {}, Kind.UNKNOWN),
        (500, _no("fatal_error"), {}, Kind.UNKNOWN),
        (503, _no("service_unavailable"), {}, Kind.TRANSIENT),
        (200, _no("ratelimited"), {}, Kind.LIMITED),
        (429, _no("ratelimited"), {"Retry-After": "30"}, Kind.LIMITED),
        (200, b"<html>", {}, Kind.UNKNOWN),
        (200, {}, {}, Kind.UNKNOWN),
        (401, None, {}, Kind.GONE),
        (500, None, {}, Kind.TRANSIENT),
        (302, None, {}, Kind.TRANSIENT),
    )

    def test_every_status_has_an_outcome_and_a_reason(self) -> None:
        """A status alone says nothing: the API must say `ok: true`."""
        for status in (*range(200, 207), *range(300, 309), *range(400, 452), 500, 502):
            outcome = self.send(loopback.answer(status))

            assert outcome.reason, status
            assert (outcome.kind is Kind.UNKNOWN) == (200 <= status < 300), status


class TestABotKeepsTheEditorsContract(TestABotKeepsTheContract, EditorContract):
    """The kit again, for edits."""

    posted = ("1700000000.123456", "C0123456789")
    pings = ("@everyone", "@here", "user:U0123456", "role:S0123456")
    missing = (
        (200, _no("message_not_found")),
        (200, _no("cant_update_message")),
        (200, _no("edit_window_closed")),
    )

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        body = json.loads(request.body)
        assert request.path == "/api/chat.update"
        assert body.pop("ts") == "1700000000.123456"
        post = {**body, "unfurl_links": False, "unfurl_media": False}
        assert broken_limits(json.dumps(post).encode(), bot=True) == []
        assert pinged(request.body) == set()


def test_an_edit_names_channel_and_ts_and_gives_every_part_anew() -> None:
    with loopback.provider(loopback.answer(200, TAKEN)) as told:
        opened = Slack(patient(HOSTS, told.base))
        target = Target("ops", {**BOT, "username": "Tocsin"}, TOKEN)
        outcome = opened.edit([message()], target, "1700000000.123456", "C0999999999")

    (request,) = told.requests
    body = json.loads(request.body)
    assert outcome.kind is Kind.OK
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert (body["channel"], body["ts"]) == ("C0999999999", "1700000000.123456")
    assert (body["parse"], body["link_names"]) == ("none", False)
    assert set(body) == {
        "channel", "ts", "text", "blocks", "attachments", "parse", "link_names",
    }  # fmt: skip


def test_what_a_webhook_has_posted_cannot_be_edited() -> None:
    with loopback.provider(loopback.answer(200, b"ok")) as told:
        opened = Slack(patient(HOSTS, told.base))
        target = Target("ops", {}, URL)

        assert not opened.edits(target)
        assert opened.edit([message()], target, "1", "C1").kind is Kind.PERMANENT

    assert told.requests == []


def _told(behaviour: loopback.Behaviour, **more: Any) -> Outcome:
    with loopback.provider(behaviour) as told:
        opened = Slack(patient(HOSTS, told.base))
        return opened.send([message()], Target("ops", {**BOT, **more}, TOKEN))


def test_a_webhook_is_called_at_its_own_path() -> None:
    with loopback.provider(loopback.answer(200, b"ok")) as told:
        outcome = channel("slack", told.base + "/slack").send(
            [message()], Target("ops", {}, URL)
        )

    (request,) = told.requests
    assert (request.method, request.path) == (
        "POST",
        f"/slack/services/T0AAAAAAA/B0BBBBBBB/{PART}",
    )
    assert "authorization" not in request.headers
    assert "channel" not in json.loads(request.body)
    assert (outcome.message_id, outcome.place) == (None, None)


def test_a_bot_posts_to_its_channel_and_keeps_the_ts() -> None:
    with loopback.provider(loopback.answer(200, TAKEN)) as told:
        outcome = channel("slack", told.base + "/slack").send(
            [message()], Target("ops", BOT, TOKEN)
        )

    (request,) = told.requests
    assert request.path == "/slack/api/chat.postMessage"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(request.body)["channel"] == "C0123456789"
    assert (outcome.message_id, outcome.place) == ("1700000000.123456", "C0123456789")


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (loopback.answer(200, TAKEN), 1000),
        (loopback.answer(200, _no("no_text")), 1000),
        (loopback.hang_up, 0),
    ],
)
def test_after_each_answer_a_second_passes(
    answer: loopback.Behaviour, pause: int
) -> None:
    assert _told(answer).pause_ms == pause


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "30"}, 30_000),
        ({"Retry-After": "0.2"}, 1_000),
        ({"Retry-After": "soon"}, 30_000),
        ({}, 30_000),
    ],
)
def test_slack_says_how_long_to_wait(headers: dict[str, str], wait: int) -> None:
    outcome = _told(loopback.answer(429, _no("ratelimited"), headers))

    assert (outcome.kind, outcome.wait_ms) == (Kind.LIMITED, wait)


def test_a_reason_says_what_is_wrong_and_what_to_do() -> None:
    scope = _told(loopback.answer(200, _no("missing_scope", needed="chat:write")))
    pointer = "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text]"
    metadata = {"messages": [pointer]}
    blocks = _told(
        loopback.answer(200, _no("invalid_blocks", response_metadata=metadata))
    )

    assert "needed: chat:write" in scope.reason
    assert "then put destination ops again" in scope.reason
    assert "json-pointer:/blocks/0" in blocks.reason


@pytest.mark.parametrize("before", range(0, 300, 25))
def test_no_half_of_a_secret_is_told(before: int) -> None:
    metadata = {"messages": ["x" * before + TOKEN]}
    outcome = _told(
        loopback.answer(200, _no("invalid_blocks", response_metadata=metadata))
    )

    assert "xoxb" not in outcome.reason


def test_more_messages_than_one_call_holds_are_not_cut_silently() -> None:
    with loopback.provider(loopback.answer(200, TAKEN)) as told:
        opened = channel("slack", told.base)
        outcome = opened.send([message()] * 11, Target("ops", BOT, TOKEN))

    assert outcome.kind is Kind.PERMANENT
    assert told.requests == []


def test_a_bot_without_a_channel_is_told_before_a_call() -> None:
    outcome = channel("slack").send([message()], Target("ops", {}, TOKEN))

    assert outcome.kind is Kind.PERMANENT
    assert "channel_id" in outcome.reason


WHO = {"ok": True, "team": "Acme", "user": "tocsin", "url": "https://acme.slack.com/"}


def _info(**fields: Any) -> dict[str, Any]:
    return {"ok": True, "channel": {"id": "C0123456789", "name": "alerts", **fields}}


@pytest.mark.parametrize(
    ("answer", "ok", "words"),
    [
        (_info(is_member=True), True, "knows the bot and its channel"),
        (_info(is_member=False), False, "/invite @bot"),
        (_info(is_member=True, is_archived=True), False, "archived"),
        (_no("missing_scope", needed="channels:read"), True, "lacks a scope"),
        (_no("channel_not_found"), False, "channel_id"),
    ],
)
def test_a_bots_probe_asks_who_it_is_and_about_its_channel(
    answer: dict[str, Any], ok: bool, words: str
) -> None:
    with loopback.provider(
        loopback.answer(200, WHO), loopback.answer(200, answer)
    ) as told:
        probe = channel("slack", told.base).probe(Target("ops", BOT, TOKEN))

    first, second = told.requests
    assert first.path == "/api/auth.test"
    assert second.path == "/api/conversations.info?channel=C0123456789"
    assert probe.ok is ok
    assert words in probe.reason
    assert probe.details["workspace"] == "Acme"
    assert probe.details["bot"] == "tocsin"
