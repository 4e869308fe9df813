"""Posting, and what the server got of it."""

from __future__ import annotations

from typing import Any

from client.tests.loopback import Loopback
from tocsin_client import Tocsin
from tocsin_client.outbox import Outbox


def titles(server: Loopback) -> list[str]:
    """Of what the application has sent."""
    return [each["title"] for each in server.events if each["type"] == "a"]


def reports(server: Loopback) -> list[Any]:
    """What the client itself has told of drops."""
    return [each for each in server.events if each["type"] == "tocsin.client.dropped"]


def outbox_of(tocsin: Tocsin) -> Outbox:
    assert tocsin._outbox is not None
    return tocsin._outbox


def post(tocsin: Tocsin, count: int, start: int = 0) -> list[str]:
    """Titles of what was taken."""
    return [
        str(number)
        for number in range(start, start + count)
        if tocsin.post("a", str(number))
    ]
