"""The receiver of signed webhooks: what it takes, what it refuses, what it shows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import build
from tests.unit.inbox.talk import START, Answer, Talk, talk
from tests.unit.inbox.test_page import CHROMIUM, HOSTILE
from tocsin.channels.webhook import signing

HOST = "hooks.example.com"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32
BODY = {
    "type": "notification.firing",
    "timestamp": "2026-11-03T14:05:00Z",
    "data": {"version": 1, "title": "checkout-5xx is in ALARM"},
}


def signed(
    body: Any = BODY, secret: str = SECRET, at: float = START, name: str = "a-b"
) -> tuple[bytes, dict[str, str]]:
    """A body as sent, and its headers."""
    raw = json.dumps(body).encode()
    keys = [signing.key_of(secret)]
    return raw, signing.headers(name, int(at), raw, keys)


async def post(t: Talk, method: str = "POST", **how: Any) -> Answer:
    """One signed call."""
    raw, headers = signed(**how)
    return await t.call(method, f"/webhook/{HOST}/in?key=s3cr3t", raw, **headers)


async def know(t: Talk, *secrets: str) -> None:
    """Tell the receiver its secrets."""
    await t.control("POST", "/receivers", {"host": HOST, "secrets": list(secrets)})


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_call_is_taken_and_shown(method: str) -> None:
    async def scenario(t: Talk) -> None:
        answer = await post(t, method)

        assert (answer.status, answer.text) == (204, "")
        (message,) = await t.messages()
        assert (message["provider"], message["webhook"]) == ("webhook", HOST)
        assert message["id"] == "a-b"
        assert message["message"]["body"] == BODY
        assert message["message"]["method"] == method
        assert not message["message"]["verified"]
        assert message["warnings"] == []
        assert "checkout-5xx" in message["text"]
        assert "s3cr3t" not in message["path"]

    talk(scenario)


@pytest.mark.parametrize(
    ("secrets", "how", "status"),
    [
        ((SECRET,), {}, 204),
        ((OTHER, SECRET), {}, 204),
        ((OTHER,), {}, 401),
        ((SECRET,), {"at": START - 301}, 401),
        ((SECRET,), {"at": START + 302}, 401),
        ((SECRET,), {"at": START - 299}, 204),
    ],
)
def test_a_receiver_that_knows_its_secret_checks_it(
    secrets: tuple[str, ...], how: dict[str, Any], status: int
) -> None:
    async def scenario(t: Talk) -> None:
        await know(t, *secrets)

        assert (await post(t, **how)).status == status
        assert len(await t.messages()) == (status == 204)

    talk(scenario)


def test_a_body_changed_on_its_way_is_refused() -> None:
    async def scenario(t: Talk) -> None:
        await know(t, SECRET)
        raw, headers = signed()
        answer = await t.call("POST", f"/webhook/{HOST}/", raw + b" ", **headers)

        assert answer.status == 401
        assert "no signature fits" in answer.json["error"]

    talk(scenario)


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-id": ""},
        {"webhook-id": "a.b"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "2026-11-03T14:05:00Z"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,short="},
        {"webhook-signature": "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    ],
)
def test_headers_that_are_missing_or_odd_are_refused(wrong: dict[str, str]) -> None:
    async def scenario(t: Talk) -> None:
        raw, headers = signed()
        answer = await t.call("POST", f"/webhook/{HOST}/", raw, **headers | wrong)

        assert answer.status == 400
        assert next(iter(wrong)) in answer.json["error"]
        assert await t.messages() == []

    talk(scenario)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_refused(raw: bytes) -> None:
    async def scenario(t: Talk) -> None:
        _, headers = signed()

        answer = await t.call("POST", f"/webhook/{HOST}/", raw, **headers)
        assert answer.status == 400

    talk(scenario)


def test_what_the_specification_asks_for_and_is_not_there_is_told() -> None:
    async def scenario(t: Talk) -> None:
        await post(t, body={"type": "a b", "timestamp": "now", "x": "y" * 20_000})

        (message,) = await t.messages()
        assert len(message["warnings"]) == 4

    talk(scenario)


def test_the_same_id_again_is_taken_once() -> None:
    async def scenario(t: Talk) -> None:
        assert [(await post(t)).status for _ in range(3)] == [204] * 3
        assert (await post(t, name="a-c")).status == 204

        assert len(await t.messages()) == 2
        assert (await t.control("GET", "/stats"))["calls"] == 4

    talk(scenario)


def test_other_methods_are_refused_and_asked_for_with_options() -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call("OPTIONS", f"/webhook/{HOST}/in")

        assert answer.headers["Allow"] == "POST, PUT, OPTIONS"
        assert (await t.call("GET", f"/webhook/{HOST}/in")).status == 405
        assert await t.messages() == []

    talk(scenario)


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"mode": "gone"}, 410),
        ({"mode": "unauthorized"}, 401),
        ({"mode": "limited", "retry_after": 7}, 429),
        ({"mode": "html"}, 503),
        ({"mode": "kicked"}, 500),
        ({"mode": "status", "status": 302}, 302),
        ({"mode": "status", "status": 500, "body": {"no": 1}}, 500),
        ({"mode": "status", "status": 500, "after_store": True}, 500),
    ],
)
def test_it_misbehaves_as_ordered(order: dict[str, Any], status: int) -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"webhook": HOST, "times": 1, **order})
        answer = await post(t)

        assert answer.status == status
        assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)
        assert len(await t.messages()) == ("after_store" in order)
        assert (await post(t)).status == 204
        assert len(await t.messages()) == 1

    talk(scenario)


@pytest.mark.parametrize("mode", ["hang", "drop"])
def test_it_hangs_up_as_ordered(mode: str) -> None:
    async def scenario(t: Talk) -> None:
        order = {"webhook": HOST, "mode": mode, "seconds": 0.01, "after_store": True}
        await t.control("POST", "/behaviour", order)
        with pytest.raises(aiohttp.ClientConnectionError):
            await post(t)

        assert len(await t.messages()) == 1
        assert (await t.control("GET", "/stats"))["unanswered"] == 1

    talk(scenario)


def test_a_limit_can_be_ordered_and_ends_with_a_reset() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/limits", {"webhook": [1, 10]})
        statuses = [(await post(t, name=f"a-{n}")).status for n in range(2)]

        assert statuses == [204, 429]
        await t.control("POST", "/reset")
        assert (await t.control("GET", "/limits"))["webhook"] is None

    talk(scenario)


@pytest.mark.parametrize(
    "body", [[], {}, {"host": HOST}, {"host": HOST, "secrets": ["whsec_é"]}]
)
def test_secrets_told_wrongly_are_refused(body: Any) -> None:
    async def scenario(t: Talk) -> None:
        assert (await t.call("POST", "/_control/receivers", body)).status == 400

    talk(scenario)


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_a_call_is_shown_as_json_and_stays_text() -> None:
    body = {**BODY, "data": {"title": HOSTILE, "deep": [1, None, True, {}, []]}}
    seen = asyncio.run(shown_in_browser(signed(body)))

    assert seen["owned"] is None
    assert seen["groups"] == ["Webhooks", "Provider"]
    assert seen["title"] == HOST
    assert '"type": "notification.firing",' in seen["json"]
    assert json.loads(seen["json"]) == body
    assert seen["foreign"] == 0


async def shown_in_browser(call: tuple[bytes, dict[str, str]]) -> dict[str, Any]:
    """What a browser makes of one call."""
    inbox = build()
    raw, headers = call
    async with TestServer(inbox.app, host="127.0.0.1") as server:
        async with (
            aiohttp.ClientSession(server.make_url("/")) as session,
            session.post(f"/webhook/{HOST}/in", data=raw, headers=headers) as response,
        ):
            assert response.status == 204
        return await asyncio.to_thread(look, str(server.make_url("/")), read)


def read(page: Any) -> dict[str, Any]:
    """What is asked of the page."""
    return {
        "owned": page.evaluate("window.owned ?? null"),
        "groups": page.locator("#channels .group").all_inner_texts(),
        "title": page.inner_text(".channel.chosen .name"),
        "json": page.locator("pre.json").text_content(),
        "foreign": page.locator("#timeline script, #timeline img, #timeline a").count(),
    }


def look(url: str, ask: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Open the page and ask it."""
    sync_api = pytest.importorskip("playwright.sync_api")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=quiet)
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(".message")
        seen = ask(page)
        browser.close()
        return seen
