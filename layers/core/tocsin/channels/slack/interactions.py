"""What Slack tells of presses, and what it is answered. Pure.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from tocsin import washing
from tocsin.channels.slack import limits, mrkdwn
from tocsin.errors import Malformed
from tocsin.values import dataclass

NAME = 60
_FIELDS = 10


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction: `pressed` is the value of a button, "" for one that leads
    somewhere; `place` the channel that it stands in; `respond_to` takes words for who
    pressed; `challenge` is to be sent back.
    """

    pressed: str = ""
    actor: str = ""
    place: str = ""
    respond_to: str = ""
    challenge: str = ""


def read(body: bytes) -> Interaction:
    """Read a body whose signature fits: a form with a `payload`, or, when Slack looks
    whether we are there, JSON. Raises `Malformed`."""
    told = _payload(body)
    if told.get("type") == "url_verification":
        return Interaction(challenge=_text(told.get("challenge"))[:200])
    if told.get("type") != "block_actions":
        return Interaction()
    actions = told.get("actions")
    first = _mapping(actions[0]) if isinstance(actions, list) and actions else {}
    return Interaction(
        pressed=_text(first.get("value")),
        actor=_actor(_mapping(told.get("user"))),
        place=_text(_mapping(told.get("channel")).get("id")),
        respond_to=_text(told.get("response_url")),
    )


def whispered(words: str) -> bytes:
    """A message that only who pressed can see; the one with the button stays."""
    told = {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": mrkdwn.fitted(washing.line(words), limits.TEXT),
    }
    return json.dumps(told).encode()


def _payload(body: bytes) -> Mapping[str, Any]:
    try:
        text = body.decode()
        if not text.lstrip().startswith("{"):
            form = parse_qs(text, keep_blank_values=True, max_num_fields=_FIELDS)
            if "ssl_check" in form:  # Slack looks whether our certificate is good
                return {}
            text = form.get("payload", [""])[0]
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("neither a form with a JSON payload, nor JSON") from None
    if not isinstance(told, dict):
        raise Malformed("not an interaction of Slack's")
    return told


def _actor(user: Mapping[str, Any]) -> str:
    """The user name, which is nobody else's in the workspace, as a display name might
    be."""
    name = _text(user.get("username")) or _text(user.get("name"))
    name = name or _text(user.get("id")) or "somebody"
    return f"{washing.shortened(washing.line(name), NAME)} (Slack)"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
