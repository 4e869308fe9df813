"""Rendering: what a reader sees of a notification, part by part."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.channels.messages import HOSTILE
from tests.unit.discord_limits import broken_limits, pinged
from tocsin.channels.discord.encoding import encoded
from tocsin.channels.discord.settings import Settings
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.message import Fact, Link, Message, Text
from tocsin.notification import Notification
from tocsin.rendering import preview_of, render

NOW = 1_793_707_200_000  # 2026-11-03 12:00 UTC, 13:00 in Zurich
MIN = 60_000


def shown(
    event: dict[str, Any] | None = None,
    delivery: dict[str, Any] | None = None,
    **more: Any,
) -> Message:
    """The message of a notification whose other parts are ordinary."""
    what = Event.model_validate(
        {"type": "db.cpu", "title": "db-cpu is high"} | (event or {})
    )
    state = what.state if what.is_problem else "notice"
    ordinary: dict[str, Any] = {
        "id": "01jd8zq3k4m5n6p7q8r9s0t1v2",
        "event": what,
        "fingerprint": "f",
        "state": state,
        "sender": "ci",
        "accepted_at": NOW - 20 * MIN,
        "last_at": NOW,
    }
    return render(
        Notification(**(ordinary | more)),
        Delivery("ops", **(delivery or {})),
        zone="Europe/Zurich",
        application="Shop",
        now=NOW,
    )


@pytest.mark.parametrize(
    ("severity", "icon", "colour"),
    [
        ("critical", "🚨", 0xFF0000),
        ("high", "🔴", 0xFF4D00),
        ("medium", "⚠️", 0xFF8800),
        ("low", "🟡", 0xFFCC00),
        ("info", "ℹ️", 0x3399FF),
        ("success", "✅", 0x00CC66),
        ("debug", "🛠️", 0x808080),
    ],
)
def test_each_severity_has_its_look(severity: str, icon: str, colour: int) -> None:
    message = shown({"severity": severity})

    assert (message.icon, message.colour) == (icon, colour)


def test_what_is_resolved_is_green_and_says_after_how_long() -> None:
    message = shown(
        {"state": "firing", "severity": "critical"},
        {"pings": ("@everyone",)},
        state="resolved",
        resolved_at=NOW - 8 * MIN,
    )

    assert (message.icon, message.colour) == ("✅", 0x00CC66)
    assert message.title == "Resolved: db-cpu is high"
    assert message.state_line == "Resolved after 12 min"
    assert message.preview == "✅ Resolved: db-cpu is high · resolved after 12 min · ci"
    assert message.pings == ()
    assert message.rank == 1


def test_an_event_that_resolves_keeps_its_own_title() -> None:
    message = shown(
        {"state": "resolved", "title": "db-cpu is OK"},
        opened_at=NOW - 80 * MIN,
        resolved_at=NOW - 20 * MIN,
    )

    assert (message.icon, message.title) == ("✅", "db-cpu is OK")
    assert message.state_line == "Resolved after 1 h"


def test_resolving_what_nobody_opened_names_no_duration() -> None:
    assert shown({"state": "resolved"}).state_line == "Resolved"


def test_what_is_acknowledged_says_by_whom_when_and_why() -> None:
    message = shown(
        {"severity": "high"},
        {"pings": ("role:1",)},
        ack_at=NOW - 5 * MIN,
        ack_by="Ana\n",
        ack_note="will renew\u202e this week",
    )

    assert (message.icon, message.colour) == ("👀", 0xFF4D00)
    assert message.state_line == (
        "Acknowledged by Ana at 12:55 CET: will renew this week"
    )
    assert message.pings == ()


def test_the_state_line_says_all_that_is_known() -> None:
    message = shown(
        {"ack_required": True, "state": "firing"},
        {"generation": 1, "possibly_sent": True},
        occurrences=12_450,
        last_at=NOW - 46 * MIN,
    )

    assert message.state_line == (
        "Waiting for someone to acknowledge · Seen 12,450 ×, last 12:14 CET"
        " · Replayed · Possibly sent twice"
    )


def test_an_ordinary_message_has_no_state_line() -> None:
    assert shown().state_line is None


@pytest.mark.parametrize("severity", ["medium", "low", "info", "success", "debug"])
def test_below_high_there_is_no_preview(severity: str) -> None:
    assert shown({"severity": severity}).preview is None


def test_from_high_up_the_preview_says_what_and_where() -> None:
    assert shown({"severity": "high", "branch": "prod"}).preview == (
        "🔴 db-cpu is high · prod"
    )
    assert shown(
        {"severity": "high", "title": "x in prod", "branch": "prod"}
    ).preview == ("🔴 x in prod")


@pytest.mark.parametrize(
    ("event", "title", "body"),
    [
        ({"title": "T", "message": "M"}, "T", "M"),
        ({"title": "", "message": "First line\nrest"}, "First line", "rest"),
        ({"title": "\u200b", "message": "Only"}, "Only", None),
        ({"title": "\u200b", "message": "\u200b\n"}, "DB CPU", None),
        ({"title": "a\nb", "message": ""}, "a b", None),
        ({"title": "t" * 200}, "t" * 119 + "…", "t" * 200),
        ({"title": "", "message": "m" * 200}, "m" * 119 + "…", "m" * 200),
        ({"title": "", "message": "# **Head**\nx", "format": "markdown"}, "Head", "x"),
    ],
)
def test_a_title_is_found_and_nothing_is_lost(
    event: dict[str, Any], title: str, body: str | None
) -> None:
    message = shown(event)

    assert message.title == title
    assert (message.body.text if message.body else None) == body


def test_stack_traces_json_and_long_lists_stand_in_code() -> None:
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1'
    assert shown({"message": f"It failed\n{trace}"}).code == trace
    assert shown({"message": '{"a": 1}'}).code == '{"a": 1}'
    assert shown({"message": '{"a": 1}'}).body is None
    lines = shown({"message": "\n".join("abcdefgh")})
    assert (lines.body, lines.code) == (Text("a\nb\nc"), "d\ne\nf\ng\nh")
    assert shown({"message": "a\nb\nc\nd"}).code is None


def test_markdown_is_kept_whole_and_marked_as_such() -> None:
    message = shown({"message": "**a**\n```\nb\n```\n1\n2\n3", "format": "markdown"})

    assert message.body == Text("**a**\n```\nb\n```\n1\n2\n3", markup=True)
    assert message.code is None


def test_facts_stand_in_order_of_use_and_none_is_empty() -> None:
    message = shown(
        {
            "fields": [
                {"name": "Value", "value": "5 %"},
                {"name": "Empty", "value": " \u200b"},
                {"name": "None", "value": "None"},
                {"name": "NA", "value": "N/A"},
                {"name": "Note", "value": "a\nb", "inline": False},
                {"name": "Tamed", "value": "a\nb"},
            ],
            "labels": {
                "zeta": "1",
                "region": "eu",
                "environment": "prod",
                "value": "said already",
                "severity": "high",
                "__internal": "x",
            },
            "progress": 40,
        }
    )

    assert message.facts == (
        Fact("Value", Text("5 %")),
        Fact("Note", Text("a\nb"), inline=False),
        Fact("Tamed", Text("a b")),
        Fact("Environment", Text("prod")),
        Fact("Region", Text("eu")),
        Fact("Zeta", Text("1")),
        Fact("Progress", Text("▰▰▰▰▱▱▱▱▱▱ 40 %"), inline=False),
    )


def test_links_and_attachments_are_links() -> None:
    message = shown(
        {
            "url": "https://example.com/a",
            "links": [{"label": "Runbook", "url": "https://example.com/run"}],
            "attachments": [{"name": "log.txt", "url": "https://example.com/log"}],
        }
    )

    assert message.url == "https://example.com/a"
    assert message.links == (
        Link("Runbook", "https://example.com/run"),
        Link("📎 log.txt", "https://example.com/log"),
    )


@pytest.mark.parametrize(
    ("names", "place"),
    [
        (["log.txt", "Graph.png", "other.jpg"], 1),
        (["PANEL.WEBP"], 0),
        (["png", "picture"], None),
        ([], None),
    ],
    ids=str,
)
def test_the_first_attachment_that_is_a_picture_is_shown_and_stays_a_link(
    names: list[str], place: int | None
) -> None:
    urls = [f"https://example.com/{n}" for n in range(len(names))]
    files = [{"name": n, "url": url} for n, url in zip(names, urls, strict=True)]

    message = shown({"attachments": files})

    assert message.picture == (None if place is None else urls[place])
    assert [link.url for link in message.links] == urls


def test_the_footer_says_where_it_comes_from() -> None:
    assert shown({"branch": "main"}).footer == "Shop · ci · main · r9s0t1v2"
    assert shown({"source": "Shop"}).footer == "Shop · r9s0t1v2"


@pytest.mark.parametrize(
    ("occurred", "at"),
    [
        (None, NOW - 20 * MIN),
        ("2026-11-03T10:00:00Z", NOW - 120 * MIN),
        ("0001-01-01T00:00:00Z", NOW - 20 * MIN),
        ("2999-01-01T00:00:00+01:00", NOW - 20 * MIN),
    ],
)
def test_the_time_is_when_it_happened_unless_that_cannot_be(
    occurred: str | None, at: int
) -> None:
    message = shown({"occurred_at": occurred})

    assert message.at == datetime.fromtimestamp(at / 1000, UTC)
    assert message.at.tzname() == "CET"


@pytest.mark.parametrize(
    ("severity", "kept"),
    [("critical", ("@everyone", "@here", "role:1")), ("high", ("role:1",))],
)
def test_everyone_is_for_what_is_critical(severity: str, kept: tuple[str, ...]) -> None:
    message = shown({"severity": severity}, {"pings": ("@everyone", "@here", "role:1")})

    assert message.pings == kept


def test_a_preview_of_several_counts_them() -> None:
    titles = ("checkout-5xx is in ALARM", "db-cpu is in ALARM", "disk", "net")
    alarms = [shown({"severity": "high", "title": title}) for title in titles]
    quiet = shown()

    assert preview_of(alarms[:1]) == "🔴 checkout-5xx is in ALARM · ci"
    assert preview_of(alarms[:2]) == "🔴 2 alarms: checkout-5xx, db-cpu"
    assert preview_of(alarms[:3]) == "🔴 3 alarms: checkout-5xx, db-cpu, +1"
    assert preview_of([*alarms[:2], quiet]) == (
        "🔴 3 notifications: checkout-5xx, db-cpu, +1"
    )
    assert preview_of([quiet, quiet]) is None


anything = st.one_of(
    st.sampled_from([text[:900] for text in HOSTILE if text.isprintable()]),
    st.text(max_size=60),
    st.text("@everyhr<>#:t1`*_|[]() \n\u200b\u202e\u2066\x00é𝕏", max_size=40),
)
words = st.text(min_size=1, max_size=30)


@settings(max_examples=150)
@given(
    event=st.fixed_dictionaries(
        {"message": anything.map(lambda text: f"{text}x")},
        optional={
            "title": anything,
            "format": st.sampled_from(["text", "markdown"]),
            "severity": st.sampled_from(["critical", "low"]),
            "branch": words,
            "source": words,
            "labels": st.dictionaries(words, anything, max_size=5),
            "fields": st.lists(
                st.fixed_dictionaries({"name": words, "value": anything}), max_size=5
            ),
            "thread": words,
        },
    ),
    note=anything,
)
def test_whatever_an_event_says_the_message_is_clean(
    event: dict[str, Any], note: str
) -> None:
    message = shown(event, ack_at=NOW, ack_by=note, ack_note=note)
    body = encoded([message], Settings(), None).body

    assert broken_limits(body) == []
    assert pinged(body) == set()
    assert not set("\u202e\u2066\x00") & set(body.decode())


@pytest.mark.parametrize(
    ("event", "more", "state", "key"),
    [
        ({}, {}, "notice", ""),
        ({"state": "firing"}, {}, "firing", "f"),
        ({"state": "firing"}, {"ack_at": NOW, "ack_by": "ann"}, "acknowledged", "f"),
        ({"state": "firing"}, {"resolved_at": NOW, "ack_at": NOW}, "resolved", "f"),
        ({"state": "resolved"}, {}, "resolved", "f"),
    ],
)
def test_programs_are_told_the_state_and_the_problem_it_is_of(
    event: dict[str, Any], more: dict[str, Any], state: str, key: str
) -> None:
    message = shown({"severity": "p1", **event}, **more)

    assert (message.state, message.key) == (state, key)
    assert (message.type, message.severity) == ("db.cpu", "high")


def test_a_message_has_the_same_name_at_every_attempt() -> None:
    first = shown()
    again = shown({}, {"attempts": 3, "possibly_sent": True, "generation": 1})

    assert first.id == again.id == "01jd8zq3k4m5n6p7q8r9s0t1v2-ops"
