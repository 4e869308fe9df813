"""Dressing: what a sender left empty is filled in, once, when the event comes in.

What is told is what is stored: a later change of a type changes no old notification.
The sender's words win over the operator's (`types`), and these over the catalogue's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from tocsin.catalog import TYPES, kind_of
from tocsin.catalog.declared import DeclaredType, LinkTemplate, declared_for
from tocsin.catalog.filling import places_of, rest_of, title_of, words_of
from tocsin.catalog.scene import Scene
from tocsin.errors import Fault, Invalid
from tocsin.events import Event
from tocsin.severity import Severity

if TYPE_CHECKING:
    from tocsin.catalog.kind import Kind

TITLE = 1000
NOTHING: Collection[str] = frozenset()


class Wardrobe(Protocol):
    """What the routing file adds to the catalogue; `Config` is one."""

    @property
    def types(self) -> Mapping[str, DeclaredType]:
        """By glob."""

    @property
    def links(self) -> Mapping[str, LinkTemplate]:
        """By name."""

    @property
    def timezone(self) -> str:
        """In which times are shown."""


def dress(
    event: Event, wardrobe: Wardrobe, now: int, guessed: Collection[str] = NOTHING
) -> Event:
    """The event with everything said that its type can say.

    `now` in ms. `guessed` names the keys that an adapter filled without knowing the
    type: these give way. Raises `Invalid` when nothing is said, and pydantic's
    `ValidationError` for data that is wrong.
    """
    kind = kind_of(event.type) if event.type in TYPES else None
    declared = declared_for(wardrobe.types, event.type)
    links = wardrobe.links
    known = kind is not None or declared is not None
    if known or (links and any(each.may_fit(event) for each in links.values())):
        event = _dressed(event, kind, declared, wardrobe, now, guessed)
    if not event.title.strip() and not event.message.strip():
        raise _wordless(kind)
    return event


def _dressed(
    event: Event,
    kind: type[Kind] | None,
    declared: DeclaredType | None,
    wardrobe: Wardrobe,
    now: int,
    guessed: Collection[str],
) -> Event:
    told = {name: value for name, value in event.data.items() if value is not None}
    data = kind.model_validate(told) if kind else None
    severity = _severity(event, kind, declared)
    scene = Scene(event, severity, now, wardrobe.timezone)
    changes: dict[str, Any] = {}
    if severity is not event.severity:
        changes["severity"] = severity
    title = title_of(scene, data, declared, guessed)
    if title:
        over = event.state == "resolved"
        changes["title"] = (_resolved(title) if over else title)[:TITLE]
    speaks = data is None or data.said or "title" in changes or not event.title.strip()
    changes |= words_of(scene, data if speaks else None, declared, guessed)
    changes |= places_of(scene, data, declared, wardrobe.links)
    changes |= rest_of(scene, data, declared, title)
    return event.model_copy(update=changes) if changes else event


def _resolved(title: str) -> str:
    # Its expressions would lengthen every cold start.
    from tocsin.prose import resolved_title  # noqa: PLC0415

    return resolved_title(title)


def _severity(
    event: Event, kind: type[Kind] | None, declared: DeclaredType | None
) -> Severity:
    if "severity" in event.model_fields_set:
        return event.severity
    if event.state == "resolved" and (kind or declared):
        return Severity.SUCCESS
    if declared is not None and declared.severity is not None:
        return declared.severity
    return kind.severity if kind else event.severity


def _wordless(kind: type[Kind] | None) -> Invalid:
    if kind is None or not kind.needs:
        reason = "an event needs a title or a message"
        return Invalid(reason, [Fault("", reason)])
    faults = [Fault(f"data.{key}", "is missing") for key in kind.needs]
    reason = f"{faults[0].field}: is missing, and there is no title"
    return Invalid(reason, faults)
