"""HTTP: which adapter reads a request to `POST /v1/events`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from tocsin.errors import Fault, Unsupported
from tocsin.intake import cloudevents, native
from tocsin.intake.batch import Batch
from tocsin.intake.reading import read_body, shown


def _one_cloudevent(value: JsonValue) -> Batch:
    return Batch((cloudevents.read_structured(value),), many=False)


READERS: dict[str, Callable[[JsonValue], Batch]] = {
    "application/json": native.read_events,
    "text/json": native.read_events,
    # What `curl -d` says of any body; ours is read as what it is.
    "application/x-www-form-urlencoded": native.read_events,
    "application/cloudevents+json": _one_cloudevent,
    "application/cloudevents-batch+json": cloudevents.read_batch,
}
_CHARSETS = ("", "utf-8", "utf8", "us-ascii")


def read_request(headers: Mapping[str, str], body: bytes) -> Batch:
    """The events of one request; header names are in lower case.

    The content type chooses the adapter, none means `application/json`; a
    `ce-specversion` header makes it a binary CloudEvent. Raises one of `Refused`:
    `Malformed`, `TooLarge`, `Unsupported`, or `Invalid` for a lone event.
    """
    told = headers.get("content-type", "")
    media, _, parameters = told.partition(";")
    media = media.strip().lower()
    _check_charset(parameters)
    if "ce-specversion" in headers and not media.startswith("application/cloudevents"):
        return Batch((cloudevents.read_binary(headers, body),), many=False)
    read = READERS.get(media or "application/json")
    if read is None:
        reason = f'"{shown(media)}" is not read here; send {", ".join(READERS)}'
        raise Unsupported(reason, [Fault("content-type", reason)])
    return read(read_body(body))


def _check_charset(parameters: str) -> None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in _CHARSETS:
            reason = f'the charset "{shown(charset)}" is not read here; send UTF-8'
            raise Unsupported(reason, [Fault("content-type", reason)])
