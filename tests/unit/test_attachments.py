"""Which files are taken, under which names, and what becomes of the rest."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.attic import FakeAttic
from tests.fakes.clock import FakeClock
from tocsin import attachments
from tocsin.errors import Invalid, Refused, TooLarge, Unsupported
from tocsin.passes import FILE_LASTS_MS
from tocsin.uploading import Upload, upload

CLOCK = FakeClock()
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
BYTES = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\0\0\0\0WEBP",
    "application/pdf": b"%PDF-1.7",
    "application/zip": b"PK\x03\x04",
    "application/gzip": b"\x1f\x8b\x08",
    "application/json": b"{}",
    "text/plain": "grün".encode(),
    "text/csv": b"a,b\n",
}


def kept(
    content: bytes = PNG,
    media: str = "image/png",
    query: str = "name=graph.png",
    attic: FakeAttic | None = None,
) -> Upload:
    return upload(
        content,
        {"content-type": media},
        query,
        source="shop",
        attic=attic or FakeAttic(),
        clock=CLOCK,
    )


def test_every_listed_type_is_taken_as_what_it_is() -> None:
    assert BYTES.keys() == attachments.MEDIA.keys()
    for media, content in BYTES.items():
        found = kept(content, f"{media.upper()}; charset=utf-8", "name=a")

        assert (found["media"], found["size"]) == (media, len(content))
        assert found["name"] == f"a{attachments.MEDIA[media].endings[0]}"


def test_what_is_kept_is_under_its_source_and_two_uploads_are_two() -> None:
    attic = FakeAttic()
    first, _ = kept(attic=attic), kept(attic=attic)

    assert len(attic.files) == 2
    (source, name), *_ = attic.files
    assert (source, name) == ("shop", first["id"])
    assert re.fullmatch("[a-z2-7]{32}", name)


def test_the_link_to_a_file_lasts_as_long_as_the_file() -> None:
    assert attachments.KEPT_DAYS * 86_400_000 == FILE_LASTS_MS


@pytest.mark.parametrize(
    "media",
    ["", "text/html", "image/svg+xml", "application/x-msdownload", "image/png,x", "é"],
)
def test_other_types_are_refused_by_name(media: str) -> None:
    attic = FakeAttic()
    with pytest.raises(Unsupported) as refused:
        kept(media=media, attic=attic)

    assert refused.value.faults[0].field == "content-type"
    assert "image/png" in refused.value.faults[0].reason
    assert not attic.files


@pytest.mark.parametrize(
    ("content", "media", "error"),
    [
        (b"", "image/png", Invalid),
        (b"<html>", "image/png", Invalid),
        (b"<script>", "application/pdf", Invalid),
        (b"RIFF\0\0\0\0AVI ", "image/webp", Invalid),
        (b"\xff\xfe", "text/plain", Invalid),
        (b"MZ\0\0", "text/csv", Invalid),
        (PNG + bytes(attachments.LARGEST), "image/png", TooLarge),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_not_kept(
    content: bytes, media: str, error: type[Refused]
) -> None:
    attic = FakeAttic()
    with pytest.raises(error) as refused:
        kept(content, media, attic=attic)

    assert refused.value.faults[0].field == "body"
    assert not attic.files


def test_the_largest_is_taken() -> None:
    assert kept(PNG.ljust(attachments.LARGEST, b"x"))["size"] == attachments.LARGEST


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "name"),
        ("name=%20", "name"),
        ("name=" + "n" * 1001, "name"),
        ("x=1", "query"),
    ],
)
def test_a_file_must_have_a_name_and_nothing_else(query: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        kept(query=query)

    assert refused.value.faults[0].field == field


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("graph.png", "graph.png"),
        ("../../etc/passwd", "passwd.png"),
        (r"C:\Users\bo\Bild.PNG", "Bild.PNG"),
        ("run.exe", "run.exe.png"),
        (".png", "png.png"),
        ("...", "attachment.png"),
        ("a..png", "a.png"),
        ('x"\r\nContent-Type: text/html.png', "html.png"),
        ("Übersicht März (2).png", "Übersicht März (2).png"),
        ("graph\u202egnp.png", "graphgnp.png"),
        ("<b>.png", "_b_.png"),
    ],
)
def test_a_name_is_only_a_name(told: str, shown: str) -> None:
    assert attachments.name_of(told, "image/png") == shown


@given(st.text(max_size=300), st.sampled_from(sorted(attachments.MEDIA)))
def test_any_name_becomes_one_that_is_safe_short_and_of_its_type(
    told: str, media: str
) -> None:
    name = attachments.name_of(told, media)

    assert 2 < len(name) <= attachments.NAME
    assert name.lower().endswith(attachments.MEDIA[media].endings)
    assert not name.startswith((".", " "))
    assert not re.search(r'[/\\"\r\n<>\0]', name)
    assert name.isprintable()


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1 byte"), (999, "999 bytes"), (12_345, "12 KB"), (9_300_000, "9.3 MB")],
)
def test_sizes_are_told_as_people_say_them(size: int, words: str) -> None:
    assert attachments.size_in_words(size) == words
