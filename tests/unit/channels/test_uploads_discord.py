"""Files on their way to Discord, by webhook and by bot; and names that differ."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import patient
from tests.unit.channels.messages import message
from tests.unit.channels.uploading import (
    HOSTILE_NAMES,
    PDF,
    UploaderContract,
    file_of,
    parts_of,
    with_files,
)
from tests.unit.discord_limits import broken_limits
from tocsin.channels._multipart import names_of, plain
from tocsin.channels.discord import Discord
from tocsin.message import Message
from tocsin.ports import Channel, Kind, Outcome

DISCORD_TOKEN = "t" * 68
DISCORD_BOT = f"{'M' * 26}.GabcdE.{'x' * 38}"


class TestDiscordCarriesFiles(UploaderContract):
    """The kit."""

    name = "discord"
    given = {"url": f"https://discord.com/api/webhooks/12345678901234567/{'t' * 68}"}
    secret_parts = (DISCORD_TOKEN,)
    hosts = frozenset({"discord.com"})
    taken = ({"id": "7", "channel_id": "8"},)

    def make(self, http: Any) -> Channel:
        return Discord(http)

    def payload(self, *messages: Message) -> tuple[dict[str, Any], list[str]]:
        """(the payload, the names of the files) of one call."""
        with loopback.provider(loopback.answer(200, self.taken[0])) as provider:
            opened = self.make(patient(self.hosts, provider.base))
            assert opened.send(messages, self.target()).kind is Kind.OK
        (request,) = provider.requests
        (_, _, media, body), *parts = parts_of(request)
        assert media == "application/json"
        assert broken_limits(_without_files(body)) == []
        fields = [field for field, _, _, _ in parts]
        assert fields == [f"files[{place}]" for place in range(len(parts))]
        return json.loads(body), [name for _, name, _, _ in parts]

    def test_the_first_picture_stands_in_the_embed(self) -> None:
        body, names = self.payload(with_files(PDF, file_of("Übersicht.png")))

        assert names == ["Bericht_Marz.pdf", "Ubersicht.png"]
        assert body["embeds"][0]["image"] == {"url": "attachment://Ubersicht.png"}
        assert body["attachments"] == [
            {"id": 0, "filename": names[0], "description": "Bericht März.pdf"},
            {"id": 1, "filename": names[1], "description": "Übersicht.png"},
        ]
        assert body["allowed_mentions"] == {"parse": []}

    def test_a_picture_by_its_address_stays_where_it_was(self) -> None:
        linked = replace(with_files(file_of()), picture="https://example.com/a.png")
        body, _ = self.payload(linked)

        assert body["embeds"][0]["image"] == {"url": "https://example.com/a.png"}

    def test_each_of_several_messages_shows_its_own(self) -> None:
        first = with_files(file_of())
        second = with_files(replace(file_of(), owner="m" * 26))
        body, names = self.payload(first, with_files(), second)
        images = [embed.get("image", {}).get("url") for embed in body["embeds"]]

        assert len(set(names)) == 2
        assert images == [f"attachment://{names[0]}", None, f"attachment://{names[1]}"]

    def edited(self, *steps: loopback.Behaviour) -> tuple[Outcome, list[Any]]:
        with loopback.provider(*steps) as provider:
            opened = Discord(patient(self.hosts, provider.base))
            shown = with_files(replace(file_of(), content=b""))
            outcome = opened.edit([shown], self.target(), "7", "8")
        return outcome, [json.loads(request.body) for request in provider.requests]

    def test_an_edit_keeps_the_picture_that_was_sent_along(self) -> None:
        _, (body,) = self.edited(loopback.answer(200, self.taken[0]))

        assert body["embeds"][0]["image"] == {"url": "attachment://graph.png"}
        assert "attachments" not in body

    def test_an_edit_is_made_without_the_picture_should_that_be_refused(self) -> None:
        refusal = loopback.answer(400, {"code": 50035, "message": "Invalid Form Body"})
        outcome, bodies = self.edited(refusal, loopback.answer(200, self.taken[0]))

        assert outcome.kind is Kind.OK
        assert ["image" in body["embeds"][0] for body in bodies] == [True, False]


class TestADiscordBotCarriesFiles(UploaderContract):
    """The kit."""

    name = "discord"
    given = {"token": DISCORD_BOT, "channel_id": "888888888888888888"}
    secret_parts = (DISCORD_BOT,)
    hosts = frozenset({"discord.com"})
    taken = ({"id": "7", "channel_id": "888888888888888888"},)

    def make(self, http: Any) -> Channel:
        return Discord(http)


def _without_files(body: bytes) -> bytes:
    """What the limits of a message without any are known of."""
    told = json.loads(body)
    assert len(told.pop("attachments")) <= 10
    for embed in told["embeds"]:
        if embed.get("image", {}).get("url", "").startswith("attachment://"):
            del embed["image"]
    return json.dumps(told).encode()


def test_names_differ_whatever_their_order() -> None:
    one, two = file_of(), replace(file_of(), owner="m" * 26)
    named = names_of([one, two])

    assert named == names_of([two, one])
    assert len(set(named.values())) == 2
    assert names_of([one]) == {one: "graph.png"}


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_plain_name_needs_no_quotes(name: str) -> None:
    assert plain(name)
    assert plain(name).isascii()
    assert not set(plain(name)) & set('/\\" \r\n\0;%')


def test_message_without_files_is_untouched() -> None:
    assert message().files == ()
