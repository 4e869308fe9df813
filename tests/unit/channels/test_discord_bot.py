"""Discord through a bot: each message posted once, however often it is tried."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract, EditorContract, impatient
from tests.unit.channels.messages import message
from tests.unit.discord_limits import broken_limits, pinged
from tocsin.channels import channel
from tocsin.channels.discord import HOST, Discord
from tocsin.errors import Invalid
from tocsin.message import Message, Press
from tocsin.ports import Channel, Editor, Kind, Target

CHANNEL, THREAD = "1012345678901234567", "1099999999999999999"
TOKEN = f"{'M' * 24}.Gabcde.{'x' * 38}"
GIVEN = {"token": TOKEN, "channel_id": CHANNEL}
TAKEN = loopback.answer(200, {"id": "9", "channel_id": CHANNEL})
KEY = "0123456789abcdef" * 4


def without_nonce(body: bytes) -> bytes:
    """What a webhook would be told; a bot says besides which message it is."""
    told = json.loads(body)
    assert len(told.pop("nonce", "")) <= 25
    told.pop("enforce_nonce", None)
    return json.dumps(told).encode()


class TestABotKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "discord"
    given = GIVEN
    secret_parts = (TOKEN, "x" * 38)
    answers = (
        (200, {"id": "1", "channel_id": "2"}, {}, Kind.OK),
        (400, {"code": 50035}, {}, Kind.PERMANENT),
        (401, {"code": 0, "message": "401: Unauthorized"}, {}, Kind.GONE),
        (403, {"code": 50001}, {}, Kind.GONE),
        (403, {"code": 50013}, {}, Kind.PERMANENT),
        (403, {"code": 40333}, {}, Kind.LIMITED),
        (404, {"code": 10003}, {}, Kind.GONE),
        (404, {"code": 0}, {}, Kind.GONE),
        (429, {"retry_after": 1.5}, {}, Kind.LIMITED),
        (500, None, {}, Kind.TRANSIENT),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return Discord(impatient(frozenset({HOST}), base))

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        body = without_nonce(request.body)
        assert broken_limits(body) == []
        assert pinged(body) == set()


class TestABotKeepsTheEditorsContract(EditorContract):
    """The kit again, for edits."""

    name = "discord"
    given = GIVEN
    secret_parts = (TOKEN,)
    posted = ("1234567890", CHANNEL)
    pings = ("@everyone", "user:123456789012345678")
    missing = ((404, {"code": 10008}), (404, {"code": 10003}), (403, {"code": 50005}))
    answers = (
        (200, {"id": "1", "channel_id": "2"}, {}, Kind.OK),
        (401, {"code": 0}, {}, Kind.GONE),
        (503, None, {}, Kind.TRANSIENT),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return Discord(impatient(frozenset({HOST}), base))

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        given = {k: v for k, v in json.loads(request.body).items() if v}
        assert broken_limits(json.dumps(given).encode()) == []
        assert pinged(request.body) == set()


def posted(*parcels: list[Message], **own: Any) -> list[loopback.Seen]:
    """The calls that these messages lead to."""
    with loopback.provider(TAKEN) as told:
        opened = channel("discord", told.base)
        for messages in parcels:
            target = Target("ops", {"channel_id": CHANNEL, **own}, TOKEN)
            assert opened.send(messages, target).kind is Kind.OK
    return told.requests


def nonces(*parcels: list[Message]) -> list[str]:
    bodies = [json.loads(request.body) for request in posted(*parcels)]
    assert all(body["enforce_nonce"] is True for body in bodies)
    return [body["nonce"] for body in bodies]


ONE = replace(message("db down"), id="n1-ops", state="firing")
TWO = replace(message("disk full"), id="n2-ops", state="firing")


def test_a_bot_posts_to_its_channel_with_its_token() -> None:
    (request,) = posted([ONE])

    assert request.path == f"/api/v10/channels/{CHANNEL}/messages"
    assert request.headers["authorization"] == f"Bot {TOKEN}"


def test_a_thread_is_a_channel_of_its_own() -> None:
    (request,) = posted([ONE], thread_id=THREAD)

    assert request.path == f"/api/v10/channels/{THREAD}/messages"


def test_what_is_tried_again_says_that_it_is_the_same() -> None:
    again = replace(ONE, state_line="Possibly sent twice", at=ONE.at.replace(year=2030))
    first, second, swapped = nonces([ONE, TWO], [again, TWO], [TWO, ONE])

    assert first == second == swapped
    assert len(first) == 25


@pytest.mark.parametrize(
    "other",
    [
        [replace(ONE, generation=1)],
        [replace(ONE, anew=1)],
        [replace(ONE, state="resolved")],
        [TWO],
        [ONE, TWO],
    ],
)
def test_what_is_to_be_said_once_more_is_another_message(other: list[Message]) -> None:
    first, second = nonces([ONE], other)

    assert first != second


def test_a_webhook_says_no_nonce() -> None:
    url = f"https://discord.com/api/webhooks/112233445566778899/{'t' * 60}"
    with loopback.provider(TAKEN) as told:
        channel("discord", told.base).send([ONE], Target("ops", {}, url))

    assert b"nonce" not in told.requests[0].body


def test_an_edit_goes_to_where_the_message_stands() -> None:
    with loopback.provider(TAKEN) as told:
        opened = channel("discord", told.base)
        assert isinstance(opened, Editor)
        target = Target("ops", {"channel_id": CHANNEL}, TOKEN)
        opened.edit([ONE], target, "9", THREAD)

    (request,) = told.requests
    assert (request.method, request.path) == (
        "PATCH",
        f"/api/v10/channels/{THREAD}/messages/9",
    )
    assert b"nonce" not in request.body


def test_a_bot_s_buttons_act() -> None:
    pressable = replace(ONE, presses=(Press("Acknowledge", "ack:1"),))
    (request,) = posted([pressable], public_key=KEY)

    assert b'"custom_id":"ack:1"' in request.body


def test_the_status_reads_the_channel_and_posts_nothing() -> None:
    shown = {"id": CHANNEL, "name": "alerts", "guild_id": "1", "type": 0}
    with loopback.provider(loopback.answer(200, shown)) as told:
        opened = channel("discord", told.base)
        probe = opened.probe(Target("ops", {"channel_id": CHANNEL}, TOKEN))

    assert (probe.ok, probe.details["name"]) == (True, "alerts")
    assert [request.method for request in told.requests] == ["GET"]


UNSEEN = loopback.answer(403, {"code": 50001, "message": "Missing Access"})


@pytest.mark.parametrize(
    ("answered", "details"),
    [
        (loopback.answer(200, {"id": THREAD}), {"application_id": THREAD}),
        (loopback.answer(200, {"id": "no id"}), {}),
        (loopback.answer(200, ["what"]), {}),
        (loopback.answer(401, {"code": 0}), {}),
        (loopback.hang_up, {}),
    ],
)
def test_a_bot_that_is_not_in_its_channel_says_whose_it_is(
    answered: loopback.Behaviour, details: dict[str, str]
) -> None:
    with loopback.provider(UNSEEN, answered) as told:
        opened = channel("discord", told.base)
        probe = opened.probe(Target("ops", {"channel_id": CHANNEL}, TOKEN))

    assert (probe.ok, probe.details) == (False, details)
    asked = told.requests[1]
    assert asked.path == "/api/v10/applications/@me"
    assert asked.headers["authorization"] == f"Bot {TOKEN}"


@pytest.mark.parametrize("status", [401, 500])
def test_where_the_channel_is_not_the_trouble_it_is_asked_nothing_more(
    status: int,
) -> None:
    with loopback.provider(loopback.answer(status, {"code": 0})) as told:
        opened = channel("discord", told.base)
        probe = opened.probe(Target("ops", {"channel_id": CHANNEL}, TOKEN))

    assert not probe.ok
    assert len(told.requests) == 1


def test_a_bot_is_put_with_its_token_hidden() -> None:
    kept, secret = channel("discord").split({**GIVEN, "token": f"Bot {TOKEN}"})

    assert (kept, secret) == ({"channel_id": CHANNEL}, TOKEN)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"token": TOKEN}, "channel_id"),
        ({"token": "abc", "channel_id": CHANNEL}, "token"),
        ({"token": 7, "channel_id": CHANNEL}, "token"),
        ({**GIVEN, "channel_id": "general"}, "channel_id"),
        ({**GIVEN, "username": "T"}, "username"),
        ({**GIVEN, "thread_name": "alarms"}, "thread_name"),
        ({**GIVEN, "tags": ["1"]}, "tags"),
        ({**GIVEN, "url": "https://discord.com/api/webhooks/1/t"}, "token"),
        (
            {"url": "https://discord.com/api/webhooks/1/t", "channel_id": "1"},
            "channel_id",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_by_name(given: Any, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        channel("discord").split(given)

    assert field in [fault.field for fault in caught.value.faults]
    assert TOKEN not in str(caught.value) + repr(caught.value.faults)
