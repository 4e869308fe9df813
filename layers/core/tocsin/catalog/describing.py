"""Describing: the catalogue as data, each type with a sample and how it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tocsin.catalog import TYPES, kind_of
from tocsin.catalog.dressing import dress
from tocsin.catalog.kind import Kind
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.rendering import render
from tocsin.rules.config import Config

_SENDER = "sample"
_ID = "01kaj7d3m0c8q5r9s2t7v4w6x1"


def described(config: Config, now: int) -> Iterator[dict[str, Any]]:
    """Every type, in the catalogue's order; samples as this routing file shows them."""
    for name, domain in TYPES.items():
        kind = kind_of(name)
        if kind is not None:
            yield _described(kind, domain, config, now)


def sampled(sample: dict[str, Any], config: Config, now: int) -> Notification:
    """An event that came in now, as a notification."""
    event = dress(Event.model_validate(sample), config, now)
    return Notification(
        id=_ID,
        event=event,
        fingerprint="",
        state=(event.state or "") if event.is_problem else "notice",
        sender=_SENDER,
        accepted_at=now,
        last_at=now,
    )


def shown(sample: dict[str, Any], config: Config, now: int) -> Message:
    """Its message, as it goes to one destination."""
    return render(
        sampled(sample, config, now),
        Delivery(_SENDER),
        zone=config.timezone,
        application=config.application,
        now=now,
    )


def _described(
    kind: type[Kind], domain: str, config: Config, now: int
) -> dict[str, Any]:
    at_least = dict([kind.at_least]) if kind.at_least else {}
    return {
        "type": kind.type,
        "domain": domain,
        "does": _words(kind),
        "severity": kind.severity.value,
        "ttl": kind.ttl,
        "threshold": at_least,
        "needs": list(kind.needs),
        "data": _schema(kind),
        "sample": kind.sample,
        "shown": _parts(shown(kind.sample, config, now)),
    }


def _words(kind: type[Kind]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _schema(kind: type[Kind]) -> dict[str, Any]:
    """The JSON Schema of `data`; any key may be null, which is as good as absent."""
    schema = kind.model_json_schema()
    schema.pop("description", None)
    return schema


def _parts(message: Message) -> dict[str, Any]:
    """What people see, without what is empty."""
    told = {
        "preview": message.preview,
        "icon": message.icon,
        "title": message.title,
        "url": message.url,
        "colour": f"#{message.colour:06X}",
        "body": message.body.text if message.body else None,
        "facts": [
            {"name": fact.name, "value": fact.value.text, "inline": fact.inline}
            for fact in message.facts
        ],
        "links": [{"label": link.label, "url": link.url} for link in message.links],
        "footer": message.footer,
    }
    return {name: value for name, value in told.items() if value}
