"""Buttons on the page: a click tells the API, and words come back to who clicked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from local.calls import call
from local.inbox.app import build
from tests.unit.channels.messages import AT
from tests.unit.inbox.test_page import CHROMIUM
from tocsin.channels import channel
from tocsin.message import Message, Press
from tocsin.ports import Kind, Target

ID = "01m7ypw2gqq2t02sf5nfr54wsq"
PRESSES = (Press("Acknowledge", f"ack:{ID}"), Press("Resolve", f"resolve:{ID}"))
ALARM = Message(icon="🚨", title="db down", colour=1, at=AT, presses=PRESSES)
HOOK = "1100000000000000009"
TOKENS = {
    "discord": f"https://discord.com/api/webhooks/{HOOK}/{'t' * 68}",
    "slack": "xoxb-1-abcdefghij",
    "telegram": f"42:{'A' * 35}",
}
ANSWERS: dict[str, dict[str, Any]] = {
    "discord": {"type": 4, "data": {"content": "Nothing to do: <b>it</b> is over."}},
    "slack": {},
    "telegram": {"method": "answerCallbackQuery", "text": "Done"},
}


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
@pytest.mark.parametrize("provider", ["discord", "slack", "telegram"])
def test_a_click_on_a_button_is_told_to_the_api(provider: str) -> None:
    told, words = asyncio.run(_clicked(provider))

    assert f"ack:{ID}" in told.replace("%3A", ":")
    wanted = {"discord": "Nothing to do: <b>it</b> is over.", "slack": ""}
    assert wanted.get(provider, "Done") in words


async def _clicked(provider: str) -> tuple[str, str]:
    """(what the API was posted, what the page then shows below the message)."""
    posted: list[str] = []

    async def api(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        posted.append(body)
        answer = dict(ANSWERS[provider])
        if provider == "telegram":
            answer["callback_query_id"] = (await request.json())["callback_query"]["id"]
        return web.json_response(answer)

    app, inbox = web.Application(), build()
    app.router.add_route("*", "/{rest:.*}", api)
    async with (
        TestServer(app, host="127.0.0.1") as behind,
        TestServer(inbox.app, host="127.0.0.1") as server,
    ):
        url = str(behind.make_url("")).rstrip("/")
        inbox.door.point(url)
        await asyncio.to_thread(_post, provider, str(server.make_url("/")), url)
        words = await asyncio.to_thread(_click, str(server.make_url("/")), provider)
    return "".join(posted), words


def _post(provider: str, inbox: str, api: str) -> None:
    settings: dict[str, Any] = {"channel_id": "C0123456789"}
    if provider == "discord":
        own = call("GET", f"{inbox}_control/applications")[1]["discord"]
        settings = {"public_key": own["public_key"]}
        owner = {"id": HOOK, "application_id": own["application_id"]}
        call("POST", f"{inbox}_control/webhooks", owner)
    elif provider == "telegram":
        settings = {"chat": "-1001234567890"}
        path = f"{inbox}telegram/bot{TOKENS[provider]}/setWebhook"
        call("POST", path, {"url": f"{api}/v1/interactions/telegram"})
    opened = channel(provider, f"{inbox}{provider}")
    target = Target("ops", settings, TOKENS[provider], hears=provider != "discord")
    assert opened.send([ALARM], target).kind is Kind.OK


def _click(url: str, provider: str) -> str:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            page = browser.new_page()
            page.goto(url)
            button = page.get_by_role("button", name="Acknowledge")
            with page.expect_response("**/_control/presses") as answered:
                button.click()
            assert answered.value.status == 200
            if provider == "slack":
                return ""
            return str(page.locator(".whisper").inner_text())
        finally:
            browser.close()
