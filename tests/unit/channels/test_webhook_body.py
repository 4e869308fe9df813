"""Webhooks: the body, as documented and within its limit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.channels.messages import AT
from tocsin.channels.webhook import body
from tocsin.message import Fact, Link, Message, Text

WHOLE = Message(
    icon="🔴",
    title="checkout-5xx is in ALARM",
    colour=0xFF4D00,
    at=AT,
    url="https://example.com/alarm",
    preview="🔴 checkout-5xx is in ALARM · shop",
    body=Text("4.2 % of calls fail"),
    code='{"a": 1}',
    facts=(Fact("Value", Text("4.2 %")), Fact("Threshold", Text("1 %"))),
    state_line="Seen 3 ×",
    links=(Link("Runbook", "https://example.com/r"),),
    footer="Shop · aws · s0t1v2",
    picture="https://example.com/p.png",
    thread="checkout",
    id="01jd8zq3k4m5n6p7q8r9s0t1v2-crm",
    key="9f86d081884c7d659a2feaa0c55ad015",
    state="firing",
    type="aws.cloudwatch.alarm",
    severity="high",
)


def test_the_shape_is_the_documented_one() -> None:
    assert json.loads(body.encoded(WHOLE)) == {
        "type": "notification.firing",
        "timestamp": "2026-11-03T14:05:00Z",
        "data": {
            "version": 1,
            "event_type": "aws.cloudwatch.alarm",
            "key": "9f86d081884c7d659a2feaa0c55ad015",
            "severity": "high",
            "title": "checkout-5xx is in ALARM",
            "icon": "🔴",
            "colour": "#FF4D00",
            "url": "https://example.com/alarm",
            "preview": "🔴 checkout-5xx is in ALARM · shop",
            "state_line": "Seen 3 ×",
            "text": "4.2 % of calls fail",
            "text_format": "plain",
            "code": '{"a": 1}',
            "facts": [
                {"name": "Value", "value": "4.2 %"},
                {"name": "Threshold", "value": "1 %"},
            ],
            "links": [{"label": "Runbook", "url": "https://example.com/r"}],
            "picture": "https://example.com/p.png",
            "thread": "checkout",
            "footer": "Shop · aws · s0t1v2",
        },
    }


def test_what_is_empty_is_left_out() -> None:
    small = json.loads(body.encoded(Message(icon="", title="x", colour=1, at=AT)))

    assert small["type"] == "notification.notice"
    assert set(small["data"]) == {"version", "severity", "title", "colour"}


def many(count: int, size: int) -> tuple[Fact, ...]:
    """So many facts of that size."""
    return tuple(Fact(f"f{n}", Text("v" * size)) for n in range(count))


@pytest.mark.parametrize(
    ("large", "shortened"),
    [
        ({"code": "c" * 30_000}, ["picture", "footer", "code"]),
        ({"body": Text("t" * 30_000)}, ["picture", "footer", "code", "text"]),
        (
            {"body": Text("é" * 9_500), "code": "c" * 3_000},
            ["picture", "footer", "code"],
        ),
        ({"facts": many(40, 600)}, ["picture", "footer", "code", "facts"]),
        ({"code": "c" * 18_900, "footer": "f" * 2_000}, ["picture", "footer"]),
    ],
)
def test_the_least_important_goes_first(
    large: dict[str, Any], shortened: list[str]
) -> None:
    content = body.encoded(replace(WHOLE, **large))
    data = json.loads(content)["data"]

    assert len(content) <= body.LIMIT
    assert data["shortened"][: len(shortened)] == shortened
    assert data["title"] == WHOLE.title
    assert data["preview"] == WHOLE.preview
    assert data["state_line"] == WHOLE.state_line


def test_a_text_is_cut_no_shorter_than_it_must() -> None:
    content = body.encoded(replace(WHOLE, body=Text("text " * 8_000)))

    assert json.loads(content)["data"]["text"].endswith("…")
    assert body.LIMIT - 300 < len(content) <= body.LIMIT


HOSTILE_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from('\x00"\\\n\ud800\u202e🧨é@<')),
    max_size=60,
).flatmap(lambda text: st.integers(1, 600).map(lambda times: text * times))


@settings(max_examples=60)
@given(
    title=HOSTILE_TEXT,
    words=HOSTILE_TEXT,
    code=HOSTILE_TEXT,
    rows=st.lists(HOSTILE_TEXT, max_size=4),
    times=st.integers(1, 12),
)
def test_whatever_is_said_the_body_is_json_within_its_limit(
    title: str, words: str, code: str, rows: list[str], times: int
) -> None:
    facts = tuple(Fact(row, Text(row)) for row in rows) * times
    links = tuple(Link(row, f"https://e.example/{row}") for row in rows) * times
    hostile = replace(
        WHOLE,
        title=title,
        preview=title,
        state_line=title,
        body=Text(words),
        code=code,
        facts=facts,
        links=links,
        footer=title,
        thread=title,
    )
    content = body.encoded(hostile)
    data = json.loads(content)["data"]

    assert len(content) <= body.LIMIT
    assert content == body.encoded(hostile)
    if 0 < len(title) <= body.TITLE and title.isprintable():
        assert data["title"] == title.encode("utf-8", "replace").decode()
    for name in ("text", "code"):
        whole = {"text": words, "code": code}[name].encode("utf-8", "replace").decode()
        told = data.get(name, "")
        assert told == whole or name in data["shortened"]
        assert whole.startswith(told.removesuffix("…").rstrip())
