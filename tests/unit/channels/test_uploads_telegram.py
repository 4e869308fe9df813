"""Files on their way to Telegram."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.unit.channels import loopback
from tests.unit.channels.conformance import patient
from tests.unit.channels.uploading import (
    PDF,
    UploaderContract,
    file_of,
    parts_of,
    with_files,
)
from tocsin.channels.telegram import Telegram
from tocsin.message import Message, Text
from tocsin.ports import Channel, Kind, Outcome

BOT = "110201543:AAE-abc_defghijklmnopqrstuvwxyz0123"


class TestTelegramCarriesFiles(UploaderContract):
    """The kit."""

    name = "telegram"
    given = {"token": BOT, "chat": "-1001234567890"}
    secret_parts = (BOT, BOT.partition(":")[2])
    hosts = frozenset({"api.telegram.org"})
    taken = ({"ok": True, "result": {"message_id": 7, "chat": {"id": -100}}},)

    def make(self, http: Any) -> Channel:
        return Telegram(http, lambda _: None)

    def files_in(self, requests: Sequence[loopback.Seen]) -> list[bytes]:
        fields = ("photo", "document", "file0", "file1")
        return [
            content
            for request in requests
            for field, _, _, content in parts_of(request)
            if field in fields
        ]

    def calls(
        self, one: Message, *behaviours: loopback.Behaviour
    ) -> tuple[Outcome, list[str], list[dict[str, Any]]]:
        """(outcome, methods, what each was given)."""
        steps = behaviours or (loopback.answer(200, self.taken[0]),)
        outcome, requests = self.sent(one, *steps)
        given = []
        for request in requests:
            if request.headers["content-type"].startswith("multipart"):
                parts = parts_of(request)
                given.append({field: body for field, _, _, body in parts})
            else:
                given.append(json.loads(request.body))
        methods = [request.path.rpartition("/")[2] for request in requests]
        return outcome, methods, given

    def test_a_picture_with_few_words_is_one_photo_with_a_caption(self) -> None:
        _, methods, (given,) = self.calls(with_files(file_of()))

        assert methods == ["sendPhoto"]
        assert b"<b>" in given["caption"]
        assert given["parse_mode"] == b"HTML"
        assert given["chat_id"] == b"-1001234567890"
        assert "text" not in given

    def test_what_is_no_photo_is_a_document(self) -> None:
        assert self.calls(with_files(PDF))[1] == ["sendDocument"]
        gif = file_of("a.gif", "image/gif", b"GIF89a")
        assert self.calls(with_files(gif))[1] == ["sendDocument"]

    def test_long_words_come_first_and_the_file_answers_them(self) -> None:
        long = replace(with_files(file_of()), body=Text("word " * 400))
        outcome, methods, (_, given) = self.calls(long)

        assert methods == ["sendMessage", "sendPhoto"]
        assert json.loads(given["reply_parameters"])["message_id"] == 7
        assert given["disable_notification"] == b"true"
        assert outcome == Outcome(
            Kind.OK, message_id="7", place="-100", pause_ms=outcome.pause_ms
        )
        assert outcome.pause_ms >= 6_000

    def test_several_files_follow_in_groups_of_their_kind(self) -> None:
        three = (file_of(), file_of("b.png", place=2), PDF)
        _, methods, (_, photos, document) = self.calls(with_files(*three))

        assert methods == ["sendMessage", "sendMediaGroup", "sendDocument"]
        assert json.loads(photos["media"]) == [
            {"type": "photo", "media": "attach://file0"},
            {"type": "photo", "media": "attach://file1"},
        ]
        assert document["document"] == PDF.content

    def test_a_picture_that_is_no_photo_to_telegram_is_sent_as_it_is(self) -> None:
        words = "Bad Request: PHOTO_INVALID_DIMENSIONS"
        refusal = {"ok": False, "error_code": 400, "description": words}
        outcome, methods, _ = self.calls(
            with_files(file_of()),
            loopback.answer(400, refusal),
            loopback.answer(200, self.taken[0]),
        )

        assert methods == ["sendPhoto", "sendDocument"]
        assert outcome.kind is Kind.OK
        assert "as a document" in outcome.reason

    def test_a_message_stands_whatever_becomes_of_its_files(self) -> None:
        refusal = {"ok": False, "error_code": 413, "description": "too large"}
        outcome, methods, _ = self.calls(
            with_files(file_of(), PDF),
            loopback.answer(200, self.taken[0]),
            loopback.answer(413, refusal),
        )

        assert len(methods) == 3
        assert (outcome.kind, outcome.message_id) == (Kind.OK, "7")
        assert "posted without graph.png" in outcome.reason
        assert "posted without Bericht März.pdf" in outcome.reason

    def test_an_edit_of_a_photo_edits_its_caption(self) -> None:
        words = "Bad Request: there is no text in the message to edit"
        refusal = {"ok": False, "error_code": 400, "description": words}
        long = replace(with_files(), body=Text("word " * 400))
        with loopback.provider(
            loopback.answer(400, refusal), loopback.answer(200, self.taken[0])
        ) as provider:
            opened = Telegram(patient(self.hosts, provider.base))
            outcome = opened.edit([long], self.target(), "7", "-100")
        first, second = (json.loads(each.body) for each in provider.requests)

        assert outcome.kind is Kind.OK
        assert provider.requests[1].path.endswith("/editMessageCaption")
        assert (len(first["text"]) > 1024, "caption" in first) == (True, False)
        assert "text" not in second
        assert len(second["caption"]) < 1200
