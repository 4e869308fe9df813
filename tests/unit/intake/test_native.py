"""Our own form: one event or a list, and what is wrong told in plain words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

from tocsin.errors import Fault, Invalid, TooLarge
from tocsin.intake.batch import Received, Rejection
from tocsin.intake.faults import faults_of
from tocsin.intake.native import read_event, read_events

GOOD: dict[str, Any] = {"type": "backup.failed", "title": "Backup failed"}


def faults_with(**keys: Any) -> list[Fault]:
    """What is wrong with a good event that has these keys as well."""
    with pytest.raises(Invalid) as refused:
        read_event(GOOD | keys)
    return list(refused.value.faults)


@pytest.mark.parametrize(
    ("key", "value", "field", "reason"),
    [
        ("type", 7, "type", "should be text, got number"),
        ("type", "a b", "type", "only letters, digits and _ . : / - with a"),
        ("type", "", "type", "only letters, digits"),
        ("type", "t" * 101, "type", "at most 100 characters, got 101"),
        ("title", None, "title", "should be text, got null"),
        ("title", "x" * 1001, "title", "at most 1,000 characters, got 1,001"),
        ("message", ["a"], "message", "should be text, got a list"),
        ("format", "html", "format", "should be text or markdown"),
        ("severity", "banana", "severity", "not a severity; known: critical, high"),
        ("severity", 3, "severity", "a severity is text"),
        ("state", "open", "state", "should be firing, resolved or info"),
        ("labels", [], "labels", "should be an object, got a list"),
        ("labels", {"a": 1}, "labels.a", "should be text, got number"),
        ("labels", {"": "x"}, "labels.", "a name must not be empty"),
        ("labels", {f"k{n}": "" for n in range(65)}, "labels", "at most 64 entries"),
        ("fields", {"a": "b"}, "fields", "should be a list, got an object"),
        ("fields", ["a"], "fields.0", "should be an object, got text"),
        ("fields", [{"name": "a"}], "fields.0.value", "is missing"),
        ("fields", [{"name": "", "value": ""}], "fields.0.name", "must not be empty"),
        ("fields", [{"name": "a", "value": 6}], "fields.0.value", "got number"),
        ("fields", [{"name": "a", "value": "b"}] * 51, "fields", "at most 50 entries"),
        (
            "links",
            [{"label": "a", "url": "javascript:x"}],
            "links.0.url",
            "web address",
        ),
        ("links", [{"label": "a", "url": 1}], "links.0.url", "web address"),
        ("url", "http://[", "url", "should be a web address"),
        ("url", "https://example.com/" + "a" * 2000, "url", "at most 2,000 characters"),
        ("data", [], "data", "should be an object, got a list"),
        ("occurred_at", "yesterday", "occurred_at", "a time with its zone, like 2026"),
        ("occurred_at", "2026-11-21T08:31:23", "occurred_at", "a time with its zone"),
        ("occurred_at", [], "occurred_at", "a time with its zone"),
        ("progress", 101, "progress", "must be at most 100"),
        ("progress", -1, "progress", "must be at least 0"),
        ("progress", "half", "progress", "should be a whole number, got text"),
        ("progress", 1.5, "progress", "should be a whole number"),
        ("progress", True, "progress", "a whole number, not true or false"),
        ("progress", [], "progress", "should be a whole number, got a list"),
        ("progress", "9" * 5000, "progress", "should be a smaller number"),
        ("mentions", ["@all"], "mentions.0", "not a mention; write @everyone"),
        ("ack_required", "perhaps", "ack_required", "should be true or false"),
        ("ack_required", [], "ack_required", "should be true or false, got a list"),
        ("ttl", "soon", "ttl", "not a duration; write seconds or"),
        ("ttl", 10**12, "ttl", "must be at most 31,536,000"),
        ("severty", "high", "severty", 'unknown key; did you mean "severity"?'),
        ("zzz", 1, "zzz", "unknown key; known keys: type, title, message, format"),
    ],
)
def test_each_fault_names_its_field_and_its_reason(
    key: str, value: Any, field: str, reason: str
) -> None:
    faults = faults_with(**{key: value})

    assert [fault.field for fault in faults] == [field]
    assert reason in faults[0].reason
    assert faults[0].reason != "is not valid"


def test_unknown_keys_of_a_part_name_the_parts_own_keys() -> None:
    faults = faults_with(fields=[{"name": "a", "value": "b", "qqq": 1}])

    assert faults == [
        Fault("fields.0.qqq", "unknown key; known keys: name, value, inline, format")
    ]


def test_what_is_missing_is_told() -> None:
    with pytest.raises(Invalid) as refused:
        read_event({})

    assert refused.value.faults == (Fault("type", "is missing"),)


def test_a_complaint_without_words_of_ours_is_still_told() -> None:
    class Other(BaseModel):
        id: UUID

    with pytest.raises(ValidationError) as error:
        Other.model_validate({"id": "x"})

    assert faults_of(error.value, "a") == (Fault("a.id", "is not valid"),)


def test_values_of_the_input_are_not_echoed() -> None:
    secret = "hunter2-" * 20
    faults = faults_with(
        severity=secret,
        state=secret,
        progress=secret,
        url=secret,
        occurred_at=secret,
        ttl=secret,
        mentions=[secret],
        fields=secret,
        labels={"a": [secret]},
    )

    assert len(faults) == 9
    assert "hunter2" not in repr(faults)


def test_endless_unknown_keys_are_told_shortly() -> None:
    faults = faults_with(**{f"{n}{'x' * 500}": 1 for n in range(500)})

    assert len(faults) == 21
    assert faults[-1].reason == "and 480 more"
    assert max(len(fault.field) for fault in faults) < 70


@pytest.mark.parametrize(
    ("value", "kind"),
    [("x", "text"), (1.5, "number"), (None, "null"), (True, "true or false")],
)
def test_what_is_no_object_is_no_event(value: Any, kind: str) -> None:
    with pytest.raises(Invalid, match=f"should be an object, got {kind}"):
        read_events(value)


def test_one_object_is_a_batch_of_one() -> None:
    batch = read_events(GOOD)

    assert not batch.many
    assert [received.event.title for received in batch.received] == ["Backup failed"]


def test_elements_of_a_list_are_judged_one_by_one() -> None:
    batch = read_events([GOOD, 7, GOOD, {"title": "a"}])

    assert batch.many
    assert [type(item) for item in batch.items] == [
        Received,
        Rejection,
        Received,
        Rejection,
    ]
    assert [rejection.index for rejection in batch.rejections] == [1, 3]
    assert batch.rejections[0].faults == (
        Fault("", "an event should be an object, got number"),
    )


def test_a_list_of_one_is_still_a_list() -> None:
    assert read_events([GOOD]).many


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(Invalid, match="empty"):
        read_events([])


def test_a_hundred_are_taken_and_one_more_is_not() -> None:
    assert len(read_events([GOOD] * 100).received) == 100
    with pytest.raises(TooLarge, match="at most 100 events in one request, got 101"):
        read_events([GOOD] * 101)
