"""Drafts: what an adapter took out of a payload, made into an event that is valid."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import JsonValue

from tocsin.events import Event, Link, State
from tocsin.intake.trimming import (
    event_type,
    labels,
    line,
    link,
    moment,
    number,
    text,
    words,
)
from tocsin.severity import Severity

TITLE = 200
MESSAGE = 8_000
FACTS = 12
FACT = 500
SHORT = 60
LINKS = 8
FINGERPRINT = 500
# A picture, or a mail's file, is told by its name.
Named = tuple[str, object]


def draft(
    kind: str,
    title: object,
    *,
    message: object = "",
    markdown: bool = False,
    severity: Severity | None = None,
    state: State | None = None,
    source: object = "",
    branch: object = "",
    fingerprint: str = "",
    about: Mapping[str, object] | None = None,
    facts: Iterable[Named] = (),
    links: Iterable[Named] = (),
    pictures: Iterable[Named] = (),
    data: Mapping[str, JsonValue] | None = None,
    at: datetime | None = None,
) -> Event:
    """An event of type `kind`, its parts cut to size and its empty ones left out.

    `about` becomes labels; the first link that holds is the title's. The end of a
    problem looks like a success, whatever `severity` says.
    """
    whole = event_type(kind, "event")
    made = _links(links, LINKS)
    form: Literal["markdown", "text"] = "markdown" if markdown else "text"
    ended = state == "resolved"
    return Event.model_validate(
        {
            "type": whole,
            "title": line(title, TITLE) or words(whole) or whole,
            "message": text(message, MESSAGE),
            "format": form,
            "severity": Severity.SUCCESS if ended else severity or Severity.INFO,
            "state": state,
            "source": line(source, 200),
            "branch": line(branch, 200),
            "fingerprint": identity(fingerprint),
            "labels": labels(about or {}),
            "fields": _facts(facts),
            "links": made,
            "url": made[0].url if made else None,
            "attachments": [
                {"name": each.label, "url": each.url} for each in _links(pictures, 10)
            ],
            "data": dict(data or {}),
            "occurred_at": at,
        }
    )


def identity(told: str) -> str:
    """A fingerprint that fits: one too long is named by its hash, never cut."""
    plain = line(told, len(told) + 1)
    if len(plain) <= FINGERPRINT:
        return plain
    return hashlib.sha256(plain.encode()).hexdigest()


def happened(value: object) -> datetime | None:
    """When it was: ISO 8601, or seconds since 1970. None for what tools write who do
    not know (the year 1) and for what no clock can mean."""
    seconds = number(value)
    try:
        read = (
            moment(value) if seconds is None else datetime.fromtimestamp(seconds, UTC)
        )
    except (ValueError, OverflowError, OSError):
        return None
    return read if read is not None and 1970 <= read.year < 9999 else None


def clock(at: datetime | None) -> str:
    """A time as people read it, in UTC; "" for None."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""


def milliseconds(at: datetime | None) -> int:
    """The same in ms; 0 for None."""
    return round(at.timestamp() * 1000) if at else 0


def _facts(told: Iterable[Named]) -> list[dict[str, Any]]:
    facts = []
    for name, value in told:
        shown = text(value, FACT)
        named = line(name, 200)
        if shown and named:
            inline = len(shown) <= SHORT and "\n" not in shown
            facts.append({"name": named, "value": shown, "inline": inline})
        if len(facts) == FACTS:
            break
    return facts


def _links(told: Iterable[Named], most: int) -> list[Link]:
    """Those that are web addresses, each address once."""
    links: dict[str, Link] = {}
    for label, url in told:
        if isinstance(url, str) and url and url not in links and len(links) < most:
            made = link(line(label, 80), url)
            if made is not None:
                links[url] = made
    return list(links.values())
