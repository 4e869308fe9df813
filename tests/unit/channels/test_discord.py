"""Discord: the channel as a whole, against a provider on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
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
from tests.unit.discord_limits import broken_limits, pinged
from tocsin.channels import channel
from tocsin.channels.discord import HOST, Discord
from tocsin.errors import Invalid
from tocsin.message import Message
from tocsin.ports import Channel, Kind, Outcome, Target

ID, TOKEN = "112233445566778899", "tok-EN_" + "a1" * 30
URL = f"https://discord.com/api/webhooks/{ID}/{TOKEN}"
BUCKET = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1.234"}


def _error(code: int, message: str = "No", **more: Any) -> dict[str, Any]:
    return {"code": code, "message": message, **more}


def _told(*behaviours: loopback.Behaviour, **settings: Any) -> Outcome:
    with loopback.provider(*behaviours) as told:
        opened = Discord(patient(frozenset({HOST}), told.base))
        return opened.send([message()], Target("ops", settings, URL))


class TestDiscordKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "discord"
    given = {"url": URL}
    secret_parts = (TOKEN,)
    answers = (
        (200, {"id": "1", "channel_id": "2"}, {}, Kind.OK),
        (204, None, {}, Kind.OK),
        *((400, _error(code), {}, Kind.PERMANENT) for code in (50035, 50006, 50109)),
        *((400, _error(code), {}, Kind.PERMANENT) for code in (220001, 220002, 220003)),
        *((400, _error(code), {}, Kind.PERMANENT) for code in (220004, 40058, 40067)),
        *((400, _error(code), {}, Kind.PERMANENT) for code in (200000, 200001, 240000)),
        *((400, _error(code), {}, Kind.PERMANENT) for code in (20009, 160005, 50083)),
        (400, {"embeds": ["0"]}, {}, Kind.PERMANENT),
        (400, _error(160006), {}, Kind.TRANSIENT),
        (400, _error(50045), {}, Kind.PERMANENT),
        (401, _error(50027), {}, Kind.GONE),
        (401, _error(50014), {}, Kind.GONE),
        (401, None, {}, Kind.GONE),
        (403, _error(50001), {}, Kind.PERMANENT),
        (403, _error(50013), {}, Kind.PERMANENT),
        (403, _error(400001), {}, Kind.PERMANENT),
        (403, _error(40333), {}, Kind.LIMITED),
        (403, b"error code: 1015", {}, Kind.LIMITED),
        (404, _error(10015), {}, Kind.GONE),
        (404, _error(0, "404: Not Found"), {}, Kind.GONE),
        (404, _error(10003), {}, Kind.PERMANENT),
        (404, _error(10008), {}, Kind.PERMANENT),
        (405, _error(0), {}, Kind.PERMANENT),
        (413, _error(40005), {}, Kind.PERMANENT),
        *((429, _error(code), {}, Kind.LIMITED) for code in (20016, 20028, 20029)),
        *((429, _error(code), {}, Kind.LIMITED) for code in (40062, 30046)),
        (429, b"<html>", {}, Kind.LIMITED),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504, 520)),
        (503, _error(130000), {}, Kind.TRANSIENT),
        (403, _error(40006), {}, Kind.TRANSIENT),
        (302, None, {}, Kind.TRANSIENT),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return Discord(impatient(frozenset({HOST}), base))

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        assert broken_limits(request.body) == []
        assert pinged(request.body) == set()


class TestDiscordKeepsTheEditorsContract(EditorContract):
    """The kit again, for edits."""

    name = "discord"
    given = {"url": URL}
    secret_parts = (TOKEN,)
    posted = ("1234567890", "42")
    pings = ("@everyone", "user:123456789012345678", "role:1234")
    missing = (
        (404, _error(10008, "Unknown Message")),
        (404, _error(10003, "Unknown Channel")),
        (403, _error(50005, "Cannot edit a message authored by another user")),
    )
    answers = (
        (200, {"id": "1", "channel_id": "2"}, {}, Kind.OK),
        (400, _error(50035), {}, Kind.PERMANENT),
        (400, _error(50083), {}, Kind.PERMANENT),
        (401, _error(50027), {}, Kind.GONE),
        (404, _error(10015), {}, Kind.GONE),
        (404, _error(0, "404: Not Found"), {}, Kind.GONE),
        (429, {"retry_after": 1.5}, {}, Kind.LIMITED),
        (429, _error(30046), {}, Kind.LIMITED),
        (503, None, {}, Kind.TRANSIENT),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return Discord(impatient(frozenset({HOST}), base))

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        body = json.loads(request.body)
        given = {name: part for name, part in body.items() if part}
        assert request.method == "PATCH"
        assert broken_limits(json.dumps(given).encode()) == []
        assert pinged(request.body) == set()
        assert body["allowed_mentions"] == {"parse": []}


def _edited(
    one: Message, hook: str = URL, **settings: Any
) -> tuple[loopback.Seen, dict[str, Any]]:
    with loopback.provider(loopback.answer(200, {"id": "7"})) as told:
        opened = Discord(patient(frozenset({HOST}), told.base))
        target = Target("ops", settings, hook)
        assert opened.edit([one], target, "7", "888").kind is Kind.OK
    (request,) = told.requests
    return request, json.loads(request.body)


def test_an_edit_names_its_message_and_gives_every_part_anew() -> None:
    request, body = _edited(replace(message(), links=(), preview=None))

    assert request.method == "PATCH"
    address = urlsplit(request.path)
    assert address.path == f"/api/v10/webhooks/{ID}/{TOKEN}/messages/7"
    assert parse_qs(address.query) == {"with_components": ["true"]}
    assert (body["content"], body["components"]) == ("", [])
    assert len(body["embeds"]) == 1
    assert set(body) == {"content", "embeds", "components", "allowed_mentions"}


@pytest.mark.parametrize(
    ("hook", "settings"),
    [
        (URL, {"thread_id": "999"}),
        (URL + "?thread_id=999", {}),
        (URL, {"thread_name": "Alerts"}),
    ],
)
def test_an_edit_in_a_thread_names_the_thread_that_the_message_stands_in(
    hook: str, settings: dict[str, Any]
) -> None:
    request, _ = _edited(message(), hook, **settings)

    assert parse_qs(urlsplit(request.path).query)["thread_id"] == ["888"]


def test_an_edit_holds_no_more_than_a_post() -> None:
    opened = Discord(patient(frozenset({HOST}), "http://127.0.0.1:1"))
    outcome = opened.edit([message()] * 11, Target("ops", {}, URL), "7", "8")

    assert outcome.kind is Kind.PERMANENT


def test_a_post_asks_for_its_message_and_says_who_calls() -> None:
    with loopback.provider(
        loopback.answer(200, {"id": "7", "channel_id": "8"})
    ) as told:
        target = Target("ops", {}, URL)
        outcome = channel("discord", told.base).send([message()], target)

    (request,) = told.requests
    assert request.method == "POST"
    assert urlsplit(request.path).path == f"/api/v10/webhooks/{ID}/{TOKEN}"
    assert parse_qs(urlsplit(request.path).query)["wait"] == ["true"]
    assert request.headers["user-agent"].startswith("DiscordBot (https://")
    assert request.headers["content-type"] == "application/json"
    assert (outcome.message_id, outcome.place) == ("7", "8")


@pytest.mark.parametrize(
    ("body", "headers", "wait"),
    [
        ({"retry_after": 0.5}, {}, 525),
        ({"retry_after": 1.5}, {"Retry-After": "2"}, 2025),
        ({"retry_after": 3}, {"Retry-After": "2"}, 3025),
        ({}, {"Retry-After": "2"}, 2025),
        ({"retry_after": 64.57}, {"X-RateLimit-Reset-After": "1"}, 64595),
        ({}, {"X-RateLimit-Scope": "user", "X-RateLimit-Reset-After": "4"}, 4025),
        ({"retry_after": -1}, {}, 250),
        ({"retry_after": "soon"}, {}, 250),
        ({"retry_after": 1e300}, {}, 86_400_025),
    ],
)
def test_the_longest_wait_that_is_asked_for_counts(
    body: object, headers: dict[str, str], wait: int
) -> None:
    outcome = _told(loopback.answer(429, body, headers))

    assert (outcome.kind, outcome.wait_ms) == (Kind.LIMITED, wait)
    assert not outcome.everywhere


@pytest.mark.parametrize(
    ("status", "body", "headers", "least"),
    [
        (429, {"retry_after": 0.2, "global": True}, {}, 1_000),
        (429, {"retry_after": 9}, {"X-RateLimit-Scope": "global"}, 9_000),
        (429, {"retry_after": 9}, {"X-RateLimit-Global": "true"}, 9_000),
        (429, b"error code: 1015", {}, 60_000),
        (429, b"<html>", {"Retry-After": "3600"}, 3_600_000),
        (429, _error(0, "You are being blocked from accessing our API"), {}, 60_000),
        (403, _error(40333), {}, 60_000),
    ],
)
def test_a_limit_of_the_address_counts_everywhere(
    status: int, body: object, headers: dict[str, str], least: int
) -> None:
    outcome = _told(loopback.answer(status, body, headers))

    assert outcome.kind is Kind.LIMITED
    assert outcome.everywhere
    assert outcome.wait_ms >= least


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_empty_bucket_asks_for_a_pause(status: int) -> None:
    assert 1_234 < _told(loopback.answer(status, {}, BUCKET)).pause_ms < 1_300


def test_a_bucket_with_room_asks_for_none() -> None:
    full = BUCKET | {"X-RateLimit-Remaining": "1"}

    assert _told(loopback.answer(200, {}, full)).pause_ms == 0


def test_a_reason_names_the_field_that_discord_refuses() -> None:
    errors = {"embeds": {"0": {"title": {"_errors": [{"message": "too long"}]}}}}
    outcome = _told(loopback.answer(400, _error(50035, "Invalid", errors=errors)))

    assert "embeds.0.title: too long" in outcome.reason


def test_a_reason_says_what_to_do_next() -> None:
    outcome = _told(loopback.answer(404, _error(10015)))

    assert "create a new webhook" in outcome.reason
    assert "ops" in outcome.reason


def test_a_probe_reads_and_does_not_post() -> None:
    hook = {"type": 1, "name": "Ops", "channel_id": "5", "token": TOKEN, "url": URL}
    with loopback.provider(loopback.answer(200, hook)) as told:
        probe = channel("discord", told.base).probe(Target("ops", {}, URL))

    assert [request.method for request in told.requests] == ["GET"]
    assert probe.ok
    assert probe.details == {"name": "Ops", "channel_id": "5", "type": "incoming"}


def test_more_messages_than_one_call_holds_are_not_cut_silently() -> None:
    with loopback.provider(loopback.answer(200, {})) as told:
        opened = channel("discord", told.base)
        outcome = opened.send([message()] * 11, Target("ops", {}, URL))

    assert outcome.kind is Kind.PERMANENT
    assert told.requests == []


def test_an_unknown_channel_names_the_known_ones() -> None:
    with pytest.raises(Invalid) as caught:
        channel("pigeon")

    assert "discord" in caught.value.faults[0].reason


def test_settings_go_into_the_call() -> None:
    kept, secret = channel("discord").split(
        {
            "url": URL + "?thread_id=123456789012345678",
            "username": "Tocsin",
            "avatar_url": "https://example.com/a.png",
        }
    )
    with loopback.provider(loopback.answer(200, {})) as told:
        channel("discord", told.base).send([message()], Target("ops", kept, secret))

    (request,) = told.requests
    body = json.loads(request.body)
    query = parse_qs(urlsplit(request.path).query)
    assert query["thread_id"] == ["123456789012345678"]
    assert body["username"] == "Tocsin"
    assert body["avatar_url"] == "https://example.com/a.png"
