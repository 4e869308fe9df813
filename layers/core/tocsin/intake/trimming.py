"""Trimming: what foreign payloads hold, taken without trust and cut to size."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue, ValidationError

from tocsin.events import Link
from tocsin.severity import Severity, parse_severity

FACTS = 12
FACT_LENGTH = 500
_NOT_IN_A_TYPE = re.compile(r"[^A-Za-z0-9_.:/-]+")
_DOMAINS = {"com", "org", "net", "io", "dev", "ch", "de", "eu", "uk"}
_YES = {True: "yes", False: "no"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_VERSION = re.compile(r"v?\d+")


def text(value: object, limit: int) -> str:
    """Text or a number, cut to `limit` characters; "" for everything else."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return ""
        value = str(value)
    plain = value.strip()
    if len(plain) > limit:
        plain = plain[: limit - 1].rstrip() + "…"
    if plain.isascii():
        return plain
    # Half characters cannot be stored; JSON escapes can smuggle them in.
    return plain.encode("utf-8", "replace").decode()


def line(value: object, limit: int) -> str:
    """The same on one line."""
    if isinstance(value, str) and not value.isprintable():
        value = " ".join(value.split())
    return text(value, limit)


def mapping(value: object) -> Mapping[str, JsonValue]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[JsonValue]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else ()


def number(value: object) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def moment(value: object) -> datetime | None:
    """A time in ISO 8601, in UTC (which it is taken for when it names no zone)."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def severity(value: object) -> Severity | None:
    """A severity or an alias of one, or None."""
    try:
        return parse_severity(value) if isinstance(value, str) else None
    except ValueError:
        return None


def event_type(name: str, otherwise: str) -> str:
    """A foreign type's name in the letters that ours may have."""
    return _NOT_IN_A_TYPE.sub("-", name).lstrip("-_.:/")[:100].rstrip("-") or otherwise


def words(name: str) -> str:
    """What a dotted name says: "com.example.orderShipped.v2" is "order shipped", and
    "shop.order.created" is "order created"."""
    parts = [part for part in re.split(r"[.:/]", name) if part]
    if len(parts) > 2 and parts[0].lower() in _DOMAINS:
        parts = parts[2:]
    while len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    last = _spaced(parts[-1:])
    return last if " " in last else _spaced(parts[-2:])


def _spaced(parts: list[str]) -> str:
    return re.sub(r"[\s_-]+", " ", _CAMEL.sub(" ", " ".join(parts))).strip().lower()


def link(label: str, url: str) -> Link | None:
    """A link, or None if the address is none."""
    try:
        return Link.model_validate({"label": text(label, 80), "url": url})
    except ValidationError:
        return None


def facts(values: Mapping[str, JsonValue]) -> list[dict[str, Any]]:
    """The simple values of an object as facts, the first dozen of them."""
    told = []
    for name, value in values.items():
        plain = _YES[value] if isinstance(value, bool) else value
        shown, named = text(plain, FACT_LENGTH), line(name, 200)
        if shown and named:
            told.append({"name": named, "value": shown})
    return told[:FACTS]


def labels(values: Mapping[str, object]) -> dict[str, str]:
    """The simple values of an object as labels; empty ones are left out."""
    cut = {line(name, 200): line(value, 1000) for name, value in values.items()}
    told = [(name, value) for name, value in cut.items() if name and value]
    return dict(told[:64])
