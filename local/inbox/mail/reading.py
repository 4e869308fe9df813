"""Mails as people read them: what a mail program makes of what came over the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from html.parser import HTMLParser
from typing import Final

from local.inbox.shelf import Upload
from local.inbox.store import Json

LINE: Final = 998
GMAIL_CUTS: Final = 102_000
SNIPPET: Final = 140
_INLINE: Final = ("a", "b", "code", "del", "em", "i", "span", "strong")
_BLANK: Final = dict.fromkeys(map(ord, "\N{COMBINING GRAPHEME JOINER}\u200b\u200c"))


@dataclass(frozen=True, slots=True)
class Read:
    """One mail: what is shown, all of it for programs, its words, its mistakes."""

    id: str
    message: Json
    payload: Json
    text: str
    warnings: list[str]
    uploads: list[Upload]
    content_ids: list[str]


def shown(html: str, inside: Mapping[str, str]) -> str:
    """The document with the mail's own pictures, by the addresses of them."""
    for cid, url in inside.items():
        html = html.replace(f"cid:{cid}", url)
    return html


def read(content: bytes, sender: str, recipients: list[str]) -> Read:
    """Read a mail; `sender` and `recipients` are the envelope's."""
    mail = BytesParser(policy=SMTP).parsebytes(content)
    text, html = _part(mail, "plain"), _part(mail, "html")
    subject = str(mail["Subject"] or "")
    told = {
        "author": {"username": _name(mail["From"]) or sender},
        "subject": subject,
        "from": str(mail["From"] or sender),
        "to": str(mail["To"] or ""),
        "date": str(mail["Date"] or ""),
        "urgent": str(mail["Importance"] or "").lower() == "high",
        "snippet": _snippet(text, html),
        "text": text,
        "html": bool(html),
        "size": len(content),
    }
    payload = {
        "envelope": {"from": sender, "to": recipients},
        "headers": [[name, str(value)] for name, value in mail.items()],
        "html": html,
    }
    number = str(mail["Message-ID"] or "").strip("<> ")
    warnings = list(_mistakes(mail, content, sender, html))
    files = list(_files(mail))
    uploads = [upload for _, upload in files]
    words = "\n".join([subject, text, *(upload.name for upload in uploads)])
    cids = [cid for cid, _ in files]
    return Read(number, told, payload, words, warnings, uploads, cids)


def _files(mail: EmailMessage) -> Iterator[tuple[str, Upload]]:
    """(content id, file) of every part that has a name."""
    for part in mail.walk():
        if name := part.get_filename():
            content = part.get_payload(decode=True)
            raw = content if isinstance(content, bytes) else b""
            cid = str(part["Content-ID"] or "").strip("<> ")
            yield cid, Upload(name, part.get_content_type(), raw)


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        return ""


def _snippet(text: str, html: str) -> str:
    """What stands beside the subject in a list: the first words of the best part."""
    words = _Words()
    words.feed(html)
    shown = "".join(words.found) or text
    return " ".join(shown.translate(_BLANK).split())[:SNIPPET]


class _Words(HTMLParser):
    """The text of a document, hidden or not: that is what preheaders count on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._aside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "title", "script"):
            self._aside = tag
        elif tag not in _INLINE:
            self.found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._aside:
            self._aside = ""

    def handle_data(self, data: str) -> None:
        if not self._aside:
            self.found.append(data)


def _name(header: object) -> str:
    addresses = getattr(header, "addresses", ())
    return str(addresses[0].display_name or addresses[0].addr_spec) if addresses else ""


def _mistakes(
    mail: EmailMessage, content: bytes, sender: str, html: str
) -> Iterator[str]:
    """What servers let pass, and filters count against a sender."""
    for name in ("Message-ID", "Date", "From", "To", "Subject"):
        if mail[name] is None:
            yield f"the mail has no {name}"
    addresses = getattr(mail["From"], "addresses", ())
    if addresses and addresses[0].addr_spec.lower() != sender.lower():
        yield "the address under From is not the sender's"
    if str(mail["Auto-Submitted"] or "") != "auto-generated":
        yield "not marked Auto-Submitted: holiday notices would answer it"
    if max(map(len, content.splitlines()), default=0) > LINE:
        yield f"a line is longer than {LINE} characters"
    if len(html.encode()) > GMAIL_CUTS:
        yield "so long that Gmail cuts it off"
    if mail.get_body(("plain",)) is None:
        yield "no text beside the HTML"
