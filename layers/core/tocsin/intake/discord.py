"""Discord: what tools post to a webhook of Discord's, posted to us instead.

Content and embeds, as JSON or in a form's `payload_json`; files beside it are passed
over; `wait` and `thread_id` in the query change nothing. Shape: "Execute Webhook" of
Discord's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import JsonValue

from tocsin.intake.batch import Batch, lone
from tocsin.intake.colours import severity_of, worst
from tocsin.intake.demands import an_object, wrong
from tocsin.intake.drafts import Named, draft, happened
from tocsin.intake.hooks import Call
from tocsin.intake.options import Options, read_options
from tocsin.intake.trimming import line, mapping, sequence, text

TYPE = "discord.message"
EMBEDS = 10
PART = 4096
TITLE = 150
_NAMED = re.compile(r"<a?(:\w{1,60}:)\d{1,20}>")
_TIMED = re.compile(r"<t:(-?\d{1,12})(?::[tTdDfFR])?>")
_SIGNS = re.compile(r"^[#>\s]+|[*_~`|]{2,3}|`")


def read(call: Call) -> Batch:
    """One message with its embeds. Raises `Invalid`, or `Malformed` for a form without
    a payload."""
    value = an_object(call.form("payload_json"))
    usual = read_options(Options, call.options).severity
    embeds = [mapping(each) for each in sequence(value.get("embeds"))[:EMBEDS]]
    title, paragraphs = _worded(text(value.get("content"), PART), embeds)
    if not title:
        raise wrong("content", "is missing, and so are embeds with text")
    event = draft(
        TYPE,
        title,
        message="\n\n".join(paragraphs),
        markdown=True,
        severity=worst([severity_of(each.get("color")) for each in embeds]) or usual,
        source=line(value.get("username"), 100) or "discord",
        facts=[fact for each in embeds for fact in _facts(each)],
        links=[
            (line(each.get("title"), 80) if place else "Open", each.get("url"))
            for place, each in enumerate(embeds)
        ],
        pictures=[
            ("Picture", mapping(each.get(name)).get("url"))
            for each in embeds
            for name in ("image", "thumbnail")
        ],
        at=next(
            (at for each in embeds if (at := happened(each.get("timestamp")))), None
        ),
    )
    return lone(event)


def _worded(
    content: str, embeds: list[Mapping[str, JsonValue]]
) -> tuple[str, list[str]]:
    """(title, paragraphs): the first embed's title, else the first line there is."""
    said = [_shown(content)] if content else []
    title = ""
    for embed in embeds:
        author = line(mapping(embed.get("author")).get("name"), TITLE)
        head = _plain(line(embed.get("title"), 256)) or _plain(author)
        if head and not title:
            title = head
        elif head:
            said.append(f"**{head}**")
        described = text(embed.get("description"), PART)
        if described:
            said.append(_shown(described))
    if title or not said:
        told = [fact for embed in embeds for fact in _facts(embed) if all(fact)]
        first = next((f"{name}: {value}" for name, value in told), "")
        return title or line(first, TITLE), said
    head, _, rest = said[0].partition("\n")
    whole = _plain(head)
    kept = [rest.strip()] if len(whole) <= TITLE else [said[0]]
    return line(whole, TITLE), [each for each in [*kept, *said[1:]] if each]


def _facts(embed: Mapping[str, JsonValue]) -> list[Named]:
    told = [mapping(each) for each in sequence(embed.get("fields"))[:25]]
    facts: list[Named] = [
        (_plain(line(each.get("name"), 256)), _shown(text(each.get("value"), 1024)))
        for each in told
    ]
    footer = line(mapping(embed.get("footer")).get("text"), 200)
    return [*facts, ("Note", _plain(footer))]


def _shown(told: str) -> str:
    """Discord's own marks, for emoji and times, in words."""
    return _TIMED.sub(_time, _NAMED.sub(r"\1", told))


def _time(found: re.Match[str]) -> str:
    try:
        at = datetime.fromtimestamp(int(found[1]), UTC)
    except (ValueError, OverflowError, OSError):
        return found[0]
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _plain(told: str) -> str:
    """Without Markdown's signs: for titles and names."""
    return _SIGNS.sub("", _shown(told)).strip()
