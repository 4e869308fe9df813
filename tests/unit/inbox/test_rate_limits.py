"""Rate limits as a client sees them: headers, bodies, bans."""

from __future__ import annotations

from local.inbox.discord.pacing import PER_ADDRESS, PER_CHANNEL
from local.inbox.quotas import Quota
from tests.unit.inbox.talk import HOOK, START, Talk, path_of, talk

HELLO = {"content": "hello"}


def test_every_answer_tells_how_the_window_stands() -> None:
    async def scenario(t: Talk) -> None:
        await t.post(HELLO)
        t.clock.now += 0.5
        answer = await t.post(HELLO)

        assert answer.headers["X-RateLimit-Limit"] == "5"
        assert answer.headers["X-RateLimit-Remaining"] == "3"
        assert answer.headers["X-RateLimit-Reset"] == f"{START + 2:.3f}"
        assert answer.headers["X-RateLimit-Reset-After"] == "1.500"
        assert answer.headers["X-RateLimit-Bucket"]

    talk(scenario)


def test_the_sixth_call_in_two_seconds_is_told_to_wait() -> None:
    async def scenario(t: Talk) -> None:
        for _ in range(5):
            assert (await t.post(HELLO)).status == 200
        t.clock.now += 0.5
        answer = await t.post(HELLO)

        assert answer.status == 429
        assert answer.headers["Retry-After"] == "2"
        assert answer.headers["X-RateLimit-Scope"] == "user"
        assert answer.headers["X-RateLimit-Remaining"] == "0"
        assert answer.json["retry_after"] == 1.5
        assert answer.json["global"] is False
        t.clock.now += 1.5
        assert (await t.post(HELLO)).status == 200

    talk(scenario)


def test_each_webhook_and_each_route_has_its_own_window() -> None:
    async def scenario(t: Talk) -> None:
        for _ in range(5):
            message = (await t.post(HELLO)).json
        other = await t.post(HELLO, hook="2")
        edit = await t.call("PATCH", path_of(HOOK, message["id"]), HELLO)

        assert (other.status, edit.status) == (200, 200)

    talk(scenario)


def test_a_refused_message_uses_the_window_too() -> None:
    async def scenario(t: Talk) -> None:
        answers = [await t.post({}) for _ in range(6)]

        assert [a.status for a in answers] == [400] * 5 + [429]

    talk(scenario)


def test_the_limit_of_a_channel_is_told_in_no_header() -> None:
    async def scenario(t: Talk) -> None:
        t.inbox.discord.pacer.configure("per_channel", PER_CHANNEL)
        for hook in ("1", "2"):
            t.inbox.discord.hooks.configure({"id": hook, "channel_id": "7"})
        for number in range(30):
            t.clock.now += 1.0
            assert (await t.post(HELLO, hook="12"[number % 2])).status == 200
        t.clock.now += 1.0
        answer = await t.post(HELLO, hook="1")

        assert answer.status == 429
        assert answer.headers["X-RateLimit-Scope"] == "shared"
        assert int(answer.headers["X-RateLimit-Remaining"]) > 0
        assert answer.json["retry_after"] == 30.0
        assert t.inbox.store.tally.invalid == {}

    talk(scenario)


def test_an_address_may_call_50_times_a_second() -> None:
    async def scenario(t: Talk) -> None:
        t.inbox.discord.pacer.configure("per_address", PER_ADDRESS)
        for number in range(50):
            await t.post(HELLO, hook=str(number))
        answer = await t.post(HELLO, hook="99")

        assert answer.status == 429
        assert answer.headers["X-RateLimit-Global"] == "true"
        assert answer.json["global"] is True

    talk(scenario)


def test_too_many_invalid_requests_bring_a_ban_without_json() -> None:
    async def scenario(t: Talk) -> None:
        t.inbox.discord.pacer.configure("invalid", Quota(3, 600.0))
        for _ in range(3):
            await t.post(HELLO, User_Agent="Mozilla/5.0")
        banned = await t.post(HELLO)

        assert banned.status == 429
        assert "1015" in banned.text
        assert "Via" not in banned.headers
        assert "Retry-After" not in banned.headers
        t.clock.now += 600
        assert (await t.post(HELLO)).status == 200

    talk(scenario)


def test_limits_are_changed_by_the_control_api() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/limits", {"per_webhook": [1, 10]})
        answers = [await t.post(HELLO) for _ in range(2)]
        settings = await t.control("POST", "/limits", {"per_webhook": None})

        assert [a.status for a in answers] == [200, 429]
        assert settings["per_webhook"] is None
        assert "X-RateLimit-Limit" not in (await t.post(HELLO)).headers
        wrong = await t.call("POST", "/_control/limits", {"per_webhook": "fast"})
        assert wrong.status == 400

    talk(scenario)
