"""E-mail: what Amazon SES received, as it tells SNS, with or without the mail itself.

Shapes: "Contents of notifications for Amazon SES email receiving". Mail is parsed with
the standard library; attachments are named, never opened.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from email.utils import parseaddr

from pydantic import JsonValue

from tocsin.events import Event
from tocsin.intake.batch import Batch, lone, nothing
from tocsin.intake.demands import a_text, an_object
from tocsin.intake.drafts import draft, happened, milliseconds
from tocsin.intake.hooks import Call
from tocsin.intake.mime import decoded, parts_of
from tocsin.intake.options import Options, read_options
from tocsin.intake.reading import read_json
from tocsin.intake.trimming import line, mapping, sequence
from tocsin.severity import Severity

TYPE = "email.received"
NAMES = 5
_VERDICTS = ("spam", "virus", "spf", "dkim", "dmarc")

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
    subject = decoded(headers.get("subject")) or f"Mail from {name or address}"
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
    name, address = parseaddr(decoded(written))
    return line(name, 120), line(address, 200) or line(mail.get("source"), 200)


def _listed(value: JsonValue | list[str]) -> str:
    names = [line(each, 120) for each in value] if isinstance(value, list) else []
    told = [name for name in names if name]
    more = f" and {len(told) - NAMES:,} more" if len(told) > NAMES else ""
    return ", ".join(told[:NAMES]) + more


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
        return parts_of(raw)
    except Exception:  # noqa: BLE001 - on hostile mail the parser fails in its own ways
        return "", []
