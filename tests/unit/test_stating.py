"""State lines, and the looks that go with them: restless, escalated, held back, audited."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.channels.messages import HOSTILE
from tests.unit.test_rendering import MIN, NOW, shown
from tocsin.delivery import Purpose
from tocsin.notification import Step

FIRING = {"state": "firing"}
RESTLESS: dict[str, Any] = {
    "flapping": 0,
    "trace": (
        Step("flapping", "changed 7 times in 10 min: silent until it is stable"),
    ),
}


def test_a_restless_problem_says_how_often_it_changed_and_has_a_look_of_its_own() -> (
    None
):
    message = shown(FIRING, **RESTLESS)

    assert message.state_line == "〰️ Changed 7 times in 10 min; silent until stable"
    assert (message.icon, message.colour) == ("〰️", 0xFFCC00)


def test_changes_that_were_swallowed_are_counted() -> None:
    message = shown(FIRING, **(RESTLESS | {"flapping": 5, "occurrences": 4}))

    told = "〰️ Changed 7 times in 10 min, 5 more since; silent until stable"
    assert message.state_line == told


def test_somebody_on_a_restless_problem_is_seen() -> None:
    message = shown(FIRING, **RESTLESS, ack_by="ann", ack_at=NOW)

    assert (message.icon, message.colour) == ("👀", 0xFFCC00)


def test_a_restless_problem_that_is_over_is_over() -> None:
    message = shown(FIRING, **RESTLESS, resolved_at=NOW)

    assert (message.icon, message.state_line) == ("✅", "Resolved after 20 min")


@pytest.mark.parametrize(
    ("purpose", "more", "words"),
    [
        (Purpose.ESCALATION, {}, "Escalated: nobody has acknowledged it"),
        (
            Purpose.ESCALATION,
            {"ack_by": "ann", "ack_at": NOW},
            "Escalated · Acknowledged by ann at 13:00 CET",
        ),
        (
            Purpose.REMINDER,
            {"ack_by": "ann", "ack_at": NOW},
            "Reminder: it is still open · Acknowledged by ann at 13:00 CET",
        ),
        (Purpose.REMINDER, {}, "Reminder: nobody is on it any more"),
        (Purpose.FALLBACK, {}, "Told here because it was not delivered elsewhere"),
        (Purpose.ESCALATION, {"resolved_at": NOW}, "Resolved after 20 min"),
        (Purpose.SUMMARY, {}, None),
    ],
)
def test_a_delivery_says_why_it_was_added(
    purpose: Purpose, more: dict[str, Any], words: str | None
) -> None:
    message = shown(FIRING, {"purpose": purpose}, **more)

    assert message.state_line == words


@pytest.mark.parametrize("purpose", [Purpose.ESCALATION, Purpose.REMINDER])
def test_what_is_told_once_more_on_purpose_is_no_replay(purpose: Purpose) -> None:
    line = shown(FIRING, {"purpose": purpose, "generation": 1}).state_line

    assert "Replayed" not in (line or "")


def test_a_notice_says_how_many_were_held_back() -> None:
    assert shown(occurrences=38).state_line == "Held back 37 since 12:40 CET"


def test_a_problem_says_how_often_it_was_seen() -> None:
    message = shown(FIRING, occurrences=412, last_at=NOW - MIN)

    assert message.state_line == "Seen 412 ×, last 12:59 CET"


def test_progress_tells_itself() -> None:
    message = shown({"progress": 40}, state="running", occurrences=9)

    assert message.state_line is None
    assert any("40 %" in fact.value.text for fact in message.facts)


def test_the_audit_mirror_is_one_line() -> None:
    message = shown(
        {
            "severity": "critical",
            "branch": "prod",
            "message": "long",
            "fields": [{"name": "a", "value": "b"}],
            "links": [{"label": "Runbook", "url": "https://example.com/r"}],
        },
        {"purpose": Purpose.AUDIT, "pings": ("@everyone",)},
        occurrences=9,
    )

    assert message.title == "db-cpu is high · prod · r9s0t1v2"
    assert (message.icon, message.colour) == ("🚨", 0xFFFFFF)
    assert (message.body, message.code, message.state_line) == (None, None, None)
    assert not message.facts + message.links + message.pings
    assert (message.preview, message.footer, message.url) == (None, "", None)


def test_the_audit_mirror_of_an_end_is_green_in_its_icon_only() -> None:
    message = shown({"state": "resolved"}, {"purpose": Purpose.AUDIT})

    assert (message.icon, message.colour) == ("✅", 0xFFFFFF)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_title_stays_one_line_in_the_audit_mirror(text: str) -> None:
    titled = text[:200].encode("utf-8", "replace").decode() or "x"
    message = shown({"title": titled}, {"purpose": Purpose.AUDIT})

    assert len(message.title) <= 256
    assert "\n" not in message.title
