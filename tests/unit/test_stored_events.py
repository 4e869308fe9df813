"""Events as a row keeps them come back as they were, whatever they hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tocsin.aws.stored_events import event_of
from tocsin.events import Event

FULL: dict[str, Any] = {
    "type": "ssl_expiry.critical",
    "title": "Ünïcode 🚨",
    "message": "**bold**",
    "format": "markdown",
    "severity": "critical",
    "state": "firing",
    "source": "monitor",
    "branch": "main",
    "fingerprint": "own",
    "labels": {"team": "web"},
    "fields": [{"name": "a", "value": "b", "inline": False, "format": "markdown"}],
    "links": [{"label": "Runbook", "url": "HTTPS://Exämple.com"}],
    "url": "https://example.com",
    "data": {"a": [1, None, {"b": 2.5}]},
    "look": {"icon": "🔥", "colour": "red", "footer": "f", "banner": "HOT"},
    "occurred_at": "2026-07-01T12:00:00.25+02:00",
    "thread": "t",
    "progress": 5,
    "mentions": ["<@&1>", "@here"],
    "attachments": [
        {"name": "graph", "url": "https://example.com/a.png"},
        {"id": "a" * 32, "name": "log.txt", "media": "text/plain", "size": 7},
    ],
    "ack_required": True,
    "ttl": "15m",
}
LEAST = {"type": "t", "title": "told"}


@pytest.mark.parametrize("key", sorted(FULL))
def test_each_field_comes_back_as_it_was(key: str) -> None:
    event = Event.model_validate({**LEAST, key: FULL[key]})

    found = event_of(event.model_dump_json(exclude_defaults=True).encode())

    assert found == event
    assert type(getattr(found, key)) is type(getattr(event, key))


def test_a_full_one_says_the_same_again() -> None:
    event = Event.model_validate(FULL)
    line = event.model_dump_json(exclude_defaults=True)

    found = event_of(line.encode())

    assert set(FULL) == set(Event.model_fields)
    assert found == event
    assert found.model_dump_json(exclude_defaults=True) == line


def test_half_a_character_comes_back() -> None:
    assert event_of(b'{"type":"t","title":"\\ud83d"}').title == "\ud83d"


def test_keys_of_another_version_are_passed_over() -> None:
    found = event_of(b'{"type":"t","title":"told","severity":"low","mood":"good"}')

    assert found.title == "told"
    assert found.severity.urgent is False
    assert not hasattr(found, "mood")


def test_it_can_be_changed_as_any_other() -> None:
    found = event_of(b'{"type":"t","title":"told"}')

    changed = found.model_copy(update={"title": "new"})

    assert (changed.title, found.title) == ("new", "told")


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"5", b'{"mood":1}', b'{"type":"t","fields":[5]}']
)
def test_what_is_no_event_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic's and the reader's own
        event_of(line)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"title":"of no type"}',
        b'{"type":5}',
        b'{"type":"t","title":5}',
        b'{"type":"t","labels":5}',
        b'{"type":"t","ack_required":"perhaps"}',
        b'{"type":"t","data":["a"]}',
        b'{"type":"t","links":[{"label":"Runbook"}]}',
        b'{"type":"t","fields":[{"name":"a","value":[1]}]}',
    ],
)
def test_what_is_not_whole_or_of_another_kind_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic's own
        event_of(line)


def test_a_value_that_another_version_wrote_otherwise_is_read_if_it_can_be() -> None:
    line = b'{"type":"t","attachments":[{"id":"%b","size":7.0}]}' % (b"a" * 32)

    (found,) = event_of(line).attachments

    assert (found.size, type(found.size)) == (7, int)


@pytest.mark.parametrize("part", ["fields", "links", "attachments", "look"])
def test_keys_of_another_version_in_a_part_are_passed_over_too(part: str) -> None:
    event = Event.model_validate({**LEAST, part: FULL[part]})
    told = json.loads(event.model_dump_json(exclude_defaults=True))
    for each in told[part] if isinstance(told[part], list) else [told[part]]:
        each["mood"] = "good"

    assert event_of(json.dumps(told).encode()) == event
