"""Email: every answer of a mail server at every stage, and what breaks."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from tests.unit.channels import loopback, mail_server
from tests.unit.channels.mail_server import Answer
from tests.unit.channels.mailing import (
    GONE,
    LIMITED,
    OK,
    PERMANENT,
    SLACK,
    TRANSIENT,
    UNKNOWN,
    send,
)
from tocsin.channels.email.session import Stage
from tocsin.ports import Kind

STAGES = ("MAIL", "RCPT", "DATA", "DOT")
CODES = (
    *[(code, TRANSIENT) for code in (421, 450, 451, 452, 454, 455)],
    *[(code, PERMANENT) for code in (500, 501, 503, 504, 550, 551, 553, 554)],
    *[(code, GONE) for code in (530, 534, 535, 538)],
)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("code", "kind"), CODES)
def test_every_code_has_its_outcome(stage: str, code: int, kind: Kind) -> None:
    answer = f"{code} 5.0.0 as told\r\n".encode()
    with mail_server.told({stage: answer}) as one:
        outcome = send(one.base)

    assert outcome.kind is kind
    assert f"{code} 5.0.0 as told" in outcome.reason


@pytest.mark.parametrize(
    ("stage", "code", "kind"),
    [
        ("GREETING", 421, TRANSIENT),
        ("GREETING", 554, TRANSIENT),
        ("EHLO", 550, TRANSIENT),
        ("AUTH", 454, TRANSIENT),
        ("AUTH", 421, TRANSIENT),
        ("AUTH", 501, GONE),
        ("AUTH", 535, GONE),
        ("AUTH", 554, GONE),
        ("MAIL", 552, PERMANENT),
        ("RCPT", 552, TRANSIENT),
        ("DOT", 552, PERMANENT),
        ("DATA", 250, TRANSIENT),
        ("MAIL", 354, TRANSIENT),
    ],
)
def test_what_a_code_means_depends_on_when_it_is_said(
    stage: str, code: int, kind: Kind
) -> None:
    with mail_server.told({stage: f"{code} no\r\n".encode()}) as one:
        outcome = send(one.base)

    assert outcome.kind is kind
    assert outcome.reason


@pytest.mark.parametrize(
    ("words", "wait"),
    [
        ("Throttling failure: Maximum sending rate exceeded.", 10_000),
        ("Throttling failure: Daily message quota exceeded.", 3_600_000),
    ],
)
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DOT"])
def test_throttling_is_waited_for(stage: str, words: str, wait: int) -> None:
    with mail_server.told({stage: f"454 {words}\r\n".encode()}) as one:
        outcome = send(one.base)

    assert (outcome.kind, outcome.wait_ms) == (LIMITED, wait)


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ({"AUTH": "535 5.7.8 Authentication credentials invalid"}, GONE),
        ({"MAIL": "553 5.7.1 not owned by user"}, PERMANENT),
        ({"RCPT": "550 5.1.1 no such user"}, PERMANENT),
        ({"RCPT": "451 4.7.1 greylisted"}, TRANSIENT),
        ({"DATA": "554 5.7.1 looks like spam"}, PERMANENT),
        ({"DATA": "452 4.3.1 disk full"}, TRANSIENT),
    ],
)
def test_a_server_that_follows_the_rules_is_understood(
    replies: dict[str, str], kind: Kind
) -> None:
    with mail_server.server(replies) as rules:
        outcome = send(rules.base)

    (told,) = replies.values()
    assert outcome.kind is kind
    assert told in outcome.reason
    assert rules.mails == []


def test_when_some_are_refused_the_others_get_it_and_the_reason_counts() -> None:
    refused = {"oncall@example.org": "550 5.1.1 no such user"}
    with mail_server.server(refused=refused) as rules:
        outcome = send(rules.base)

    assert outcome.kind is OK
    assert outcome.reason == (
        "1 of 2 recipients were refused: oncall@example.org (550 5.1.1 no such user)"
    )
    assert [recipients for _, recipients, _ in rules.mails] == [["ops@example.org"]]


def test_when_all_are_refused_one_that_may_be_tried_again_decides() -> None:
    refused = {
        "ops@example.org": "550 5.1.1 no such user",
        "oncall@example.org": "450 4.2.1 busy",
    }
    with mail_server.server(refused=refused) as rules:
        assert send(rules.base).kind is TRANSIENT


def test_a_refused_connection_is_transient() -> None:
    with loopback.deaf_port() as base:
        outcome = send(base.removeprefix("http://"))

    assert outcome.kind is TRANSIENT
    assert "refused" in outcome.reason


BEFORE = ("GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA")


@pytest.mark.parametrize("stage", BEFORE)
@pytest.mark.parametrize("behave", [mail_server.hang, mail_server.drop])
def test_what_breaks_before_the_final_dot_is_transient(
    stage: str, behave: Callable[[socket.socket], None]
) -> None:
    began = time.monotonic()
    with mail_server.told({stage: behave}) as one:
        outcome = send(one.base)

    assert outcome.kind is TRANSIENT
    assert time.monotonic() - began < SLACK


@pytest.mark.parametrize(
    "behave",
    [
        mail_server.hang,
        mail_server.drop,
        mail_server.drip,
        mail_server.flood,
        b"<html>\r\n",
        b"\x00\xff\r\n",
        b"2" * 9_000,
    ],
)
def test_what_breaks_after_the_final_dot_is_unknown(
    behave: Answer,
) -> None:
    began = time.monotonic()
    with mail_server.told({"DOT": behave}) as one:
        outcome = send(one.base)

    assert outcome.kind is UNKNOWN
    assert len(one.contents) == 1
    assert time.monotonic() - began < SLACK


@pytest.mark.parametrize("stage", BEFORE)
@pytest.mark.parametrize(
    "behave", [mail_server.drip, mail_server.flood, b"HTTP/1.1 400 Bad\r\n"]
)
def test_nonsense_before_the_final_dot_is_survived(stage: str, behave: Answer) -> None:
    began = time.monotonic()
    with mail_server.told({stage: behave}) as one:
        outcome = send(one.base)

    assert outcome.kind is TRANSIENT
    assert time.monotonic() - began < SLACK


def test_nothing_is_repeated() -> None:
    for behave in (b"451 later\r\n", b"554 no\r\n", mail_server.drop):
        with mail_server.told({"DOT": behave}) as one:
            send(one.base)

            assert (one.connections, len(one.contents)) == (1, 1)


def test_every_stage_has_words_for_a_final_no() -> None:
    from tocsin.channels.email import answers

    assert set(answers._FINAL) == set(Stage)
