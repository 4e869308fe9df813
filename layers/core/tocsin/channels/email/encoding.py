"""Messages as mails: headers that nothing can be put into, and two forms of the text.

Headers are written here, line by line, from words that were made fit; the body is the
standard library's. Every attempt gives the same Message-ID and Date.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tocsin import identity, washing
from tocsin.channels.email import limits, look, plain
from tocsin.channels.email.addresses import mailbox_of
from tocsin.channels.email.letters import Letter
from tocsin.message import File, Message
from tocsin.values import dataclass

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in the form in which it is handed over, and its Message-ID."""

    id: str
    content: bytes


def encoded(message: Message, settings: Letter) -> Mail:
    """One notification to all recipients of a destination."""
    name = _name(message)
    domain = settings.mailbox.domain
    mail_id = f"<{name}@{domain}>"
    lines = [
        f"{header}: {value}" for header, value in _headers(message, settings, domain)
    ]
    head = "\r\n".join([*lines, f"Message-ID: {mail_id}", ""]).encode("ascii")
    return Mail(mail_id, head + _body(message, name))


def _headers(
    message: Message, settings: Letter, domain: str
) -> Iterator[tuple[str, str]]:
    yield "From", settings.mailbox.header
    yield "To", ",\r\n ".join(each.header for each in settings.recipients)
    if settings.reply_to:
        yield "Reply-To", mailbox_of(settings.reply_to).header
    yield "Subject", _subject(message, settings.subject_prefix)
    yield "Date", format_datetime(_date(message))
    if root := _thread(message):
        yield "In-Reply-To", f"<{root}@{domain}>"
        yield "References", f"<{root}@{domain}>"
    if settings.unsubscribe:
        yield "List-Unsubscribe", f"<{settings.unsubscribe}>"
        if settings.unsubscribe.startswith("https:"):
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    # No holiday notice shall answer (RFC 3834; the second is Exchange's own).
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    if message.severity == "critical" and message.state in ("notice", "firing"):
        yield "X-Priority", "1"
        yield "Importance", "high"
    # For rules that sort mail.
    for header, word in (
        ("X-Tocsin-Type", message.type),
        ("X-Tocsin-Severity", message.severity),
        ("X-Tocsin-State", message.state),
    ):
        if token := _TOKEN.sub("-", word)[:100].strip("-"):
            yield header, token


def _body(message: Message, name: str) -> bytes:
    """The text and, better, the HTML; in lines of at most 76 ASCII characters."""
    mail = EmailMessage(policy=SMTP)
    digest = _digest(name)
    files = [file for file in message.files if file.content]
    shown = {file: f"{n}.{digest}@tocsin" for n, file in enumerate(files)}
    pictures = {file: cid for file, cid in shown.items() if file.is_picture}
    text, html = plain.text(message), look.page(message, list(pictures.values()))
    mail.set_content(text, cte=_transfer(text))
    mail.add_alternative(html, subtype="html", cte=_transfer(html))
    if pictures:
        _add_pictures(mail, pictures)
    for file in files:
        if file not in pictures:
            main, _, sub = file.media.partition("/")
            mail.add_attachment(file.content, main, sub, filename=file.name)
    # "=_" is in no line of any coding, so that no text can end a part.
    holders = [part for part in mail.walk() if part.is_multipart()]
    for position, part in enumerate(holders):
        part.set_boundary(f"=_{digest}{f'.{position}' if position else ''}")
    return mail.as_bytes()


def _add_pictures(mail: EmailMessage, pictures: Mapping[File, str]) -> None:
    """Beside the HTML, which shows them by their content ids."""
    html = mail.get_body(("html",))
    if html is None:
        raise AssertionError("a mail has HTML")
    for file, cid in pictures.items():
        main, _, sub = file.media.partition("/")
        html.add_related(
            file.content,
            main,
            sub,
            cid=f"<{cid}>",
            filename=file.name,
            disposition="inline",
        )


def _transfer(text: str) -> str:
    """The shorter coding: one triples every byte that is not ASCII, the other adds a
    third to all of them."""
    size = len(text.encode("utf-8", "replace"))
    foreign = size - sum(map(str.isascii, text))
    return "base64" if foreign * 6 > size else "quoted-printable"


def _subject(message: Message, prefix: str) -> str:
    title = washing.line(message.title) or "Notification"
    text = " ".join(filter(None, [prefix, washing.line(message.icon), title]))
    text = washing.shortened(text, limits.SUBJECT)
    # What looks encoded is encoded once more, so that it is shown as it was written.
    if text.isascii() and "=?" not in text:
        return text
    header = Header(text, "utf-8", maxlinelen=76, header_name="Subject")
    return header.encode(linesep="\r\n")


def _name(message: Message) -> str:
    """What stands before the @ of the Message-ID: the same at every attempt. A test
    has none but its content."""
    if _ID.fullmatch(message.id):
        return message.id
    words = message.id or f"{message.at.isoformat()} {message.title} {message.footer}"
    return f"n-{_digest(words)}"


def _thread(message: Message) -> str:
    """The mail that all of a thread answer; it was never sent, which is no trouble to
    mail programs. A problem's mails stand together even without a thread."""
    thread = washing.line(message.thread)
    if thread:
        return f"thread-{_digest(thread)}"
    return f"problem-{_digest(message.key)}" if message.key else ""


def _date(message: Message) -> datetime:
    """When it was accepted, which its id tells: an event that is dated back must not
    sink to where nobody looks."""
    number = message.id[: identity.ID_LENGTH]
    if not identity.is_id(number):
        return message.at
    accepted = datetime.fromtimestamp(identity.time_of(number) / 1000, UTC)
    return accepted.astimezone(message.at.tzinfo or UTC)


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:24]
