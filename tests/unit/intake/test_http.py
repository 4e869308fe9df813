"""Requests: the adapter is chosen by headers, and nothing breaks it."""

from __future__ import annotations

import json
import string
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.intake.payloads import NAMES, batch_of
from tests.unit.intake.test_cloudwatch import JSON
from tocsin.errors import Invalid, Refused, TooLarge, Unsupported
from tocsin.events import Event
from tocsin.intake.batch import Batch
from tocsin.intake.http import READERS, read_request
from tocsin.intake.trimming import words

NATIVE = b'{"type": "a", "title": "native"}'
CLOUD = b'{"specversion": "1.0", "type": "cloud", "source": "s", "id": "1"}'
BINARY = {"ce-specversion": "1.0", "ce-type": "b", "ce-source": "s", "ce-id": "1"}


@pytest.mark.parametrize(
    ("media", "body", "kind", "many"),
    [
        ("application/json", NATIVE, "a", False),
        ("Application/JSON; charset=UTF-8", NATIVE, "a", False),
        ('application/json; charset="utf-8"; x=y', NATIVE, "a", False),
        ("text/json", NATIVE, "a", False),
        ("", NATIVE, "a", False),
        (None, NATIVE, "a", False),
        ("application/json", b"[" + NATIVE + b"]", "a", True),
        ("application/cloudevents+json", CLOUD, "cloud", False),
        ("application/cloudevents-batch+json", b"[" + CLOUD + b"]", "cloud", True),
    ],
)
def test_the_content_type_chooses_the_adapter(
    media: str | None, body: bytes, kind: str, many: bool
) -> None:
    batch = read_request({} if media is None else {"content-type": media}, body)

    assert [received.event.type for received in batch.received] == [kind]
    assert batch.many is many


@pytest.mark.parametrize("media", ["", "application/json", "text/plain"])
def test_a_version_header_makes_it_binary(media: str) -> None:
    headers = BINARY | {"content-type": media}

    assert read_request(headers, b'{"a": 1}').received[0].event.type == "b"


def test_a_structured_content_type_wins_over_headers() -> None:
    headers = BINARY | {"content-type": "application/cloudevents+json"}

    assert read_request(headers, CLOUD).received[0].event.type == "cloud"


@pytest.mark.parametrize(
    "media",
    [
        "text/plain",
        "application/xml",
        "application/cloudevents+avro",
        "nonsense",
    ],
)
def test_other_content_types_are_refused_naming_those_that_are_read(
    media: str,
) -> None:
    with pytest.raises(Unsupported) as refused:
        read_request({"content-type": media}, NATIVE)

    assert refused.value.status == 415
    assert refused.value.faults[0].field == "content-type"
    assert media in refused.value.detail
    assert all(known in refused.value.detail for known in READERS)


def test_another_charset_is_refused() -> None:
    with pytest.raises(Unsupported, match='charset "latin-1" is not read'):
        read_request({"content-type": "application/json; charset=latin-1"}, NATIVE)


def test_a_lone_event_that_is_wrong_is_an_error() -> None:
    with pytest.raises(Invalid) as refused:
        read_request({}, b'{"type": "a", "title": 5}')

    assert refused.value.status == 422
    assert refused.value.detail == "title: should be text, got number"


def test_the_first_of_several_faults_is_in_the_detail() -> None:
    with pytest.raises(
        Invalid, match=r"title: should be text, got null \(and 1 more\)"
    ):
        read_request({}, b'{"type": "a", "title": null, "message": 3}')


@pytest.mark.parametrize("media", ["", *READERS])
def test_a_body_over_the_limit_is_refused_by_every_adapter(media: str) -> None:
    with pytest.raises(TooLarge):
        read_request({"content-type": media}, b" " * 262_145)
    with pytest.raises(TooLarge):
        read_request(BINARY | {"content-type": "text/plain"}, b" " * 262_145)


HEADERS = st.dictionaries(
    st.sampled_from(["content-type", *BINARY, "ce-severity", "ce-time", "ce-x", "x"]),
    st.text()
    | st.text(string.printable)
    | st.sampled_from(["1.0", *READERS, "text/plain", "; charset", "%FF", "%C3%28"]),
)
KEYS = st.sampled_from(
    [*Event.model_fields, "specversion", "id", "time", "subject", "data_base64", "zzz"]
)
OBJECTS = st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON))
BODIES = (
    st.binary()
    | JSON.map(json.dumps).map(str.encode)
    | OBJECTS.map(json.dumps).map(str.encode)
    | st.lists(OBJECTS, max_size=3).map(json.dumps).map(str.encode)
)


@st.composite
def likely(draw: st.DrawFn) -> tuple[dict[str, str], bytes]:
    """Requests that get past the first checks, and are wrong further in."""
    media = draw(st.sampled_from(list(READERS)))
    base: dict[str, Any] = {"type": "t", "title": "t"}
    if "cloudevents" in media:
        base = {"specversion": "1.0", "type": "t", "source": "s", "id": "1"}
    told: Any = base | draw(OBJECTS)
    body = json.dumps([told] if "batch" in media else told).encode()
    return draw(HEADERS) | {"content-type": media}, body


def outcome(headers: dict[str, str], body: bytes) -> Batch | Refused:
    try:
        return read_request(headers, body)
    except Refused as refused:
        return refused


@settings(max_examples=60)
@given(st.tuples(HEADERS, BODIES) | likely())
def test_any_request_is_read_or_refused(request: tuple[dict[str, str], bytes]) -> None:
    found = outcome(*request)

    if isinstance(found, Refused):
        assert 400 <= found.status < 500
        assert found.detail
        assert found.faults
        assert all(fault.reason != "is not valid" for fault in found.faults)
        return
    for received in found.received:
        received.event.model_dump_json().encode()
    assert all(rejection.faults for rejection in found.rejections)


@pytest.mark.parametrize("name", NAMES)
def test_reading_is_quick(name: str) -> None:
    batch_of(name)
    begin = time.process_time()
    for _ in range(20):
        batch_of(name)

    # A thousandth of a second would be ten times what it takes, file included.
    assert (time.process_time() - begin) / 20 < 0.01


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("com.example.orderShipped.v2", "order shipped"),
        ("shop.order.created", "order created"),
        ("a", "a"),
        ("v2", "v2"),
        ("", ""),
        ("...", ""),
    ],
)
def test_dotted_names_are_told_as_words(name: str, said: str) -> None:
    assert words(name) == said


def test_what_curl_sends_without_a_header_is_read_as_json() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    batch = read_request(headers, b'{"type": "a", "title": "x"}')

    assert batch.received[0].event.title == "x"
