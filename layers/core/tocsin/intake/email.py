"""E-mail: what Amazon SES received, as it tells SNS, with or without the mail itself.

Shapes: "Contents of notifications for Amazon SES email receiving". Mail is parsed with
the standard library; attachments are named, never opened.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from html.parser import HTMLParser

from pydantic import JsonValue

from tocsin.events import Event
from tocsin.intake.batch import Batch, lone, nothing
from tocsin.intake.demands import a_text, an_object
from tocsin.intake.drafts import draft, happened, milliseconds
from tocsin.intake.hooks import Call
from tocsin.intake.options import Options, read_options
from tocsin.intake.reading import read_json
from tocsin.intake.trimming import line, mapping, sequence
from tocsin.severity import Severity

TYPE = "email.received"
PARTS = 50
NAMES = 5
MARKUP = 200_000
_VERDICTS = ("spam", "virus", "spf", "dkim", "dmarc")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_UNSHOWN = {"script", "style", "head", "title"}
_BREAKS = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table"}

Fields = Mapping[str, JsonValue]


def read(call: Call) -> Batch:
    """A notification of SES, in SNS's envelope or bare. Raises `Invalid`."""
    value = an_object(call.value)
    if value.get("Type") == "Notification" and "Message" in value:
        value = an_object(read_json(a_text(value["Message"], "Message")), "Message")
    usual = read_options(Options, call.options).severity
    if not is_mail(value):
        kind = line(value.get("notificationType") or value.get("eventType"), 40)
        if kind:
            return nothing(f"{kind} is not told: only received mail is")
        a_text(value.get("notificationType"), "notificationType")
    mail = an_object(value.get("mail"), "mail")
    event = read_mail(value, usual)
    at = milliseconds(happened(mail.get("timestamp")))
    return lone(event, line(mail.get("messageId"), 200), at)


def is_mail(value: Fields) -> bool:
    """Whether this JSON tells of a mail that SES received."""
    return value.get("notificationType") == "Received" and "mail" in value


def read_mail(value: Fields, usual: Severity | None = None) -> Event:
    """A notice: the subject, who wrote, the text. What holds a virus is told without
    its text; what looks like spam says so. Raises `Invalid`."""
    mail = an_object(value.get("mail"), "mail")
    receipt = mapping(value.get("receipt"))
    headers = mapping(mail.get("commonHeaders"))
    verdicts = {
        name: line(mapping(receipt.get(f"{name}Verdict")).get("status"), 40)
        for name in _VERDICTS
    }
    infected, spam = verdicts["virus"] == "FAIL", verdicts["spam"] == "FAIL"
    name, address = _sender(headers, mail)
    body, files = ("", []) if infected else _opened(value.get("content"), receipt)
    subject = _decoded(headers.get("subject")) or f"Mail from {name or address}"
    withheld = "The text is withheld: this mail holds a virus."
    doubts = [each for each in _VERDICTS if verdicts[each] == "FAIL"]
    return draft(
        TYPE,
        f"{subject} (virus found)" if infected else subject,
        message=withheld if infected else body,
        severity=Severity.LOW if infected or spam else usual or Severity.INFO,
        source=address,
        about={
            "from": address,
            "to": _listed(receipt.get("recipients") or mail.get("destination")),
            **{name: told.lower() for name, told in verdicts.items()},
        },
        facts=[
            ("From", f"{name} ({address})" if name and address else name or address),
            ("To", _listed(receipt.get("recipients") or mail.get("destination"))),
            ("Attached", _listed(files)),
            ("Failed checks", ", ".join(doubts)),
        ],
        data={"message_id": line(mail.get("messageId"), 200)},
        at=happened(mail.get("timestamp")),
    )


def _sender(headers: Fields, mail: Fields) -> tuple[str, str]:
    """(name, address) of the writer; the envelope's where the header has none."""
    written = next(iter(sequence(headers.get("from"))), "")
    name, address = parseaddr(_decoded(written))
    return line(name, 120), line(address, 200) or line(mail.get("source"), 200)


def _listed(value: JsonValue | list[str]) -> str:
    names = [line(each, 120) for each in value] if isinstance(value, list) else []
    told = [name for name in names if name]
    more = f" and {len(told) - NAMES:,} more" if len(told) > NAMES else ""
    return ", ".join(told[:NAMES]) + more


def _decoded(value: JsonValue) -> str:
    """A header in words, where it still is in the encoding of RFC 2047."""
    told = line(value, 1000)
    if "=?" not in told:
        return told
    try:
        return line(str(make_header(decode_header(told))), 1000) or told
    except (ValueError, LookupError):
        return told


def _opened(content: JsonValue, receipt: Fields) -> tuple[str, list[str]]:
    """(text, names of attachments) of the mail, where it was sent along."""
    if not isinstance(content, str) or not content:
        return "", []
    raw = content.encode("utf-8", "replace")
    if mapping(receipt.get("action")).get("encoding") == "BASE64":
        try:
            raw = base64.b64decode(raw, validate=False)
        except (binascii.Error, ValueError):
            return "", []
    try:
        return _parts(message_from_bytes(raw))
    except Exception:  # noqa: BLE001 - on hostile mail the parser fails in its own ways
        return "", []


def _parts(mail: Message) -> tuple[str, list[str]]:
    plain, html, files = "", "", list[str]()
    for part in _leaves(mail):
        name = part.get_filename()
        kind = part.get_content_type()
        if name or part.get_content_disposition() == "attachment":
            files.append(_decoded(name) or kind)
        elif kind == "text/plain" and not plain:
            plain = _text(part)
        elif kind == "text/html" and not html:
            html = _text(part)
    return (plain or _words(html[:MARKUP])).strip(), files


def _leaves(mail: Message) -> Iterator[Message]:
    for count, part in enumerate(mail.walk()):
        if count == PARTS:
            return
        if not part.is_multipart():
            yield part


def _text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        told = raw.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        told = raw.decode("utf-8", "replace")
    return told.replace("\r\n", "\n")


class _Words(HTMLParser):
    """What a reader of the page would see, without its looks."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        """A block begins on a new line."""
        self.hidden += tag in _UNSHOWN
        if tag in _BREAKS:
            self.told.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """What was hidden ends."""
        self.hidden -= tag in _UNSHOWN and self.hidden > 0

    def handle_data(self, data: str) -> None:
        """Words outside of scripts and styles."""
        if not self.hidden:
            self.told.append(" ".join(data.split()) + (" " if data[-1:] == " " else ""))


def _words(html: str) -> str:
    if not html:
        return ""
    reader = _Words()
    reader.feed(html)
    return _BLANK_LINES.sub("\n\n", "".join(reader.told))
