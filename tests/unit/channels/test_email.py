"""Email: what is said to a mail server, and which connections are kept."""

from __future__ import annotations

import socket
import time
from base64 import b64encode
from io import BufferedReader, BytesIO
from typing import cast

import pytest

from tests.unit.channels import mail_server
from tests.unit.channels.mail_server import PASSWORD, USERNAME, Answer, Table
from tests.unit.channels.mailing import OK, PERMANENT, quick, send, target
from tests.unit.channels.messages import HOSTILE, message
from tocsin.channels import channel
from tocsin.channels._wire import Wire
from tocsin.channels.email.session import Session
from tocsin.ports import Outcome


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
