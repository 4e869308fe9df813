"""CloudEvents 1.0 over HTTP: structured, batched and binary, as events.

Attributes are told in the specification's `cloudevents/spec.md`, the bindings in
`cloudevents/bindings/http-protocol-binding.md`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import unquote

from pydantic import JsonValue

from tocsin.errors import Fault, Invalid, Malformed, Unsupported
from tocsin.intake.batch import Batch, Received, judge_each
from tocsin.intake.faults import kind_of
from tocsin.intake.native import summary
from tocsin.intake.payload import Envelope, event_of, guessed_from
from tocsin.intake.reading import read_json, read_text, shown
from tocsin.intake.trimming import moment

VERSION = "1.0"
REQUIRED = ("specversion", "type", "source", "id")
_CONTENT = ("data", "data_base64")
_SPECIFIED = (*REQUIRED, *_CONTENT, "subject", "time", "datacontenttype", "dataschema")
_OURS = ("severity", "state", "fingerprint")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

Attributes = Mapping[str, JsonValue]


def is_cloudevent(value: Mapping[str, JsonValue]) -> bool:
    """Whether this JSON is a structured event."""
    return "specversion" in value


def read_batch(value: JsonValue) -> Batch:
    """A list of structured events, each judged by itself; it may be empty. Raises
    `Invalid` for what is no list, `TooLarge` for more than a hundred."""
    if not isinstance(value, list):
        raise _wrong("", f"a batch should be a list, got {kind_of(value)}")
    return judge_each(value, read_structured)


def read_structured(value: JsonValue) -> Received:
    """One event whose attributes stand beside its data. Raises `Invalid`."""
    if not isinstance(value, dict):
        raise _wrong("", f"an event should be an object, got {kind_of(value)}")
    attributes = {
        name: told
        for name, told in value.items()
        if name not in _CONTENT and told is not None
    }
    return _received(attributes, _content(value, attributes.get("datacontenttype")))


def read_binary(headers: Mapping[str, str], body: bytes) -> Received:
    """One event whose attributes are `ce-` headers and whose data is the body.

    Raises `Invalid`, `Malformed`, `TooLarge`, or `Unsupported` for data that is
    neither JSON nor text.
    """
    attributes: dict[str, JsonValue] = {
        name[3:]: _decoded(name, told)
        for name, told in headers.items()
        if name.startswith("ce-")
    }
    return _received(attributes, _data(body, headers.get("content-type", "")))


def _decoded(name: str, told: str) -> str:
    """A header's value: quotes off, then percent-decoded as UTF-8, once."""
    quoted = _QUOTED.fullmatch(told.strip())
    plain = _ESCAPE.sub(r"\1", quoted[1]) if quoted else told
    try:
        return unquote(plain, errors="strict")
    except UnicodeError:
        raise _wrong(shown(name), "is not percent-encoded UTF-8") from None


def _content(value: dict[str, JsonValue], media: JsonValue) -> JsonValue:
    if "data_base64" not in value:
        return value.get("data")
    if value.get("data") is not None:
        raise _wrong("data_base64", "stands beside data; send only one of them")
    coded = value["data_base64"]
    if not isinstance(coded, str):
        raise _wrong("data_base64", f"should be text, got {kind_of(coded)}")
    try:
        return _data(base64.b64decode(coded, validate=True), str(media or ""))
    except (binascii.Error, ValueError):
        raise _wrong("data_base64", "is not base64") from None
    except (Malformed, Unsupported) as refused:
        raise _wrong("data_base64", refused.detail) from None


def _data(body: bytes, media: str) -> JsonValue:
    """Data by its content type; without one, JSON if it can be read as such."""
    if not body:
        return None
    kind = media.partition(";")[0].strip().lower()
    if kind.endswith(("/json", "+json")):
        return read_json(read_text(body))
    if not kind:
        told = read_text(body)
        try:
            return read_json(told)
        except Malformed:
            return told
    if kind.startswith("text/") or kind.endswith(("/xml", "+xml")):
        return read_text(body)
    reason = f'data should be JSON or text, not "{shown(kind)}"'
    raise Unsupported(reason, [Fault("datacontenttype", reason)])


def _received(attributes: Attributes, data: JsonValue) -> Received:
    faults = tuple(_faults(attributes))
    if faults:
        raise Invalid(summary(faults), faults)
    told = {name: str(value) for name, value in attributes.items()}
    envelope = Envelope(
        type=told["type"],
        source=told["source"],
        subject=told.get("subject", ""),
        at=moment(told.get("time")),
        own={name: told[name] for name in _OURS if name in told},
        extensions={
            name: value
            for name, value in told.items()
            if name not in _SPECIFIED and name not in _OURS
        },
    )
    # The specification makes source and id together unique.
    return Received(
        event_of(envelope, data),
        f"{told['source']}\x1f{told['id']}",
        guessed=guessed_from(data),
    )


def _faults(attributes: Attributes) -> list[Fault]:
    faults = []
    for name in (*REQUIRED, "subject", "time", *_OURS):
        value = attributes.get(name)
        if value is None:
            if name in REQUIRED:
                faults.append(Fault(name, "is missing"))
        elif not isinstance(value, str):
            faults.append(Fault(name, f"should be text, got {kind_of(value)}"))
        elif not value.strip():
            faults.append(Fault(name, "must not be empty"))
        elif name == "specversion" and value != VERSION:
            faults.append(Fault(name, f"should be {VERSION}"))
        elif name == "time" and moment(value) is None:
            faults.append(Fault(name, "should be a time like 2026-11-21T08:31:23Z"))
    return faults


def _wrong(field: str, reason: str) -> Invalid:
    faults = (Fault(field, reason),)
    return Invalid(summary(faults), faults)
