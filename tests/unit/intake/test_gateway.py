"""The body of a request arrives as it was sent, or is refused."""

from __future__ import annotations

import base64
import gzip

import pytest

from tocsin.errors import Malformed, Unsupported
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


@pytest.mark.parametrize("coding", ["gzip", " GZIP", "br", "identity, gzip"])
def test_a_compressed_body_is_refused_by_its_header(coding: str) -> None:
    compressed = base64.b64encode(gzip.compress(b"{}")).decode()
    event = {"body": compressed, "isBase64Encoded": True}
    with pytest.raises(Unsupported, match="compressed") as refused:
        body_of({**event, "headers": {"content-encoding": coding}})

    assert refused.value.faults[0].field == "content-encoding"
    assert body_of({"headers": {"content-encoding": coding}}) == b""
    assert body_of({"body": "{}", "headers": {"content-encoding": "identity"}})


def test_what_is_not_base64_is_refused() -> None:
    with pytest.raises(Malformed):
        body_of({"body": "!!", "isBase64Encoded": True})
