"""Files in mails, by SMTP and by SES."""

from __future__ import annotations

import json
from base64 import b64decode
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest

from tests.unit.channels import mail_server
from tests.unit.channels.uploading import HOSTILE_NAMES, PDF, PNG, file_of, with_files
from tocsin.channels import channel
from tocsin.channels._http import Response
from tocsin.channels.email import ses
from tocsin.message import File
from tocsin.ports import Kind, Target


def mailed(*files: File) -> EmailMessage:
    """The mail, as a server got it."""
    kept, secret = channel("email").split(mail_server.GIVEN)
    with mail_server.server() as rules:
        opened = channel("email", rules.base)
        outcome = opened.send([with_files(*files)], Target("ops", kept, secret))
        assert outcome.kind is Kind.OK
    (mail,) = rules.parsed
    return mail


def part_names(mail: EmailMessage) -> list[tuple[str, str | None, bytes]]:
    return [
        (part.get_content_type(), part.get_filename(), part.get_content())
        for part in mail.walk()
        if part.get_filename()
    ]


def test_a_picture_stands_in_the_mail_and_the_rest_is_attached() -> None:
    mail = mailed(file_of("Übersicht.png"), PDF)
    html = mail.get_body(("html",))
    (picture,) = (part for part in mail.walk() if part["Content-ID"])

    assert html is not None
    cid = picture["Content-ID"].strip("<>")
    assert f'<img src="cid:{cid}"' in html.get_content()
    assert part_names(mail) == [
        ("image/png", "Übersicht.png", PNG),
        ("application/pdf", "Bericht März.pdf", b"%PDF-"),
    ]
    assert [part.get_filename() for part in mail.iter_attachments()] == [PDF.name]
    text = mail.get_body(("plain",))
    assert text is not None
    assert "checkout-5xx is in ALARM" in text.get_content()


def test_the_same_mail_is_the_same_at_every_attempt() -> None:
    first, second = mailed(file_of(), PDF), mailed(file_of(), PDF)

    assert first.as_bytes() == second.as_bytes()


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_adds_a_header_to_a_mail(name: str) -> None:
    clean = mailed(file_of("graph.png"))
    mail = mailed(file_of(" ".join(name.replace("\0", "").split())[:200]))

    assert mail.keys() == clean.keys()
    assert [content for _, _, content in part_names(mail)] == [PNG]


def test_a_mail_without_files_is_as_it_was() -> None:
    mail = mailed()

    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


class Ses:
    """`AwsHttp` that keeps what it is asked."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    def deadline(self) -> float:
        return 5.0

    def ask(self, *_: object, body: bytes, **more: Any) -> Response:
        self.told = json.loads(body) | more
        return Response(200, {}, b'{"MessageId": "m"}')


def test_ses_is_given_the_whole_mail_and_more_time() -> None:
    http: Any = Ses()
    given = {"via": "ses", "region": "eu-central-1", "from": "a@b.ch", "to": "c@d.ch"}
    kept, secret = channel("email").split({**given})
    own = ses.settings_of(Target("ops", kept, secret))

    assert ses.send(http, with_files(file_of(), PDF), own, "ops").kind is Kind.OK
    raw = b64decode(http.told["Content"]["Raw"]["Data"])
    mail = BytesParser(EmailMessage, policy=default).parsebytes(raw)
    assert [name for _, name, _ in part_names(mail)] == ["graph.png", PDF.name]
    assert http.told["deadline"] == 8.0


def test_mail_lines_stay_short_with_any_file() -> None:
    mail = mailed(file_of(content=PNG * 500), PDF)
    whole = mail.as_bytes()

    assert max(map(len, whole.splitlines())) <= 998
    assert BytesParser(policy=default).parsebytes(whole).is_multipart()
