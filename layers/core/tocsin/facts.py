"""Facts: the short named values of an event that help a reader, in order of use."""

from __future__ import annotations

from tocsin import washing, wording
from tocsin.events import Event
from tocsin.message import Fact, Text

LABELS_SHOWN = 8
NAME = 100
_NOTHING = frozenset(
    {"", "-", "none", "null", "nil", "n/a", "na", "nan", "undefined", "unknown"}
)
_FIRST = (
    "subject",
    "value",
    "threshold",
    "environment",
    "env",
    "region",
    "service",
    "host",
    "instance",
    "customer",
    "owner",
    "team",
)
_PLACE = {name: place for place, name in enumerate(_FIRST)}
# Shown elsewhere in the message, or meant for machines.
_HIDDEN = frozenset(
    {"severity", "source", "branch", "type", "fingerprint", "alertname"}
)


def facts_of(event: Event) -> tuple[Fact, ...]:
    """The sender's fields, then labels that help, then the progress. None is empty."""
    if not event.fields and not event.labels and event.progress is None:
        return ()
    facts: dict[str, Fact] = {}
    for field in event.fields:
        wash = washing.line if field.inline else washing.block
        _add(facts, washing.line(field.name), wash(field.value), inline=field.inline)
    for name, value in _helpful(event.labels):
        words = wording.humanised(washing.line(name))
        _add(facts, words, washing.line(value), inline=True)
    if event.progress is not None:
        _add(facts, "Progress", wording.bar(event.progress), inline=False)
    return tuple(facts.values())


def _add(facts: dict[str, Fact], name: str, value: str, *, inline: bool) -> None:
    """A name is used once: what the sender put into a field hides the label."""
    key = name.casefold()
    empty = len(value) < 10 and value.casefold() in _NOTHING
    if key and key not in facts and not empty:
        facts[key] = Fact(washing.shortened(name, NAME), Text(value), inline)


def _helpful(labels: dict[str, str]) -> list[tuple[str, str]]:
    """The best-known names first, then as given; machine names left out."""
    if not labels:
        return []
    shown = [
        pair
        for pair in labels.items()
        if pair[0].casefold() not in _HIDDEN and not pair[0].startswith("_")
    ]
    shown.sort(key=lambda pair: _PLACE.get(pair[0].casefold(), len(_PLACE)))
    return shown[:LABELS_SHOWN]
