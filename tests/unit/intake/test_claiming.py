"""Files that events name are those of their own source, or the event is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.attic import FakeAttic
from tocsin.attic import Kept
from tocsin.errors import Invalid, TooLarge, Unavailable
from tocsin.intake.batch import Received, Rejection
from tocsin.intake.claiming import MOST, claimed
from tocsin.intake.native import read_events

ID, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def attic() -> FakeAttic:
    made = FakeAttic()
    made.keep("shop", ID, Kept("graph.png", "image/png", 12), b"x" * 12)
    made.keep("rival", OTHER, Kept("secret.pdf", "application/pdf", 3), b"pdf")
    return made


def event(*attachments: dict[str, Any]) -> dict[str, Any]:
    return {"type": "t", "title": "t", "attachments": list(attachments)}


def test_an_upload_gets_its_name_type_and_size_from_where_it_is_kept(
    attic: FakeAttic,
) -> None:
    link = {"name": "log", "url": "https://example.com/log"}
    told = event({"id": ID, "name": "mine.exe"}, link)
    batch = claimed(read_events(told), source="shop", attic=attic)
    (received,) = batch.received
    first, second = received.event.attachments

    assert (first.name, first.media, first.size) == ("graph.png", "image/png", 12)
    assert (second.name, str(second.url)) == ("log", "https://example.com/log")


@pytest.mark.parametrize("name", [OTHER, "c" * 32])
def test_what_another_source_has_uploaded_is_not_there(
    attic: FakeAttic, name: str
) -> None:
    told = event({"id": ID}, {"id": name})
    with pytest.raises(Invalid) as refused:
        claimed(read_events(told), source="shop", attic=attic)

    assert [fault.field for fault in refused.value.faults] == ["attachments.1.id"]
    assert "no such upload" in refused.value.faults[0].reason


@pytest.mark.parametrize("lie", [{"size": 1}, {"media": "text/html"}])
def test_nobody_tells_us_how_large_a_file_is(
    attic: FakeAttic, lie: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        claimed(read_events(event({"id": ID, **lie})), source="shop", attic=attic)

    assert refused.value.faults[0].field == "attachments.0"


def test_in_a_list_each_event_stands_for_itself(attic: FakeAttic) -> None:
    batch = read_events([event({"id": OTHER}), event({"id": ID}), event()])
    wrong, right, plain = claimed(batch, source="shop", attic=attic).items

    assert isinstance(wrong, Rejection)
    assert (wrong.index, wrong.faults[0].field) == (0, "attachments.0.id")
    assert isinstance(right, Received)
    assert right.event.attachments[0].size == 12
    assert plain is batch.items[2]


def test_a_request_names_only_so_many(attic: FakeAttic) -> None:
    names = [f"{chr(97 + n) * 31}z" for n in range(MOST + 1)]
    batch = read_events([event({"id": name}) for name in names])
    with pytest.raises(TooLarge):
        claimed(batch, source="shop", attic=attic)


def test_a_store_that_does_not_answer_is_asked_again_later(attic: FakeAttic) -> None:
    attic.broken = True
    with pytest.raises(Unavailable):
        claimed(read_events(event({"id": ID})), source="shop", attic=attic)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": "a"},
        {"url": "https://example.com"},
        {"id": ID, "url": "https://example.com", "name": "a"},
        {"name": "a", "url": "https://example.com", "size": 4},
        {"id": "../../hooks/x"},
        {"id": "A" * 32},
        {"id": ID + "\n"},
    ],
)
def test_an_attachment_is_either_a_link_or_an_upload(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        read_events(event(wrong))

    assert refused.value.faults[0].field.startswith("attachments.0")
