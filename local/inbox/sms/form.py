"""What SNS asks of a text, and how it refuses one.

https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from local.inbox.calls_in import Refusal
from local.inbox.store import Json

BYTES: Final = 1_600
_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_SENDER: Final = re.compile(r"(?=\d{0,10}[A-Za-z])[A-Za-z0-9]{1,11}", re.ASCII)
_SIGNED: Final = re.compile(r"AWS4-HMAC-SHA256 Credential=\S+/sns/aws4_request,")
_GSM: Final = frozenset(
    "\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
    "abcdefghijklmnopqrstuvwxyz¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΔΦΓΛΩΠΨΣΘΞ"
)
_ANSWER: Final = (
    '<{action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/">'
    "<{action}Result>{inside}</{action}Result><ResponseMetadata>"
    "<RequestId>inbox</RequestId></ResponseMetadata></{action}Response>"
)
_ERROR: Final = (
    '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error>'
    "<Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error>"
    "<RequestId>inbox</RequestId></ErrorResponse>"
)


def fields_of(body: bytes) -> dict[str, str]:
    """The form of a call."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def number_of(fields: dict[str, str]) -> str:
    """Whom it is for; "" where that is no number."""
    number = fields.get("PhoneNumber") or fields.get("phoneNumber", "")
    return number if _NUMBER.fullmatch(number) else ""


def check_signature(authorization: str) -> None:
    """Whether it is signed for SNS. Raises Refusal."""
    if not _SIGNED.match(authorization):
        raise refusal("IncompleteSignature", "the call is not signed for sns", 400)


def read_text(fields: dict[str, str]) -> Json:
    """What a person sees of it. Raises Refusal."""
    if not number_of(fields):
        raise refusal("InvalidParameter", "Invalid parameter: PhoneNumber")
    text = fields.get("Message", "")
    if not text.strip():
        raise refusal("InvalidParameter", "Invalid parameter: Empty message")
    if len(text.encode()) > BYTES:
        raise refusal("InvalidParameter", "Invalid parameter: Message too long")
    attributes = _attributes(fields)
    sender = attributes.get("AWS.SNS.SMS.SenderID", "")
    if sender and not _SENDER.fullmatch(sender):
        raise refusal("InvalidParameter", "Invalid parameter: SenderID")
    kind = attributes.get("AWS.SNS.SMS.SMSType", "Promotional")
    if kind not in ("Promotional", "Transactional"):
        raise refusal("InvalidParameter", "Invalid parameter: SMSType")
    return {"from": sender, "kind": kind, "body": text, "parts": parts_of(text)}


def parts_of(text: str) -> int:
    """How many texts are paid for: 160 signs of GSM's alphabet in each, or 70."""
    room = 160 if set(text) <= _GSM else 70
    return -(-(len(text.encode("utf-16-le")) // 2) // room)


def answered(action: str, inside: str) -> str:
    """The answer to a call that was good."""
    return _ANSWER.format(action=action, inside=inside)


def error(code: str, words: str) -> str:
    """The answer to one that was not."""
    return _ERROR.format(code=code, words=escape(words))


def refusal(code: str, words: str, status: int = 400) -> Refusal:
    """The same, to be raised."""
    return Refusal(status, words, error(code, words))


def _attributes(fields: dict[str, str]) -> dict[str, str]:
    found = {}
    for at in range(1, 11):
        entry = f"MessageAttributes.entry.{at}"
        if name := fields.get(f"{entry}.Name"):
            found[name] = fields.get(f"{entry}.Value.StringValue", "")
    return found
