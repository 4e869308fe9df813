"""Mails on the page: as a mail program shows them, and hostile HTML that stays still."""

from __future__ import annotations

import asyncio
import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import build, listen_mail
from tests.unit.inbox.test_page import CHROMIUM

EVIL = """<html><head><script>top.owned=1</script>
<meta http-equiv="refresh" content="0;url=https://evil.example/"></head>
<body onload="top.owned=2" style="color:rgb(1,2,3)"><h1>Hello</h1>
<img src="data:x" onerror="top.owned=3"><svg onload="top.owned=4"></svg>
<a href="javascript:top.owned=5" id="js">js</a><a href="https://e.example/">out</a>
<form action="https://evil.example/"><button id="go">go</button></form>
<iframe src="https://evil.example/"></iframe><base href="https://evil.example/">
</body></html>"""


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_a_mail_is_shown_and_its_scripts_are_not_run() -> None:
    seen = asyncio.run(_seen())

    assert seen["owned"] is None
    assert seen["subject"] == "<b>Subject</b>"
    assert seen["words"] == "Hello"
    assert seen["colour"] == "rgb(1, 2, 3)"
    assert seen["target"] == "_blank"
    assert seen["text"] == "plain <i>words</i>"
    assert seen["group"] == "Email"
    assert seen["address"].endswith("/")


async def _seen() -> dict[str, Any]:
    inbox = build()
    server = await listen_mail(inbox, 0)
    port = server.sockets[0].getsockname()[1]
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "<b>Subject</b>", "A <a@example.com>"
    mail.set_content("plain <i>words</i>")
    mail.add_alternative(EVIL, subtype="html")

    def hand_over() -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail(
                "a@example.com", ["ops@example.org"], mail.as_bytes(policy=SMTP)
            )

    try:
        async with TestServer(inbox.app, host="127.0.0.1") as web:
            await asyncio.to_thread(hand_over)
            return await asyncio.to_thread(_look, str(web.make_url("/")))
    finally:
        server.close()


def _look(url: str) -> dict[str, Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=quiet)
        page = browser.new_page()
        page.goto(url)
        frame = page.frame_locator(".mail-frame")
        frame.locator("h1").wait_for()
        page.wait_for_timeout(200)
        frame.locator("#js").click()
        frame.locator("#go").click()
        page.wait_for_timeout(200)
        body = frame.locator("body")
        seen = {
            "owned": page.evaluate("window.owned ?? null"),
            "subject": page.inner_text(".mail-what b"),
            "words": frame.locator("h1").inner_text(),
            "colour": body.evaluate("b => getComputedStyle(b).color"),
            "target": frame.locator("a").last.get_attribute("target"),
            "group": page.inner_text("#channels .group >> nth=0"),
            "address": page.url,
        }
        page.click("text=Text")
        seen["text"] = page.inner_text(".mail-text").strip()
        browser.close()
        return seen
