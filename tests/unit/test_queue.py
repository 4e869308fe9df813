"""The queue: what a parcel looks like on the wire, and what SQS does with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from tests.fakes.clock import NOON
from tests.fakes.moto_http import use_moto
from tests.fakes.world import settings_for
from tocsin.aws.calls import client
from tocsin.aws.json_service import Unreached
from tocsin.aws.queue import (
    ROUNDS,
    SqsInflight,
    SqsOutbox,
    decode,
    dedup_of,
    encode,
    group_of,
    records_of,
)
from tocsin.delivery import Delivery
from tocsin.errors import Unavailable
from tocsin.identity import new_id
from tocsin.parcels import TICKETS, bundle
from tocsin.ports import Parcel, Record

TICKET = st.tuples(st.integers(0, 2**48 - 1).map(lambda at: new_id(at, b"e" * 10)),
                   st.integers(0, 10**6))  # fmt: skip
PARCELS = st.builds(
    Parcel,
    destination=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True),
    urgent=st.booleans(),
    tickets=st.lists(TICKET, min_size=1, max_size=10).map(tuple),
)
PARCEL = Parcel("ops", False, (("01m7wd7tg0krvqkebz99y1bwww", 0),))


def parcels(count: int) -> list[Parcel]:
    return [replace(PARCEL, tickets=((f"n{n}", 0),)) for n in range(count)]


# --- on the wire ------------------------------------------------------------


@given(PARCELS)
def test_a_parcel_comes_back_as_it_was(parcel: Parcel) -> None:
    assert decode(encode(parcel)) == parcel


@given(PARCELS, PARCELS)
def test_equal_parcels_are_dropped_as_doubles_and_others_never(
    one: Parcel, other: Parcel
) -> None:
    assert (dedup_of(one) == dedup_of(other)) is (one == other)
    assert len(dedup_of(one)) <= 128


@given(PARCELS)
def test_a_new_ticket_is_never_taken_for_a_double(parcel: Parcel) -> None:
    name, ticket = parcel.tickets[0]
    retried = replace(parcel, tickets=((name, ticket + 1), *parcel.tickets[1:]))

    assert dedup_of(retried) != dedup_of(parcel)


def test_each_destination_and_class_has_a_group_of_its_own() -> None:
    kinds = [("ops", False), ("ops", True), ("team", False), ("team", True)]
    groups = {group_of(Parcel(name, urgent, ())) for name, urgent in kinds}

    assert groups == {"ops#normal", "ops#urgent", "team#normal", "team#urgent"}


def test_a_full_parcel_of_the_longest_names_is_far_from_the_limit_of_sqs() -> None:
    tickets = tuple((new_id(NOON + n, b"e" * 10), 10**6) for n in range(TICKETS))

    assert len(encode(Parcel("x" * 40, True, tickets)).encode()) < 1024


STRANGE = [
    "", "hello", "null", "7", "[]", "{}", '{"to":"ops"}', '{"tickets":[]}',
    '{"to":"ops","urgent":true,"tickets":[["a"]]}',
    '{"to":"ops","urgent":true,"tickets":[["a","b"]]}',
    '{"to":"ops","urgent":true,"tickets":[["a",1e999]]}',
    '{"to":"ops","urgent":true,"tickets":[["a",NaN]]}',
    '{"to":"ops","urgent":true,"tickets":7}',
    '{"to":"ops","urgent":true,"tickets":[7]}',
    "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("body", STRANGE, ids=lambda body: body[:44] or "empty")
def test_a_strange_body_is_refused_as_such(body: str) -> None:
    with pytest.raises(ValueError, match="not a parcel"):
        decode(body)


@given(st.text(max_size=60))
def test_no_body_at_all_breaks_reading(body: str) -> None:
    try:
        decode(body)
    except ValueError:
        return


def test_strange_messages_are_named_and_the_others_are_read() -> None:
    def record(name: str, body: str) -> dict[str, Any]:
        attributes = {"SentTimestamp": str(NOON), "ApproximateReceiveCount": "3"}
        return {
            "messageId": name,
            "receiptHandle": f"handle of {name}",
            "body": body,
            "attributes": attributes,
        }

    event = {"Records": [record("a", "what?"), record("b", encode(PARCEL))]}
    records, strange = records_of(event)

    assert strange == ["a"]
    assert records == [Record("b", "handle of b", NOON, 3, PARCEL)]


def test_bundling_keeps_the_order_and_parts_destinations_and_classes() -> None:
    wanted = [
        (f"n{n}", Delivery(name, urgent=n % 2 == 0, ticket=n))
        for n in range(30)
        for name in settings_for("ops", "team").destinations
    ]
    found = list(bundle(wanted))

    assert {len(parcel.tickets) for parcel in found} == {10, 5}
    for parcel in found:
        numbers = [ticket for _, ticket in parcel.tickets]
        assert numbers == sorted(numbers)
        assert {number % 2 == 0 for number in numbers} == {parcel.urgent}
    assert sum(len(parcel.tickets) for parcel in found) == len(wanted)


# --- against SQS ------------------------------------------------------------


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    use_moto(monkeypatch)
    with mock_aws():
        yield client("sqs")


@pytest.fixture
def url(sqs: Any) -> str:
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "false"}
    made = sqs.create_queue(QueueName="deliveries.fifo", Attributes=attributes)
    return str(made["QueueUrl"])


def received(sqs: Any, url: str) -> list[Record]:
    answer = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    )
    event = {
        "Records": [
            {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "body": each["Body"],
                "attributes": each["Attributes"],
            }
            for each in answer.get("Messages", ())
        ]
    }
    return records_of(event)[0]


def waiting(sqs: Any, url: str) -> int:
    asked = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"]
    return sum(map(int, found.values()))


@pytest.mark.parametrize("count", [1, 10, 23])
def test_every_parcel_reaches_the_queue_once(sqs: Any, url: str, count: int) -> None:
    outbox = SqsOutbox(sqs, url)
    outbox.send(parcels(count))
    outbox.send(parcels(count)[:10])

    assert waiting(sqs, url) == count


def test_what_was_sent_is_received_as_it_was(sqs: Any, url: str) -> None:
    SqsOutbox(sqs, url).send(parcels(3))

    assert [record.parcel for record in received(sqs, url)] == parcels(3)


def test_sending_nothing_calls_nobody(sqs: Any, url: str) -> None:
    stub = Stub()
    SqsOutbox(stub, "url").send([])

    assert stub.calls == []


def test_deleted_records_leave_and_the_others_stay(sqs: Any, url: str) -> None:
    SqsOutbox(sqs, url).send(parcels(5))
    records = received(sqs, url)
    SqsInflight(sqs, url).delete(records[:3])

    assert waiting(sqs, url) == 2


def test_a_hidden_record_stays_away_and_one_hidden_for_nothing_returns(
    sqs: Any, url: str
) -> None:
    SqsOutbox(sqs, url).send([PARCEL])
    inflight = SqsInflight(sqs, url)
    inflight.hide(received(sqs, url), 0)
    again = received(sqs, url)
    assert [record.receives for record in again] == [2]
    inflight.hide(again, 600)

    assert received(sqs, url) == []


class Stub:
    """An SQS client that refuses some entries of each batch, for so many calls."""

    def __init__(self, *refused: str, times: int = 1) -> None:
        self.refused, self.times = refused, times
        self.calls: list[tuple[str, list[str]]] = []
        self.bodies: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(*, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
            self.calls.append((name, [entry["Id"] for entry in Entries]))
            refuses = len(self.calls) <= self.times
            failed = [e for e in Entries if refuses and e["Id"] in self.refused]
            self.bodies += [
                e.get("MessageBody", "") for e in Entries if e not in failed
            ]
            return {"Failed": [{"Id": e["Id"], "Code": "Busy"} for e in failed]}

        return call


def test_entries_that_failed_alone_are_sent_again_alone() -> None:
    stub = Stub("1", "3")
    SqsOutbox(stub, "url").send(parcels(5))

    assert [ids for _, ids in stub.calls] == [["0", "1", "2", "3", "4"], ["1", "3"]]
    assert sorted(stub.bodies) == sorted(map(encode, parcels(5)))


def test_entries_that_keep_failing_make_the_queue_unavailable() -> None:
    stub = Stub("1", times=99)
    with pytest.raises(Unavailable):
        SqsOutbox(stub, "url").send(parcels(2))

    assert len(stub.calls) == ROUNDS


def test_what_cannot_be_deleted_or_hidden_is_left_to_the_queue_s_own_timeout() -> None:
    stub = Stub("0", times=99)
    records = [Record(f"m{n}", "r", NOON, 1, PARCEL) for n in range(12)]
    SqsInflight(stub, "url").delete(records)
    SqsInflight(stub, "url").hide(records, 5)

    assert [len(ids) for _, ids in stub.calls] == [10, 2, 10, 2]


def test_a_queue_that_cannot_be_reached_is_unavailable_and_says_why() -> None:
    class Away:
        def send_message(self, **_: Any) -> None:
            raise Unreached("SendMessage: the host name was not found")

    with pytest.raises(Unavailable) as caught:
        SqsOutbox(Away(), "url").send([PARCEL])

    assert str(caught.value) == "send: SendMessage: the host name was not found"
    assert json.loads(encode(PARCEL))["to"] == "ops"
