"""Applying: parts in other words, hostile data inert, and a fallback that says so."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.channels.messages import HOSTILE
from tests.unit.discord_limits import broken_limits, pinged
from tocsin.channels.discord.encoding import encoded
from tocsin.channels.discord.settings import Settings
from tocsin.channels.email.encoding import encoded as mailed
from tocsin.channels.email.settings import Settings as MailSettings
from tocsin.composing import compose
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.message import Fact, Message, Text
from tocsin.notification import Notification
from tocsin.rendering import render
from tocsin.rules.config import Config

NOW = 1_793_707_200_000
ORDER: dict[str, Any] = {
    "type": "order.created",
    "title": "Order 7",
    "message": "Somebody bought something",
    "severity": "high",
    "branch": "production",
    "fields": [{"name": "Plan", "value": "pro"}],
    "data": {"number": 7, "amount": 1250, "customer": {"name": "Ada"}},
}


def notification(event: dict[str, Any] | None = None, **more: Any) -> Notification:
    what = Event.model_validate(ORDER | (event or {}))
    ordinary: dict[str, Any] = {
        "id": "01jd8zq3k4m5n6p7q8r9s0t1v2",
        "event": what,
        "fingerprint": "f",
        "state": what.state if what.is_problem else "notice",
        "sender": "shop",
        "accepted_at": NOW,
        "last_at": NOW,
    }
    return Notification(**(ordinary | more))


def shown(
    template: dict[str, Any],
    event: dict[str, Any] | None = None,
    *,
    glob: str = "order.*",
    channel: str = "discord",
    delivery: Delivery | None = None,
    **more: Any,
) -> Message:
    return compose(
        notification(event, **more),
        delivery or Delivery("ops"),
        channel=channel,
        config=Config.model_validate({"templates": {glob: template}}),
        now=NOW,
    )


def plain(event: dict[str, Any] | None = None, **more: Any) -> Message:
    return render(
        notification(event, **more),
        Delivery("ops"),
        zone="UTC",
        application="Tocsin",
        now=NOW,
    )


def test_each_part_is_told_in_its_own_words_and_the_rest_stays() -> None:
    message = shown(
        {
            "title": "{{ data.customer.name }} ordered for {{ data.amount | money }}",
            "body": "Number {{ data.number }}\nvia {{ channel }} at {{ destination }}",
            "facts": [
                {"name": "Amount", "value": "{{ data.amount | money }}"},
                {"name": "Coupon", "value": "{{ data.coupon }}"},
            ],
            "preview": "{{ title }}: {{ severity }}",
        }
    )

    ordinary = plain()
    assert message.title == "Ada ordered for $1,250"
    assert message.body == Text("Number 7\nvia discord at ops")
    assert message.facts == (Fact("Amount", Text("$1,250")),)
    assert message.preview == "🔴 Order 7: high"
    assert message.footer == ordinary.footer
    assert (message.icon, message.colour) == (ordinary.icon, ordinary.colour)
    assert message.state_line is None


def test_what_is_not_replaced_stays_as_it_is() -> None:
    assert shown({"channels": {"email": {"title": "Only there"}}}) == plain()
    assert shown({"title": "x"}, glob="lead.*") == plain()


def test_a_channel_says_its_own_and_the_rest_of_all() -> None:
    template = {
        "title": "For all",
        "body": "For all",
        "channels": {"email": {"body": "By mail", "format": "markdown"}},
    }

    mail = shown(template, channel="email")

    assert (mail.title, mail.body) == ("For all", Text("By mail", markup=True))
    assert shown(template).body == Text("For all")


def test_the_very_type_wins_over_a_glob_and_the_first_glob_over_the_next() -> None:
    config = Config.model_validate(
        {
            "templates": {
                "*": {"title": "any"},
                "order.*": {"title": "glob"},
                "order.created": {"title": "exact"},
            }
        }
    )

    def title(kind: str) -> str:
        found = notification({"type": kind})
        return compose(
            found, Delivery("ops"), channel="discord", config=config, now=NOW
        ).title

    assert [title("order.created"), title("order.paid")] == ["exact", "any"]


def test_what_tocsin_tells_of_itself_is_changed_by_its_name_only() -> None:
    event = {"type": "tocsin.summary"}

    assert shown({"title": "x"}, event, glob="*") == plain(event)
    assert shown({"title": "x"}, event, glob="tocsin.*").title == "x"


def test_an_empty_body_is_none_and_an_empty_title_is_the_built_in_one() -> None:
    message = shown({"title": "{{ data.no }}", "body": "", "facts": []})

    assert message.title == "Order 7"
    assert (message.body, message.code, message.facts) == (None, None, ())


def test_a_preview_line_is_there_when_it_would_be_anyway() -> None:
    template = {"title": "Ada", "preview": "{{ data.number }}"}

    assert shown(template, {"severity": "low"}).preview is None
    assert shown(template).preview == "🔴 7"
    assert shown({"title": "Ada"}).preview == "🔴 Ada · production"


def test_the_end_of_a_problem_is_told_as_one() -> None:
    problem = {"state": "firing"}

    over = shown({"title": "Disk {{ data.number }}"}, problem, resolved_at=NOW)
    told = shown({"title": "{{ state }}"}, problem, resolved_at=NOW)

    assert over.title == "Resolved: Disk 7"
    assert told.title == "resolved"


def test_a_stack_trace_in_the_body_is_code_as_it_would_be_anyway() -> None:
    message = shown(
        {"body": "It broke:\n{{ message }}"},
        {"message": "Traceback (most recent call last):\n  File x"},
    )

    assert message.body == Text("It broke:")
    assert message.code == "Traceback (most recent call last):\n  File x"


def test_the_mirror_for_the_record_stays_one_line() -> None:
    from tocsin.delivery import Purpose

    audit = Delivery("feed", purpose=Purpose.AUDIT)

    assert "Order 7" in shown({"title": "x"}, delivery=audit).title


@pytest.mark.parametrize(
    ("template", "where"),
    [
        ({"title": "ok", "body": "one\n{{ 1 / data.zero }}"}, "body, line 2: divides"),
        ({"facts": [{"name": "a", "value": "{{ data.customer }}"}]}, "facts.0, line 1"),
        ({"title": "{{ x"}, "title, line 1: unexpected end"),
        ({"titel": "x"}, "is not a template"),
        ({"title": "x", "body": 7}, "is not a template"),
    ],
)
def test_one_that_breaks_leaves_the_built_in_look_which_says_so(
    template: dict[str, Any], where: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        message = shown(template, {"data": {"zero": 0, "customer": {"x": "s3cret"}}})

    ordinary = plain({"data": {"zero": 0, "customer": {"x": "s3cret"}}})
    line = message.state_line or ""
    assert (message.title, message.body) == (ordinary.title, ordinary.body)
    assert message.facts == ordinary.facts
    assert line.startswith(f"Built-in look, as its template failed: {where}")
    assert "01jd8zq3k4m5n6p7q8r9s0t1v2" in caplog.text
    assert "destination ops" in caplog.text
    assert "s3cret" not in caplog.text + line


def test_a_state_line_that_was_there_stands_before_the_reason() -> None:
    message = shown({"title": "{{ 1/0 }}"}, {"state": "firing"}, occurrences=3)

    seen, built_in = (message.state_line or "").split(" · ")
    assert seen.startswith("Seen 3 ×")
    assert built_in.startswith("Built-in look")


EVERYWHERE: dict[str, Any] = {
    "title": "{{ data.text }} {{ data.text | upper }}",
    "body": "**{{ data.text }}**\n[Open](https://example.com/{{ data.text | urlencode }})\n"
    "{{ data.text }}",
    "facts": [{"name": "Text", "value": "_{{ data.text }}_", "inline": False}],
    "preview": "{{ data.text }}",
}
PARTS = st.sampled_from([each[:600] for each in HOSTILE]) | st.text(
    alphabet="*_~`|[]()<>#-+@ \n\\ab1:/", max_size=60
)


@settings(max_examples=60)
@given(text=PARTS)
def test_a_template_that_says_the_events_own_words_changes_nothing(text: str) -> None:
    """So whatever keeps these inert, on any channel, keeps its words inert."""
    text = text.encode("utf-8", "ignore").decode()  # as all that comes in is
    event = {"message": text, "fields": [{"name": "Text", "value": text}]}
    template = {
        "body": "{{ message }}",
        "facts": [{"name": "Text", "value": "{{ facts.0.value }}"}],
    }

    assert shown(template, event) == plain(event)


@pytest.mark.parametrize("how", ["text", "markdown"])
@settings(max_examples=60)
@given(text=PARTS)
def test_hostile_data_in_a_good_template_stays_inert_on_discord(
    how: str, text: str
) -> None:
    message = shown(EVERYWHERE | {"format": how}, {"data": {"text": text}})

    call = encoded([message], Settings(), None)
    payload = json.loads(call.body)
    assert broken_limits(call.body) == []
    assert not pinged(call.body)
    links = re.findall(r"(?<!\\)\]\(([^)]*)\)", json.dumps(payload["embeds"]))
    assert all(each.startswith("https://example.com/") for each in links)


@settings(max_examples=60)
@given(text=PARTS)
def test_html_in_data_or_template_is_text_in_a_mail(text: str) -> None:
    template = EVERYWHERE | {
        "format": "markdown",
        "body": "<b>{{ data.text }}</b> {{ data.tag }}",
    }
    tag = "<img src=x onerror=alert(1)>"
    message = shown(template, {"data": {"text": text, "tag": tag}}, channel="email")

    own = MailSettings.model_validate(
        {"host": "smtp.example.com", "from": "a@example.com", "to": ["b@example.com"]}
    )
    mail = mailed(message, own).content

    assert b"<img src=3Dx" not in mail
    assert b"<img src=x" not in mail
    assert b"<b>" not in mail.split(b"text/html")[-1]
