"""From a file in a sender's hands to the picture that people see, wherever they look."""

from __future__ import annotations

import struct
import time
import urllib.request
import zlib
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.stack import Stack, until

BOT = "110201543:AAE-abc_defghijklmnopqrstuvwxyz0123"
GIVEN: dict[str, dict[str, Any]] = {
    "files-discord": {
        "channel": "discord",
        "url": f"https://discord.com/api/webhooks/990000000000000077/{'t' * 68}",
    },
    "files-slack": {
        "channel": "slack",
        "token": "xoxb-1234567890-abcdefghijkl",
        "channel_id": "C0FILES0000",
    },
    "files-telegram": {"channel": "telegram", "token": BOT, "chat": "-1009876543210"},
    "files-mail": {
        "channel": "email",
        "host": "smtp.example.com",
        "from": "Tocsin <alerts@example.com>",
        "to": ["files@example.org"],
        "username": "alerts",
        "password": "of-the-mail-server",
    },
    "files-hook": {
        "channel": "slack",
        "url": "https://hooks.slack.com/services/T0FILES00/B0FILES00/abcdefghijklmnopqr",
    },
}
MAILBOXES = {
    "files-discord": "990000000000000077",
    "files-slack": "C0FILES0000",
    "files-telegram": "-1009876543210",
    "files-mail": "files@example.org",
    "files-hook": "B0FILES00",
}
UPLOADERS = tuple(name for name in GIVEN if name != "files-hook")


def png(side: int = 40) -> bytes:
    """A real picture: a blue square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    rows = (b"\0" + b"\x33\x99\xff" * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def files(stack: Stack) -> Stack:
    """The stack with these destinations, all reached by one type."""
    for name, given in GIVEN.items():
        status, told = stack.operate("PUT", f"/v1/destinations/{name}", given)
        assert status in (200, 201), told
    stack.add_routes({"name": "files", "match": {"type": ["files"]}, "to": [*GIVEN]})
    return stack


def uploaded(
    stack: Stack, content: bytes, media: str = "image/png", name: str = "graph.png"
) -> Any:
    reply = stack.call(
        "POST",
        f"/v1/attachments?name={quote(name)}",
        content,
        headers={"Content-Type": media},
        key="ingest",
    )
    assert reply.status == 201, reply.body
    return reply.json


def settled(stack: Stack, notification_id: str) -> dict[str, Any]:
    """The notification, once it is sent everywhere."""

    def found() -> dict[str, Any] | None:
        read = stack.read(notification_id)
        states = {each["destination"]: each["status"] for each in read["deliveries"]}
        return read if set(states.values()) == {"sent"} else None

    return until(found, "all deliveries sent")


def seen(stack: Stack, name: str, words: str) -> list[dict[str, Any]]:
    query = f"/messages?webhook={quote(MAILBOXES[name], safe='')}"
    messages = stack.inbox("GET", query)["messages"]
    return [message for message in messages if words in message["text"]]


def urls(message: dict[str, Any]) -> list[str]:
    """Where the page finds the files of a message."""
    shown = message["message"]
    listed = shown.get("files") or shown.get("attachments") or []
    return [file["url"] for file in listed if "url" in file]


def looked_at(stack: Stack, url: str) -> bytes:
    with urllib.request.urlopen(
        stack.described["inbox_url"].rstrip("/") + url
    ) as response:
        content: bytes = response.read()
    return content


def test_a_picture_is_seen_wherever_the_event_goes(files: Stack) -> None:
    picture = png()
    kept = uploaded(files, picture, name=f"Über sicht {time.time_ns()}.png")
    title = f"Sales of the week {time.time_ns()}"
    sent = files.send(
        {"type": "files", "title": title, "attachments": [{"id": kept["id"]}]}
    )
    found = settled(files, sent.json["id"])

    assert found["event"]["attachments"][0]["size"] == len(picture)
    for name in UPLOADERS:
        # On Slack it stands in the thread of the message, in one of its own.
        words = kept["name"] if name == "files-slack" else title
        (message,) = until(partial(seen, files, name, words), f"{name}: {words}")
        (url,) = urls(message)

        assert looked_at(files, url) == picture, name
        assert message["warnings"] == [], (name, message["warnings"])
    (mail,) = seen(files, "files-mail", title)
    assert f'src="{urls(mail)[0]}"' in mail["payload"]["html"]
    (card,) = seen(files, "files-discord", title)
    assert card["message"]["embeds"][0]["image"]["url"].startswith("attachment://")


def test_a_channel_that_takes_no_files_shows_a_link_to_it(files: Stack) -> None:
    kept = uploaded(files, b"%PDF-1.7 a report", "application/pdf", "report.pdf")
    title = f"Report of the week {time.time_ns()}"
    sent = files.send(
        {"type": "files", "title": title, "attachments": [{"id": kept["id"]}]}
    )
    settled(files, sent.json["id"])
    (message,) = until(lambda: seen(files, "files-hook", title), title)
    blocks = message["payload"]["attachments"][0]["blocks"]
    (button,) = [
        element
        for block in blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]

    assert button["text"]["text"] == "📎 report.pdf"
    with urllib.request.urlopen(button["url"]) as response:
        assert response.read() == b"%PDF-1.7 a report"
        assert response.headers["Content-Type"] == "application/pdf"
        assert response.headers["Content-Disposition"].startswith("attachment")


def test_another_key_s_upload_is_refused_and_nothing_is_sent(files: Stack) -> None:
    kept = uploaded(files, png())
    event = {"type": "files", "title": "Stolen", "attachments": [{"id": kept["id"]}]}
    status, problem = files.operate("POST", "/v1/events", event)

    assert status == 422
    assert [each["field"] for each in problem["errors"]] == ["attachments.0.id"]


def test_large_and_lying_files_are_refused(files: Stack) -> None:
    for content, status in ((png() + bytes(4_500_000), 413), (b"<html>", 422)):
        reply = files.call(
            "POST",
            "/v1/attachments?name=a.png",
            content,
            headers={"Content-Type": "image/png"},
            key="ingest",
        )

        assert reply.status == status
