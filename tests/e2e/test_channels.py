"""Channels that need more than a stand-in: SES through the emulator, Apprise's plugins on
the layer's own path, and WhatsApp, which folds what its pace holds back."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.stack import Stack, until

PERSON = "+41790000001"
GIVEN: dict[str, dict[str, Any]] = {
    "e2e-ses": {
        "channel": "email",
        "via": "ses",
        "region": "us-east-1",
        "from": "Tocsin <alerts@ses.example.com>",
        "to": ["ses@example.org"],
    },
    "e2e-phone": {
        "channel": "whatsapp",
        "token": "EAAJB1n2c3D4e5F6g7H8i9J0",
        "phone_number_id": "106540352242922",
        "to": PERSON,
        "template": {"name": "tocsin_alert"},
    },
    "e2e-ntfy": {
        "channel": "apprise",
        "url": "ntfys://tk_e2eabcdefghijklm@ntfy.example.com/e2e-topic",
    },
    "e2e-push": {
        "channel": "apprise",
        "url": "pover://uE2e2rty3uiO4pas5dfG6hjk7lzX8a@aE2ec8vbn7mA6sdf5ghJ4kl3qwE2rt",
    },
}
MAILBOXES = {
    "e2e-ses": "ses@example.org",
    "e2e-phone": PERSON,
    "e2e-ntfy": "ntfy-e2e-topic",
    "e2e-push": "pushover-zX8a",
}


@pytest.fixture(scope="module")
def tail(stack: Stack) -> Stack:
    """The stack with these destinations, each reached by a type of its own."""
    stack.aws("sesv2").create_email_identity(EmailIdentity="ses.example.com")
    for name, given in GIVEN.items():
        status, told = stack.operate("PUT", f"/v1/destinations/{name}", given)
        assert status in (200, 201), told
    stack.add_routes(
        *({"name": name, "match": {"type": [name]}, "to": [name]} for name in GIVEN)
    )
    return stack


@pytest.mark.parametrize("name", GIVEN)
def test_an_event_arrives_as_people_would_see_it(tail: Stack, name: str) -> None:
    title = f"Disk of db_main is full ({time.time_ns()})"
    sent = tail.send({"type": name, "title": title, "severity": "high"})
    tail.settled(sent.json["id"], status="sent")

    (found,) = until(lambda: shown(tail, name, title), f"{title} in the inbox")
    assert title in found["text"]


@pytest.mark.parametrize("name", GIVEN)
def test_the_api_asks_about_a_destination_too(tail: Stack, name: str) -> None:
    status, told = tail.operate("GET", f"/v1/destinations/{name}/status")

    assert status == 200
    assert told["ok"], told


def test_what_the_pace_of_one_person_holds_back_is_folded(tail: Stack) -> None:
    titles = [f"Burst {number} of {time.time_ns()}" for number in range(6)]
    sent = tail.send([{"type": "e2e-phone", "title": title} for title in titles])
    for result in sent.json["results"]:
        tail.settled(result["id"], status="sent")

    seen = [message for title in titles for message in shown(tail, "e2e-phone", title)]
    assert len({message["id"] for message in seen}) < len(titles)


def shown(stack: Stack, name: str, words: str) -> list[dict[str, Any]]:
    """What people have seen of it."""
    query = f"/messages?webhook={quote(MAILBOXES[name], safe='')}"
    messages = stack.inbox("GET", query)["messages"]
    return [message for message in messages if words in message["text"]]
