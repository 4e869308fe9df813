"""Rows: a notification in one line, for lists and for what is followed live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.screen import Cell
from tocsin_client.command.washing import line
from tocsin_client.command.wording import clock, short

COLUMNS = ("id", "time", "severity", "title", "status", "where", "type")


def row(found: Mapping[str, Any], now: float) -> list[Cell]:
    """The cells of `COLUMNS`."""
    return [
        looks.dim(short(line(found["id"]))),
        clock(found["accepted_at"], now),
        looks.severity(found["severity"], resolved=found["state"] == "resolved"),
        title(found),
        standing(found),
        where(found),
        looks.dim(found["type"]),
    ]


def record(found: Mapping[str, Any]) -> list[Cell]:
    """The same for programs: whole times, and words without signs."""
    went = (f"{each['destination']}={each['status']}" for each in found["deliveries"])
    told = (
        found["id"],
        found["accepted_at"],
        found["severity"],
        found["title"] or found["message"][:200],
        found["status"],
        " ".join(went),
        found["type"],
    )
    return [line(each) for each in told]


def title(found: Mapping[str, Any]) -> Text:
    """What it says, and how often it was seen."""
    told = Text(line(found["title"] or found["message"][:200]))
    if found.get("occurrences", 1) > 1:
        told.append(f"  ×{found['occurrences']:,}", style="orange1")
    return told


def standing(found: Mapping[str, Any]) -> Text:
    """Its status; what is resolved says so."""
    if found["state"] == "resolved" and found["status"] in ("sent", "acknowledged"):
        return looks.status("resolved")
    return looks.status(found["status"])


def where(found: Mapping[str, Any]) -> Text:
    """Each destination with the sign of how it went."""
    told = Text()
    for each in found["deliveries"]:
        if told:
            told.append(" ")
        told.append_text(looks.sign(each["status"]))
        told.append(f" {line(each['destination'])}")
    return told
