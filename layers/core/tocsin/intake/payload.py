"""Payload: an envelope from elsewhere around data that may, or may not, be ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import JsonValue, ValidationError

from tocsin.errors import Fault, Invalid
from tocsin.events import Event
from tocsin.intake.faults import faults_of
from tocsin.intake.native import summary
from tocsin.intake.trimming import event_type, facts, labels, line, mapping, text, words

# What the envelope says, data cannot say otherwise.
_ENVELOPE = {"type", "source", "occurred_at"}
_NATIVE = set(Event.model_fields) - _ENVELOPE


class Envelope(NamedTuple):
    """What stands around the data. `own` are event keys that the sender set there for
    us, `extensions` whatever else it said; these become labels."""

    type: str
    source: str
    subject: str
    at: datetime | None
    own: Mapping[str, str]
    extensions: Mapping[str, str]


def event_of(envelope: Envelope, data: JsonValue) -> Event:
    """Data made of our own keys, with a title or a message, is held to their rules:
    raises `Invalid`. From other data our keys are taken where they fit, and the rest is
    kept as `data`, its simple values shown as facts. Text is the message."""
    if isinstance(data, str):
        return _built(envelope, {"message": text(data, 50_000)}, None, strict=False)
    if not isinstance(data, dict):
        alone: dict[str, JsonValue] = {} if data is None else {"value": data}
        return _built(envelope, {}, alone, strict=False)
    if data.keys() <= _NATIVE and ("title" in data or "message" in data):
        return _built(envelope, data, None, strict=True)
    native = {name: data[name] for name in data if name in _NATIVE and name != "data"}
    rest = {name: data[name] for name in data if name not in native}
    return _built(envelope, native, rest, strict=False)


def guessed_from(data: JsonValue) -> frozenset[str]:
    """What `event_of` has to make up, since this data does not say it."""
    said = mapping(data)
    title = said.get("title")
    silent = {"title"} if not isinstance(title, str) or not title.strip() else set()
    return frozenset(silent if "fields" in said else silent | {"fields"})


def _built(
    envelope: Envelope,
    native: dict[str, JsonValue],
    rest: dict[str, JsonValue] | None,
    *,
    strict: bool,
) -> Event:
    try:
        return Event.model_validate(_merged(envelope, native, rest))
    except ValidationError as error:
        wrong = {detail["loc"][0] for detail in error.errors() if detail["loc"]}
        unfit = wrong & native.keys() - envelope.own.keys()
        if strict or wrong - unfit:
            faults = tuple(_placed(fault, unfit) for fault in faults_of(error))
            raise Invalid(summary(faults), faults) from None
    kept = {name: native[name] for name in native if name in unfit}
    fitting = {name: native[name] for name in native if name not in unfit}
    return Event.model_validate(_merged(envelope, fitting, {**(rest or {}), **kept}))


def _merged(
    envelope: Envelope,
    native: Mapping[str, JsonValue],
    rest: Mapping[str, JsonValue] | None,
) -> dict[str, Any]:
    merged: dict[str, Any] = {**native, **envelope.own}
    merged["type"] = event_type(envelope.type, "cloudevent")
    merged["source"] = line(envelope.source, 200)
    merged["occurred_at"] = envelope.at
    said = merged.get("title")
    if not said or (isinstance(said, str) and not said.strip()):
        merged["title"] = _title(envelope)
    if rest:
        merged["data"] = rest
        merged.setdefault("fields", facts(rest))
    if envelope.extensions:
        own = native.get("labels")
        if own is None or isinstance(own, dict):
            merged["labels"] = {**labels(envelope.extensions), **mapping(own)}
    return merged


def _title(envelope: Envelope) -> str:
    """The subject if it is a sentence; else it, and what the type says."""
    subject = line(envelope.subject, 300)
    if " " in subject:
        return subject
    said = line(words(envelope.type), 200) or "event"
    return f"{subject}: {said}" if subject else said[:1].upper() + said[1:]


def _placed(fault: Fault, in_data: set[int | str]) -> Fault:
    if fault.field.split(".")[0] in in_data:
        return Fault(f"data.{fault.field}", fault.reason)
    return fault
