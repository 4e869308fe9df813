"""Parties and games: S1's titles, descriptions and colours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.catalog.dressed import dressed, links, typed
from tocsin.look import COLOURS, Look


@pytest.mark.parametrize(
    ("kind", "data", "icon", "title", "message", "colour"),
    [
        (
            "party.created",
            {"party_name": "Friday LAN", "host": "Ana", "party_id": "lan-42"},
            "🎮",
            "Party Created: Friday LAN",
            "Host: Ana\nParty ID: lan-42",
            "green",
        ),
        (
            "peer.joined",
            {"peer_name": "Bo", "party_name": "Friday LAN"},
            "👋",
            "Bo joined",
            "Welcome to Friday LAN!",
            "blue",
        ),
        (
            "peer.left",
            {"peer_name": "Bo"},
            "👋",
            "Bo left",
            "Left the party.",
            "orange",
        ),
        (
            "game.started",
            {"game_name": "OpenTTD", "players": ["Ana", "Bo"]},
            "🎮",
            "Game Started: OpenTTD",
            "Players: Ana, Bo",
            "purple",
        ),
        (
            "game.ended",
            {"game_name": "OpenTTD", "duration": 4980.2, "average_latency": 23.4},
            "🏁",
            "Game Ended: OpenTTD",
            "Duration: 1 h 23 min\nAverage latency: 23 ms",
            "gray",
        ),
    ],
)
def test_each_has_its_title_its_description_and_its_colour(
    kind: str, data: dict[str, Any], icon: str, title: str, message: str, colour: str
) -> None:
    event = typed(kind, **data)

    assert (event.title, event.message) == (title, message)
    assert event.look == Look(icon=icon, colour=COLOURS[colour])
    assert event.severity == "info"


def test_a_party_may_have_a_voice_channel() -> None:
    invite = "https://discord.gg/abc123xyz"
    event = typed("party.created", party_name="LAN", voice_invite=invite)

    assert links(event) == {"Join Voice Chat": invite}
    assert links(typed("party.created", party_name="LAN")) == {}


def test_a_game_that_ended_without_figures_says_none() -> None:
    assert typed("game.ended", game_name="OpenTTD").message == ""
    assert typed("game.ended", game_name="X", average_latency=0).message == (
        "Average latency: 0 ms"
    )


def test_party_news_is_not_told_half_a_day_late() -> None:
    assert typed("peer.joined", peer_name="Bo").ttl == 6 * 3600
    assert dressed({"type": "peer.joined", "title": "x", "ttl": 60}).ttl == 60
