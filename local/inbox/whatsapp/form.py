"""What WhatsApp asks of a message, and how it refuses one.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

import re
from typing import Any, Final

from local.inbox.calls_in import Refusal
from local.inbox.store import Json

TEXT: Final = 4096
CAPTION: Final = 1024
TEMPLATE: Final = 1024
CORRELATION: Final = 512
# Templates whose words the inbox knows; of others it shows what they are given.
TEMPLATES: Final = {
    "tocsin_alert": "Tocsin reports: *{1}*\n{2}\n\nReply to see the next ones whole."
}
_KEYS: Final = frozenset(
    {"messaging_product", "recipient_type", "to", "type", "context"}
    | {"biz_opaque_callback_data", "text", "image", "template"}
)
_NUMBER: Final = re.compile(r"\+?[1-9]\d{6,14}", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9_]{1,512}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z]{2,3})?", re.ASCII)
_UNSAID: Final = re.compile(r"[\n\r\t]| {5}")
_LINK: Final = re.compile(r"https?://[!-~]{4,2000}")
_TITLES: Final = {
    100: "Invalid parameter",
    190: "Access token has expired",
    131026: "Message undeliverable",
    131031: "Business account has been locked",
    131047: "Re-engagement message",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132000: "Number of parameters does not match the expected number of params",
    132005: "Translated text too long",
}


def error(code: int, details: str) -> Json:
    """An error in the form of the Graph API."""
    return {
        "error": {
            "message": f"(#{code}) {_TITLES[code]}",
            "type": "OAuthException",
            "code": code,
            "error_data": {"messaging_product": "whatsapp", "details": details},
            "fbtrace_id": "AzInboxStandIn",
        }
    }


def refusal(code: int, details: str, status: int = 400) -> Refusal:
    """The refusal with this code."""
    return Refusal(status, f"{code}: {details}", error(code, details))


def recipient(told: Json) -> str:
    """To whom it goes, with a plus; "" where that cannot be read."""
    to = told.get("to")
    found = isinstance(to, str) and _NUMBER.fullmatch(to)
    return f"+{str(to).lstrip('+')}" if found else ""


def read_message(told: Json) -> Json:
    """What a person sees of it. Raises Refusal."""
    if told.get("messaging_product") != "whatsapp":
        raise refusal(100, "messaging_product must be whatsapp")
    if unknown := sorted(told.keys() - _KEYS):
        raise refusal(100, f"unexpected key {unknown[0]}")
    if not recipient(told):
        raise refusal(100, "to is not a phone number with its country")
    if len(str(told.get("biz_opaque_callback_data", ""))) > CORRELATION:
        raise refusal(100, "biz_opaque_callback_data must be at most 512 characters")
    kind = told.get("type")
    readers = {"text": _text, "image": _image, "template": _template}
    inside = told.get(str(kind))
    if kind not in readers or not isinstance(inside, dict):
        raise refusal(100, f"type {kind!r} without its object")
    return {"type": kind, **readers[kind](inside)}


def units(text: str) -> int:
    """The length in UTF-16 units, the strictest count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text(inside: Json) -> Json:
    body = inside.get("body")
    if not isinstance(body, str) or not 1 <= units(body.strip()) <= TEXT:
        raise refusal(100, f"text.body must have 1 to {TEXT} characters")
    return {"body": body}


def _image(inside: Json) -> Json:
    caption = inside.get("caption", "")
    if not isinstance(caption, str) or units(caption) > CAPTION:
        raise refusal(100, f"image.caption must be at most {CAPTION} characters")
    return {"body": caption, "image": _link(inside)}


def _template(inside: Json) -> Json:
    name, language = inside.get("name"), inside.get("language")
    code = language.get("code") if isinstance(language, dict) else None
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise refusal(100, "template.name is not one")
    if not (isinstance(code, str) and _LANGUAGE.fullmatch(code)):
        raise refusal(100, "template.language.code is not one")
    given: list[str] = []
    shown: Json = {"template": name, "language": code}
    for component in _rows(inside.get("components", []), "template.components"):
        rows = _rows(component.get("parameters", []), "parameters")
        if component.get("type") == "header":
            shown["image"] = _header(rows)
        elif component.get("type") == "body":
            given = [_parameter(row) for row in rows]
        else:
            raise refusal(100, "only headers and bodies are known here")
    if sum(map(units, given)) > TEMPLATE:
        raise refusal(132005, f"the body has more than {TEMPLATE} characters")
    return shown | {"body": _filled(name, given), "given": given}


def _filled(name: str, given: list[str]) -> str:
    """The template's own words with what was given."""
    words = TEMPLATES.get(name)
    if words is None:
        return "\n".join(given)
    wanted = len(set(re.findall(r"\{\d\}", words)))
    if wanted != len(given):
        told = f"body: number of localizable_params ({len(given)}) does not match"
        raise refusal(132000, f"{told} the expected number of params ({wanted})")
    return re.sub(r"\{(\d)\}", lambda found: given[int(found[1]) - 1], words)


def _parameter(row: Json) -> str:
    text = row.get("text")
    if row.get("type") != "text" or not isinstance(text, str) or not text.strip():
        raise refusal(100, "a parameter needs words")
    if _UNSAID.search(text):
        raise refusal(
            100,
            "Param text cannot have new-line/tab characters or more than 4 consecutive"
            " spaces",
        )
    return text


def _header(rows: list[Json]) -> str:
    image = rows[0].get("image") if len(rows) == 1 else None
    if not isinstance(image, dict):
        raise refusal(100, "a header needs one image")
    return _link(image)


def _link(image: Json) -> str:
    link = image.get("link")
    if not (isinstance(link, str) and _LINK.fullmatch(link)):
        raise refusal(100, "image.link is not a web address")
    return link


def _rows(value: Any, name: str) -> list[Json]:
    if not (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
        raise refusal(100, f"{name} must be a list of objects")
    return value
