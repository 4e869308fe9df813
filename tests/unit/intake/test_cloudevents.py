"""CloudEvents 1.0: structured, batched, binary."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tocsin.errors import Invalid, Malformed, Refused, TooLarge, Unsupported
from tocsin.intake.cloudevents import read_batch, read_binary, read_structured

GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "type": "com.example.orderShipped.v2",
    "source": "/orders",
    "id": "A1",
}
HEADERS = {f"ce-{name}": value for name, value in GOOD.items()}


def read(**more: Any) -> Any:
    """The event that a good structured one becomes with these attributes."""
    return read_structured(GOOD | more).event


@pytest.mark.parametrize("name", ["specversion", "type", "source", "id"])
@pytest.mark.parametrize("value", [None, "", "  ", 1, "absent"])
def test_required_attributes_are_required(name: str, value: Any) -> None:
    told = GOOD | {name: value}
    if value == "absent":
        del told[name]

    with pytest.raises(Invalid) as refused:
        read_structured(told)

    assert [fault.field for fault in refused.value.faults] == [name]


@pytest.mark.parametrize(
    ("attributes", "field", "reason"),
    [
        ({"specversion": "0.3"}, "specversion", "should be 1.0"),
        ({"time": "noon"}, "time", "should be a time like"),
        ({"subject": 5}, "subject", "should be text, got number"),
        ({"severity": "awful"}, "severity", "not a severity"),
        ({"severity": 9}, "severity", "should be text, got number"),
        ({"state": "ajar"}, "state", "should be firing, resolved or info"),
        ({"fingerprint": "f" * 501}, "fingerprint", "at most 500 characters"),
        ({"data_base64": "???"}, "data_base64", "is not base64"),
        ({"data_base64": 7}, "data_base64", "should be text, got number"),
        ({"data_base64": "e30=", "data": {}}, "data_base64", "only one of them"),
        ({"data_base64": "/w=="}, "data_base64", "not UTF-8"),
        (
            {"data_base64": "AAAA", "datacontenttype": "image/png"},
            "data_base64",
            'JSON or text, not "image/png"',
        ),
        (
            {"data": {"title": "a", "severity": "hihg"}},
            "data.severity",
            "not a severity",
        ),
        ({"data": {"title": "a", "fields": [{}]}}, "data.fields.0.name", "is missing"),
    ],
)
def test_a_wrong_attribute_is_named(
    attributes: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read(**attributes)

    assert refused.value.faults[0].field == field
    assert reason in refused.value.faults[0].reason


def test_source_and_id_together_are_the_key() -> None:
    assert read_structured(GOOD).key == "/orders\x1fA1"
    assert read_structured(GOOD | {"source": "/orders\x1fA", "id": "1"}).key != (
        read_structured(GOOD).key
    )


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("com.example.shipped", "com.example.shipped"),
        ("com example (shipped)!", "com-example-shipped"),
        ("!!", "cloudevent"),
        ("ä" * 300, "cloudevent"),
        ("x" * 300, "x" * 100),
    ],
)
def test_foreign_types_are_told_in_our_letters(name: str, ours: str) -> None:
    assert read(type=name).type == ours


@pytest.mark.parametrize(
    ("attributes", "title"),
    [
        ({}, "Order shipped"),
        ({"type": "shop.order.created"}, "Order created"),
        ({"type": "com.github.pull_request.opened"}, "Pull request opened"),
        ({"type": "Microsoft.Storage.BlobCreated"}, "Blob created"),
        ({"type": "..."}, "Event"),
        ({"subject": "order-17"}, "order-17: order shipped"),
        ({"subject": "Order 17 was shipped"}, "Order 17 was shipped"),
        ({"subject": "order-17", "data": {"title": "Own title"}}, "Own title"),
        ({"subject": "order-17", "data": {"title": " "}}, "order-17: order shipped"),
        ({"data": {"title": 5, "order": 17}}, "Order shipped"),
    ],
)
def test_every_event_has_a_readable_title(
    attributes: dict[str, Any], title: str
) -> None:
    assert read(**attributes).title == title


def test_data_of_our_own_keys_is_used_as_such() -> None:
    event = read(
        data={
            "title": "Disk full",
            "severity": "critical",
            "state": "firing",
            "fingerprint": "disk:1",
            "fields": [{"name": "Used", "value": "97 %"}],
            "data": {"percent": 97},
        }
    )

    assert (event.severity, event.state, event.fingerprint) == (
        "critical",
        "firing",
        "disk:1",
    )
    assert event.fields[0].value == "97 %"
    assert event.data == {"percent": 97}


def test_foreign_data_is_kept_and_its_simple_values_are_shown() -> None:
    event = read(data={"order": 17, "paid": True, "lines": [1], "note": None})

    assert event.data == {"order": 17, "paid": True, "lines": [1], "note": None}
    assert [(fact.name, fact.value) for fact in event.fields] == [
        ("order", "17"),
        ("paid", "yes"),
    ]


def test_from_mixed_data_our_keys_are_taken_where_they_fit() -> None:
    event = read(data={"order": 17, "severity": "low", "state": "shipped", "links": 4})

    assert event.severity == "low"
    assert event.state is None
    assert event.data == {"order": 17, "state": "shipped", "links": 4}


def test_data_cannot_speak_for_the_envelope() -> None:
    event = read(
        time="2026-11-21T08:31:23Z",
        data={
            "type": "forged",
            "source": "forged",
            "occurred_at": "1999",
            "title": "t",
        },
    )

    assert (event.type, event.source) == (GOOD["type"], "/orders")
    assert event.occurred_at.isoformat() == "2026-11-21T08:31:23+00:00"
    assert event.data["type"] == "forged"


def test_extensions_of_ours_win_and_the_others_are_labels() -> None:
    event = read(
        severity="high",
        state="firing",
        fingerprint="f",
        region="emea",
        attempt=3,
        data={"title": "t", "severity": "low", "labels": {"team": "a", "region": "b"}},
    )

    assert (event.severity, event.state, event.fingerprint) == ("high", "firing", "f")
    assert event.labels == {"region": "b", "attempt": "3", "team": "a"}


@pytest.mark.parametrize(
    ("data", "message", "kept"),
    [
        ("Hello.", "Hello.", {}),
        (5, "", {"value": 5}),
        ([1, 2], "", {"value": [1, 2]}),
        (False, "", {"value": False}),
        (None, "", {}),
    ],
)
def test_data_that_is_no_object(data: Any, message: str, kept: Any) -> None:
    event = read(data=data)

    assert (event.message, event.data) == (message, kept)


def test_coded_data_is_decoded() -> None:
    coded = base64.b64encode(b'{"title": "Coded"}').decode()

    assert read(data_base64=coded).title == "Coded"
    assert read(data_base64=coded, datacontenttype="text/plain").message.startswith("{")


def test_a_batch_judges_each_and_may_be_empty() -> None:
    batch = read_batch([GOOD, {}, GOOD | {"id": "B2"}])

    assert [received.key for received in batch.received] == [
        "/orders\x1fA1",
        "/orders\x1fB2",
    ]
    assert batch.rejections[0].index == 1
    assert len(batch.rejections[0].faults) == 4
    assert read_batch([]).items == ()


def test_a_batch_is_a_list_of_at_most_a_hundred() -> None:
    with pytest.raises(Invalid, match="a batch should be a list, got an object"):
        read_batch(GOOD)
    with pytest.raises(TooLarge, match="at most 100"):
        read_batch([GOOD] * 101)


def test_a_structured_event_is_an_object() -> None:
    with pytest.raises(Invalid, match="should be an object, got a list"):
        read_structured([GOOD])


@pytest.mark.parametrize(
    ("told", "subject"),
    [
        ("M%C3%BCller%20AG", "Müller AG"),
        ("plain text", "plain text"),
        ("100%25 sure", "100% sure"),
        ("%2541 sure", "%41 sure"),
        ('"quoted \\"text\\""', 'quoted "text"'),
    ],
)
def test_headers_are_decoded_once(told: str, subject: str) -> None:
    event = read_binary(HEADERS | {"ce-subject": told}, b"").event

    assert event.title == subject


def test_a_header_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_binary(HEADERS | {"ce-subject": "%FF"}, b"")

    assert refused.value.faults[0].field == "ce-subject"


@pytest.mark.parametrize(
    ("media", "body", "message", "data"),
    [
        ("application/json", b'{"order": 1}', "", {"order": 1}),
        ("application/vnd.shop+json; v=1", b'{"order": 1}', "", {"order": 1}),
        ("text/plain", b'{"order": 1}', '{"order": 1}', {}),
        ("application/xml", b"<a/>", "<a/>", {}),
        ("", b'{"order": 1}', "", {"order": 1}),
        ("", b"just text", "just text", {}),
        ("image/png", b"", "", {}),
    ],
)
def test_a_binary_events_body_is_its_data(
    media: str, body: bytes, message: str, data: Any
) -> None:
    event = read_binary(HEADERS | {"content-type": media}, body).event

    assert (event.message, event.data) == (message, data)


@pytest.mark.parametrize(
    ("media", "body", "error"),
    [
        ("image/png", b"\x89PNG", Unsupported),
        ("application/json", b"{", Malformed),
        ("text/plain", b"\xff", Malformed),
        ("text/plain", b"a" * 300_000, TooLarge),
    ],
)
def test_a_binary_body_that_is_neither_json_nor_text_is_refused(
    media: str, body: bytes, error: type[Refused]
) -> None:
    with pytest.raises(error):
        read_binary(HEADERS | {"content-type": media}, body)


def test_many_labels_from_both_sides_are_a_fault_not_a_crash() -> None:
    extensions = {f"e{n}": "x" for n in range(60)}
    own = {"title": "t", "labels": {f"l{n}": "x" for n in range(60)}}

    with pytest.raises(Invalid) as refused:
        read(**extensions, data=own)
    assert refused.value.faults[0].field == "data.labels"

    event = read(**extensions, data=own | {"foreign": json.loads("1")})
    assert len(event.labels) == 60


def test_labels_that_are_none_are_kept_as_data() -> None:
    event = read(region="emea", data={"labels": "fragile", "order": 17})

    assert event.labels == {"region": "emea"}
    assert event.data == {"labels": "fragile", "order": 17}
