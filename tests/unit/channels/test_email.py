"""Email: every answer of a mail server at every stage, and what is never said."""

from __future__ import annotations

import logging
import socket
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from io import BufferedReader, BytesIO
from typing import Any, cast

import pytest

from tests.unit.channels import loopback, mail_server
from tests.unit.channels.mail_server import GIVEN, PASSWORD, USERNAME, Answer, Table
from tests.unit.channels.messages import HOSTILE, message
from tocsin.channels import channel
from tocsin.channels._wire import Wire
from tocsin.channels.email import Email
from tocsin.channels.email.pool import Pool
from tocsin.channels.email.session import Session, Stage
from tocsin.ports import Kind, Outcome, Target

OK, TRANSIENT, LIMITED = Kind.OK, Kind.TRANSIENT, Kind.LIMITED
PERMANENT, GONE, UNKNOWN = Kind.PERMANENT, Kind.GONE, Kind.UNKNOWN
SLACK = 2.5


def quick(base: str) -> Email:
    """The channel with a second in all."""
    host, _, port = base.partition(":")
    return Email(Pool((host, int(port)), total=1.0))


def target(**given: Any) -> Target:
    """A destination as the vault and the settings would give it."""
    kept, secret = channel("email").split({**GIVEN, **given})
    return Target("ops", kept, secret)


def send(base: str, **given: Any) -> Outcome:
    """One mail."""
    return quick(base).send([message()], target(**given))


# --- a conversation ---------------------------------------------------------


def test_a_mail_arrives_whole_with_a_login_and_both_recipients() -> None:
    with mail_server.server() as rules:
        outcome = send(rules.base)

    ((sender, recipients, _),) = rules.mails
    (mail,) = rules.parsed
    assert outcome == Outcome(OK, message_id=mail["Message-ID"])
    assert sender == "alerts@example.com"
    assert recipients == ["ops@example.org", "oncall@example.org"]
    assert rules.logins == [(USERNAME.encode(), PASSWORD.encode())]
    assert mail["Subject"] == "🚨 checkout-5xx is in ALARM"
    assert mail["From"] == "Tocsin <alerts@example.com>"
    assert mail["To"] == "ops@example.org, oncall@example.org"
    assert [part.get_content_type() for part in mail.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


def test_hostile_text_passes_a_server_that_follows_the_rules() -> None:
    with mail_server.server() as rules:
        opened, ours = channel("email", rules.base), target()
        kinds = [opened.send([message(text)], ours).kind for text in HOSTILE]

    assert set(kinds) == {OK}
    assert all(mail["To"] == rules.parsed[0]["To"] for mail in rules.parsed)


def test_a_password_that_is_not_ascii_logs_in() -> None:
    with mail_server.server() as rules:
        outcome = send(rules.base, password="pässwörd ☂")

    assert outcome.kind is OK
    assert rules.logins == [(USERNAME.encode(), "pässwörd ☂".encode())]


def test_without_a_username_there_is_no_login() -> None:
    with mail_server.told() as one:
        outcome = send(one.base, username="", password=None)

    assert outcome.kind is OK
    assert not [line for line in one.lines if line.startswith(b"AUTH")]


def test_login_is_the_second_choice() -> None:
    answers = iter([b"334 VXNlcg==\r\n", b"334 UGFzcw==\r\n", b"235 in\r\n"])

    def next_answer(sock: socket.socket) -> None:
        sock.sendall(next(answers))

    words = [b64encode(text.encode()).decode() for text in (USERNAME, PASSWORD)]
    table: Table = {word.upper(): next_answer for word in words}
    with mail_server.told(
        {"EHLO": b"250-hello\r\n250 AUTH LOGIN\r\n", "AUTH": next_answer, **table}
    ) as one:
        outcome = send(one.base)

    assert outcome.kind is OK
    assert b"AUTH LOGIN" in one.lines


class CannedWire(Wire):
    """Answers that are there already, and what was said in how many pieces."""

    def __init__(self, answers: bytes) -> None:
        self._answers = BytesIO(answers)
        self.pieces: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.pieces.append(data)

    def makefile(self, _mode: str) -> BufferedReader:
        return cast("BufferedReader", self._answers)

    def close(self) -> None:
        self._answers.close()

    def __del__(self) -> None:
        self.close()


@pytest.mark.parametrize(
    ("features", "pieces"), [(b"250-PIPELINING\r\n", 2), (b"", 52)]
)
def test_recipients_go_in_one_round_trip_where_that_is_allowed(
    features: bytes, pieces: int
) -> None:
    head = b"220 hi\r\n250-hello\r\n" + features + b"250 HELP\r\n"
    wire = CannedWire(head + b"250 ok\r\n" * 51 + b"354 go\r\n250 taken\r\n")
    session = Session(wire)
    session.greet()
    wire.pieces.clear()
    refused = session.deliver("a@b.ch", [f"r{n}@b.ch" for n in range(50)], b"x\r\n")

    assert refused == {}
    assert len(wire.pieces[:-1]) == pieces  # the last one is the mail
    assert wire.pieces[-1] == b"x\r\n.\r\n"


def test_what_stands_at_a_line_s_start_cannot_end_the_mail() -> None:
    wire = CannedWire(b"250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n")
    Session(wire).deliver("a@b.ch", ["c@d.ch"], b".\r\n..\n.\rx\n.\r\nRSET\r\n")

    assert wire.pieces[-1] == b"..\r\n...\r\n..\r\nx\r\n..\r\nRSET\r\n.\r\n"


# --- every answer, at every stage -------------------------------------------

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


# --- what breaks ------------------------------------------------------------


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


# --- connections ------------------------------------------------------------


def test_the_connection_is_kept_and_asked_whether_it_lives() -> None:
    with mail_server.told() as one:
        opened, ours = quick(one.base), target()
        kinds = [opened.send([message()], ours).kind for _ in range(5)]

    assert set(kinds) == {OK}
    assert one.connections == 1
    assert one.lines.count(b"NOOP") == 4


def test_a_kept_connection_that_died_is_replaced() -> None:
    def once(sock: socket.socket) -> None:
        sock.sendall(b"250 taken\r\n")
        sock.shutdown(socket.SHUT_RDWR)

    tables: tuple[Table, ...] = (
        {"DOT": once},
        {"NOOP": mail_server.drop},
        {"NOOP": b"421 bye\r\n"},
    )
    for table in tables:
        with mail_server.told(table) as one:
            opened, ours = quick(one.base), target()
            for _ in range(3):
                assert opened.send([message()], ours).kind is OK
                time.sleep(0.02)

            assert one.connections == 3


def test_an_old_connection_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server.told() as one:
        opened, ours = quick(one.base), target()
        opened.send([message()], ours)
        now = time.time()
        monkeypatch.setattr("time.time", lambda: now + 51)

        assert opened.send([message()], ours).kind is OK
        assert one.connections == 2


def test_a_connection_serves_only_who_logged_in() -> None:
    with mail_server.told() as one:
        opened = quick(one.base)
        for password in (PASSWORD, "another-one", PASSWORD):
            opened.send([message()], target(password=password))

    assert one.connections == 2


def test_connections_of_many_destinations_do_not_pile_up() -> None:
    with mail_server.told() as one:
        opened = quick(one.base)
        for number in range(12):
            opened.send([message()], target(username=f"user{number}@example.com"))

        assert len(opened._pool._idle) == 8


def test_one_mail_is_one_call() -> None:
    opened = quick("127.0.0.1:1")

    assert opened.fits([message()] * 20) == 1
    assert opened.send([message()] * 2, target()).kind is PERMANENT


# --- secrets ----------------------------------------------------------------

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


# --- probing ----------------------------------------------------------------


def test_a_probe_logs_in_and_sends_nothing() -> None:
    with mail_server.told() as one:
        probe = quick(one.base).probe(target())

    words = [line.split()[0] for line in one.lines]
    assert probe.ok
    assert probe.details == {
        "host": "smtp.example.com",
        "port": "587",
        "security": "starttls",
    }
    assert words == [b"EHLO", b"AUTH", b"NOOP", b"QUIT"]


@pytest.mark.parametrize(
    ("stage", "answer", "words"),
    [
        ("GREETING", b"554 go away\r\n", "turns us away"),
        ("AUTH", b"535 no\r\n", "app password"),
        ("EHLO", b"250 hello\r\n", "takes no password"),
        ("NOOP", mail_server.drop, "hung up"),
        ("QUIT", mail_server.drop, ""),
    ],
)
def test_a_probe_tells_what_is_wrong(stage: str, answer: Answer, words: str) -> None:
    with mail_server.told({stage: answer}) as one:
        probe = quick(one.base).probe(target())

    assert probe.ok is not bool(words)
    assert words in probe.reason


def test_every_stage_has_words_for_a_final_no() -> None:
    from tocsin.channels.email import answers

    assert set(answers._FINAL) == set(Stage)
