"""Previewing: the payload is the one that the channel sends, without its secret."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.messages import message
from tocsin.channels import _MODULES, channel
from tocsin.channels.previewing import _SAMPLES, payload_of
from tocsin.ports import Target

GIVEN: dict[str, dict[str, Any]] = {
    "discord": {
        "url": "https://discord.com/api/webhooks/123456789012345678/s3cret-T0ken",
        "username": "Ops",
    },
    "slack": {
        "token": "xoxb-123456789012-1234567890123-aBcDeFgHiJkLmNoPqRsTuVwX",
        "channel_id": "C0123456789",
        "username": "Ops",
    },
    "telegram": {"token": "110201543:" + "s3cret_" * 5, "chat": "-1001234567890"},
    "pagerduty": {"routing_key": "a1B2" * 8, "region": "eu"},
    "whatsapp": {
        "token": "EAAs3cret" * 5,
        "phone_number_id": "106540352242922",
        "to": "+41 79 123 45 67",
        "template": {"name": "alarm", "language": "de"},
    },
}


@pytest.fixture(autouse=True)
def nobody_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until a test takes this back."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a preview called somebody")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("name", sorted(_MODULES))
def test_every_channel_has_a_preview(name: str) -> None:
    found = payload_of(name, message("Disk is full"))

    assert found.reason == ""
    assert "Disk is full" in json.dumps(found.content)
    assert "preview" * 3 not in json.dumps(found.content)


@pytest.mark.parametrize("name", sorted(set(_SAMPLES) - {"email"}))
def test_a_sample_is_what_an_operator_could_put(name: str) -> None:
    kept, secret = channel(name).split({**_SAMPLES[name][1]})

    assert secret
    assert "preview" not in json.dumps(kept)


def real(name: str, given: dict[str, Any]) -> Any:
    """What the channel sends, over a line that is one."""
    with loopback.provider(loopback.answer(200, {"ok": True})) as told:
        opened = channel(name, told.base)
        kept, secret = opened.split(given)
        opened.send([message("Disk is full")], Target("ops", kept, secret))
        return json.loads(told.requests[0].body)


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_it_is_what_would_be_sent_with_these_settings(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, _ = channel(name).split(GIVEN[name])
    found = payload_of(name, message("Disk is full"), kept).content

    monkeypatch.undo()
    sent = real(name, GIVEN[name])
    sent.pop("routing_key", None)
    assert found == sent
    assert "s3cret" not in json.dumps(found)


def test_a_mail_is_told_in_both_its_forms() -> None:
    given = {
        "host": "smtp.example.com",
        "from": "ops@example.com",
        "to": ["a@example.com", "b@example.com"],
        "username": "u",
        "password": "s3cret-password",
    }
    kept, _ = channel("email").split(given)

    content = payload_of("email", message("Disk <b>full</b>"), kept).content

    assert content["from"] == "ops@example.com"
    assert content["to"] == "a@example.com, b@example.com"
    assert "Disk <b>full</b>" in content["text"]
    assert "Disk &lt;b&gt;full&lt;/b&gt;" in content["html"]
    assert "s3cret" not in json.dumps(content)


def test_settings_that_are_not_valid_say_why() -> None:
    found = payload_of("discord", message(), {"username": 7})

    assert found.content is None
    assert "put the destination again" in found.reason


def test_a_channel_that_nobody_knows_has_none() -> None:
    assert payload_of("fake", message()).reason == "this channel has no preview"


def test_a_webhook_is_told_with_its_headers_and_signed_by_nobody() -> None:
    found = payload_of("webhook", message("Disk is full"), {"method": "PUT"})

    assert found.method == "PUT"
    assert found.headers["Content-Type"] == "application/json"
    assert found.headers["webhook-id"]
    assert found.headers["webhook-timestamp"].isdigit()
    assert found.headers["webhook-signature"] == (
        "v1,<base64 of HMAC-SHA256 with your secret>"
    )
    assert found.unaddressed.headers == found.headers


@pytest.mark.parametrize("name", sorted(set(_SAMPLES) - {"webhook"}))
def test_headers_of_others_prove_who_calls_and_are_not_told(name: str) -> None:
    assert payload_of(name, message("Disk is full")).headers == {}
