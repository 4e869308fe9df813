"""What an operator says of a Slack destination: a webhook URL, or a bot and a channel.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
https://docs.slack.dev/authentication/tokens
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from tocsin.channels import _complaints
from tocsin.channels.slack import limits, mrkdwn
from tocsin.errors import Fault, Invalid
from tocsin.events import Frozen

HOOK_HOST = "hooks.slack.com"
API_HOST = "slack.com"
_PATH = re.compile(
    r"/services/(T[A-Z0-9]{2,20})/(B[A-Z0-9]{2,20})/([A-Za-z0-9]{6,80})/?", re.ASCII
)
_TOKEN = re.compile(r"xoxb-[A-Za-z0-9-]{8,250}", re.ASCII)
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{5,30}", re.ASCII)
_EMOJI = re.compile(r":[a-z0-9_+'-]{1,100}:")
_TS = re.compile(r"\d{10}\.\d{6}", re.ASCII)
_LINKED_TS = re.compile(r"https://[!-~]+/p(\d{10})(\d{6})(?:\?[!-~]*)?", re.ASCII)
_PARENT = re.compile(r"[?&]thread_ts=(\d{10}\.\d{6})", re.ASCII)
_FORM = "write it as Slack shows it: https://hooks.slack.com/services/T…/B…/…"


def hook_of(url: str) -> str:
    """The webhook URL in its one form. Raises ValueError that never repeats it."""
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError:
        raise ValueError(f"not a URL; {_FORM}") from None
    if parts.scheme != "https":
        raise ValueError(f"not an https URL; {_FORM}")
    if host != HOOK_HOST or port not in (None, 443) or parts.username is not None:
        raise ValueError(f"not an address of Slack's webhooks; {_FORM}")
    if parts.path.startswith(("/workflows/", "/triggers/")):
        raise ValueError(f"this starts a workflow, it is no incoming webhook; {_FORM}")
    match = _PATH.fullmatch(parts.path)
    if match is None or parts.query:
        raise ValueError(f"not the path of an incoming webhook; {_FORM}")
    return f"https://{HOOK_HOST}/services/{match[1]}/{match[2]}/{match[3]}"


def token_of(token: str) -> str:
    """A bot's token. Raises ValueError that never repeats it."""
    text = token.strip()
    if text.startswith("xoxe"):
        raise ValueError("a rotating token dies in hours: switch token rotation off")
    if text.startswith("xoxp"):
        raise ValueError("this is a person's token; take the bot's, xoxb-…")
    if _TOKEN.fullmatch(text) is None:
        raise ValueError("not a bot's token, which begins with xoxb-")
    return text


def thread_of(text: str) -> str | None:
    """The ts of the thread that is meant: a ts, or the link to a message. Other
    words, meant for other channels, name no thread in Slack."""
    if _TS.fullmatch(text):
        return text
    match = _LINKED_TS.fullmatch(text)
    if match is None:
        return None
    parent = _PARENT.search(text)
    return parent[1] if parent else f"{match[1]}.{match[2]}"


def _channel_id(value: str) -> str:
    if _CHANNEL.fullmatch(value) is None:
        raise ValueError("not a channel's id, as C0123456789: no name, no #")
    return value


def _thread_ts(value: str) -> str:
    ts = thread_of(value)
    if ts is None:
        raise ValueError("neither a ts, as 1700000000.123456, nor a message's link")
    return ts


def _emoji(value: str) -> str:
    if _EMOJI.fullmatch(value) is None:
        raise ValueError("not an emoji's code, as :rotating_light:")
    return value


def _picture(value: str) -> str:
    address = mrkdwn.public(value)
    if address is None:
        raise ValueError("not a public http(s) address")
    return address


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Settings(Frozen):
    """All that may be said besides `url` or `token`. A webhook has its channel, name
    and icon from Slack: only a bot can be told them."""

    channel_id: Annotated[Line, AfterValidator(_channel_id)] | None = None
    thread_ts: Annotated[Line, AfterValidator(_thread_ts)] | None = None
    username: Annotated[Line, Field(max_length=limits.USERNAME)] | None = None
    icon_emoji: Annotated[Line, AfterValidator(_emoji)] | None = None
    icon_url: Annotated[Line, AfterValidator(_picture)] | None = None
    buttons: bool = True


_BOTS = frozenset(Settings.model_fields) - {"buttons"}


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(settings to keep, webhook URL or token or ""). Raises `Invalid`."""
    own = {str(name): value for name, value in given.items()}
    url, token = own.pop("url", None), own.pop("token", None)
    faults: list[Fault] = []
    secret = _given("url", url, faults) or _given("token", token, faults)
    if url is not None and token is not None:
        faults.append(Fault("token", "a destination has a url or a token, not both"))
    elif url is not None:
        faults += [Fault(name, _FIXED) for name in sorted(_BOTS & own.keys())]
    elif token is not None and not own.get("channel_id"):
        faults.append(Fault("channel_id", "a bot must be told its channel"))
    try:
        kept = Settings.model_validate(own).model_dump(
            mode="json", exclude_defaults=True
        )
    except ValidationError as error:
        faults += faults_of(error)
    if faults:
        raise Invalid("the Slack destination is not valid", faults)
    return kept, secret


_FIXED = "an incoming webhook has this from Slack; only a bot (token) can be told it"


def faults_of(error: ValidationError) -> list[Fault]:
    """Field and reason of each, without the values that were given."""
    words = {"extra_forbidden": "not a setting of Slack destinations"}
    return _complaints.faults_of(error, words)


def _given(name: str, value: object, faults: list[Fault]) -> str:
    if value is None:
        return ""
    read = hook_of if name == "url" else token_of
    try:
        return read(value if isinstance(value, str) else "")
    except ValueError as error:
        faults.append(Fault(name, str(error)))
        return ""
