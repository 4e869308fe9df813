"""Ordered misbehaviour, as a sender suffers it."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.unit.inbox.talk import HOOK, Talk, path_of, talk

HELLO = {"content": "hello"}


@pytest.mark.parametrize(
    ("order", "status", "seen"),
    [
        ({"mode": "status", "status": 502}, 502, ""),
        ({"mode": "status", "status": 500, "body": {"message": "no"}}, 500, "no"),
        ({"mode": "gone"}, 404, "10015"),
        ({"mode": "unauthorized"}, 401, "50027"),
        ({"mode": "limited", "retry_after": 2.5}, 429, '"retry_after":2.5'),
        ({"mode": "html"}, 429, "error code: 1015"),
    ],
)
def test_a_webhook_fails_as_ordered_and_then_works_again(
    order: dict[str, object], status: int, seen: str
) -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"webhook": HOOK, "times": 1, **order})
        failed = await t.post(HELLO)

        assert failed.status == status
        assert seen in failed.text
        assert await t.messages() == []
        assert (await t.post(HELLO)).status == 200

    talk(scenario)


@pytest.mark.parametrize("mode", ["drop", "hang"])
@pytest.mark.parametrize(("when", "kept"), [("before_store", 0), ("after_store", 1)])
def test_a_cut_connection_leaves_the_outcome_unknown(
    mode: str, when: str, kept: int
) -> None:
    async def scenario(t: Talk) -> None:
        order = {"webhook": "*", "mode": mode, "seconds": 0.01, when: True}
        await t.control("POST", "/behaviour", order)
        with pytest.raises(aiohttp.ClientConnectionError):
            await t.post(HELLO)

        assert len(await t.messages()) == kept
        stats = await t.control("GET", "/stats")
        assert stats["unanswered"] == 1

    talk(scenario)


def test_an_error_after_the_message_was_kept_is_a_double_in_the_making() -> None:
    async def scenario(t: Talk) -> None:
        order = {"mode": "status", "status": 500, "when": "after_store", "times": 1}
        await t.control("POST", "/behaviour", order)

        assert (await t.post(HELLO)).status == 500
        assert (await t.post(HELLO)).status == 200
        assert len(await t.messages()) == 2

    talk(scenario)


def test_a_slow_webhook_answers_late() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"mode": "slow", "seconds": 0.05})
        began = asyncio.get_running_loop().time()
        answer = await t.post(HELLO)

        assert answer.status == 200
        assert asyncio.get_running_loop().time() - began >= 0.05

    talk(scenario)


def test_only_messages_with_the_marker_fail() -> None:
    async def scenario(t: Talk) -> None:
        await t.control(
            "POST",
            "/behaviour",
            {"mode": "status", "status": 400, "contains": "poison"},
        )

        assert (await t.post(HELLO)).status == 200
        assert (await t.post({"content": "a poison pill"})).status == 400

    talk(scenario)


def test_a_fault_may_begin_later_and_concern_one_method() -> None:
    async def scenario(t: Talk) -> None:
        message = (await t.post(HELLO)).json
        await t.control(
            "POST", "/behaviour", {"mode": "gone", "method": "PATCH", "after": 1}
        )
        path = path_of(HOOK, message["id"])
        edits = [(await t.call("PATCH", path, HELLO)).status for _ in range(2)]

        assert edits == [200, 404]
        assert (await t.post(HELLO)).status == 200

    talk(scenario)


def test_orders_in_a_list_are_played_one_after_the_other() -> None:
    async def scenario(t: Talk) -> None:
        script = [
            {"webhook": HOOK, "mode": "ok", "times": 1},
            {"webhook": HOOK, "mode": "status", "status": 503, "times": 1},
            {"webhook": HOOK, "mode": "limited", "times": 1},
        ]
        await t.control("POST", "/behaviour", script)

        assert [(await t.post(HELLO)).status for _ in range(4)] == [200, 503, 429, 200]

    talk(scenario)


def test_ok_withdraws_what_was_ordered_for_a_webhook() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"webhook": HOOK, "mode": "gone"})
        await t.control("POST", "/behaviour", {"webhook": HOOK, "mode": "ok"})

        assert (await t.post(HELLO)).status == 200

    talk(scenario)


def test_one_webhook_failing_leaves_the_others_alone() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"webhook": HOOK, "mode": "gone"})

        assert (await t.post(HELLO)).status == 404
        assert (await t.post(HELLO, hook="2")).status == 200

    talk(scenario)


@pytest.mark.parametrize(
    "order",
    [
        {"mode": "explode"},
        {"mod": "gone"},
        {"mode": "slow", "seconds": "long"},
        {"status": 9},
        "gone",
    ],
)
def test_an_order_that_makes_no_sense_is_refused(order: object) -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call("POST", "/_control/behaviour", order)

        assert answer.status == 400
        assert answer.json["error"]

    talk(scenario)
