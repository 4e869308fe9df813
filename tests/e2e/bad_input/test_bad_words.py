"""Bad words: events, destinations, routing files and links that say what cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.bad_input.asking import NO_ID, TRACES, refused
from tests.e2e.stack import Stack

EVENTS: dict[str, tuple[Any, str]] = {
    "no type": ({"title": "x"}, "type"),
    "no words": ({"type": "t"}, ""),
    "severity": ({"type": "t", "title": "x", "severity": "loud"}, "severity"),
    "state": ({"type": "t", "title": "x", "state": "open"}, "state"),
    "progress": ({"type": "t", "title": "x", "progress": 101}, "progress"),
    "ttl": ({"type": "t", "title": "x", "ttl": -1}, "ttl"),
    "time": ({"type": "t", "title": "x", "occurred_at": "today"}, "occurred_at"),
    "link": (
        {"type": "t", "title": "x", "links": [{"label": "x", "url": "javascript:1"}]},
        "links.0.url",
    ),
    "deep field": (
        {"type": "t", "title": "x", "fields": [{"name": "n", "value": {}}]},
        "fields.0.value",
    ),
    "mention": ({"type": "t", "title": "x", "mentions": [7]}, "mentions.0"),
    "long title": ({"type": "t", "title": "x" * 100_000}, "title"),
}


@pytest.mark.parametrize("case", EVENTS)
def test_events_that_are_wrong(stack: Stack, case: str) -> None:
    event, field = EVENTS[case]

    reply = stack.send(event)

    refused(case, reply, 422, faults=True)
    named = [fault["field"] for fault in reply.json["errors"]]
    assert any(each.startswith(field) for each in named), named


def test_a_list_of_nothing_of_too_many_and_of_wrong_ones_only(stack: Stack) -> None:
    refused("an empty list", stack.send([]), 422, faults=True)
    event = {"type": "bad.input", "title": "x"}
    refused("101 events", stack.send([event] * 101), 413, faults=True)
    reply = stack.send([{"type": 1}, {"title": []}])
    assert reply.status == 422
    assert (reply.json["accepted"], reply.json["rejected"]) == (0, 2)
    for index, result in enumerate(reply.json["results"]):
        assert result["index"] == index
        assert result["errors"][0]["reason"]


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"specversion": None},
        {"id": ""},
        {"source": 7},
        {"type": None},
        {"time": "yesterday"},
    ],
)
def test_cloudevents_that_are_wrong(stack: Stack, change: dict[str, Any]) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "bad.input"}
    sent = {k: v for k, v in {**event, **change}.items() if v is not None}

    one = stack.send(sent, content_type="application/cloudevents+json")

    refused(str(change), one, 422, faults=True)
    named = [fault["field"] for fault in one.json["errors"]]
    assert any(next(iter(change)) in each for each in named), named


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "tab\there"])
def test_idempotency_keys_that_are_none(stack: Stack, key: str) -> None:
    reply = stack.send({"type": "bad.input", "title": "x"}, idempotency_key=key)
    refused("Idempotency-Key", reply, 422, faults=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://discord.com/api/webhooks/1/abc",
        "https://evil.example/api/webhooks/1/abc",
        "https://discord.com.evil.example/api/webhooks/1/abc",
        "https://user@discord.com/api/webhooks/1/abc",
        "https://discord.com:8443/api/webhooks/1/abc",
        "https://127.0.0.1/api/webhooks/1/abc",
        "https://discord.com/api/channels/1/abc",
        "https://discord.com/api/webhooks/1/abc/../../x",
        7,
    ],
)
def test_destinations_that_are_not_official(stack: Stack, url: Any) -> None:
    body = {"channel": "discord", "url": url}
    reply = stack.call("PUT", "/v1/destinations/no-such-name", body)
    refused(str(url), reply, 422, faults=True)
    assert "abc" not in reply.body.decode()


@pytest.mark.parametrize(
    ("routing", "words"),
    [
        (b"routes: [", "line"),
        (b"routes: 7", "routes"),
        (b"routes:\n  - name: a\n    to: [nobody-at-all]\n", "nobody-at-all"),
        (b"routes:\n  - {name: a, to: [ops], colour: 1}\n", "colour"),
        (b"routes:\n  - {name: a, to: [ops]}\n  - {name: a, to: [ops]}\n", "named"),
        (b"routes: [{name: a, to: [ops], mentions: {low: ['@everyone']}}]", "critical"),
        (b"timezone: Middle/Earth", "timezone"),
        (b"a: &a [*a]", ""),
        (b"a: !!python/object/apply:os.system [ls]", ""),
        (b"\xff\xfe", ""),
    ],
)
def test_routing_files_that_are_wrong(stack: Stack, routing: bytes, words: str) -> None:
    kind = {"Content-Type": "application/yaml"}
    for method, path in (("PUT", "/v1/config"), ("POST", "/v1/config/check")):
        reply = stack.call(method, path, routing, headers=kind)
        refused(f"{method} {routing!r}", reply, 400, 422, faults=True)
        assert words in reply.body.decode()


@pytest.mark.parametrize(
    "link", ["x", "a.b.c.d.e", f"a.{NO_ID}.ops.7fffffff.{'A' * 20}", "x" * 4000]
)
def test_links_that_we_have_not_signed(stack: Stack, link: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for method, body in (("GET", None), ("POST", b"name=Mallory")):
        reply = stack.call(method, f"/a/{link}", body, key=None, headers=form)
        assert reply.status == 404
        assert reply.headers["Content-Type"].startswith("text/html")
        assert not TRACES.search(reply.body)


@pytest.mark.parametrize(
    ("channel", "status"),
    [("discord", 401), ("slack", 401), ("telegram", 401), ("teams", 404)],
)
@pytest.mark.parametrize("at", ["", "soon", str(10**9), "9" * 12])
def test_presses_that_nobody_signed(
    stack: Stack, channel: str, status: int, at: str
) -> None:
    signed = {
        "X-Signature-Ed25519": "00" * 64,
        "X-Signature-Timestamp": at,
        "X-Slack-Signature": f"v0={'00' * 32}",
        "X-Slack-Request-Timestamp": at,
        "X-Telegram-Bot-Api-Secret-Token": at,
    }
    path = f"/v1/interactions/{channel}"
    reply = stack.call("POST", path, {"type": 1}, key=None, headers=signed)
    refused(path, reply, status)
