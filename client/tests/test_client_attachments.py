"""Files that go along with an event; and events that go out whatever their files are."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from client.tests import loopback
from client.tests.conftest import Make
from client.tests.loopback import Loopback, problem
from tocsin_client import Tocsin
from tocsin_client.attachments import LARGEST, read

PNG = b"\x89PNG\r\n\x1a\npixels"


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "Übersicht.png"
    path.write_bytes(PNG)
    return path


def test_a_path_and_bytes_and_a_named_text_are_uploaded_in_order(
    server: Loopback, tocsin: Tocsin, graph: Path
) -> None:
    link = {"name": "log", "url": "https://example.com/l"}
    files: list[Any] = [graph, str(graph), PNG, ("rows.csv", b"a,b"), link]
    result = tocsin.notify("a", "b", attachments=files)
    (event,) = server.events

    assert result
    assert event["attachments"] == [
        *({"id": f"file{number}"} for number in range(4)),
        link,
    ]
    assert "fields" not in event
    told = [(each.path, each.headers["content-type"]) for each in server.uploads]
    assert told == [
        ("/v1/attachments?name=%C3%9Cbersicht.png", "image/png"),
        ("/v1/attachments?name=%C3%9Cbersicht.png", "image/png"),
        ("/v1/attachments?name=attachment.png", "image/png"),
        ("/v1/attachments?name=rows.csv", "text/csv"),
    ]
    assert server.uploads[0].body == PNG
    assert all("authorization" in each.headers for each in server.uploads)


def test_an_event_without_files_makes_one_call(
    server: Loopback, tocsin: Tocsin
) -> None:
    assert tocsin.notify("a", "b", attachments=[])
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("given", "name", "why"),
    [
        ("/no/such/graph.png", "graph.png", "No such file"),
        ("/dev/zero", "zero", "it is no file"),
        (b"", "attachment", "it is empty"),
        (("big.txt", b"x" * (LARGEST + 1)), "big.txt", "at most 4,500,000"),
        (("x", None), "x", ""),
        (7, "attachment", ""),
        (None, "attachment", ""),
    ],
)
def test_what_cannot_go_along_is_told_in_the_event(
    server: Loopback, tocsin: Tocsin, given: Any, name: str, why: str
) -> None:
    result = tocsin.notify("a", "b", fields={"Owner": "Ada"}, attachments=[given])
    (event,) = server.events
    owner, note = event["fields"]

    assert result
    assert owner == {"name": "Owner", "value": "Ada"}
    assert note["name"] == f"📎 {name}"
    assert note["value"].startswith("not sent: ")
    assert why in note["value"]
    assert "attachments" not in event


def test_a_pipe_is_not_waited_for(
    server: Loopback, tocsin: Tocsin, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert tocsin.notify("a", "b", attachments=[tmp_path / "pipe"])
    assert "it is no file" in server.events[0]["fields"][0]["value"]


@pytest.mark.parametrize(
    "answer",
    [
        problem(415, "Unsupported content type", ("content-type", "is not taken")),
        problem(503, "Not available now"),
        loopback.reset,
        loopback.garbage,
        loopback.reply(201, b"<html>"),
    ],
)
def test_a_refused_upload_costs_the_file_not_the_event(
    server: Loopback, tocsin: Tocsin, answer: loopback.Answer
) -> None:
    server.answers.append(answer)

    assert tocsin.notify("a", "b", attachments=[PNG])
    (event,) = server.events
    assert event["fields"][0]["value"].startswith("not sent: ")


def test_uploads_leave_half_of_the_time_to_the_event(
    server: Loopback, make: Make
) -> None:
    server.answers += [loopback.hang, loopback.hang]
    began = time.monotonic()

    assert make(patience=2.0, timeout=0.6).notify("a", "b", attachments=[PNG] * 4)
    assert time.monotonic() - began < 2.5
    assert len(server.events[0]["fields"]) >= 2


def test_with_fifty_fields_the_last_ones_make_room(
    server: Loopback, tocsin: Tocsin
) -> None:
    fields = {f"f{number}": "v" for number in range(50)}

    assert tocsin.notify("a", "b", fields=fields, attachments=[b""])
    names = [each["name"] for each in server.events[0]["fields"]]
    assert (len(names), names[-1]) == (50, "📎 attachment")


def test_a_dry_run_uploads_nothing(server: Loopback, tocsin: Tocsin) -> None:
    assert tocsin.notify("a", "b", dry_run=True, attachments=[PNG])
    assert server.uploads == []
    assert len(server.requests) == 1


def test_post_does_not_wait_for_files(server: Loopback, tocsin: Tocsin) -> None:
    assert tocsin.post("a", "b", attachments=[PNG])
    assert tocsin.flush()
    (event,) = server.events
    assert server.uploads == []
    assert "files go with notify" in event["fields"][0]["value"]


@pytest.mark.parametrize(
    ("name", "content", "media"),
    [
        ("a.json", b"{}", "application/json"),
        ("a.log", b"x", "text/plain"),
        ("picture.txt", PNG, "image/png"),
        ("a", b"%PDF-1.7", "application/pdf"),
    ],
)
def test_a_file_is_what_its_bytes_say(name: str, content: bytes, media: str) -> None:
    assert read((name, content)).media == media
