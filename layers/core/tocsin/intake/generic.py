"""Generic: any tool's JSON, read by JMESPath expressions that the operator wrote.

Expressions: https://jmespath.org/specification.html. Without them, our own keys are
taken where they stand, and the rest is shown as facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    JsonValue,
    ValidationError,
)

from tocsin.catalog import TYPES
from tocsin.errors import Invalid
from tocsin.events import Event
from tocsin.intake.batch import Batch, Received, judge_each, nothing
from tocsin.intake.demands import wrong
from tocsin.intake.drafts import MESSAGE, TITLE, happened, identity
from tocsin.intake.expressions import Expression, Search
from tocsin.intake.faults import faults_of
from tocsin.intake.hooks import Call
from tocsin.intake.native import summary
from tocsin.intake.options import Options as Shared
from tocsin.intake.options import read_options
from tocsin.intake.payload import Envelope, event_of
from tocsin.intake.trimming import (
    event_type,
    facts,
    labels,
    line,
    mapping,
    sequence,
    severity,
    text,
)

TYPE = "generic.event"
_FIRING = {"firing", "alerting", "alarm", "down", "problem", "open", "triggered"}
_FIRING |= {"active", "failed", "failing", "error", "critical", "warning", "true", "1"}
_RESOLVED = {"resolved", "ok", "up", "recovered", "recovery", "closed", "normal"}
_RESOLVED |= {"success", "healthy", "inactive", "false", "0"}


Target = Literal[
    "type",
    "title",
    "message",
    "severity",
    "state",
    "source",
    "branch",
    "fingerprint",
    "labels",
    "fields",
    "links",
    "url",
    "data",
    "occurred_at",
    "thread",
    "progress",
]


class Options(Shared):
    """`map` says with which expression each field of an event is read, `each` where the
    list of things stands, one event for each, and `key` what identifies one."""

    map: Annotated[dict[Target, Expression], Field(max_length=16)] = {}
    each: Expression | None = None
    key: Expression | None = None


def read(call: Call) -> Batch:
    """One event, or one for each of a list. Raises `Invalid` or `TooLarge`."""
    options = read_options(Options, call.options)
    search = Search()

    def read_one(value: JsonValue) -> Received:
        return _received(value, options, search)

    if options.each is None:
        return Batch((read_one(call.value),), many=False)
    found = search(options.each, call.value, "each")
    if found is None or found == []:
        return nothing("the expression `each` found nothing")
    if not isinstance(found, list):
        raise wrong("each", "the expression found no list")
    return judge_each(found, read_one)


def _received(value: JsonValue, options: Options, search: Search) -> Received:
    if not options.map:
        event = _unmapped(value, options)
    else:
        found = {
            field: search(expression, value, field)
            for field, expression in options.map.items()
        }
        event = _event(found, options)
    key = search(options.key, value, "key") if options.key else None
    return Received(event, line(key, 200))


def _unmapped(value: JsonValue, options: Options) -> Event:
    """Our own keys as far as they fit; the message's first line says more than our name
    for the type."""
    event = event_of(Envelope(TYPE, "", "", None, {}, {}), value)
    changed: dict[str, Any] = {}
    if event.message.strip() and not mapping(value).get("title"):
        changed["title"] = ""
    if options.severity and "severity" not in event.model_fields_set:
        changed["severity"] = options.severity
    return event.model_copy(update=changed)


def _event(found: Mapping[Target, JsonValue], options: Options) -> Event:
    """What was found, cut to size; what is of no use is refused by its field."""
    told: dict[str, Any] = {"type": TYPE}
    for field, value in found.items():
        fit = _FITS.get(field)
        fitting = value if value is None or fit is None else fit(value)
        if fitting not in (None, "", [], {}):
            told[field] = fitting
    told.setdefault("severity", options.severity) if options.severity else None
    # The catalogue finds the words for data of types that it knows.
    if not {"title", "message"} & told.keys() and told["type"] not in TYPES:
        raise wrong("title", "its expression found nothing, and so did that of message")
    try:
        return Event.model_validate(told)
    except ValidationError as error:
        faults = faults_of(error)
        raise Invalid(summary(faults), faults) from None


def _state(value: JsonValue) -> str:
    word = (line(value, 40) or str(value)).lower() if value is not None else ""
    if word in _FIRING:
        return "firing"
    return "resolved" if word in _RESOLVED else word


def _worded(value: JsonValue) -> Any:
    """A severity that is none of ours is left to the option, or to the default."""
    return severity(line(value, 40))


def _facts(value: JsonValue) -> Any:
    """An object's simple values; a list is taken as it is."""
    return facts(value) if isinstance(value, dict) else value


def _links(value: JsonValue) -> Any:
    """An address alone gets a label."""
    if isinstance(value, str):
        return [{"label": "Open", "url": value}]
    told = sequence(value)
    if told and all(isinstance(each, str) for each in told):
        return [{"label": "Open", "url": each} for each in told]
    return value


_FITS: dict[str, Callable[[JsonValue], Any]] = {
    "type": lambda value: event_type(line(value, 200), TYPE),
    "title": lambda value: line(value, TITLE),
    "message": lambda value: text(value, MESSAGE),
    "severity": _worded,
    "state": _state,
    "source": lambda value: line(value, 200),
    "branch": lambda value: line(value, 200),
    "fingerprint": lambda value: identity(line(value, 4000)),
    "thread": lambda value: line(value, 100),
    "labels": lambda value: labels(mapping(value)),
    "fields": _facts,
    "links": _links,
    "data": lambda value: value if isinstance(value, dict) else {"value": value},
    "occurred_at": happened,
}
