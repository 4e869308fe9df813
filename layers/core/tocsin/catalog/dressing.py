"""Dressing: what a sender left empty is filled in, once, when the event comes in.

What is told is what is stored: a later change of a type changes no old notification.
The sender's words win over the operator's (`types`), and these over the catalogue's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from tocsin import wording
from tocsin.catalog import TYPES, kind_of
from tocsin.catalog.declared import DeclaredType, LinkTemplate, declared_for
from tocsin.catalog.scene import Scene
from tocsin.catalog.templates import fill
from tocsin.errors import Fault, Invalid
from tocsin.events import Event, Fact
from tocsin.look import Look
from tocsin.prose import resolved_title
from tocsin.severity import Severity

if TYPE_CHECKING:
    from tocsin.catalog.kind import Kind

TITLE, MESSAGE, FINGERPRINT = 1000, 50_000, 500
FACTS, LINKS = 50, 20
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # a clock before that is unset
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
        moment = _moment(event, wording.moment(now, wardrobe.timezone))
        event = _dressed(event, kind, declared, links, moment, guessed)
    if not event.title.strip() and not event.message.strip():
        raise _wordless(kind)
    return event


def _dressed(
    event: Event,
    kind: type[Kind] | None,
    declared: DeclaredType | None,
    links: Mapping[str, LinkTemplate],
    at: datetime,
    guessed: Collection[str],
) -> Event:
    told = {name: value for name, value in event.data.items() if value is not None}
    data = kind.model_validate(told) if kind else None
    severity = _severity(event, kind, declared)
    scene = Scene(event, severity, at)
    changes: dict[str, Any] = {}
    if severity is not event.severity:
        changes["severity"] = severity
    title = _title(scene, data, declared, guessed)
    if title:
        over = event.state == "resolved"
        changes["title"] = (resolved_title(title) if over else title)[:TITLE]
    speaks = data is None or data.said or "title" in changes or not event.title.strip()
    changes |= _words(scene, data if speaks else None, declared, guessed)
    changes |= _places(scene, data, declared, links)
    changes |= _rest(scene, data, declared, title)
    return event.model_copy(update=changes) if changes else event


def _moment(event: Event, now: datetime) -> datetime:
    """When it happened, unless the sender's clock is plainly wrong."""
    at = event.occurred_at
    if at is None or not EPOCH <= at <= now + timedelta(days=1):
        return now
    return at.astimezone(now.tzinfo)


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


def _title(
    scene: Scene,
    data: Kind | None,
    declared: DeclaredType | None,
    guessed: Collection[str],
) -> str:
    """The title that the type makes, "" where the sender's own stands."""
    if scene.event.title.strip() and "title" not in guessed:
        return ""
    title = _first(declared.title if declared else "", scene)
    return title or (data.title(scene) if data else "")


def _words(
    scene: Scene,
    data: Kind | None,
    declared: DeclaredType | None,
    guessed: Collection[str],
) -> dict[str, Any]:
    event, changes = scene.event, dict[str, Any]()
    if not event.message.strip():
        message = _first(declared.message if declared else "", scene)
        message = message or (data.message(scene) if data else "")
        if message:
            changes["message"] = message[:MESSAGE]
    facts = list(declared.facts_for(scene)) if declared else []
    facts = facts or (list(data.facts(scene)) if data else [])
    made_up = "fields" in guessed and (facts or data is not None)
    if facts or made_up:
        changes["fields"] = _joined(() if made_up else event.fields, facts)
    return changes


def _places(
    scene: Scene,
    data: Kind | None,
    declared: DeclaredType | None,
    links: Mapping[str, LinkTemplate],
) -> dict[str, Any]:
    event, changes = scene.event, dict[str, Any]()
    made = {name: each.link_for(name, scene) for name, each in links.items()}
    found = [*made.values(), *(data.links(scene) if data else ())]
    added = [each for each in found if each is not None]
    if added:
        labels = {each.label for each in event.links}
        new = [each for each in added if each.label not in labels]
        changes["links"] = (*event.links, *new)[:LINKS]
    if event.url is None:
        wanted = (declared.link if declared else "") or (
            data.title_link if data else ""
        )
        led = made.get(wanted)
        url = led.url if led else data.page() if data else None
        if url is not None:
            changes["url"] = url
    return changes


def _rest(
    scene: Scene, data: Kind | None, declared: DeclaredType | None, title: str
) -> dict[str, Any]:
    event, changes = scene.event, dict[str, Any]()
    look = _look(event.look, declared.look if declared else None, data, scene)
    if look != event.look:
        changes["look"] = look
    if not event.fingerprint:
        own = _first(declared.fingerprint if declared else "", scene)
        own = own or (data.fingerprint(scene) if data else "")
        if title and event.is_problem:
            # The title tells the end from the problem: it cannot be their one name.
            own = own or f"{event.type}:{event.branch}:{title}"
        if own:
            changes["fingerprint"] = own[:FINGERPRINT]
    if event.ttl is None:
        ttl = declared.ttl if declared else None
        ttl = ttl or (data.ttl if data else None)
        if ttl is not None:
            changes["ttl"] = ttl
    if event.progress is None and data is not None:
        progress = data.progress()
        if progress is not None:
            changes["progress"] = progress
    return changes


def _look(
    own: Look | None, declared: Look | None, data: Kind | None, scene: Scene
) -> Look | None:
    """Part by part, the first that says it."""
    looks = [own, declared, data.look(scene) if data else None]
    said: dict[str, Any] = {}
    for look in looks:
        for name, value in (
            look.model_dump(exclude_defaults=True).items() if look else ()
        ):
            said.setdefault(name, value)
    return Look(**said) if said else own


def _first(template: str, scene: Scene) -> str:
    return fill(template, scene) if template else ""


def _joined(own: Iterable[Fact], made: Iterable[Fact]) -> tuple[Fact, ...]:
    """The sender's first; a name is used once."""
    facts = {each.name.casefold(): each for each in own}
    for each in made:
        facts.setdefault(each.name.casefold(), each)
    return tuple(facts.values())[:FACTS]


def _wordless(kind: type[Kind] | None) -> Invalid:
    if kind is None or not kind.needs:
        reason = "an event needs a title or a message"
        return Invalid(reason, [Fault("", reason)])
    faults = [Fault(f"data.{key}", "is missing") for key in kind.needs]
    reason = f"{faults[0].field}: is missing, and there is no title"
    return Invalid(reason, faults)
