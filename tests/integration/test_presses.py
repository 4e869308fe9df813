"""Presses in Slack and Telegram as they are deployed: who may, and what comes of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.functions import Later, deployed
from tests.integration.pressed import CHAT, GIVEN, SECRETS, SHOWN, Stack, pressing
from tests.unit.channels.loopback import answer, provider

TELEGRAM_ALONE = pytest.mark.parametrize("stack", ["telegram"], indirect=True)
# It signs bodies, and is answered elsewhere; Telegram sends a token along.
SLACK_ALONE = pytest.mark.parametrize("stack", ["slack"], indirect=True)


@pytest.fixture(scope="module", params=["slack", "telegram"])
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    channel = str(request.param)
    shown = answer(200, SHOWN[channel])
    with provider(shown) as told, pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"TOCSIN_{channel.upper()}_BASE", told.base)
        with deployed(told.base) as functions:
            clock = functions.sender.ports.clock = Later()
            found = Stack(functions, told, channel, clock)
            for name in ("ops", "other", "links"):
                wanted = {"channel": channel, **GIVEN[channel]}
                path = f"/v1/destinations/{name}"
                assert functions.call("PUT", path, wanted)[0] == 200
            for name, secret in SECRETS.items():
                assert found.sign(name, secret) == 200
            match = {"type": "links"}
            routing = [
                {"name": "links", "match": match, "to": ["links"]},
                {"name": "all", "to": ["ops"]},
            ]
            assert functions.call("PUT", "/v1/config", {"routes": routing})[0] == 200
            yield found


def test_a_message_has_buttons_and_pressing_them_acts_and_edits_it(
    stack: Stack,
) -> None:
    name = stack.open("db down")
    assert stack.buttons() == [
        ("Acknowledge", f"ack:{name}"),
        ("Resolve", f"resolve:{name}"),
    ]

    assert stack.words(stack.press(f"ack:{name}")) == ""
    actor = f"ann ({stack.channel.title()})"
    assert stack.row(name)["ack_by"] == actor
    assert stack.row(name)["actions"][-1]["actor"] == actor
    stack.send()
    edit = stack.told.requests[-1]
    assert edit.path.endswith(("/api/chat.update", "/editMessageText"))
    assert b"ann" in edit.body
    assert stack.buttons() == [("Resolve", f"resolve:{name}")]

    stack.press(f"resolve:{name}")
    assert stack.row(name)["state"] == "resolved"
    stack.send()
    assert stack.buttons() == []
    assert "resolved already" in stack.words(stack.press(f"ack:{name}", "bob"))


def test_a_destination_without_a_secret_keeps_its_links(stack: Stack) -> None:
    stack.open("plain", "links")

    ((label, address),) = stack.buttons() or [("Acknowledge", "https://in.text")]
    assert label == "Acknowledge"
    assert address.startswith("https://")


@pytest.mark.parametrize(
    "how", [{"secret": "c" * 32}, {"headers": {}}, {"secret": ""}, {"late_s": 301}]
)
def test_what_is_not_signed_is_refused_counted_and_changes_nothing(
    stack: Stack, how: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    if stack.channel == "telegram" and "late_s" in how:
        how = {"headers": {"x-telegram-bot-api-secret-token": SECRETS["ops"] + "a"}}
    name = stack.open(f"refused {how}")
    before = stack.row(name)

    status, told = stack.press(f"ack:{name}", **how)

    assert (status, told["status"]) == (401, 401)
    assert stack.row(name) == before
    logged = capsys.readouterr().out
    assert '"InteractionStrangers"' in logged
    assert name not in logged
    assert SECRETS["ops"] not in logged + json.dumps(told)


@SLACK_ALONE
def test_a_body_that_was_changed_on_the_way_is_refused(stack: Stack) -> None:
    name = stack.open("changed")
    at = str(stack.functions.hooks.ports.clock.now() // 1000)
    body = pressing(f"ack:{name}")["slack"]
    content = f"v0:{at}:".encode() + body
    digest = hmac.new(SECRETS["ops"].encode(), content, hashlib.sha256).hexdigest()
    signed = {"x-slack-signature": f"v0={digest}", "x-slack-request-timestamp": at}

    assert stack.post(body + b"&x=1", headers=signed)[0] == 401
    assert stack.row(name)["ack_by"] == ""
    assert stack.post(body, headers=signed)[0] == 200
    assert stack.row(name)["ack_by"] != ""


def test_another_app_cannot_act_on_what_its_channels_were_not_told(
    stack: Stack,
) -> None:
    name = stack.open("not yours")
    pressed = stack.press(f"ack:{name}", secret=SECRETS["other"])

    assert "not told here" in stack.words(pressed)
    assert stack.row(name)["ack_by"] == ""


@TELEGRAM_ALONE
@pytest.mark.parametrize(
    "chat",
    [
        {"id": -1009999999999},
        {"id": CHAT},
        {"id": 5, "username": CHAT},
        {"username": None},
        {},
    ],
)
def test_a_press_in_another_chat_of_the_same_bot_acts_on_nothing(
    stack: Stack, chat: dict[str, Any]
) -> None:
    """Who reads one chat can make their Telegram send any name of a button."""
    name = stack.open(f"told elsewhere {chat}")
    pressed = stack.press(f"ack:{name}", more={"chat": chat})

    assert "not told here" in stack.words(pressed)
    assert stack.row(name)["ack_by"] == ""


@SLACK_ALONE
@pytest.mark.parametrize("channel", [{"id": "C0999999999"}, {"id": 7}, {}, None])
def test_a_press_in_another_channel_of_the_same_app_acts_on_nothing(
    stack: Stack, channel: Any
) -> None:
    name = stack.open(f"told elsewhere {channel}")
    pressed = stack.press(f"ack:{name}", more={"channel": channel})

    assert "not told here" in stack.words(pressed)
    assert stack.row(name)["ack_by"] == ""


def test_a_button_that_is_not_ours_is_answered_in_words(stack: Stack) -> None:
    assert "not one of Tocsin's" in stack.words(stack.press("delete:everything"))


def test_the_same_press_again_changes_nothing(stack: Stack) -> None:
    name = stack.open("again")
    stack.press(f"ack:{name}")
    before = stack.row(name)

    assert stack.words(stack.press(f"ack:{name}")) == ""
    assert stack.row(name) == before


def test_two_secrets_are_live_until_the_older_is_revoked(stack: Stack) -> None:
    name, newer = stack.open("rotated"), "d" * 32
    assert stack.sign("ops", newer) == 200
    assert stack.press(f"ack:{name}", "ann")[0] == 200
    assert stack.press(f"ack:{name}", "bob", secret=newer)[0] == 200
    assert stack.row(name)["ack_by"].startswith("bob")

    path = "/v1/destinations/ops/signature"
    assert stack.functions.call("POST", f"{path}/revoke")[0] == 200
    try:
        assert stack.press(f"ack:{name}", "eve")[0] == 401
        assert stack.press(f"ack:{name}", "eve", secret=newer)[0] == 200
        told = stack.functions.call("GET", path)[1]
        assert len(told["secrets"]) == 1
        assert newer not in json.dumps(told)
    finally:
        assert stack.sign("ops", SECRETS["ops"]) == 200
        assert stack.functions.call("POST", f"{path}/revoke")[0] == 200


def test_without_its_secret_a_destination_hears_no_presses(stack: Stack) -> None:
    name = stack.open("taken away")
    assert stack.sign("ops", "", "DELETE") == 204
    try:
        assert stack.press(f"ack:{name}")[0] == 401
        assert stack.row(name)["ack_by"] == ""
    finally:
        assert stack.sign("ops", SECRETS["ops"]) == 200


@pytest.mark.parametrize("secret", ["", "short", "with a space in it all", "ü" * 20])
def test_what_is_no_secret_is_refused_and_not_repeated(
    stack: Stack, secret: str
) -> None:
    path = "/v1/destinations/links/signature"
    status, told = stack.functions.call("PUT", path, {"secret": secret})

    assert (status, told["errors"][0]["field"]) == (422, "secret")
    assert not secret or secret not in json.dumps(told)


OTHERS: dict[str, list[bytes]] = {
    "telegram": [
        b'{"update_id": 1, "message": {"text": "/start"}}',
        b'{"update_id": 2, "my_chat_member": {}}',
        b"{}",
    ],
    "slack": [
        b"ssl_check=1&token=x",
        urlencode({"payload": '{"type": "view_closed"}'}).encode(),
        pressing("", actions=[{"type": "button", "action_id": "aB1"}])["slack"],
    ],
}


def test_what_is_no_press_is_taken_and_left(stack: Stack) -> None:
    seen = len(stack.told.requests)

    for body in OTHERS[stack.channel]:
        assert stack.post(body) == (200, None)
    assert len(stack.told.requests) == seen


@SLACK_ALONE
def test_slack_finds_us_there(stack: Stack) -> None:
    body = b'{"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"}'

    assert stack.post(body) == (200, {"challenge": "3eZbrw1a"})
    assert stack.post(body, "c" * 32)[0] == 401


@SLACK_ALONE
def test_words_go_to_slack_s_own_addresses_alone(stack: Stack) -> None:
    seen = len(stack.told.requests)
    for url in ("https://evil.example.com/x", "http://hooks.slack.com/x", "", 7):
        assert stack.press("ack:x", more={"response_url": url}) == (200, None)

    assert len(stack.told.requests) == seen


ANYTHING = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NAMES = ["type", "actions", "value", "user", "callback_query", "data", "from", "id"]
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NAMES, "username", "challenge"]), inner)
    ),
    max_leaves=8,
)


@ANYTHING
@given(value=values, raw=st.binary(max_size=40), signed=st.booleans())
def test_any_body_is_answered_and_never_with_our_fault(
    stack: Stack, value: Any, raw: bytes, signed: bool
) -> None:
    secret = SECRETS["ops"] if signed else "c" * 32
    wrapped = {"type": "block_actions", "actions": [value], "user": value}
    update = {"callback_query": {"id": "q", "data": value, "from": value}}
    for told in (value, wrapped, update):
        text = json.dumps(told)
        for body in (text.encode(), urlencode({"payload": text}).encode(), raw):
            assert 200 <= stack.post(body, secret)[0] < 500
