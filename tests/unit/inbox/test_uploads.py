"""Files at the stand-ins: taken as providers take them, and shown on the page."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData

from tests.unit.inbox.talk import Talk, talk

BOT = "110201543:AAE-abc_defghijklmnopqrstuvwxyz0123"
CHAT = "-1001234567890"
PNG = b"\x89PNG\r\n\x1a\npixels"
TOKEN = "Bearer xoxb-1-a"


async def telegram(t: Talk, method: str, **parts: Any) -> tuple[int, Any]:
    form = FormData()
    form.add_field("chat_id", CHAT)
    for name, value in parts.items():
        if isinstance(value, bytes):
            kind = "image/png" if value.startswith(b"\x89PNG") else "application/pdf"
            form.add_field(
                name, BytesIO(value), filename=f"{name}.png", content_type=kind
            )
        else:
            form.add_field(name, value)
    path = f"/telegram/bot{BOT}/{method}"
    async with t.client.post(path, data=form) as response:
        return response.status, await response.json()


async def fetched(t: Talk, url: str) -> tuple[bytes, str, str]:
    async with t.client.get(url) as response:
        told = response.headers.get("Content-Disposition", "")
        return await response.read(), response.content_type, told


def test_a_photo_has_a_caption_and_is_shown() -> None:
    async def scenario(t: Talk) -> None:
        status, answer = await telegram(
            t, "sendPhoto", photo=PNG, caption="<b>up</b>", parse_mode="HTML"
        )
        (message,) = await t.messages()
        (file,) = message["message"]["files"]

        assert (status, answer["ok"]) == (200, True)
        assert message["message"]["text"] == "up"
        assert message["warnings"] == []
        assert await fetched(t, file["url"]) == (PNG, "image/png", "")

    talk(scenario)


def test_what_is_no_picture_is_saved_and_never_shown() -> None:
    async def scenario(t: Talk) -> None:
        await telegram(t, "sendDocument", document=b"%PDF-")
        (message,) = await t.messages()
        (file,) = message["message"]["files"]

        assert await fetched(t, file["url"]) == (
            b"%PDF-",
            "application/octet-stream",
            "attachment",
        )

    talk(scenario)


@pytest.mark.parametrize(
    ("method", "parts", "words"),
    [
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": b""}, "file must be non-empty"),
        ("sendPhoto", {"photo": b"%PDF-"}, "IMAGE_PROCESS_FAILED"),
        ("sendPhoto", {"photo": PNG, "caption": "x" * 1025}, "caption is too long"),
        ("sendMediaGroup", {"media": "[]"}, "media group must include 2-10"),
        (
            "sendMediaGroup",
            {"media": '[{"type":"photo","media":"attach://a"},{"type":"document"}]'},
            "different types",
        ),
        (
            "sendMediaGroup",
            {"media": json.dumps([{"type": "photo", "media": "attach://a"}] * 2)},
            "wrong file identifier",
        ),
    ],
)
def test_telegram_refuses_what_it_would(
    method: str, parts: dict[str, Any], words: str
) -> None:
    async def scenario(t: Talk) -> None:
        status, answer = await telegram(t, method, **parts)

        assert status == 400
        assert words in answer["description"]
        assert await t.messages() == []

    talk(scenario)


def test_a_photo_larger_than_ten_megabytes_is_too_large() -> None:
    async def scenario(t: Talk) -> None:
        status, _ = await telegram(t, "sendPhoto", photo=PNG + bytes(10_000_000))

        assert status == 413

    talk(scenario)


def test_a_group_is_as_many_messages() -> None:
    async def scenario(t: Talk) -> None:
        media = [{"type": "photo", "media": f"attach://f{n}"} for n in range(2)]
        _, answer = await telegram(
            t, "sendMediaGroup", media=json.dumps(media), f0=PNG, f1=PNG
        )

        assert len(answer["result"]) == len(await t.messages()) == 2

    talk(scenario)


def test_a_caption_is_edited_as_one_and_a_text_as_one() -> None:
    async def scenario(t: Talk) -> None:
        _, answer = await telegram(t, "sendPhoto", photo=PNG, caption="old")
        given = {"message_id": str(answer["result"]["message_id"])}
        status, refused = await telegram(t, "editMessageText", text="new", **given)

        assert status == 400
        assert "there is no text in the message to edit" in refused["description"]
        assert (await telegram(t, "editMessageCaption", caption="new", **given))[
            0
        ] == 200
        (message,) = await t.messages()
        assert message["message"]["text"] == "new"
        assert message["message"]["files"]

    talk(scenario)


async def slack(t: Talk, method: str, body: Any, kind: str = "application/json") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await t.call(
        "POST",
        f"/slack/api/{method}",
        data,
        Authorization=TOKEN,
        Content_Type=f"{kind}; charset=utf-8",
    )
    return answer.json


async def asked(t: Talk, length: int = len(PNG)) -> Any:
    form = f"filename=graph.png&length={length}".encode()
    kind = "application/x-www-form-urlencoded"
    return await slack(t, "files.getUploadURLExternal", form, kind)


async def uploaded(t: Talk, place: Any, content: bytes = PNG) -> int:
    path = place["upload_url"].replace("https://files.slack.com", "/slack")
    answer = await t.call("POST", path, content, Content_Type="image/png")
    return answer.status


def test_a_file_is_asked_for_uploaded_and_shown_in_a_thread() -> None:
    async def scenario(t: Talk) -> None:
        place = await asked(t)
        assert await t.messages() == []
        assert await uploaded(t, place) == 200
        body = {
            "files": [{"id": place["file_id"], "title": "Übersicht.png"}],
            "channel_id": "C0123456789",
            "thread_ts": "1700000000.000001",
        }
        answer = await slack(t, "files.completeUploadExternal", body)
        (message,) = await t.messages()
        (file,) = message["message"]["files"]

        assert answer["ok"] is True
        assert message["thread"]["id"] == "1700000000.000001"
        assert file["filename"] == "Übersicht.png"
        assert await fetched(t, file["url"]) == (PNG, "image/png", "")
        again = await slack(t, "files.completeUploadExternal", body)
        assert again["error"] == "file_not_found"

    talk(scenario)


def test_slack_refuses_what_it_would() -> None:
    async def scenario(t: Talk) -> None:
        assert (await asked(t, 0))["error"] == "invalid_arguments"
        place = await asked(t)
        assert await uploaded(t, place, PNG + b"more") == 400
        body = {"files": [{"id": place["file_id"]}], "channel_id": "C0123456789"}
        told = await slack(t, "files.completeUploadExternal", body)
        assert told["error"] == "file_not_found"
        del body["channel_id"]
        told = await slack(t, "files.completeUploadExternal", body)
        assert told["error"] == "channel_not_found"
        assert await t.messages() == []

    talk(scenario)
