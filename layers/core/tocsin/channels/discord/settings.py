"""What an operator says of a Discord destination: a webhook in any form, or a bot.

https://docs.discord.com/developers/resources/webhook
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from tocsin.channels import _complaints
from tocsin.channels.discord import limits, markdown
from tocsin.errors import Fault, Invalid
from tocsin.events import Frozen
from tocsin.values import dataclass

# v10 by name, since the default version is an old one.
API = "https://discord.com/api/v10"
APPLICATION = f"{API}/applications/@me"
HOSTS = frozenset(
    {"discord.com", "ptb.discord.com", "canary.discord.com", "discordapp.com"}
    | {"ptb.discordapp.com", "canary.discordapp.com"}
)
_PATH = re.compile(
    r"/api(?:/v\d{1,2})?/webhooks/(\d{1,20})/([A-Za-z0-9_.-]{1,200})"
    r"(?:/slack|/github)?/?",
    re.ASCII,
)
_PUBLIC_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
_BOT_TOKEN = re.compile(
    r"[A-Za-z0-9_-]{18,80}\.[A-Za-z0-9_-]{5,20}\.[A-Za-z0-9_-]{20,120}", re.ASCII
)
_SECRETS = frozenset({"url", "token"})
_OF_WEBHOOKS = ("username", "avatar_url", "thread_name", "tags")
_SNOWFLAKE = re.compile(r"\d{1,20}", re.ASCII)
_FORM = "write it as Discord shows it: https://discord.com/api/webhooks/<id>/<token>"


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook. Its token is all that protects it, and shows in no repr."""

    id: str
    token: str = field(repr=False)
    thread_id: str | None = None

    @property
    def url(self) -> str:
        """The one form in which it is stored."""
        thread = f"?thread_id={self.thread_id}" if self.thread_id else ""
        return f"https://discord.com/api/webhooks/{self.id}/{self.token}{thread}"

    @property
    def endpoint(self) -> str:
        """Where it is called."""
        return f"{API}/webhooks/{self.id}/{self.token}"

    @property
    def posts(self) -> str:
        """Where messages are posted."""
        return self.endpoint

    @property
    def headers(self) -> dict[str, str]:
        """What proves who calls: nothing but the address."""
        return {}

    def message(self, message_id: str, _place: str) -> str:
        """Where a message is edited."""
        return f"{self.endpoint}/messages/{quote(message_id, safe='')}"


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot in a channel, or a thread. Its token shows in no repr."""

    id: str
    token: str = field(repr=False)
    thread_id: None = None

    @property
    def endpoint(self) -> str:
        """The channel that it posts to."""
        return f"{API}/channels/{self.id}"

    @property
    def posts(self) -> str:
        """Where messages are posted."""
        return f"{self.endpoint}/messages"

    @property
    def headers(self) -> dict[str, str]:
        """What proves who calls."""
        return {"Authorization": f"Bot {self.token}"}

    def message(self, message_id: str, place: str) -> str:
        """Where a message is edited: in the channel that it stands in."""
        return (
            f"{API}/channels/{place or self.id}/messages/{quote(message_id, safe='')}"
        )


def bot_token_of(token: str) -> str:
    """Read a bot's token. Raises ValueError, whose text never repeats it."""
    text = token.strip().removeprefix("Bot ").strip()
    if _BOT_TOKEN.fullmatch(text) is None:
        raise ValueError(
            "not a bot's token: three parts with dots between, from the application's"
            " page Bot, Reset Token"
        )
    return text


@lru_cache(maxsize=64)
def hook_of(url: str) -> Hook:
    """Read a webhook URL. Raises ValueError, whose text never repeats the URL. Kept,
    since each call to a webhook asks for it."""
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError:
        raise ValueError(f"not a URL; {_FORM}") from None
    if parts.scheme != "https":
        raise ValueError(f"not an https URL; {_FORM}")
    if host not in HOSTS or port not in (None, 443) or parts.username is not None:
        raise ValueError(f"not an address of Discord; {_FORM}")
    match = _PATH.fullmatch(parts.path)
    if match is None:
        raise ValueError(f"not the path of a webhook; {_FORM}")
    return Hook(match[1], match[2], _thread_of(parts.query))


def _thread_of(query: str) -> str | None:
    threads = parse_qs(query).get("thread_id")
    if not threads:
        return None
    return _snowflake(threads[-1], "thread_id in the URL")


def is_snowflake(text: str) -> bool:
    """Whether it can be an id of Discord's."""
    return _SNOWFLAKE.fullmatch(text) is not None


def _snowflake(value: object, name: str = "this") -> str:
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not is_snowflake(text):
        raise ValueError(f"{name} is not a Discord id; an id is all digits")
    return text


def _name(value: str) -> str:
    lower = value.strip().casefold()
    for word in ("clyde", "discord"):
        if word in lower:
            raise ValueError(f"Discord refuses names that contain {word!r}")
    if lower in ("everyone", "here"):
        raise ValueError(f"Discord refuses the name {lower!r}")
    return value.strip()


def _public_key(value: str) -> str:
    key = value.strip().lower()
    if _PUBLIC_KEY.fullmatch(key) is None:
        raise ValueError(
            "not the public key of an application: 64 hex digits, from its page"
            " General Information"
        )
    return key


def _picture(value: str) -> str:
    address = markdown.linkable(value.strip())
    if address is None:
        raise ValueError("not a public http(s) address")
    return address


Snowflake = Annotated[str, BeforeValidator(_snowflake)]


class Settings(Frozen):
    """All that may be said besides `url`, or a bot's `token`, whose channel is
    `channel_id`. `thread_name` or `tags` mean that the channel is a forum: each message
    opens a post, named by the event's thread. `public_key` is of the application whose
    webhook or bot it is: with it, buttons act."""

    username: (
        Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=1),
            Field(max_length=limits.USERNAME),
            AfterValidator(_name),
        ]
        | None
    ) = None
    avatar_url: Annotated[str, AfterValidator(_picture)] | None = None
    thread_id: Snowflake | None = None
    thread_name: (
        Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=1),
            Field(max_length=limits.THREAD_NAME),
        ]
        | None
    ) = None
    tags: Annotated[tuple[Snowflake, ...], Field(max_length=limits.TAGS)] = ()
    channel_id: Snowflake | None = None
    buttons: bool = True
    public_key: Annotated[str, AfterValidator(_public_key)] | None = None

    @model_validator(mode="after")
    def _thread_or_post(self) -> Settings:
        if self.thread_id and (self.thread_name or self.tags):
            raise ValueError(
                "thread_id names an existing thread; thread_name and tags open new ones"
            )
        return self

    @property
    def forum(self) -> bool:
        """Whether a message opens a post of its own."""
        return bool(self.thread_name or self.tags)


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(settings to keep, normalised URL, a bot's token, or ""). Raises `Invalid`."""
    rest = {str(name): value for name, value in given.items() if name not in _SECRETS}
    faults: list[Fault] = []
    hook = _given_hook(given.get("url"), faults)
    token = _given_token(given.get("token"), faults)
    faults += _mixed(given)
    if hook and hook.thread_id:
        rest.setdefault("thread_id", hook.thread_id)
        hook = Hook(hook.id, hook.token)
    try:
        kept = Settings.model_validate(rest).model_dump(
            mode="json", exclude_defaults=True
        )
    except ValidationError as error:
        faults += faults_of(error)
    if faults:
        raise Invalid("the Discord destination is not valid", faults)
    return kept, hook.url if hook else token


def faults_of(error: ValidationError) -> list[Fault]:
    """Field and reason of each, without the values that were given."""
    words = {"extra_forbidden": "not a setting of Discord destinations"}
    return _complaints.faults_of(error, words, whole="thread_id")


def _mixed(given: Mapping[str, Any]) -> Iterator[Fault]:
    """What is said to a bot but means a webhook, and the other way round."""
    url, token = given.get("url") is not None, given.get("token") is not None
    if url and token:
        yield Fault("token", "a destination has a url or a token, not both")
    elif url and given.get("channel_id") is not None:
        yield Fault("channel_id", "a webhook has its channel from Discord")
    elif token and given.get("channel_id") is None:
        yield Fault("channel_id", "a bot must be told its channel")
    elif token:
        for name in _OF_WEBHOOKS:
            if given.get(name):
                yield Fault(name, "only a webhook (url) can be told this, not a bot")


def _given_token(token: object, faults: list[Fault]) -> str:
    if token is None:
        return ""
    try:
        return bot_token_of(token if isinstance(token, str) else "")
    except ValueError as error:
        faults.append(Fault("token", str(error)))
        return ""


def _given_hook(url: object, faults: list[Fault]) -> Hook | None:
    if url is None:
        return None
    try:
        return hook_of(url if isinstance(url, str) else "")
    except ValueError as error:
        faults.append(Fault("url", str(error)))
        return None
