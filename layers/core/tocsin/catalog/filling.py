"""Filling: each part of an event that its sender left empty, from its type."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tocsin.catalog.declared import DeclaredType, LinkTemplate
from tocsin.catalog.scene import Scene
from tocsin.catalog.templates import fill
from tocsin.events import Fact
from tocsin.look import Look

if TYPE_CHECKING:
    from tocsin.catalog.kind import Kind

MESSAGE, FINGERPRINT = 50_000, 500
FACTS, LINKS = 50, 20


def title_of(
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


def words_of(
    scene: Scene,
    data: Kind | None,
    declared: DeclaredType | None,
    guessed: Collection[str],
) -> dict[str, Any]:
    """Message and facts."""
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


def places_of(
    scene: Scene,
    data: Kind | None,
    declared: DeclaredType | None,
    links: Mapping[str, LinkTemplate],
) -> dict[str, Any]:
    """Links, and where the title leads."""
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
            changes["url"] = str(url)
    return changes


def rest_of(
    scene: Scene, data: Kind | None, declared: DeclaredType | None, title: str
) -> dict[str, Any]:
    """Look, fingerprint, time to live and progress; `title` is the one it made."""
    event, changes = scene.event, dict[str, Any]()
    look = _look(event.look, declared.look if declared else None, data, scene)
    if look is not event.look:
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
    made = data.look(scene) if data else None
    looks = [each for each in (own, declared, made) if each and each.said]
    if len(looks) <= 1:
        return looks[0] if looks else own
    said: dict[str, Any] = {}
    for look in looks:
        for name, value in look.model_dump(exclude_defaults=True).items():
            said.setdefault(name, value)
    return Look(**said)


def _first(template: str, scene: Scene) -> str:
    return fill(template, scene) if template else ""


def _joined(own: Iterable[Fact], made: Iterable[Fact]) -> tuple[Fact, ...]:
    """The sender's first; a name is used once."""
    facts = {each.name.casefold(): each for each in own}
    for each in made:
        facts.setdefault(each.name.casefold(), each)
    return tuple(facts.values())[:FACTS]
