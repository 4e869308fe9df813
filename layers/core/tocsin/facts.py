"""Facts: the short named values of an event that help a reader, in order of use."""

from __future__ import annotations

from functools import lru_cache

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

Name = tuple[str, str]  # as it is shown, and what tells it from the others


def facts_of(event: Event) -> tuple[Fact, ...]:
    """The sender's fields, then labels that help, then the progress. None is empty."""
    if not event.fields and not event.labels and event.progress is None:
        return ()
    facts: dict[str, Fact] = {}
    for field in event.fields:
        wash = washing.line if field.inline else washing.block
        value = Text(wash(field.value), markup=field.format == "markdown")
        _add(facts, _named(field.name), value, inline=field.inline)
    for label, name in _helpful(tuple(event.labels)):
        _add(facts, name, Text(washing.line(event.labels[label])), inline=True)
    if event.progress is not None:
        bar = Text(wording.bar(event.progress))
        _add(facts, _named("Progress"), bar, inline=False)
    return tuple(facts.values())


def _add(facts: dict[str, Fact], name: Name, value: Text, *, inline: bool) -> None:
    """A name is used once: what the sender put into a field hides the label."""
    shown, key = name
    empty = len(value.text) < 10 and value.text.casefold() in _NOTHING
    if key and key not in facts and not empty:
        facts[key] = Fact(shown, value, inline)


# Names are few and come back with each event of a kind; values are many.


@lru_cache(maxsize=256)
def _helpful(labels: tuple[str, ...]) -> tuple[tuple[str, Name], ...]:
    """The best-known names first, then as given; machine names left out."""
    shown = [label for label in labels if not _hidden(label)]
    shown.sort(key=lambda label: _PLACE.get(label.casefold(), len(_PLACE)))
    return tuple(
        (label, _name(wording.humanised(washing.line(label))))
        for label in shown[:LABELS_SHOWN]
    )


@lru_cache(maxsize=512)
def _named(name: str) -> Name:
    return _name(washing.line(name))


def _name(words: str) -> Name:
    return washing.shortened(words, NAME), words.casefold()


def _hidden(label: str) -> bool:
    return label.startswith("_") or label.casefold() in _HIDDEN
