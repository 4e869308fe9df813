"""Gaming: parties, peers and games."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, HttpUrl

from tocsin.catalog.formats import plain, span
from tocsin.catalog.kind import Id, Kind, Number, Scene, Text, kinds, link
from tocsin.events import Link
from tocsin.look import COLOURS

SIX_HOURS = 6 * 3600
_INVITES = {"discord.gg": "/", "discord.com": "/invite/", "discordapp.com": "/invite/"}


def _official(url: HttpUrl) -> HttpUrl:
    """Only Discord's own invites: a party's link is followed without a thought."""
    start = _INVITES.get(url.host or "")
    if url.scheme != "https" or start is None or not (url.path or "").startswith(start):
        raise ValueError(
            "should be a Discord invite, like https://discord.gg/… or"
            " https://discord.com/invite/…"
        )
    return url


Invite = Annotated[HttpUrl, Field(max_length=200), AfterValidator(_official)]


class PartyCreated(Kind):
    """Someone opened a party, perhaps with a voice channel."""

    type = "party.created"
    needs = ("party_name",)
    icon = "🎮"
    colour = COLOURS["green"]
    ttl = SIX_HOURS
    sample: ClassVar = {
        "type": "party.created",
        "data": {
            "party_name": "Friday LAN",
            "party_id": "lan-42",
            "host": "Ana",
            "voice_invite": "https://discord.gg/abc123xyz",
        },
    }

    party_name: Text = ""
    party_id: Id = ""
    host: Text = ""
    voice_invite: Invite | None = None

    def title(self, scene: Scene) -> str:
        return f"Party Created: {self.party_name}" if self.party_name else ""

    def message(self, scene: Scene) -> str:
        told = (("Host", self.host), ("Party ID", self.party_id))
        return "\n".join(f"{name}: {value}" for name, value in told if value)

    def links(self, scene: Scene) -> Iterable[Link | None]:
        return (link("Join Voice Chat", self.voice_invite),)


class PeerJoined(Kind):
    """A player came into a party."""

    type = "peer.joined"
    needs = ("peer_name",)
    icon = "👋"
    colour = COLOURS["blue"]
    ttl = SIX_HOURS
    sample: ClassVar = {
        "type": "peer.joined",
        "data": {"peer_name": "Bo", "party_name": "Friday LAN"},
    }

    peer_name: Text = ""
    party_name: Text = ""

    def title(self, scene: Scene) -> str:
        return f"{self.peer_name} joined" if self.peer_name else ""

    def message(self, scene: Scene) -> str:
        return f"Welcome to {self.party_name or 'the party'}!"


class PeerLeft(PeerJoined):
    """A player left a party."""

    type = "peer.left"
    colour = COLOURS["orange"]
    sample: ClassVar = {
        "type": "peer.left",
        "data": {"peer_name": "Bo", "party_name": "Friday LAN"},
    }

    def title(self, scene: Scene) -> str:
        return f"{self.peer_name} left" if self.peer_name else ""

    def message(self, scene: Scene) -> str:
        return f"Left {self.party_name or 'the party'}."


class GameStarted(Kind):
    """A game began."""

    type = "game.started"
    needs = ("game_name",)
    icon = "🎮"
    colour = COLOURS["purple"]
    ttl = SIX_HOURS
    sample: ClassVar = {
        "type": "game.started",
        "data": {"game_name": "OpenTTD", "players": ["Ana", "Bo", "Chen"]},
    }

    game_name: Text = ""
    players: Annotated[list[Text], Field(max_length=200)] = []

    def title(self, scene: Scene) -> str:
        return f"Game Started: {self.game_name}" if self.game_name else ""

    def message(self, scene: Scene) -> str:
        return f"Players: {', '.join(self.players)}" if self.players else ""


class GameEnded(Kind):
    """A game is over. `duration` in seconds, `average_latency` in ms."""

    type = "game.ended"
    needs = ("game_name",)
    icon = "🏁"
    colour = COLOURS["gray"]
    ttl = SIX_HOURS
    sample: ClassVar = {
        "type": "game.ended",
        "data": {"game_name": "OpenTTD", "duration": 4980, "average_latency": 23.4},
    }

    game_name: Text = ""
    duration: Annotated[Number, Field(ge=0, le=3e9)] | None = None
    average_latency: Annotated[Number, Field(ge=0)] | None = None

    def title(self, scene: Scene) -> str:
        return f"Game Ended: {self.game_name}" if self.game_name else ""

    def message(self, scene: Scene) -> str:
        rows = []
        if self.duration is not None:
            rows.append(f"Duration: {span(self.duration)}")
        if self.average_latency is not None:
            rows.append(f"Average latency: {plain(round(self.average_latency))} ms")
        return "\n".join(rows)


KINDS = kinds(PartyCreated, PeerJoined, PeerLeft, GameStarted, GameEnded)
