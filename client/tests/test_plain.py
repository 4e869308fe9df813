"""Plain: whatever an event holds, it becomes JSON that the API reads."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.events import Event
from tocsin.intake.cloudevents import read_batch
from tocsin.intake.native import read_event
from tocsin.intake.reading import read_body
from tocsin_client import to_cloudevent
from tocsin_client.events import build
from tocsin_client.plain import clip, encode, plain


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: int
    y: object


class Rude:
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (datetime(2026, 11, 21, 8, tzinfo=UTC), "2026-11-21T08:00:00+00:00"),
        (date(2026, 11, 21), "2026-11-21"),
        (timedelta(seconds=90), "0:01:30"),
        (Decimal("1.20"), "1.20"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (Path("/tmp/a"), "/tmp/a"),
        (Colour.RED, "red"),
        (Point(1, Colour.RED), {"x": 1, "y": "red"}),
        ({3}, [3]),
        (b"caf\xc3\xa9", "café"),
        (b"\xff", "�"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        pytest.param(10**5000, "a number too large to tell", id="long"),
        (OrderedDict(a=(1, 2)), {"a": [1, 2]}),
        ({1: 1, (2, 3): 2}, {"1": 1, "(2, 3)": 2}),
        (Rude(), "<Rude>"),
        ("half \ud800", "half ?"),
        (ValueError("x"), "x"),
    ],
)
def test_what_json_does_not_know_has_a_form(value: object, form: object) -> None:
    assert json.loads(encode({"data": value})) == {"data": form}


@pytest.mark.parametrize(
    "twice", [{1: "a", "1": "b"}, {None: "a", "None": "b"}, {"\ud800": "a", "?": "b"}]
)
def test_keys_that_look_the_same_to_json_become_one(twice: dict[Any, str]) -> None:
    told = encode({"type": "a", "title": "b", "data": {"x": [twice]}})

    event = read_event(read_body(told)).event

    assert list(event.data["x"][0].values()) == ["b"]  # type: ignore[index,union-attr]


def test_a_circle_ends() -> None:
    circle: dict[str, Any] = {}
    circle["self"] = circle

    told = encode({"type": "a", "title": "b", "data": circle})

    assert b"\xe2\x80\xa6" in told
    read_event(read_body(b"[%s]" % told)[0])  # type: ignore[index]


# Others use this machine too.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters())
    | st.binary()
    | st.datetimes()
    | st.decimals()
    | st.uuids(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers() | st.none(), inner)
        | st.tuples(inner, inner)
    ),
    max_leaves=20,
)


@patient
@given(st.dictionaries(st.text(), anything, max_size=8))
def test_the_api_reads_whatever_data_holds(data: dict[str, Any]) -> None:
    told = encode(build({}, "a", "b", "", {"data": data}))

    event = read_event(read_body(told)).event

    assert isinstance(event, Event)


@patient
@given(
    title=st.text(max_size=3000),
    message=st.text(min_size=1, max_size=200),
    labels=st.dictionaries(st.text(min_size=1, max_size=20), anything, max_size=5),
    fields=st.dictionaries(st.text(min_size=1, max_size=400), anything, max_size=5),
)
def test_the_api_takes_whatever_is_labelled_and_listed(
    title: str, message: str, labels: dict[str, Any], fields: dict[str, Any]
) -> None:
    keys = {"labels": labels, "fields": fields}
    told = encode(build({}, "a", title, f"said: {message}", keys))

    read_event(read_body(told))


def test_plain_leaves_nothing_that_json_does_not_know() -> None:
    assert json.loads(json.dumps(plain({"a": {1, 2}, "b": [Rude()]}))) == {
        "a": [1, 2],
        "b": ["<Rude>"],
    }


def test_a_cut_text_shows_that_it_was_cut() -> None:
    assert clip("abcdef", 4) == "abc…"
    assert clip("abcd", 4) == "abcd"


# -- CloudEvents ------------------------------------------------------------------


def test_our_event_becomes_a_cloudevent_that_the_api_reads_as_ours() -> None:
    ours = {"type": "a.b", "title": "Hello", "severity": "high", "source": "shop"}

    told = read_body(encode([to_cloudevent(ours, id="7")]))
    (received,) = read_batch(told).received

    assert received.event.dump() == {
        **ours,
        "occurred_at": received.event.dump()["occurred_at"],
    }


def test_a_cloudevent_keeps_what_it_says_and_gains_what_it_lacks() -> None:
    told = to_cloudevent(
        {"specversion": "1.0", "type": "x", "id": "7", "extra": "e", "data": [1]},
        source="/shop",
    )

    assert told["id"] == "7"
    assert told["source"] == "/shop"
    assert told["extra"] == "e"
    assert told["datacontenttype"] == "application/json"
    read_batch(read_body(encode([told])))


class Second:
    """As version 2 of the CloudEvents SDK has it."""

    def get_attributes(self) -> dict[str, Any]:
        moment = datetime(2026, 11, 21, 8, tzinfo=UTC)
        return {
            "specversion": "1.0",
            "id": "7",
            "type": "x",
            "source": "s",
            "time": moment,
        }

    def get_data(self) -> Any:
        return {"title": "Hello"}


class First:
    """As version 1 has it: attributes as of a mapping, which it is not; data apart."""

    data: Any = {"title": "Hello"}
    attributes: Any = {"specversion": "1.0", "id": "7", "type": "x", "source": "s"}

    def __iter__(self) -> Iterator[str]:
        return iter(self.attributes)

    def __getitem__(self, name: str) -> Any:
        return self.attributes[name]


@pytest.mark.parametrize("event", [Second(), First()])
def test_the_sdks_objects_are_read(event: Any) -> None:
    told = to_cloudevent(event)

    assert told["data"] == {"title": "Hello"}
    assert isinstance(told["time"], str)
    read_batch(read_body(encode([told])))
