"""Mail parts: read as the standard library reads them, in a fraction of its time."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage, Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.intake.mail_parts import PARTS, leaves_of
from tocsin.intake.mime import decoded, parts_of
from tocsin.intake.multipart import pieces_of

OTHERS = b"Content-Type: multipart/mixed; boundary=b\n\n"
words = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from("\n-=b"),
    max_size=60,
)
names = st.sampled_from(["a.pdf", "grüße.txt", 'x "y".csv', "=?utf-8?q?a?=.png"])
line_ends = st.sampled_from([policy.SMTP, policy.default])


@st.composite
def mails(draw: st.DrawFn, depth: int = 2) -> EmailMessage:
    """Text, perhaps a page, files, and mails within mails."""
    mail = EmailMessage()
    mail["Subject"] = "s"
    coding = draw(st.sampled_from(["base64", "quoted-printable", "8bit"]))
    mail.set_content(draw(words), cte=coding)
    if draw(st.booleans()):
        mail.add_alternative(f"<p>{draw(words)}</p>", subtype="html")
    for name in draw(st.lists(names, max_size=2)):
        data = draw(st.binary(max_size=40))
        mail.add_attachment(data, maintype="application", subtype="x", filename=name)
    if depth and draw(st.booleans()):
        mail.add_attachment(draw(mails(depth - 1)))
    return mail


def by_the_library(raw: bytes) -> list[tuple[str, str, str]]:
    """(media type, file name, text) of each part that holds no others."""
    leaves = [part for part in message_from_bytes(raw).walk() if not _holds(part)]
    return [
        (part.get_content_type(), part.get_filename() or "", _text(part))
        for part in leaves
    ]


def _holds(part: Message) -> bool:
    return part.is_multipart()


def _text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    charset = part.get_content_charset() or "utf-8"
    return raw.decode(charset, "replace").replace("\r\n", "\n")


@given(mail=mails(), how=line_ends)
def test_parts_are_those_that_the_standard_library_finds(
    mail: EmailMessage, how: policy.EmailPolicy
) -> None:
    raw = mail.as_bytes(policy=how)

    found = [(part.kind, part.filename, part.text) for part in leaves_of(raw)]

    assert found == by_the_library(raw)


@pytest.mark.parametrize(
    ("raw", "text", "files"),
    [
        (b"hello", "", []),
        (b"\r\nhello", "hello", []),
        (b"Content-Type: nothing\n\nhello", "hello", []),
        (b"CONTENT-TYPE:\n text/html\n\n<b>hello</b>", "hello", []),
        (b"Content-Type: multipart/mixed\n\n--b\n\nhello", "", []),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello", "hello", []),
        (
            OTHERS + b"--bc\n--b \n\nhe--b\n--bc\nllo\n--b--\n--b\n\nafter",
            "he--b\n--bc\nllo",
            [],
        ),
        (b'Content-Disposition: attachment; filename="a b"\n\nx', "", ["a b"]),
        (b"Content-Disposition: attachment\n\nx", "", ["text/plain"]),
        (b"Content-Type: image/png; name*=utf-8''%C3%BC.png\n\nx", "", ["ü.png"]),
        (b"Content-Transfer-Encoding: base64\n\naGVsbG8", "aGVsbG8", []),
        (b"Content-Transfer-Encoding: base64\n\naGVsbG8=", "hello", []),
        (b"Content-Type: text/plain; charset=nosuch\n\nh\xc3\xa9", "hé", []),
        (b"Content-Type: text/plain; charset=undefined\n\nh\xc3\xa9", "hé", []),
        (b"Content-Type: text/plain; charset=idna\n\nh..i", "h..i", []),
        (b"Content-Type: text/plain; charset=Punycode\n\nh-ia", "h-ia", []),
        (b"Content-Type: text/plain; charset=latin-1\n\nh\xe9", "hé", []),
    ],
)
def test_a_mail_is_read_however_it_is_written(
    raw: bytes, text: str, files: list[str]
) -> None:
    assert parts_of(raw) == (text, files)


def test_mails_within_mails_end_somewhere() -> None:
    head = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    deep = b"".join(head % (each, each) for each in range(5000)) + b"\r\nhello"
    wide = head % (0, 0) + b"--b0\r\n\r\nx\r\n" * 5000

    assert list(leaves_of(deep)) == []
    assert len(list(leaves_of(wide))) == PARTS - 1


def test_a_name_of_a_file_is_read_to_a_length_only() -> None:
    """Longer ones would take the parser the square of their length."""
    named = b'Content-Disposition: attachment; filename="%b"\n\nx'

    [part] = leaves_of(named % (b";" * 100_000))

    assert part.is_attachment
    assert 1_000 < len(part.filename) < 5_000


@pytest.mark.parametrize(
    "told", ["=?utf-8?b?a?=", "=?utf-8?b?=?=", "=?idna?q?a..a?=", "=?undefined?q?a?="]
)
def test_a_header_that_cannot_be_decoded_is_told_as_it_came(told: str) -> None:
    assert decoded(told) == told


@given(body=st.text("-b\r\n x", max_size=60))
def test_pieces_hold_only_what_stands_there(body: str) -> None:
    raw = body.encode()

    pieces = list(pieces_of(raw, b"b"))

    assert sum(map(len, pieces)) <= len(raw)
    assert all(piece in raw for piece in pieces)
    assert not any(b"\n--b\n" in piece for piece in pieces)
