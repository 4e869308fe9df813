"""Slack messages on the page: their look, and hostile text that stays text."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import build
from tests.unit.channels.messages import AT
from tests.unit.inbox.test_page import CHROMIUM, HOSTILE, _look
from tocsin.channels import channel
from tocsin.message import Fact, Link, Message, Text
from tocsin.ports import Kind, Target

URL = "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/secretsecret"


def message(*, markup: bool) -> Message:
    """One whose every word would like to be code."""
    text = Text(HOSTILE, markup)
    return Message(
        icon="🚨",
        title=HOSTILE[:150],
        colour=1,
        at=AT,
        url="https://e.example/title",
        body=text,
        code=HOSTILE,
        facts=(Fact("<b>name</b>", text),),
        state_line="<i>state</i>",
        links=(Link("<b>Logs</b>", "https://e.example/logs?a=1&b=2"),),
        footer="<script>window.owned=1</script>",
    )


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_hostile_text_is_inert_in_a_browser() -> None:
    seen = asyncio.run(_seen())

    assert seen["owned"] is None
    assert seen["foreign"] == 0
    assert seen["errors"] == []
    assert "<script>window.owned=1</script>" in seen["text"]
    assert "<b>Logs</b>" in seen["text"]
    assert "https://e.example/title" in seen["links"]
    assert "https://e.example/logs?a=1&b=2" in seen["links"]
    assert all(link.startswith("https://") for link in seen["links"])


async def _seen() -> dict[str, Any]:
    async with TestServer(build().app, host="127.0.0.1") as server:
        opened = channel("slack", str(server.make_url("/slack")))
        for markup in (False, True):
            one, target = message(markup=markup), Target("ops", {}, URL)
            outcome = await asyncio.to_thread(opened.send, [one], target)
            assert outcome.kind is Kind.OK
        return await asyncio.to_thread(_look, str(server.make_url("/")))
