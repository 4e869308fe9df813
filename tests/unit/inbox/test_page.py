"""The page: safe headers, a live stream, and hostile text that stays text."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import build
from local.inbox.page import STATIC
from tests.browser.chromium import CHROMIUM as CHROMIUM
from tests.unit.inbox.talk import AGENT, Talk, path_of, talk


def test_the_page_and_its_files_forbid_everything_from_elsewhere() -> None:
    async def scenario(t: Talk) -> None:
        for path in ("/", "/static/main.js", "/static/inbox.css", "/_control/stats"):
            answer = await t.call("GET", path)
            policy = answer.headers["Content-Security-Policy"]

            assert answer.status == 200
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"

    talk(scenario)


@pytest.mark.parametrize("name", ["..%2fpage.py", "%2e%2e/app.py", "nothing.js", "x"])
def test_only_the_files_of_the_page_are_served(name: str) -> None:
    async def scenario(t: Talk) -> None:
        assert (await t.call("GET", f"/static/{name}")).status == 404

    talk(scenario)


def test_other_sites_cannot_use_the_control_api() -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call(
            "GET", "/_control/messages", Origin="https://evil.example"
        )

        assert answer.status == 403

    talk(scenario)


def test_no_script_ever_parses_html() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|Function\("
    )
    for path in STATIC.glob("*.js"):
        assert not forbidden.search(path.read_text()), path.name


def test_the_page_itself_has_no_inline_code() -> None:
    page = (STATIC / "index.html").read_text()

    assert not re.search(r"\son\w+=|style=|<style|<script(?![^>]*\ssrc=)", page)


def test_changes_arrive_as_events_of_one_line() -> None:
    async def scenario(t: Talk) -> None:
        async with t.client.get("/_control/stream") as response:
            await response.content.readuntil(b"\n\n")
            await t.post({"content": "line\nbreak"})
            event = await response.content.readuntil(b"\n\n")

        kind, data = event.decode().strip().split("\n")
        assert kind == "event: message"
        assert json.loads(data.removeprefix("data: "))["text"] == "line\nbreak"

    talk(scenario)


HOSTILE = (
    "<script>window.owned=1</script><img src=x onerror=window.owned=1>"
    ' [x](javascript:window.owned=1) [y](https://e.example/"onmouseover=owned)'
    " `<b>` **<i>bold</i>** <svg/onload=window.owned=1>"
)


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_hostile_text_is_inert_in_a_browser() -> None:
    seen = asyncio.run(_seen_in_browser())

    assert seen["owned"] is None
    assert seen["foreign"] == 0
    assert seen["errors"] == []
    assert "<script>window.owned=1</script>" in seen["text"]
    assert "<b>name</b>" in seen["text"]
    assert all(link.startswith("https://") for link in seen["links"])


async def _seen_in_browser() -> dict[str, Any]:
    import aiohttp

    inbox = build()
    async with TestServer(inbox.app, host="127.0.0.1") as server:
        url = str(server.make_url("/"))
        embed = {
            "title": HOSTILE[:200],
            "url": "https://e.example/<x>".replace("<x>", ""),
            "description": HOSTILE,
            "fields": [{"name": "<b>n</b>", "value": HOSTILE}],
            "footer": {"text": "<b>f</b>"},
        }
        body = {"username": "<b>name</b>", "content": HOSTILE, "embeds": [embed]}
        async with aiohttp.ClientSession(headers={"User-Agent": AGENT}) as session:
            address = str(server.make_url(path_of()))
            async with session.post(address, json=body) as response:
                assert response.status == 204
        return await asyncio.to_thread(_look, url)


def _look(url: str) -> dict[str, Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=quiet)
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.wait_for_selector(".message")
        inside = (
            "#timeline script, #timeline svg, #timeline b, #timeline i, #timeline img"
        )
        seen = {
            "owned": page.evaluate("window.owned ?? null"),
            "foreign": page.locator(inside).count(),
            "text": page.inner_text("#timeline"),
            "links": page.eval_on_selector_all(
                "#timeline a", "a => a.map(x => x.href)"
            ),
            "errors": errors,
        }
        browser.close()
        return seen


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_the_page_follows_what_happens_without_a_reload() -> None:
    assert asyncio.run(_followed()) == ["up (edited)", "3 calls"]


async def _followed() -> list[str]:
    import aiohttp

    inbox = build()
    async with TestServer(inbox.app, host="127.0.0.1") as server:
        open_page = threading.Event()
        url = str(server.make_url("/"))
        looking = asyncio.create_task(asyncio.to_thread(_follow, url, open_page))
        assert await asyncio.to_thread(open_page.wait, 20)
        agent = {"User-Agent": AGENT}
        async with aiohttp.ClientSession(
            server.make_url("/"), headers=agent
        ) as session:
            body = {"content": "down"}
            async with session.post(path_of() + "?wait=true", json=body) as response:
                message = await response.json()
            path = path_of(message="x").replace("/x", f"/{message['id']}")
            async with session.patch(path, json={"content": "up"}) as response:
                assert response.status == 200
            await session.get(path)
        return await looking


def _follow(url: str, open_page: threading.Event) -> list[str]:
    sync_api = pytest.importorskip("playwright.sync_api")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=quiet)
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(".live.on")
        open_page.set()
        page.wait_for_selector(".edited")
        page.wait_for_selector("text=3 calls")
        seen = [
            page.inner_text(".message .content").replace("\xa0", " "),
            page.inner_text("#status .stat:first-child"),
        ]
        browser.close()
        return [
            " ".join(text.replace("(edited)", " (edited)").split()) for text in seen
        ]
