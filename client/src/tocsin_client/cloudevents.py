"""CloudEvents 1.0: other people's envelope, and our events in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin_client.batches import new_key
from tocsin_client.plain import now, plain

# What the API takes from the envelope itself: the rest of an event is its data.
_OUTSIDE = ("type", "source", "occurred_at")


def to_cloudevent(
    event: Any, *, source: str = "", id: str = "", time: str = ""
) -> dict[str, Any]:
    """A structured CloudEvent out of one of our events (a mapping with `type` and
    `title` or `message`), of a CloudEvent as a mapping, or of an SDK's object.

    What is missing is filled in: `id` at random, `time` with the present moment,
    `source` with the one given here, or `tocsin-client`.
    """
    told = dict(_attributes(event))
    if "specversion" not in told:
        told = _wrapped(told)
    made = {"specversion": "1.0", "id": id or new_key(), "time": time or now()}
    made["source"] = source or "tocsin-client"
    given = {name: each for name, each in told.items() if each not in (None, "")}
    whole = {**made, **given}
    if "data" in whole and "data_base64" not in whole:
        whole.setdefault("datacontenttype", "application/json")
    return whole


def _wrapped(event: dict[str, Any]) -> dict[str, Any]:
    inside = {name: each for name, each in event.items() if name not in _OUTSIDE}
    return {
        "specversion": "1.0",
        "type": event.get("type"),
        "source": event.get("source"),
        "time": event.get("occurred_at"),
        "data": inside,
    }


def _attributes(event: Any) -> Mapping[str, Any]:
    """The attributes and the data; the SDKs keep them apart, each in its own way."""
    if isinstance(event, Mapping):
        return event
    if hasattr(event, "get_attributes"):  # its second major version
        return {**plain(event.get_attributes()), "data": event.get_data()}
    return {**{name: plain(event[name]) for name in event}, "data": event.data}
