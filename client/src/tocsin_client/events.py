"""Events: what happened, in the API's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Union

from tocsin_client.plain import clip, said

if TYPE_CHECKING:
    from typing_extensions import TypedDict

    from tocsin_client.attachments import Given

    Facts = Union[Mapping[str, object], Iterable[Mapping[str, object]]]
    Links = Union[Mapping[str, str], Iterable[Mapping[str, str]]]

    class Keys(TypedDict, total=False):
        """What an event may say besides its type, title and message.

        `fields` and `links` may be written as a mapping: name to value, label to URL.
        """

        format: str
        severity: str
        state: str
        source: str
        branch: str
        fingerprint: str
        labels: Mapping[str, object]
        fields: Facts
        links: Links
        url: str
        look: Mapping[str, object]
        data: Mapping[str, object]
        occurred_at: datetime | str
        thread: str
        progress: int
        mentions: Iterable[str]
        attachments: Iterable[Mapping[str, str] | Given]
        ack_required: bool
        ttl: int | str


LONGEST_TITLE = 1000
LONGEST_MESSAGE = 50_000
LONGEST_VALUE = 4000
LONGEST_NAME = 200
LONGEST_LABEL = 1000
LONGEST_FINGERPRINT = 500


def build(
    defaults: Mapping[str, Any],
    type: str,
    title: str,
    message: str,
    keys: Mapping[str, Any],
) -> dict[str, Any]:
    """One event as the API reads it: what is None or empty is left out, `labels` and
    `fields` add to the defaults, and texts that are too long are cut rather than
    refused. What else is wrong, the API says: it knows best."""
    event = {"type": type}
    if title:
        event["title"] = clip(said(title), LONGEST_TITLE)
    if message:
        event["message"] = clip(said(message), LONGEST_MESSAGE)
    if defaults:
        keys = merged(defaults, keys)
    for name, value in keys.items():
        if name in _SHAPES:
            if value:
                event[name] = _SHAPES[name](value)
        elif value is not None and value != "":
            event[name] = value
    return event


def merged(defaults: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where they say the same thing the second wins, lists and maps add up."""
    both = {**defaults, **keys}
    for name in defaults.keys() & _ADDING.keys() & keys.keys():
        if defaults[name] and keys[name]:
            both[name] = _ADDING[name](defaults[name], keys[name])
    return both


def facts(told: Any) -> list[Any]:
    """Fields as the API reads them; a mapping's empty values are left out."""
    if not isinstance(told, Mapping):
        return list(told)
    return [
        {
            "name": clip(said(name), LONGEST_NAME),
            "value": clip(said(value), LONGEST_VALUE),
        }
        for name, value in told.items()
        if value is not None and value != ""
    ]


def links(told: Any) -> list[Any]:
    """Links as the API reads them; a mapping's empty addresses are left out."""
    if not isinstance(told, Mapping):
        return list(told)
    return [
        {"label": clip(said(label), 80), "url": said(url)}
        for label, url in told.items()
        if url
    ]


def _labels(told: Any) -> Any:
    if not isinstance(told, Mapping):
        return told
    return {
        said(name): clip(said(value), LONGEST_LABEL) for name, value in told.items()
    }


_ADDING: dict[str, Callable[[Any, Any], Any]] = {
    "labels": lambda first, second: {**first, **second},
    "fields": lambda first, second: [*facts(first), *facts(second)],
    "links": lambda first, second: [*links(first), *links(second)],
}
_SHAPES: dict[str, Callable[[Any], Any]] = {
    "fields": facts,
    "links": links,
    "labels": _labels,
    "mentions": list,
    "attachments": list,
}
