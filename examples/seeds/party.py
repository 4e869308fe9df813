"""Party: notices of parties, players and games, in the game's own name.

Nothing is batched here: what comes in a burst is packed into few messages by Tocsin.
"""

from __future__ import annotations

from tocsin_client import Tocsin, typed

FOOTER = {"footer": "LANrage"}


class Party:
    """The convenience methods of a party server; none of them waits or raises."""

    def __init__(self, tocsin: Tocsin, name: str, *, voice_invite: str = "") -> None:
        self._tocsin = tocsin.bind(look=FOOTER)
        self._name = name
        self._voice_invite = voice_invite or None

    def created(self, party_id: str, host: str) -> None:
        """🎮 green, with a link to the voice chat."""
        event = typed.party_created(
            party_name=self._name,
            party_id=party_id,
            host=host,
            voice_invite=self._voice_invite,
        )
        self._tocsin.post(**event)

    def peer_joined(self, peer: str) -> None:
        """👋 blue."""
        event = typed.peer_joined(peer_name=peer, party_name=self._name)
        self._tocsin.post(**event)

    def peer_left(self, peer: str) -> None:
        """👋 orange."""
        event = typed.peer_left(peer_name=peer, party_name=self._name)
        self._tocsin.post(**event)

    def game_started(self, game: str, players: list[str]) -> None:
        """🎮 purple."""
        self._tocsin.post(**typed.game_started(game_name=game, players=players))

    def game_ended(self, game: str, seconds: float, latency_ms: float) -> None:
        """🏁 gray."""
        event = typed.game_ended(
            game_name=game, duration=seconds, average_latency=latency_ms
        )
        self._tocsin.post(**event)


def main() -> None:
    """An evening."""
    tocsin = Tocsin()
    party = Party(tocsin, "Friday LAN", voice_invite="https://discord.gg/abc123xyz")
    party.created("lan-42", "Ana")
    party.peer_joined("Bo")
    party.game_started("OpenTTD", ["Ana", "Bo"])
    party.game_ended("OpenTTD", 4980, 23.4)
    party.peer_left("Bo")
    tocsin.flush(10)


if __name__ == "__main__":
    main()
