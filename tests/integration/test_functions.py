"""Every recorded event on its whole way: ingest, table, queue, sender, people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.enricher import PICTURE, FakeEnricher
from tests.integration.functions import EVENTS, POSTED, Context, Functions
from tests.unit.channels.loopback import Provider, answer
from tests.unit.channels.uploading import parts_of
from tocsin.attic import Kept
from tocsin.errors import Unavailable

# Those of ingest; hooks has a file of its own.
CASES = sorted(
    path.stem
    for path in EVENTS.glob("*.json")
    if path.stem.startswith(("http-", "sns-"))
)
GOLDENS = EVENTS.parent / "tests" / "unit" / "intake" / "goldens"
# What ends a problem says nothing where none is open.
OPENERS = {"sns-alarm-ok": "sns-alarm-metric"}


def golden(case: str) -> list[dict[str, Any]]:
    """The events that a recorded payload holds."""
    read = json.loads((GOLDENS / f"{case}.json").read_text())
    return [each["event"] for each in read["received"]]


def closed(functions: Functions) -> None:
    """No problem is left open by what came before, and no card to be edited."""
    for name in functions.ids():
        functions.call("POST", f"/v1/notifications/{name}/resolve", {})
    while records := functions.queued():
        functions.send(records)


def test_an_alarm_says_what_aws_knows_and_is_the_same_when_it_comes_again(
    functions: Functions, discord: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(functions)
    event = json.loads((EVENTS / "sns-alarm-metric.json").read_text())
    sns = event["Records"][0]["Sns"]
    sns["Message"] = sns["Message"].replace("T08:31:23.000", "T08:33:00.000")
    ports = functions.ingest.ports
    environment = ports.environment.model_copy(
        update={"enriched_account": "123456789012"}
    )
    monkeypatch.setattr(ports, "environment", environment)
    before = functions.ids()
    kept = Kept(PICTURE.name, PICTURE.media, PICTURE.size)
    ports.attic().keep("sns", PICTURE.id, kept, b"a graph")

    monkeypatch.setitem(vars(ports), "_enricher", FakeEnricher({"owner": "ada"}))
    functions.ingest.handler(event, Context())
    functions.send(functions.queued())
    failing = FakeEnricher(Unavailable("tags: Throttling"))
    monkeypatch.setitem(vars(ports), "_enricher", failing)
    functions.ingest.handler(event, Context())

    (new,) = [name for name in functions.ids() if name not in before]
    _, told = functions.call("GET", f"/v1/notifications/{new}")
    assert {"name": "Owner", "value": "ada"} in told["event"]["fields"]
    assert told["occurrences"] == 1
    (_, _, _, payload), (*_, graph) = parts_of(discord.requests[-1])
    (embed,) = json.loads(payload)["embeds"]
    assert embed["image"] == {"url": "attachment://Graph.png"}
    assert graph == b"a graph"
    assert "ada" in json.dumps(embed["fields"])


@pytest.mark.parametrize("case", CASES)
def test_a_recorded_event_is_stored_queued_sent_and_shown(
    functions: Functions, discord: Provider, case: str
) -> None:
    closed(functions)
    if case in OPENERS:
        functions.take_in(OPENERS[case], anew=True)
        functions.send(functions.queued())
    before, posts = set(functions.ids()), len(discord.requests)

    answered = functions.take_in(case)

    if case.startswith("http"):
        assert answered["statusCode"] == 202, answered
    new = [name for name in functions.ids() if name not in before]
    assert len(new) == len(golden(case)) > 0
    stored = [functions.call("GET", f"/v1/notifications/{name}")[1] for name in new]
    assert {each["status"] for each in stored} == {"queued"}
    wanted = sorted(event["type"] for event in golden(case))
    assert sorted(each["type"] for each in stored) == wanted
    records = functions.queued()
    tickets = [
        ticket
        for record in records
        for ticket, _ in json.loads(record["body"])["tickets"]
    ]
    assert sorted(tickets) == sorted(new)

    assert functions.send(records) == []

    for name in new:
        _, found = functions.call("GET", f"/v1/notifications/{name}")
        (delivery,) = found["deliveries"]
        assert delivery["status"] == "sent"
        on_card = "shown on the card" in delivery["reason"]
        assert delivery["message_id"] == (None if on_card else POSTED["id"])
    assert functions.queued() == []
    shown = [
        embed
        for request in discord.requests[posts:]
        for embed in json.loads(request.body)["embeds"]
    ]
    assert len(shown) == len(new)


def test_the_same_record_from_the_topic_counts_once(functions: Functions) -> None:
    """SNS delivers at least once, and so does Lambda."""
    closed(functions)
    functions.take_in("sns-text")
    before = functions.ids()

    functions.take_in("sns-text")

    assert functions.ids() == before
    functions.send(functions.queued())


def test_what_a_provider_refuses_stays_in_the_queue_until_sqs_takes_it_away(
    functions: Functions, discord: Provider
) -> None:
    closed(functions)
    before = set(functions.ids())
    discord.behaviours.insert(0, answer(400, {"code": 50035, "message": "Bad form"}))
    functions.take_in("sns-text", anew=True)
    (new,) = set(functions.ids()) - before
    (record,) = functions.queued()

    assert functions.send([record]) == [record["messageId"]]
    posts = len(discord.requests)
    for _ in range(9):
        for again in functions.queued():
            assert functions.send([again]) == [record["messageId"]]

    assert len(discord.requests) == posts
    _, found = functions.call("GET", f"/v1/notifications/{new}")
    assert found["status"] == "dead_letter"
    assert functions.queued() == []
    (dead,) = functions.sqs.receive_message(QueueUrl=functions.dlq)["Messages"]
    assert new in dead["Body"]


def test_the_sweep_finds_everything_in_order(functions: Functions) -> None:
    swept = functions.sweep.handler({}, Context())

    assert swept["complete"] is True
    assert swept["failures"] == 0
