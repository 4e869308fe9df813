"""Bodies of calls: the approved template, or, in an open window, a text or a picture.

https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tocsin import washing
from tocsin.channels.whatsapp import drafts, limits, words
from tocsin.channels.whatsapp.settings import Settings, Template
from tocsin.message import Message

_NOTHING = "–"  # an empty parameter is refused
_HEADLINE = 80


def room_for(messages: Sequence[Message]) -> int:
    """How many of the leading ones a template can name, each by its title."""
    room, count = limits.PARAMETERS - limits.PARAMETER_TITLE, 0
    for message in messages[: limits.MESSAGES]:
        room -= words.units(_headline(message)) + len(_BETWEEN)
        if room < 0:
            break
        count += 1
    return max(count, 1)


def template(messages: Sequence[Message], own: Settings) -> bytes:
    """What may be sent at any time."""
    form = own.template
    given = _parameters(messages, form)
    body = [{"type": "text", "text": text} for text in given.values()]
    if isinstance(form.parameters, Mapping):
        body = [
            {"type": "text", "parameter_name": name, "text": text}
            for name, text in given.items()
        ]
    components: list[dict[str, Any]] = []
    if form.picture:
        image = {"type": "image", "image": {"link": _picture(messages) or form.picture}}
        components.append({"type": "header", "parameters": [image]})
    if body:
        components.append({"type": "body", "parameters": body})
    told: dict[str, Any] = {"name": form.name, "language": {"code": form.language}}
    if components:
        told["components"] = components
    return _call(messages, own, "template", told)


def session(messages: Sequence[Message], own: Settings) -> list[bytes]:
    """What may be sent while the window is open, the best first."""
    text = drafts.text_of(messages)
    told = {"preview_url": False, "body": text}
    bodies = [_call(messages, own, "text", told)]
    picture = _picture(messages)
    if picture and len(messages) == 1 and words.units(text) <= limits.CAPTION:
        image = {"link": picture, "caption": text}
        bodies.insert(0, _call(messages, own, "image", image))
    return bodies


def _call(
    messages: Sequence[Message], own: Settings, kind: str, told: Mapping[str, Any]
) -> bytes:
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": own.to,
        "type": kind,
        kind: told,
    }
    # Comes back with every status, so that it can be told of which message it speaks.
    correlation = ",".join(one.id for one in messages if one.id)
    if correlation and len(correlation) <= limits.CORRELATION:
        body["biz_opaque_callback_data"] = correlation
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _parameters(messages: Sequence[Message], form: Template) -> dict[str, str]:
    """What each placeholder says, in its order: one line each, none empty."""
    named = (
        form.parameters
        if isinstance(form.parameters, Mapping)
        else {str(at): part for at, part in enumerate(form.parameters, 1)}
    )
    parts = _parts(drafts.ordered(messages))
    room = limits.PARAMETERS
    found = {}
    # The text takes what the others leave.
    for name, part in sorted(named.items(), key=lambda one: one[1] == "text"):
        limit = room if part == "text" else min(room, limits.PARAMETER_TITLE)
        whole = parts[part]
        if part == "link" and len(whole) > limit:
            whole = ""
        found[name] = words.cut(whole, max(limit, 1)) or _NOTHING
        room -= words.units(found[name])
    return {name: found[name] for name in named}


def _parts(messages: Sequence[Message]) -> dict[str, str]:
    first = messages[0]
    return {
        "title": _title(messages),
        "text": _text(messages),
        "severity": words.inert(washing.line(first.severity)),
        "state": words.inert(washing.line(first.state)),
        "type": words.inert(washing.line(first.type)),
        "source": words.inert(washing.line(first.footer)),
        "time": drafts.footer_of(first).rpartition(" · ")[2],
        "link": first.url or "" if drafts.is_web(first.url) else "",
        "count": str(len(messages)),
    }


def _title(messages: Sequence[Message]) -> str:
    first, *others = [drafts.title_of(one) for one in messages]
    if not others:
        return first
    named = " · ".join(words.cut(one, _HEADLINE) for one in (first, *others[:1]))
    more = f", +{len(others) - 1}" if others[1:] else ""
    return f"{len(messages)} notifications: {named}{more}"


def _text(messages: Sequence[Message]) -> str:
    """One message with what is known of it; of several, all titles and states."""
    if len(messages) > 1:
        return _BETWEEN.join(_headline(one) for one in messages)
    one = drafts.draft(messages[0])
    lines = filter(None, (one.state, one.body, *one.facts, one.code))
    return " · ".join(washing.line(line) for line in lines)


def _headline(message: Message) -> str:
    one = drafts.draft(message)
    return words.cut(" – ".join(filter(None, (one.title, one.state))), _HEADLINE * 2)


def _picture(messages: Sequence[Message]) -> str:
    """A picture that WhatsApp fetches by itself; the first there is."""
    found = (one.picture or "" for one in messages)
    return next((url for url in found if url.startswith("https://")), "")


_BETWEEN = " • "
