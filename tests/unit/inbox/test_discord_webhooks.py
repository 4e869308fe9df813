"""The webhook calls themselves: post, probe, edit, delete, threads, files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData

from tests.unit.inbox.talk import AGENT, HOOK, Talk, path_of, talk

HELLO = {"content": "hello"}


def test_with_wait_the_message_comes_back() -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.post({"content": " hi ", "embeds": [{"title": "x"}]})

        assert answer.status == 200
        assert answer.json["content"] == "hi"
        assert answer.json["embeds"] == [{"type": "rich", "title": "x"}]
        assert answer.json["webhook_id"] == HOOK
        assert answer.json["channel_id"].isdigit()
        assert (await t.call("GET", path_of(HOOK, answer.json["id"]))).status == 200

    talk(scenario)


def test_without_wait_nothing_comes_back() -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.post(HELLO, query="")

        assert (answer.status, answer.text) == (204, "")
        assert len(await t.messages()) == 1

    talk(scenario)


def test_a_probe_shows_the_webhook_and_posts_nothing() -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call("GET", path_of())

        assert answer.json["type"] == 1
        assert answer.json["id"] == HOOK
        assert await t.messages() == []

    talk(scenario)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, 50109),
        (b'{"content": NaN}', "application/json", 400, 50109),
        (b"{}", "application/json", 400, 50006),
        (b"hello", "text/plain", 400, 50035),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    body: bytes, kind: str, status: int, code: int
) -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.post(body, Content_Type=kind)

        assert (answer.status, answer.json["code"]) == (status, code)

    talk(scenario)


@pytest.mark.parametrize("agent", ["", "Mozilla/5.0", "python-requests/2"])
def test_a_client_must_say_who_it_is(agent: str) -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.post(HELLO, User_Agent=agent)

        assert (answer.status, answer.json["code"]) == (403, 40333)
        await t.control("POST", "/limits", {"strict_agent": False})
        assert (await t.post(HELLO, User_Agent=agent)).status == 200

    talk(scenario)


def test_an_unversioned_path_works_and_is_counted() -> None:
    async def scenario(t: Talk) -> None:
        path = path_of().replace("/v10", "")
        assert (await t.call("POST", path, HELLO)).status == 204
        stats = await t.control("GET", "/stats")

        assert any("unversioned" in warning for warning in stats["warnings"])
        old = path_of().replace("/v10", "/v7")
        assert (await t.call("POST", old, HELLO)).json["code"] == 50041

    talk(scenario)


def test_an_edit_changes_what_was_given_and_remembers_the_rest() -> None:
    async def scenario(t: Talk) -> None:
        body = {"content": "down", "embeds": [{"title": "x"}]}
        path = path_of(HOOK, (await t.post(body)).json["id"])
        answer = await t.call("PATCH", path, {"content": "up"})
        message = (await t.messages())[0]

        assert answer.json["content"] == "up"
        assert answer.json["embeds"][0]["title"] == "x"
        assert answer.json["edited_timestamp"] is not None
        assert message["text"] == "up\nx"
        assert message["edits"][0]["before"]["content"] == "down"

    talk(scenario)


def test_an_edit_cannot_leave_nothing_to_show() -> None:
    async def scenario(t: Talk) -> None:
        path = path_of(HOOK, (await t.post(HELLO)).json["id"])

        answer = await t.call("PATCH", path, {"content": ""})

        assert answer.json["code"] == 50006

    talk(scenario)


def test_a_deleted_message_is_gone_and_its_webhook_is_not() -> None:
    async def scenario(t: Talk) -> None:
        path = path_of(HOOK, (await t.post(HELLO)).json["id"])

        assert (await t.call("DELETE", path)).status == 204
        for method in ("GET", "PATCH", "DELETE"):
            answer = await t.call(method, path, HELLO if method == "PATCH" else None)
            assert (answer.status, answer.json["code"]) == (404, 10008)
        assert (await t.post(HELLO)).status == 200

    talk(scenario)


def test_a_webhook_may_be_told_its_token_and_whether_it_exists() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/webhooks", {"id": HOOK, "token": "another"})
        wrong = await t.post(HELLO)
        await t.control("POST", "/webhooks", {"only_known": True})
        unknown = await t.post(HELLO, hook="5")

        assert (wrong.status, wrong.json["code"]) == (401, 50027)
        assert (unknown.status, unknown.json["code"]) == (404, 10015)

    talk(scenario)


def test_calling_a_webhook_again_after_its_404_is_counted_as_a_mistake() -> None:
    async def scenario(t: Talk) -> None:
        await t.call("DELETE", path_of())
        for _ in range(3):
            assert (await t.post(HELLO)).status == 404
        warnings = (await t.control("GET", "/stats"))["warnings"]

        assert warnings == {"called again after Unknown Webhook": 2}

    talk(scenario)


def test_a_message_may_go_to_a_thread() -> None:
    async def scenario(t: Talk) -> None:
        threads: list[Any] = [{"id": "77", "name": "incident"}, {"id": "78"}]
        threads[1]["locked"] = True
        await t.control("POST", "/webhooks", {"id": HOOK, "threads": threads})
        answer = await t.post(HELLO, query="wait=true&thread_id=77")
        unknown = await t.post(HELLO, query="thread_id=79")
        locked = await t.post(HELLO, query="thread_id=78")

        assert answer.json["channel_id"] == "77"
        assert (await t.messages())[0]["thread"]["name"] == "incident"
        assert (unknown.status, unknown.json["code"]) == (404, 10003)
        assert (locked.status, locked.json["code"]) == (400, 160005)
        path = path_of(HOOK, answer.json["id"])
        assert (await t.call("GET", path)).json["code"] == 10008
        assert (await t.call("GET", path + "?thread_id=77")).status == 200

    talk(scenario)


@pytest.mark.parametrize(
    ("kind", "query", "name", "code"),
    [
        ("forum", "", None, 220001),
        ("forum", "thread_id=7", "news", 220002),
        ("text", "", "news", 220003),
        ("forum", "thread_id=7", None, 10003),
    ],
)
def test_forums_need_a_thread_and_channels_cannot_make_one(
    kind: str, query: str, name: str | None, code: int
) -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/webhooks", {"id": HOOK, "kind": kind})
        answer = await t.post({**HELLO, "thread_name": name}, query=query)

        assert answer.json["code"] == code

    talk(scenario)


def test_a_named_thread_opens_a_post_that_can_be_continued() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/webhooks", {"id": HOOK, "kind": "forum"})
        first = await t.post({**HELLO, "thread_name": "news"})
        query = f"wait=true&thread_id={first.json['channel_id']}"
        second = await t.post(HELLO, query=query)

        assert first.json["channel_id"] == first.json["id"]
        assert second.json["channel_id"] == first.json["channel_id"]

    talk(scenario)


def test_who_is_pinged_is_written_down() -> None:
    async def scenario(t: Talk) -> None:
        body = {"content": "@everyone <@5>", "embeds": [{"title": "<@6>"}]}
        await t.post(body)
        await t.post({**body, "allowed_mentions": {"parse": ["everyone"]}})
        first, second = await t.messages()

        assert (first["pings"]["everyone"], first["pings"]["users"]) == (False, ["5"])
        assert (second["pings"]["everyone"], second["pings"]["users"]) == (True, [])

    talk(scenario)


def test_a_file_comes_with_the_message_and_can_be_seen() -> None:
    async def scenario(t: Talk) -> None:
        form = FormData()
        form.add_field(
            "payload_json",
            '{"embeds":[{"title":"x","image":{"url":"attachment://graph.png"}}]}',
            content_type="application/json",
        )
        form.add_field(
            "files[0]", b"png", filename="graph.png", content_type="image/png"
        )
        form.add_field("files[1]", b"<b>", filename="a.html", content_type="text/html")
        async with t.client.post(
            path_of() + "?wait=true", data=form, headers={"User-Agent": AGENT}
        ) as response:
            files = (await response.json())["attachments"]
        picture = await t.client.get(files[0]["url"])
        page = await t.client.get(files[1]["url"])

        assert picture.content_type == "image/png"
        assert page.content_type == "application/octet-stream"
        assert page.headers["Content-Disposition"] == "attachment"

    talk(scenario)


def test_a_file_of_more_than_ten_mebibytes_is_too_large() -> None:
    async def scenario(t: Talk) -> None:
        form = FormData()
        form.add_field(
            "files[0]", BytesIO(b"x" * (10 * 1024 * 1024 + 1)), filename="big"
        )
        async with t.client.post(
            path_of(), data=form, headers={"User-Agent": AGENT}
        ) as response:
            assert response.status == 413
            assert (await response.json())["code"] == 40005

    talk(scenario)
