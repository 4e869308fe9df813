"""Uploaded files on S3, asked over moto."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.session import Session

from tocsin.attic import Kept
from tocsin.aws import attachments
from tocsin.aws.attachments import S3Attachments
from tocsin.errors import NotFound, TooLarge, Unavailable

BUCKET = "originals"
ID = "a" * 32
PDF = Kept("Übersicht März (2).pdf", "application/pdf", 5)


@pytest.fixture
def s3(aws: Session) -> Any:
    made: Any = aws.create_client("s3")
    where = {"LocationConstraint": "eu-central-1"}
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    return made


@pytest.fixture
def attic(aws: Session, s3: Any) -> S3Attachments:
    return S3Attachments(aws, BUCKET)


def test_what_was_kept_is_found_and_fetched_as_it_was(attic: S3Attachments) -> None:
    attic.keep("shop", ID, PDF, b"%PDF-")

    assert attic.find("shop", ID) == PDF
    assert attic.fetch("shop", ID, 5, 3.0) == b"%PDF-"


@pytest.mark.parametrize("source", ["rival", "sho", "shop/..", "shop/../shop", ""])
def test_another_source_finds_nothing(attic: S3Attachments, source: str) -> None:
    attic.keep("shop", ID, PDF, b"%PDF-")

    assert attic.find(source, ID) is None
    with pytest.raises(NotFound):
        attic.fetch(source, ID, 5, 3.0)


def test_every_upload_lies_where_the_rights_say(s3: Any, attic: S3Attachments) -> None:
    attic.keep("a/../../hooks", ID, PDF, b"%PDF-")
    (found,) = s3.list_objects_v2(Bucket=BUCKET)["Contents"]

    assert found["Key"] == f"attachments/a%2F..%2F..%2Fhooks/{ID}"


def test_what_is_larger_than_told_is_not_read(attic: S3Attachments) -> None:
    attic.keep("shop", ID, PDF, b"%PDF-")
    with pytest.raises(TooLarge):
        attic.fetch("shop", ID, 4, 3.0)


def test_a_body_that_trickles_in_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(100))
    monkeypatch.setattr("time.monotonic", lambda: float(next(seconds)))
    monkeypatch.setattr(attachments, "CHUNK", 1)
    with pytest.raises(Unavailable, match="in time"):
        attachments._read(io.BytesIO(b"slowly"), 3.0)


def test_a_body_that_breaks_off_is_not_a_file() -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise ConnectionResetError("https://bucket/?secret")

    with pytest.raises(Unavailable) as told:
        attachments._read(Broken(), 10.0**12)

    assert "secret" not in str(told.value)


def test_a_bucket_that_is_not_there_is_our_trouble_when_we_keep(aws: Session) -> None:
    with pytest.raises(Unavailable):
        S3Attachments(aws, "no-such-bucket").keep("shop", ID, PDF, b"%PDF-")


def test_an_address_shows_pictures_and_saves_the_rest(attic: S3Attachments) -> None:
    saved = urlsplit(attic.address("shop", ID, PDF))
    shown = urlsplit(attic.address("shop", ID, Kept("g.png", "image/png", 1)))
    asked, looked = parse_qs(saved.query), parse_qs(shown.query)

    assert saved.hostname == f"{BUCKET}.s3.eu-central-1.amazonaws.com"
    assert saved.path == f"/attachments/shop/{ID}"
    assert asked["X-Amz-Expires"] == ["300"]
    assert asked["response-content-type"] == ["application/pdf"]
    assert asked["response-content-disposition"] == [
        "attachment; filename*=UTF-8''%C3%9Cbersicht%20M%C3%A4rz%20%282%29.pdf"
    ]
    assert looked["response-content-disposition"][0].startswith("inline;")
