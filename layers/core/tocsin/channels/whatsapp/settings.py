"""What an operator says of a WhatsApp destination: number, recipient, template, token.

https://developers.facebook.com/docs/whatsapp/cloud-api/get-started
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from tocsin.channels import _complaints
from tocsin.channels._settings import parted
from tocsin.channels._telephones import telephone
from tocsin.channels.whatsapp import drafts, limits
from tocsin.errors import Fault
from tocsin.events import Frozen

API_VERSION = "v24.0"
_TOKEN = re.compile(r"[A-Za-z0-9_.|~-]{20,1000}", re.ASCII)
_PHONE_ID = re.compile(r"[1-9]\d{4,24}", re.ASCII)
_TEMPLATE = re.compile(r"[a-z0-9_]{1,512}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2,3})?", re.ASCII)
_PLACEHOLDER = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_VERSION = re.compile(r"v\d{2}\.\d", re.ASCII)
_FORM = "not an access token; take a system user's, which does not expire (EAA…)"

Part = Literal[
    "title", "text", "severity", "state", "type", "source", "time", "link", "count"
]


def token_of(value: object) -> str:
    """The access token. Raises ValueError, which never repeats it."""
    text = value.strip() if isinstance(value, str) else ""
    if _TOKEN.fullmatch(text) is None:
        raise ValueError(_FORM)
    return text


def _phone_id(value: str) -> str:
    if _PHONE_ID.fullmatch(value) is None:
        raise ValueError("not a phone number ID: digits, from WhatsApp > API Setup")
    return value


def _template(value: str) -> str:
    if _TEMPLATE.fullmatch(value) is None:
        raise ValueError("not a template's name: small letters, digits, underscores")
    return value


def _language(value: str) -> str:
    if _LANGUAGE.fullmatch(value) is None:
        raise ValueError("not the language of a template, as en, en_US or de")
    return value


def _placeholder(value: str) -> str:
    if _PLACEHOLDER.fullmatch(value) is None:
        raise ValueError("not the name of a placeholder, as first_line")
    return value


def _picture(value: str) -> str:
    if not (drafts.is_web(value) and value.startswith("https://")):
        raise ValueError("not an https address of a picture")
    return value


def _version(value: str) -> str:
    if _VERSION.fullmatch(value) is None:
        raise ValueError(f"not a version of the Graph API, as {API_VERSION}")
    return value


Listed = Annotated[tuple[Part, ...], Field(max_length=limits.PARAMETERS_COUNT)]
Named = Annotated[
    dict[Annotated[str, AfterValidator(_placeholder)], Part],
    Field(min_length=1, max_length=limits.PARAMETERS_COUNT),
]


class Template(Frozen):
    """An approved template, and what its placeholders are given: in order ({{1}}), or
    by name. `picture` says that its header is one, and which where a message has none.
    """

    name: Annotated[str, AfterValidator(_template)]
    language: Annotated[str, AfterValidator(_language)] = "en"
    parameters: Listed | Named = ("title", "text")
    picture: Annotated[str, AfterValidator(_picture)] | None = None


class Settings(Frozen):
    """All that may be said besides `token`."""

    phone_number_id: Annotated[str, AfterValidator(_phone_id)]
    to: Annotated[str, AfterValidator(telephone)]
    template: Template
    session: bool = True
    api_version: Annotated[str, AfterValidator(_version)] = API_VERSION


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(settings to keep, the access token or ""). Raises `Invalid`."""
    return parted(
        given, Settings, _faults_of, channel="WhatsApp", hidden="token", read=token_of
    )


def why(error: ValueError) -> str:
    """What is wrong, without what was given."""
    return _complaints.why(error, _faults_of)


def _faults_of(error: ValidationError) -> list[Fault]:
    return list(_told(error))


def _told(error: ValidationError) -> Iterator[Fault]:
    """Each field once, although a choice of forms complains once for each."""
    seen = set()
    for one in error.errors(include_url=False, include_input=False):
        path = [str(step) for step in one["loc"]]
        if "parameters" in path:
            path = path[: path.index("parameters") + 1]
        name = ".".join(path)
        if name in seen:
            continue
        seen.add(name)
        yield Fault(name, _reason(name, one["type"], one["msg"]))


def _reason(name: str, kind: str, words: str) -> str:
    if name == "template.parameters":
        return f"a list, or a mapping from placeholders, of {', '.join(_PARTS)}"
    if kind == "extra_forbidden":
        return "not a setting of WhatsApp destinations"
    if kind == "missing":
        return "is missing"
    return words.removeprefix("Value error, ")


_PARTS: tuple[str, ...] = Part.__args__  # type: ignore[attr-defined]
