"""Enriching: what AWS knows of an alarm and its notification does not tell.

Best effort: what is not answered in time is left out, and the alarm goes out without.
Nothing here is imported before the first alarm comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from pydantic import ValidationError

from tocsin.errors import Unavailable
from tocsin.events import Attachment, Event, Fact, Link
from tocsin.ports import Enricher, Picture
from tocsin.values import dataclass

SECONDS = 2.0
AT_ONCE = 8
# Tags that become a fact each, by their names in lower case.
TOLD = ("owner", "team", "runbook")
RUNBOOK = "Runbook"
_FIELDS, _LINKS, _ATTACHMENTS = 50, 20, 10

_Answer = TypeVar("_Answer")
Missed = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is asked about: its ARN, and the graph of its metric ("" = it has none)."""

    arn: str
    widget: str = ""


def enrich(
    told: Sequence[tuple[Event, Alarm]],
    *,
    enricher: Enricher,
    missed: Missed,
    seconds: float = SECONDS,
) -> list[Event]:
    """The events with what was answered within `seconds` in all; never raises for what
    AWS does. `missed` hears why something is left out."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        asked = [
            (
                event,
                pool.submit(enricher.tags, alarm.arn),
                pool.submit(_graph, enricher, alarm),
            )
            for event, alarm in told
        ]
        calls: list[Future[Any]] = []
        for _, tags, graph in asked:
            calls += [tags, graph]
        wait(calls, timeout=seconds)
        return [
            with_details(event, _answer(tags, {}, missed), _answer(graph, None, missed))
            for event, tags, graph in asked
        ]
    finally:
        # Whoever is still waiting for AWS waits for nobody.
        pool.shutdown(wait=False, cancel_futures=True)


def with_details(event: Event, tags: Mapping[str, str], graph: Picture | None) -> Event:
    """The event with its alarm's tags, and its graph if there is one."""
    known = {name.casefold(): value.strip() for name, value in tags.items()}
    facts, links = list(event.fields), list(event.links)
    for name in TOLD:
        value = known.get(name, "")
        runbook = _link(value) if name == "runbook" else None
        if runbook is not None:
            links += [] if _has(links, runbook) else [runbook]
        elif value:
            facts.append(Fact(name=name.capitalize(), value=value))
    files = list(event.attachments)
    if graph:
        facts_of_it = {"name": graph.name, "media": graph.media, "size": graph.size}
        files.append(Attachment.model_validate({"id": graph.id, **facts_of_it}))
    return event.model_copy(
        update={
            "fields": tuple(facts[:_FIELDS]),
            "links": tuple(links[:_LINKS]),
            "attachments": tuple(files[:_ATTACHMENTS]),
        }
    )


def _graph(enricher: Enricher, alarm: Alarm) -> Picture | None:
    return enricher.graph(alarm.arn, alarm.widget) if alarm.widget else None


def _answer(asked: Future[_Answer], otherwise: _Answer, missed: Missed) -> _Answer:
    if not asked.done():
        missed("AWS did not answer in time")
        return otherwise
    try:
        return asked.result()
    except Unavailable as error:
        missed(str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, people are told
        missed(type(error).__name__)
    return otherwise


def _link(value: str) -> Link | None:
    if not value.startswith(("https://", "http://")):
        return None
    try:
        return Link.model_validate({"label": RUNBOOK, "url": value})
    except ValidationError:
        return None


def _has(links: Iterable[Link], wanted: Link) -> bool:
    return any(link.url == wanted.url for link in links)
