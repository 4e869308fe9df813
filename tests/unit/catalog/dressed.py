"""What tests of the catalogue ask for: events dressed, and shown."""

from __future__ import annotations

from typing import Any

from tocsin.catalog import TYPES, kind_of
from tocsin.catalog.dressing import dress
from tocsin.catalog.kind import Kind
from tocsin.events import Event
from tocsin.rules.config import Config

NOW = 1_795_249_883_000  # 2026-11-21 08:31:23 UTC, 09:31:23 in Zurich


def dressed(
    event: dict[str, Any],
    types: Any = None,
    links: Any = None,
    guessed: frozenset[str] = frozenset(),
) -> Event:
    """The event as it is stored, under a routing file with these blocks."""
    config = Config.model_validate(
        {"timezone": "Europe/Zurich", "types": types or {}, "links": links or {}}
    )
    return dress(Event.model_validate(event), config, NOW, guessed)


def typed(name: str, /, **data: Any) -> Event:
    """An event of that type which says nothing but its data."""
    return dressed({"type": name, "data": data})


def every_kind() -> list[type[Kind]]:
    """The whole catalogue."""
    found = [kind_of(name) for name in TYPES]
    return [kind for kind in found if kind is not None]


def facts(event: Event) -> list[tuple[str, str, bool]]:
    """(name, value, inline) in order."""
    return [(each.name, each.value, each.inline) for each in event.fields]


def links(event: Event) -> dict[str, str]:
    """Label -> address."""
    return {each.label: str(each.url) for each in event.links}
