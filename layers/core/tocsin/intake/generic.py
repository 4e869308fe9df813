"""Generic: any tool's JSON, read by JMESPath expressions that the operator wrote.

Expressions: https://jmespath.org/specification.html. Without them, our own keys are
taken where they stand, and the rest is shown as facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal
from warnings import catch_warnings, simplefilter

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter
from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
)

from tocsin.catalog import TYPES
from tocsin.errors import Invalid
from tocsin.events import Event
from tocsin.intake.batch import Batch, Received, judge_each, nothing
from tocsin.intake.demands import wrong
from tocsin.intake.drafts import MESSAGE, TITLE, happened, identity
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
LENGTH = 500
WORK = 100_000
NODES = 2_000
# The steps that can make more than they were given.
_GROWING = {"multi_select_list", "multi_select_dict", "function_expression"}
_FIRING = {"firing", "alerting", "alarm", "down", "problem", "open", "triggered"}
_FIRING |= {"active", "failed", "failing", "error", "critical", "warning", "true", "1"}
_RESOLVED = {"resolved", "ok", "up", "recovered", "recovery", "closed", "normal"}
_RESOLVED |= {"success", "healthy", "inactive", "false", "0"}


def _readable(expression: str) -> str:
    try:
        with catch_warnings():
            simplefilter("error")  # a literal in a form that will cease to be one
            jmespath.compile(expression)
    except (JMESPathError, RecursionError, Warning) as error:
        said = line(str(error), 200).removeprefix("Invalid jmespath expression: ")
        raise ValueError(f"is not a JMESPath expression: {said}") from None
    return expression


Expression = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LENGTH),
    AfterValidator(_readable),
]
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
    search = _Search()

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


def _received(value: JsonValue, options: Options, search: _Search) -> Received:
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


class _Search(TreeInterpreter):  # type: ignore[misc]
    """Evaluates the expressions of one call, with so much work and no more: each can
    double its result with nine characters."""

    def __init__(self) -> None:
        super().__init__()
        self.left = WORK

    def __call__(self, expression: str, value: JsonValue, field: str) -> JsonValue:
        """What the expression finds. Raises `Invalid`, naming the field."""
        try:
            found: JsonValue = self.visit(jmespath.compile(expression).parsed, value)
        except _TooMuch:
            raise wrong(field, "its expression makes too much of this body") from None
        except Exception as error:  # noqa: BLE001 - its functions fail in their own ways
            said = line(str(error), 200) or type(error).__name__
            raise wrong(field, f"its expression fails here: {said}") from None
        if field != "each" and _weight(found, NODES) > NODES:
            raise wrong(field, f"its expression found more than {NODES:,} values")
        return found

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        """One step of the evaluation, and what came of it, are paid for."""
        found = super().visit(node, *args, **kwargs)
        if node["type"] in _GROWING:
            self.left -= _weight(found, self.left)
        else:
            self.left -= 1 + (len(found) if isinstance(found, list | dict) else 0)
        if self.left < 0:
            raise _TooMuch
        return found


class _TooMuch(Exception):
    """The work that one call may cost is used up."""


def _weight(value: object, most: int) -> int:
    """How many values there are in a value, a text for each hundred letters, counted no
    further than `most`: parts may be shared, so small in memory and endless in print.
    """
    count, rest = 0, [value]
    while rest and count <= most:
        each = rest.pop()
        count += 1 + (len(each) // 100 if isinstance(each, str) else 0)
        if isinstance(each, dict):
            rest.extend(list(each.values())[: most + 1])
        elif isinstance(each, list):
            rest.extend(each[: most + 1])
    return count


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
    "fingerprint": lambda value: identity(line(value, LENGTH * 8)),
    "thread": lambda value: line(value, 100),
    "labels": lambda value: labels(mapping(value)),
    "fields": _facts,
    "links": _links,
    "data": lambda value: value if isinstance(value, dict) else {"value": value},
    "occurred_at": happened,
}
