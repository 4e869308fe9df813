"""Any JSON at any adapter: a batch of valid events or a refusal, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.intake.payloads import HOOKS, INVOCATIONS, call_of, payload
from tocsin.errors import Refused
from tocsin.events import Event
from tocsin.intake.batch import Batch
from tocsin.intake.eventbridge import read_invocation
from tocsin.intake.hooks import ADAPTERS, Call, reader_of
from tocsin.intake.sns import read_notification

# Each is read in ways of its own by the adapter of the header.
HEADERS: dict[str, list[dict[str, str]]] = {
    "github": [
        {"x-github-event": name}
        for name in (
            "ping",
            "workflow_run",
            "deployment_status",
            "release",
            "push",
            "dependabot_alert",
            "code_scanning_alert",
            "secret_scanning_alert",
            "star",
        )
    ],
    "sentry": [
        {"sentry-hook-resource": name}
        for name in ("event_alert", "metric_alert", "issue", "error", "comment")
    ],
}
FORMS = {"slack": "payload", "discord": "payload_json", "github": "payload"}
OPTIONS: dict[str, dict[str, Any]] = {
    "generic": {"map": {"title": "a", "data": "@", "labels": "b", "links": "c"}},
    "github": {"also": ["push", "deployment"]},
}

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        [
            "firing",
            "resolved",
            "2026-11-21T08:31:23Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59+14:00",
            "https://example.com/a",
            "http://[::1",
            "<@U1|x>",
            "=?utf-8?q?=ff?=",
            "x" * 3000,
            "\ud800",
            "\x00",
        ]
    )
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from("abc"), inner, max_size=4
        )
    ),
    max_leaves=20,
)
LEFT_OUT: Final = object()
LEAVING_OUT: Final = st.just(LEFT_OUT)


def checked(batch: Batch) -> None:
    """Each event holds what the border asks of an event from anyone."""
    for received in batch.received:
        again = Event.model_validate(received.event.dump())
        assert again == received.event
        assert received.event.title.strip() or received.event.message.strip()
        json.dumps(received.event.dump(), allow_nan=False).encode()
        assert isinstance(received.key, str)
        assert len(received.key) <= 2500
        assert 0 <= received.at < 253_402_300_800_000
    assert batch.items or batch.ignored or batch.many


def read_or_refused(read: Callable[[], Batch]) -> None:
    """Any other exception is this test's failure."""
    refusal = None
    try:
        checked(read())
    except Refused as refused:
        refusal = refused
    if refusal is not None:
        assert 400 <= refusal.status < 500
        assert refusal.detail
        assert refusal.faults


def read_anyhow(adapter: str, call: Call) -> None:
    read_or_refused(lambda: reader_of(adapter)(call))


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every part of a payload by the keys that lead there; the whole is ()."""
    yield here
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*here, name))
    if isinstance(value, list):
        for number, inner in enumerate(value[:5]):
            yield from places(inner, (*here, number))


def changed(value: Any, changes: Mapping[tuple[Any, ...], Any]) -> Any:
    """The payload with what stands at some places replaced, or left out."""
    if () in changes:
        return changes[()]
    found = value.copy() if isinstance(value, (dict, list)) else value
    parts = sorted({place[0] for place in changes}, key=str, reverse=True)
    for part in parts:
        within = {p[1:]: new for p, new in changes.items() if p[0] == part}
        found[part] = changed(found[part], within)
        if found[part] is LEFT_OUT:
            del found[part]
    return found


def with_anything(draw: st.DrawFn, value: Any, depth: int = 0) -> Any:
    """The payload with a few of its parts replaced, from that depth on, or left out.

    The places are drawn, and not for each part whether it is one of them: drawing is
    what takes time.
    """
    known = sorted((each for each in places(value) if len(each) >= depth), key=len)
    drawn = draw(
        st.lists(st.integers(0, len(known) - 1), min_size=1, max_size=4, unique=True)
    )
    whole = changed(value, {known[at]: draw(anything | LEAVING_OUT) for at in drawn})
    return None if whole is LEFT_OUT else whole


broken = st.composite(with_anything)


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
@settings(max_examples=60)
@given(data=st.data(), value=anything)
def test_whatever_json_comes_is_read_or_refused(
    adapter: str, data: st.DataObject, value: Any
) -> None:
    headers = data.draw(st.sampled_from([{}, *HEADERS.get(adapter, [])]))
    options = data.draw(st.sampled_from([{}, OPTIONS.get(adapter, {})]))

    read_anyhow(adapter, Call(headers, json.dumps(value).encode(), options=options))


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
@settings(max_examples=30)
@given(body=st.binary(max_size=60))
def test_whatever_bytes_come_are_read_or_refused(adapter: str, body: bytes) -> None:
    for headers in [{}, *HEADERS.get(adapter, [])]:
        read_anyhow(adapter, Call(headers, body))


@pytest.mark.parametrize("name", HOOKS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_real_payload_with_broken_parts_is_read_or_refused(
    name: str, data: st.DataObject
) -> None:
    adapter, call = call_of(name)
    value = data.draw(broken(call.form(FORMS.get(adapter, ""))))
    body = json.dumps(value).encode()
    headers = {**call.headers, "content-type": "application/json"}

    read_anyhow(adapter, Call(headers, body, options=call.options))


@pytest.mark.parametrize("name", INVOCATIONS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_broken_invocation_is_read_or_refused(name: str, data: st.DataObject) -> None:
    value = data.draw(broken(payload(name), depth=1))

    read_or_refused(lambda: read_invocation(value))
    told: dict[str, Any] = {"MessageId": "m", "Message": json.dumps(value)}
    batch = read_notification({"Records": [{"Sns": told}]})
    checked(batch)
    assert batch.received
