"""Looks: what people see of a dressed event, from the stored event alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.catalog.dressed import NOW, dressed, every_kind
from tests.unit.discord_limits import broken_limits, pinged
from tocsin.catalog.kind import Kind
from tocsin.channels.discord.encoding import encoded
from tocsin.channels.discord.settings import Settings
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.look import Look, parse_colour
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.rendering import preview_of, render

LEAD = {
    "type": "lead.hot",
    "source": "crm",
    "data": {"first_name": "Min-Ji Park", "email": "m@x.example", "score": 85}
    | {"notion_id": "a1b2"},
}
HOSTILE = "@everyone <@1> **x** [a](https://evil.example) `c` \u202e"


def stored(event: dict[str, Any]) -> Event:
    """The event as it comes back from the table."""
    text = dressed(event).model_dump_json(exclude_defaults=True)
    return Event.model_validate_json(text)


def shown(event: dict[str, Any], **more: Any) -> Message:
    notification = Notification(
        id="01jd8zq3k4m5n6p7q8r9s0t1v2",
        event=stored(event),
        fingerprint="f",
        state="firing" if event.get("state") == "firing" else "notice",
        sender="key",
        accepted_at=NOW,
        last_at=NOW,
    )
    return render(
        replace(notification, **more),
        Delivery("ops"),
        zone="Europe/Zurich",
        application="Shop",
        now=NOW,
    )


def embed_of(message: Message) -> dict[str, Any]:
    """What Discord gets."""
    payload = json.loads(encoded([message], Settings(), None).body)
    found: dict[str, Any] = payload["embeds"][0] | {"content": payload.get("content")}
    return found


def test_discord_shows_a_hot_lead_as_the_flows_did() -> None:
    embed = embed_of(shown(LEAD))

    assert embed["content"].startswith("🔥 HOT LEAD ALERT · Min-Ji Park - Score: 85")
    assert embed["title"] == "🔥 Min-Ji Park - Score: 85"
    assert embed["url"] == "https://notion.so/a1b2"
    assert embed["color"] == 0xFF0000
    assert embed["description"].startswith("Immediate follow-up recommended within 24")
    assert [
        (each["name"], each["value"], each["inline"]) for each in embed["fields"][1:]
    ] == [
        ("Score", "85", True),
        ("Stage", "Assessment Complete", True),
        ("Notion Link", "[Open in Notion](https://notion.so/a1b2)", False),
    ]


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.type)
def test_every_type_keeps_discords_limits_with_hostile_data(kind: type[Kind]) -> None:
    told = kind.sample.get("data", {})
    data = {
        name: HOSTILE * 3 if isinstance(value, str) and "url" not in name else value
        for name, value in told.items()
        if name not in ("due_date", "expires_at", "period", "side", "currency")
        and "invite" not in name
    }
    look = {"footer": HOSTILE, "banner": HOSTILE}
    event = dict(kind.sample, data=data, look=look)
    body = encoded([shown(event)], Settings(), None).body

    assert broken_limits(body) == []
    assert pinged(body) == set()


def test_a_banner_stands_above_the_title_at_any_severity() -> None:
    assert shown(LEAD).preview == "🔥 HOT LEAD ALERT · Min-Ji Park - Score: 85 · crm"
    assert shown({"type": "peer.left", "data": {"peer_name": "Bo"}}).preview is None


def test_several_reports_are_not_called_alarms() -> None:
    report = shown({"type": "report.daily"})
    error = shown({"type": "flow.error", "data": {"flow_name": "nightly"}})

    assert preview_of([report, report]) == (
        "📊 2 notifications: Performance - 2026-11-21, Performance - 2026-11-21"
    )
    assert preview_of([error, error]) == (
        "❌ 2 alarms: Error in nightly, Error in nightly"
    )


def test_a_resolved_one_is_green_like_all_others() -> None:
    failed = {"type": "flow.error", "state": "firing", "data": {"flow_name": "n"}}
    message = shown(failed, resolved_at=NOW + 60_000)

    assert (message.icon, message.colour) == ("✅", 0x00CC66)
    assert message.title == "Resolved: Error in n"
    assert message.preview == "✅ Resolved: Error in n · resolved after 1 min · key"


def test_an_acknowledged_one_keeps_its_colour() -> None:
    message = shown(LEAD, ack_at=NOW, ack_by="Ana")

    assert (message.icon, message.colour) == ("👀", 0xFF0000)


def test_a_footer_of_its_own_stands_for_the_application() -> None:
    event = {"type": "a", "title": "x", "look": {"footer": "LANrage"}}

    assert shown(event).footer == "LANrage · key · r9s0t1v2"
    assert shown({"type": "a", "title": "x"}).footer == "Shop · key · r9s0t1v2"


def test_a_sender_may_bring_a_look() -> None:
    look = {"icon": "💾", "colour": "purple"}
    message = shown({"type": "a", "title": "x", "look": look})

    assert (message.icon, message.colour) == ("💾", 0x9B59B6)


def test_a_field_in_markdown_passes_and_one_in_text_is_inert() -> None:
    link = "[Open](https://example.com/1)"
    fields = [
        {"name": "a", "value": link, "format": "markdown"},
        {"name": "b", "value": link},
    ]
    passed, inert = embed_of(shown({"type": "a", "title": "x", "fields": fields}))[
        "fields"
    ]

    assert passed["value"] == link
    assert inert["value"] != link


@pytest.mark.parametrize(
    ("written", "colour"),
    [
        ("red", 0xFF0000),
        ("Gray", 0x95A5A6),
        ("#ff8800", 0xFF8800),
        ("0x00FF00", 0x00FF00),
        (255, 255),
    ],
)
def test_a_colour_may_be_a_name_or_a_number(written: object, colour: int) -> None:
    assert parse_colour(written) == colour
    assert Look.model_validate({"colour": written}).colour == colour


@pytest.mark.parametrize(
    "look",
    [
        {"colour": "mauve"},
        {"colour": 0x1000000},
        {"colour": True},
        {"colour": "#fff"},
        {"icon": "@here"},
        {"icon": "*"},
        {"icon": "🔥" * 17},
        {"footer": "x" * 101},
        {"picture": "x"},
    ],
)
def test_a_look_that_is_none_is_refused(look: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Look.model_validate(look)
