"""Support alerts: S0's words, looks, customer context and links."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.catalog.dressed import dressed, facts, links, typed
from tocsin.look import Look

TYPE = "conversation.message_failed"
PROJECT = "https://railway.com/project/p1/logs"
ENVIRONMENTS = {"production": "11aa", "staging": "22bb", "demo": "33cc"}
LINKS = {
    "conversation": "https://app.chataigne.ai/whatsapp/messages"
    "?conversationId={data.conversation_id}",
    "railway": {
        "label": "Railway logs",
        "url": f"{PROJECT}?environmentId={{data.environment}}&start={{start}}&end={{end}}",
        "map": {"data.environment": ENVIRONMENTS},
    },
}


def alert(**data: Any) -> dict[str, Any]:
    return {"type": TYPE, "message": "It broke.", "data": data}


@pytest.mark.parametrize(
    ("severity", "icon", "colour"),
    [
        ("error", "🚨", 0xFF0000),
        ("critical", "🚨", 0xFF0000),
        ("warning", "⚠️", 0xFF8800),
        ("low", "⚠️", 0xFF8800),
        ("info", "ℹ️", 0x3399FF),
    ],
)
def test_error_is_red_warning_orange_and_info_blue(
    severity: str, icon: str, colour: int
) -> None:
    event = dressed(alert() | {"severity": severity})

    assert event.look == Look(icon=icon, colour=colour)


def test_a_failure_is_an_error_unless_the_sender_says_otherwise() -> None:
    assert dressed(alert()).severity == "high"
    assert dressed(alert() | {"severity": "info"}).severity == "info"


def test_the_title_is_made_when_it_is_empty() -> None:
    assert dressed(alert(store_name="Chez Ana")).title == (
        "A message could not be processed at Chez Ana"
    )
    assert dressed(alert()).title == "A message could not be processed"
    assert typed("conversation.event_failed", store_name="Chez Ana").title == (
        "An event could not be processed at Chez Ana"
    )
    assert dressed(alert() | {"title": "Mine"}).title == "Mine"


def test_customer_context_is_shown_when_it_is_there_and_only_then() -> None:
    whole = dressed(
        alert(
            store_name="Chez Ana",
            conversation_id="cv-8",
            customer_name="Jo Weber",
            customer_phone="+41 79 555 01 02",
            customer_orders_count=1200,
        )
    )

    assert facts(whole) == [
        ("Store", "Chez Ana", True),
        ("Customer", "Jo Weber", True),
        ("Phone", "+41 79 555 01 02", True),
        ("Orders", "1,200", True),
        ("Conversation", "cv-8", True),
    ]
    assert facts(dressed(alert(customer_name=None))) == []


def test_no_orders_at_all_is_worth_knowing() -> None:
    assert facts(typed(TYPE, customer_orders_count=0)) == [("Orders", "0", True)]


def test_the_title_and_a_link_lead_to_the_conversation() -> None:
    event = dressed(alert(conversation_id="cv 8/é&x=1"), links=LINKS)
    url = (
        "https://app.chataigne.ai/whatsapp/messages"
        "?conversationId=cv%208%2F%C3%A9%26x%3D1"
    )

    assert str(event.url) == url
    assert links(event) == {"Conversation": url}


def test_the_senders_own_address_of_the_title_wins() -> None:
    event = dressed(
        alert(conversation_id="cv-8") | {"url": "https://example.com/mine"}, links=LINKS
    )

    assert str(event.url) == "https://example.com/mine"


@pytest.mark.parametrize(("name", "id_"), list(ENVIRONMENTS.items()))
def test_railway_logs_are_of_the_environment_and_the_minute_around_the_event(
    name: str, id_: str
) -> None:
    event = dressed(
        alert(environment=name) | {"occurred_at": "2026-11-21T09:00:00+01:00"},
        links=LINKS,
    )

    assert links(event) == {
        "Railway logs": f"{PROJECT}?environmentId={id_}"
        "&start=2026-11-21T07%3A59%3A30Z&end=2026-11-21T08%3A00%3A30Z"
    }


def test_without_a_time_of_its_own_the_minute_is_around_now() -> None:
    (url,) = links(dressed(alert(environment="demo"), links=LINKS)).values()

    assert url.endswith("&start=2026-11-21T08%3A30%3A53Z&end=2026-11-21T08%3A31%3A53Z")


@pytest.mark.parametrize("data", [{}, {"environment": "moon"}, {"environment": ""}])
def test_a_missing_value_drops_its_link(data: dict[str, Any]) -> None:
    event = dressed(alert(**data), links=LINKS)

    assert links(event) == {}
    assert event.url is None


def test_trace_and_issue_are_linked_under_their_names() -> None:
    event = typed(
        TYPE,
        trace_url="https://cloud.langfuse.com/t/1",
        linear_url="https://linear.app/x/issue/SUP-1",
        linear_identifier="SUP-1",
    )

    assert links(event) == {
        "Langfuse trace": "https://cloud.langfuse.com/t/1",
        "Linear SUP-1": "https://linear.app/x/issue/SUP-1",
    }
    assert links(typed(TYPE, linear_url="https://linear.app/x")) == {
        "Linear issue": "https://linear.app/x"
    }
