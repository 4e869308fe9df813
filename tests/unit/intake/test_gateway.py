"""The body of a request arrives as it was sent, or is refused."""

from __future__ import annotations

import base64

import pytest

from tocsin.errors import Malformed
from tocsin.intake.gateway import body_of


def test_text_and_base64_are_the_same_bytes() -> None:
    text = '{"title": "Grüße 🚨"}'
    encoded = base64.b64encode(text.encode()).decode()

    assert body_of({"body": text}) == text.encode()
    assert body_of({"body": encoded, "isBase64Encoded": True}) == text.encode()
    assert body_of({}) == b""


def test_bytes_that_the_gateway_replaced_are_refused() -> None:
    sent = b'{"title": "\xff\xfe"}'
    event = {
        "body": sent.decode("utf-8", "replace"),
        "headers": {"content-length": str(len(sent))},
    }

    with pytest.raises(Malformed, match="not UTF-8"):
        body_of(event)


def test_a_replacement_character_that_was_sent_is_kept() -> None:
    text = '{"title": "\N{REPLACEMENT CHARACTER}"}'
    length = str(len(text.encode()))

    assert body_of({"body": text, "headers": {"content-length": length}})
    assert body_of({"body": text})


def test_what_is_not_base64_is_refused() -> None:
    with pytest.raises(Malformed):
        body_of({"body": "!!", "isBase64Encoded": True})
