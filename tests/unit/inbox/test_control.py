"""The control API: reading, waiting, counting, naming, and keeping over a restart."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from local.inbox.journal import FileJournal
from local.inbox.store import Arrival, Store
from tests.unit.inbox.talk import HOOK, START, StillClock, Talk, path_of, talk


def test_messages_come_in_the_order_of_their_arrival() -> None:
    async def scenario(t: Talk) -> None:
        for hook, words in (("1", "a"), ("2", "b"), ("1", "c")):
            await t.post({"content": words}, hook=hook)
        some = await t.control("GET", "/messages?webhook=1&since=1&limit=5")
        newest = await t.control("GET", "/messages?newest=1&limit=1")

        assert [m["text"] for m in await t.messages()] == ["a", "b", "c"]
        assert [m["text"] for m in some["messages"]] == ["c"]
        assert [m["text"] for m in newest["messages"]] == ["c"]
        assert some["last"] == 3

    talk(scenario)


def test_a_message_tells_all_about_its_coming_but_not_the_token() -> None:
    async def scenario(t: Talk) -> None:
        path = path_of().replace("/token", "/a-secret") + "?wait=true"
        await t.call("POST", path, {"content": "hi"}, X_Trace="abc")
        message = (await t.messages())[0]

        assert message["received_at"] == START
        assert message["headers"]["X-Trace"] == "abc"
        assert message["payload"] == {"content": "hi"}
        assert message["query"] == {"wait": "true"}
        assert "a-secret" not in json.dumps([message, await t.control("GET", "/calls")])

    talk(scenario)


def test_waiting_ends_when_enough_messages_match() -> None:
    async def scenario(t: Talk) -> None:
        waiting = asyncio.create_task(
            t.control("GET", f"/wait?count=2&timeout=5&webhook={HOOK}&contains=yes")
        )
        await asyncio.sleep(0.01)
        for words in ("yes 1", "no", "yes 2"):
            await t.post({"content": words})
        found = await waiting

        assert found["complete"] is True
        assert [m["text"] for m in found["messages"]] == ["yes 1", "yes 2"]

    talk(scenario)


def test_waiting_sees_edits_and_what_is_there_already() -> None:
    async def scenario(t: Talk) -> None:
        message = (await t.post({"content": "down"})).json
        there = await t.control("GET", "/wait?contains=down&timeout=1")
        waiting = asyncio.create_task(t.control("GET", "/wait?contains=up&timeout=5"))
        await asyncio.sleep(0.01)
        await t.call("PATCH", path_of(HOOK, message["id"]), {"content": "up"})

        assert there["complete"] is True
        assert (await waiting)["complete"] is True

    talk(scenario)


def test_waiting_in_vain_ends_with_what_there_is() -> None:
    async def scenario(t: Talk) -> None:
        await t.post({"content": "one"})
        found = await t.control("GET", "/wait?count=2&timeout=0.02")

        assert (found["complete"], found["count"]) == (False, 1)

    talk(scenario)


def test_everything_is_counted_in_total_and_per_webhook() -> None:
    async def scenario(t: Talk) -> None:
        message = (await t.post({"content": "evt-1 evt-2"}, hook="1")).json
        t.clock.now += 1
        await t.post({"content": "evt-2"}, hook="2")
        await t.post({}, hook="2")
        await t.call("PATCH", path_of("1", message["id"]), {"content": "evt-1"})
        stats = await t.control("GET", "/stats?marker=evt-%5Cd")

        assert (stats["calls"], stats["accepted"], stats["refused"]) == (4, 2, 1)
        assert stats["first_accepted_at"] == START
        assert stats["last_accepted_at"] == START + 1
        assert stats["webhooks"]["2"]["by_status"] == {"200": 1, "400": 1}
        assert stats["webhooks"]["1"]["edits"] == 1
        assert stats["markers"]["unique"] == 2

    talk(scenario)


def test_a_refused_call_is_kept_with_its_reason() -> None:
    async def scenario(t: Talk) -> None:
        await t.post({"embeds": [{"title": "x" * 257}]})
        calls = (await t.control("GET", "/calls?refused=1"))["calls"]

        assert calls[0]["code"] == 50035
        assert calls[0]["reason"] == "embeds.0.title: Must be 256 or fewer in length"

    talk(scenario)


def test_deleting_forgets_the_messages_but_never_goes_back_in_order() -> None:
    async def scenario(t: Talk) -> None:
        await t.post({"content": "old"})
        await t.control("DELETE", "/messages")

        assert await t.messages() == []
        await t.post({"content": "new"})
        assert (await t.messages())[0]["seq"] == 2

    talk(scenario)


def test_a_reset_brings_back_the_beginning() -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"mode": "gone"})
        await t.control("POST", "/webhooks", {"only_known": True})
        await t.control("POST", "/limits", {"per_webhook": [1, 60]})
        await t.control("POST", "/reset")

        assert (await t.post({"content": "x"})).status == 200
        assert (await t.post({"content": "x"})).status == 200

    talk(scenario)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/messages?since=soon", None),
        ("GET", "/stats?marker=(", None),
        ("POST", "/names", ["x"]),
        ("POST", "/upstream", {"url": "ftp://x"}),
        ("POST", "/webhooks", {"id": "1", "colour": "red"}),
        ("POST", "/webhooks", {"name": "without id"}),
        ("POST", "/limits", {"per_moon": [1, 1]}),
        ("POST", "/limits", {"per_webhook": [0, 1]}),
    ],
)
def test_a_wrong_request_is_told_why(method: str, path: str, body: object) -> None:
    async def scenario(t: Talk) -> None:
        answer = await t.call(method, "/_control" + path, body)

        assert answer.status == 400
        assert answer.json["error"]

    talk(scenario)


def test_what_arrived_outlives_a_restart(tmp_path: Path) -> None:
    async def scenario(t: Talk) -> None:
        message = (await t.post({"content": "down"})).json
        await t.call("PATCH", path_of(HOOK, message["id"]), {"content": "up"})
        await t.control("POST", "/names", {HOOK: "ops"})

    journal = FileJournal(tmp_path)
    talk(scenario, journal)
    journal.close()
    with (tmp_path / "inbox.jsonl").open("a") as file:
        file.write('{"kind": "mess')
    again = FileJournal(tmp_path)
    store = Store(StillClock(), again)
    store.restore(again.read())

    assert [a.text for a in store.select()] == ["up"]
    assert store.names == {HOOK: "ops"}
    assert store.next_seq() == 2
    assert (tmp_path / "inbox.jsonl").read_text().count("\n") == 2


def test_the_store_holds_so_many_and_lets_the_oldest_go() -> None:
    store = Store(StillClock(), capacity=2)
    for number in range(3):
        seq = store.next_seq()
        store.add(Arrival(seq, "discord", "1", str(number), START, {}, {}, "x"))

    assert [a.id for a in store.select()] == ["1", "2"]
    assert store.find("discord", "1", "0") is None
    assert store.tally.total.accepted == 3
