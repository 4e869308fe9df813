"""Events of known types on their whole way: judged, dressed, kept or shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.functions import KEYS, Context, Functions
from tests.unit.channels.loopback import Provider

BEARER = {"authorization": f"Bearer {KEYS['ingest']}"}
ROUTING = {
    "timezone": "Europe/Zurich",
    "routes": [{"name": "all", "to": ["ops"]}],
    "types": {"order.*": {"title": "Order {data.number}", "look": {"icon": "🛒"}}},
    "links": {"conversation": "https://app.example.com/{data.conversation_id}"},
}


@pytest.fixture(scope="module")
def functions(functions: Functions) -> Functions:
    assert functions.call("PUT", "/v1/config", ROUTING)[0] == 200
    return functions


def send(functions: Functions, body: Any, query: str = "") -> tuple[int, Any]:
    """(status, JSON) of `POST /v1/events`."""
    event = {
        "version": "2.0",
        "headers": BEARER | {"content-type": "application/json"},
        "rawQueryString": query,
        "requestContext": {"requestId": "r"},
        "body": json.dumps(body),
    }
    told = functions.ingest.handler(event, Context())
    return int(told["statusCode"]), json.loads(told["body"])


def embeds(functions: Functions, discord: Provider) -> list[dict[str, Any]]:
    """What Discord gets when the queue is emptied."""
    before = len(discord.requests)
    assert functions.send(functions.queued()) == []
    posts = [json.loads(each.body) for each in discord.requests[before:]]
    return [embed for post in posts for embed in post["embeds"]]


def test_an_event_that_says_only_its_data_is_shown_in_its_look(
    functions: Functions, discord: Provider
) -> None:
    data = {"store_name": "Chez Ana", "conversation_id": "cv 8"}
    failed = {"type": "conversation.message_failed", "data": data}

    assert send(functions, failed)[0] == 202
    (embed,) = embeds(functions, discord)
    assert embed["title"] == "🚨 A message could not be processed at Chez Ana"
    assert embed["url"] == "https://app.example.com/cv%208"
    assert embed["color"] == 0xFF0000


def test_a_declared_type_is_shown_in_its_look(
    functions: Functions, discord: Provider
) -> None:
    assert send(functions, {"type": "order.paid", "data": {"number": 8}})[0] == 202
    (embed,) = embeds(functions, discord)
    assert embed["title"] == "🛒 Order 8"


def test_wrong_data_is_refused_with_its_field_and_changes_nothing(
    functions: Functions,
) -> None:
    before = functions.ids()

    status, problem = send(functions, {"type": "lead.hot", "data": {"score": "85"}})

    assert status == 422
    assert problem["errors"] == [
        {"field": "data.score", "reason": "should be a number, got text"}
    ]
    assert functions.ids() == before


def test_in_a_list_only_the_wrong_ones_are_refused(functions: Functions) -> None:
    good = {"type": "peer.joined", "data": {"peer_name": "Bo"}}
    bad = {"type": "peer.joined", "data": {"peer_name": 7}}

    status, told = send(functions, [good, bad])

    assert (status, told["accepted"], told["rejected"]) == (202, 1, 1)
    assert told["results"][1]["errors"][0]["field"] == "data.peer_name"
    functions.send(functions.queued())


def test_a_dry_run_says_that_a_lead_is_below_the_threshold(
    functions: Functions,
) -> None:
    lead = {"type": "lead.hot", "data": {"score": 79}}

    status, told = send(functions, lead, "dry_run=true")

    why = "score 79 is below 80, the threshold of lead.hot: kept, not sent"
    assert (status, told["status"], told["reason"]) == (200, "suppressed", why)
    assert told["trace"] == [{"rule": "threshold", "verdict": why}]


def test_a_lead_below_the_threshold_is_kept_with_the_reason(
    functions: Functions, discord: Provider
) -> None:
    _, told = send(functions, {"type": "lead.hot", "data": {"score": 79}})
    _, found = functions.call("GET", f"/v1/notifications/{told['id']}")

    assert found["status"] == "suppressed"
    assert "below 80" in found["suppressed"]
    assert embeds(functions, discord) == []


def test_an_alarm_topic_knows_the_types_too(
    functions: Functions, discord: Provider
) -> None:
    message = '{"type": "game.started", "data": {"game_name": "OpenTTD"}}'
    record = {"Sns": {"MessageId": "typed-1", "Message": message}}

    functions.ingest.handler({"Records": [record]}, Context())

    (embed,) = embeds(functions, discord)
    assert embed["title"] == "🎮 Game Started: OpenTTD"
    assert embed["color"] == 0x9B59B6


def test_what_comes_through_a_hook_is_judged_and_dressed(
    functions: Functions, discord: Provider
) -> None:
    told = {"type": "peer.left", "data": {"peer_name": "Bo"}}

    assert functions.post("standard", told, BEARER)[0] == 202
    (embed,) = embeds(functions, discord)
    assert embed["title"] == "👋 Bo left"
    status, _, problem = functions.post(
        "standard", {"type": "peer.left", "data": {"peer_name": 7}}, BEARER
    )
    assert status == 422
    assert problem["errors"][0]["field"] == "data.peer_name"
