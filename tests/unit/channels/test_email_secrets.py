"""Email: a password that is shown to nobody, and goes to its own host alone."""

from __future__ import annotations

import logging
import socket
from base64 import b64encode
from dataclasses import replace

import pytest

from tests.unit.channels import mail_server
from tests.unit.channels.mail_server import PASSWORD, USERNAME
from tests.unit.channels.mailing import OK, PERMANENT, quick, send, target
from tests.unit.channels.messages import message
from tocsin.channels.email import Email
from tocsin.channels.email.pool import Pool
from tocsin.ports import Outcome, Target

PARTS = (
    PASSWORD,
    b64encode(PASSWORD.encode()).decode(),
    b64encode(f"\0{USERNAME}\0{PASSWORD}".encode()).decode(),
)


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DOT"])
def test_no_secret_is_in_an_outcome_a_log_or_a_repr(
    stage: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ours = target()
    shown = [repr(ours)]
    for code in (450, 454, 535, 550):
        echo = f"{code} you said {' '.join(PARTS)}\r\n".encode()
        with mail_server.told({stage: echo}) as one:
            opened = quick(one.base)
            shown += [repr(opened.send([message()], ours)), repr(opened)]
            shown += [repr(opened.probe(ours)), repr(opened.__dict__)]
    shown += [record.getMessage() for record in caplog.records]

    for part in PARTS:
        assert not [text for text in shown if part in text]


def test_a_partial_refusal_does_not_repeat_the_secret_either() -> None:
    refused = {"ops@example.org": f"550 {PARTS[2]} {PASSWORD}"}
    with mail_server.server(refused=refused) as rules:
        outcome = send(rules.base)

    assert outcome.kind is OK
    assert not [part for part in PARTS if part in outcome.reason]


def test_what_is_stored_wrongly_is_an_outcome_and_not_an_error() -> None:
    opened, good = quick("127.0.0.1:1"), target()
    for settings, secret in (
        *[(good.settings, secret) for secret in ("", "\x00", "http://[", "smtp://")],
        (good.settings, "https://example.com/x"),
        (good.settings, "smtp://a:secret@other.example.com"),
        ({**good.settings, "username": "someone@else.example"}, good.secret),
        ({}, good.secret),
    ):
        wrong = Target("ops", settings, secret)
        outcome = opened.send([message()], wrong)

        assert outcome.kind is PERMANENT
        assert "put the destination again" in outcome.reason
        assert not [part for part in (PASSWORD, "secret@") if part in outcome.reason]
        assert not opened.probe(wrong).ok


def test_a_password_does_not_follow_to_another_host() -> None:
    ours = target()
    moved = replace(ours, settings={**ours.settings, "host": "smtp.evil.example"})
    with mail_server.told() as one:
        outcome = quick(one.base).send([message()], moved)

    assert outcome.kind is PERMANENT
    assert one.connections == 0


def test_without_a_redirect_only_public_addresses_are_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 587))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    outcome = Email(Pool(total=1.0)).send([message()], target())

    assert outcome == Outcome(
        PERMANENT, "the mail server's address is not a public one"
    )
