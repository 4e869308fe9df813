"""What every channel that carries files must do. Its tests subclass `UploaderContract`,
beside the kit that every channel runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import impatient
from tests.unit.channels.messages import message
from tocsin.attic import Uploader
from tocsin.channels import channel
from tocsin.channels.discord.limits import UPLOADING
from tocsin.message import File, Message
from tocsin.ports import Channel, Kind, Outcome, Target

PNG = b"\x89PNG\r\n\x1a\n\r\n--tocsin\r\n\0" + bytes(range(256))
HOSTILE_NAMES = (
    'a"; filename="b.html',
    "a\r\nX-Evil: 1\r\n\r\n<script>.png",
    "../../etc/passwd",
    "a\\b.png",
    "\u202egnp.exe",
    "…/💥\0.png",
    "n" * 300,
    "%00.png",
    "-",
)


def file_of(
    name: str = "graph.png",
    media: str = "image/png",
    content: bytes = PNG,
    place: int = 0,
) -> File:
    return File(name, media, len(content), "shop", "a" * 32, "n" * 26, place, content)


PDF = file_of("Bericht März.pdf", "application/pdf", b"%PDF-", 1)


def with_files(*files: File, text: str = "checkout-5xx is in ALARM") -> Message:
    """A short message, with these."""
    plain = replace(message(text), facts=(), links=(), code=None, picture=None)
    return replace(plain, files=files)


def parts_of(request: loopback.Seen) -> list[tuple[str, str, str, bytes]]:
    """(field, file name, type, content) of each part of a form."""
    if not request.headers["content-type"].startswith("multipart/form-data"):
        return []
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parsed = BytesParser(policy=HTTP).parsebytes(head + request.body)
    assert parsed.is_multipart()
    assert not parsed.defects
    found = []
    for part in parsed.iter_parts():
        told = part["Content-Disposition"].params
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert set(part.keys()) == {"Content-Disposition", "Content-Type"}
        name = told.get("filename", "")
        found.append((told["name"], name, part.get_content_type(), content))
    return found


class UploaderContract:
    """Subclasses say which channel, and how its provider takes files."""

    name: str
    given: Mapping[str, Any]
    secret_parts: tuple[str, ...]
    hosts: frozenset[str]
    taken: tuple[object, ...]
    """What the provider answers, in order, to one message with one file."""

    def make(self, http: Any) -> Channel:
        """The channel over this seam."""
        raise NotImplementedError

    def files_in(self, requests: Sequence[loopback.Seen]) -> list[bytes]:
        """The contents that came."""
        return [
            content
            for request in requests
            for _, name, _, content in parts_of(request)
            if name
        ]

    def target(self) -> Target:
        """The destination."""
        kept, secret = channel(self.name).split(self.given)
        return Target("ops", kept, secret)

    def sent(
        self, one: Message, *behaviours: loopback.Behaviour
    ) -> tuple[Outcome, list[loopback.Seen]]:
        """(the outcome, what came) of one message."""
        steps = behaviours or tuple(loopback.answer(200, told) for told in self.taken)
        with loopback.provider(*steps) as provider:
            opened = self.make(impatient(self.hosts, provider.base))
            outcome = opened.send([one], self.target())
        return outcome, provider.requests

    def test_it_says_what_it_takes(self) -> None:
        opened = self.make(impatient(self.hosts, "http://127.0.0.1:1"))

        assert isinstance(opened, Uploader)
        room = opened.room(self.target())
        assert room is not None
        assert room.provider
        assert 0 < room.each <= room.whole
        assert room.count > 0

    def test_a_file_arrives_as_it_is(self) -> None:
        outcome, requests = self.sent(with_files(file_of()))

        assert outcome.kind is Kind.OK, outcome
        assert outcome.message_id
        assert self.files_in(requests) == [PNG]

    def test_a_retry_sends_it_again(self) -> None:
        assert self.sent(with_files(file_of()))[1]
        outcome, requests = self.sent(with_files(file_of()))

        assert outcome.kind is Kind.OK
        assert self.files_in(requests) == [PNG]

    @pytest.mark.parametrize("name", HOSTILE_NAMES)
    def test_no_name_breaks_out_of_its_place(self, name: str) -> None:
        outcome, requests = self.sent(with_files(file_of(name)))

        assert outcome.kind is Kind.OK
        assert self.files_in(requests) == [PNG]
        for request in requests:
            assert "x-evil" not in request.headers
            for _, told, media, _ in parts_of(request):
                assert not set(told) & set('/\\"\r\n\0')
                assert "html" not in media

    def test_what_has_no_content_is_not_sent(self) -> None:
        bare = with_files(replace(file_of(), content=b""))
        accepted = self.taken[-1] if self.name != "slack" else self.taken[2]
        outcome, requests = self.sent(bare, loopback.answer(200, accepted))

        assert outcome.kind is Kind.OK
        assert len(requests) == 1
        assert requests[0].headers["content-type"].startswith("application/json")

    @pytest.mark.parametrize("status", [400, 413])
    def test_a_refusal_is_one_that_can_be_sent_without(self, status: int) -> None:
        outcome, _ = self.sent(with_files(file_of()), loopback.answer(status))

        assert outcome.kind is Kind.PERMANENT
        assert outcome.reason

    def test_nothing_takes_longer_than_it_may(self) -> None:
        began = time.monotonic()
        outcome, _ = self.sent(with_files(file_of()), loopback.drip(b"HTTP/1.1 "))

        assert outcome.kind is not Kind.OK
        assert time.monotonic() - began < 1.0 + UPLOADING + 2.0

    def test_no_secret_is_told_when_it_fails(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        body = {"ok": False, "error": "x", "message": " ".join(self.secret_parts)}
        for behaviour in (
            loopback.answer(400, body),
            loopback.hang_up,
            loopback.answer(200, b"<html>"),
        ):
            outcome, _ = self.sent(with_files(file_of()), behaviour)
            told = f"{outcome!r}{caplog.text}{file_of()!r}"

            assert not [part for part in self.secret_parts if part in told]
