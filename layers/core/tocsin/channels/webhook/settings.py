"""What an operator says of a webhook destination, and how its secrets are packed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    model_validator,
)

from tocsin.channels import _complaints, _redaction
from tocsin.channels._public import is_public_url
from tocsin.channels.webhook import signing
from tocsin.errors import Fault, Invalid
from tocsin.events import Frozen

SECRETS = 10
HEADERS = 20
LONGEST_URL = 2000
LONGEST_VALUE = 2000
_FORM = "write it as https://<public host>/<path>, port 443 or 8443"
_PLAIN = re.compile(r"[!-~]+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
_PACKED = ("url", "secret", "old_secrets", "headers")


def _url(value: str) -> str:
    """The address in plain form. The error's text never repeats it."""
    text = value.strip()
    if len(text) > LONGEST_URL or _PLAIN.fullmatch(text) is None:
        raise ValueError(f"not an address in plain ASCII; {_FORM}")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(f"not an address; {_FORM}") from None
    if not is_public_url(parts):
        raise ValueError(f"not an https address of a public host; {_FORM}")
    return urlunsplit(parts._replace(path=parts.path or "/", fragment=""))


def _secret(value: str) -> str:
    text = value.strip()
    signing.key_of(text)
    return text


def _headers(given: dict[str, str]) -> dict[str, str]:
    names = [name.lower() for name in given]
    for name, value in given.items():
        lower = name.lower()
        if _TOKEN.fullmatch(name) is None:
            raise ValueError("a header's name is letters, digits and hyphens")
        if lower in _OURS or lower.startswith("webhook-"):
            raise ValueError(f"{name} is set by Tocsin itself; leave it out")
        if names.count(lower) > 1:
            raise ValueError(f"{name} is given twice")
        if len(value) > LONGEST_VALUE or _VALUE.fullmatch(value) is None:
            raise ValueError(
                f"the value of {name} must be plain ASCII without line ends, at most "
                f"{LONGEST_VALUE} characters"
            )
    return given


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


Secret = Annotated[str, AfterValidator(_secret)]


class Settings(Frozen):
    """All that may be said besides the secrets."""

    method: Annotated[Literal["POST", "PUT"], BeforeValidator(_upper)] = "POST"


class Receiver(Frozen):
    """Where a call goes and what proves that it is ours: the packed secret."""

    url: Annotated[str, AfterValidator(_url)] = Field(repr=False)
    secret: Secret = Field(repr=False)
    old_secrets: Annotated[tuple[Secret, ...], Field(max_length=SECRETS)] = Field(
        default=(), repr=False
    )
    headers: Annotated[
        dict[str, str], Field(max_length=HEADERS), AfterValidator(_headers)
    ] = Field(default={}, repr=False)

    @model_validator(mode="after")
    def _each_once(self) -> Receiver:
        if len(set(self.secrets)) < len(self.secrets):
            raise ValueError("secret and old_secrets name the same one twice")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that sign, the current one first."""
        return (self.secret, *self.old_secrets)

    @property
    def host(self) -> str:
        """The host that is called."""
        return urlsplit(self.url).netloc

    def hidden(self) -> Iterator[str]:
        """Every part that must not be shown."""
        yield from _redaction.secrets_in_url(self.url)
        for secret in self.secrets:
            yield from (secret, secret.removeprefix(signing.PREFIX))
        for value in self.headers.values():
            yield from (value, *value.split())


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(settings to keep, the packed secret or ""). Raises `Invalid`."""
    packed = {name: given[name] for name in _PACKED if given.get(name) is not None}
    rest = {str(name): value for name, value in given.items() if name not in _PACKED}
    faults: list[Fault] = []
    kept, secret = {}, ""
    try:
        kept = Settings.model_validate(rest).model_dump(exclude_defaults=True)
    except ValidationError as error:
        faults += _faults_of(error)
    try:
        if packed:
            receiver = Receiver.model_validate(packed)
            secret = json.dumps(receiver.model_dump(mode="json"), ensure_ascii=True)
    except ValidationError as error:
        faults += _faults_of(error)
    if faults:
        raise Invalid("the webhook destination is not valid", faults)
    return kept, secret


def receiver_of(secret: str) -> Receiver:
    """Unpack what `split` packed. Raises ValueError; see `why`."""
    try:
        packed = json.loads(secret)
    except (ValueError, RecursionError):
        raise ValueError("its secret is not one of a webhook") from None
    return Receiver.model_validate(packed)


def why(error: ValueError) -> str:
    """What is wrong, without what was given."""
    return _complaints.why(error, _faults_of)


def _faults_of(error: ValidationError) -> list[Fault]:
    return [
        Fault(
            ".".join(map(str, one["loc"])) or "old_secrets",
            _reason(str(one["loc"][0]) if one["loc"] else "", one["type"], one["msg"]),
        )
        for one in error.errors(include_url=False, include_input=False)
    ]


def _reason(field: str, kind: str, words: str) -> str:
    if kind == "extra_forbidden":
        return "not a setting of webhook destinations"
    if kind == "missing" and field == "secret":
        return f"is missing, and every call is signed; {signing.HOW_TO_MAKE}"
    if kind == "missing" and field == "url":
        return (
            "is missing: url, secret, old_secrets and headers are kept together, so "
            "give all of them again"
        )
    return words.removeprefix("Value error, ")
