"""Settings in DynamoDB: read seldom and whole, and never guessed at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.session import Session

from tests.contract.books import KEPT_UP, OPS, SHOP, SILENCE, Counting, file_of
from tests.contract.conftest import TABLE
from tests.fakes.clock import FakeClock
from tocsin.aws.calls import client
from tocsin.aws.settings import DynamoSettings
from tocsin.desk import NO_EDITION, Upsert
from tocsin.errors import Unavailable
from tocsin.settings import Destination, Key, Scope, Source


def test_a_source_written_before_anything_more_was_asked_loads_and_changes(
    aws: Session,
) -> None:
    dynamodb = client("dynamodb")
    key = '{"digest":"d","hint":"toc_abcd","made_at":1}'
    written = f'{{"keys":[{key}],"name":"old","scopes":["ingest"]}}'
    dynamodb.put_item(
        TableName=TABLE,
        Item={
            "pk": {"S": "CONFIG"},
            "sk": {"S": "SOURCE#old"},
            "document": {"S": written},
        },
    )
    book = DynamoSettings(dynamodb, TABLE, FakeClock())
    old = book.fresh().sources["old"]
    assert old == Source("old", frozenset({Scope.INGEST}), (Key("d", "toc_abcd", 1),))

    book.put_source(replace(old, rate=5), old=old)

    assert book.fresh().sources["old"].rate == 5


def test_a_silence_is_read_once(aws: Session) -> None:
    book = DynamoSettings(client("dynamodb"), TABLE, FakeClock())
    book.put_silence(SILENCE)

    assert book.fresh().silences[0] is book.fresh().silences[0]


def test_settings_are_read_once_a_second(aws: Session) -> None:
    clock = FakeClock()
    counted = Counting(client("dynamodb"))
    book = DynamoSettings(counted, TABLE, clock)
    writer = DynamoSettings(client("dynamodb"), TABLE, clock)
    before = book.current()
    writer.put_source(SHOP, old=None)
    clock.at += 999

    assert book.current() is before
    assert counted.calls == 1

    clock.at += 1

    assert book.current().sources == {"shop": SHOP}
    assert counted.calls == 2


def test_a_routing_file_is_parsed_once(aws: Session) -> None:
    book = DynamoSettings(client("dynamodb"), TABLE, FakeClock())
    book.put_config(*file_of("a"), after=NO_EDITION)

    assert book.fresh().config is book.fresh().config


def test_history_is_not_read_with_the_settings(aws: Session) -> None:
    book = DynamoSettings(client("dynamodb"), TABLE, FakeClock())
    etag = NO_EDITION
    for number in range(3):
        etag = book.put_config(*file_of(f"r{number}"), after=etag)
    found = client("dynamodb").query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "CONFIG"}},
    )

    assert [item["sk"]["S"] for item in found["Items"]] == ["ROUTING"]


def test_more_settings_than_a_page_are_read_whole(aws: Session) -> None:
    book = DynamoSettings(client("dynamodb"), TABLE, FakeClock())
    names = [f"d{number}" for number in range(9)]
    for name in names:
        big = {"username": "x" * 200_000}
        book.put_destination(Upsert(None, Destination(name, "fake", big)))

    assert sorted(book.fresh().destinations) == names


def test_a_file_that_cannot_be_read_is_not_guessed_at(aws: Session) -> None:
    dynamodb = client("dynamodb")
    dynamodb.put_item(
        TableName=TABLE,
        Item={
            "pk": {"S": "CONFIG"},
            "sk": {"S": "ROUTING"},
            "version": {"N": "3"},
            "document": {"S": '{"routes": [{"name": "a", "future": 1}]}'},
        },
    )
    with pytest.raises(Unavailable, match="routing file"):
        DynamoSettings(dynamodb, TABLE, FakeClock()).current()


@pytest.mark.parametrize(
    "document",
    ['{"match": {}, "recurring": null, "later": 1}', '{"match": [], "recurring": 0}'],
)
def test_a_silence_that_cannot_be_read_is_not_guessed_at(
    aws: Session, document: str
) -> None:
    dynamodb = client("dynamodb")
    sort = {"S": "SILENCE#x"}
    item = {"pk": {"S": "CONFIG"}, "sk": sort, "document": {"S": document}}
    dynamodb.put_item(TableName=TABLE, Item=item)
    with pytest.raises(Unavailable, match="silence"):
        DynamoSettings(dynamodb, TABLE, FakeClock()).current()


def test_a_missing_table_is_not_available(aws: Session) -> None:
    book = DynamoSettings(client("dynamodb"), "elsewhere", FakeClock())
    with pytest.raises(Unavailable):
        book.current()
    with pytest.raises(Unavailable):
        book.put_source(SHOP, old=None)
    with pytest.raises(Unavailable):
        book.put_config(*file_of("a"), after=NO_EDITION)


def test_a_destination_from_before_upkeep_can_still_be_changed(aws: Session) -> None:
    dynamodb = client("dynamodb")
    book = DynamoSettings(dynamodb, TABLE, FakeClock())
    old = (
        '{"channel":"fake","hint":"x 1","name":"ops","secret":"put/ops/1",'
        '"secret_version":1,"settings":{"username":"\\u00dc"}}'
    )
    dynamodb.put_item(
        TableName=TABLE,
        Item={
            "pk": {"S": "CONFIG"},
            "sk": {"S": "DESTINATION#ops"},
            "document": {"S": old},
        },
    )
    assert book.fresh().destinations == {"ops": OPS}

    book.put_destination(Upsert(OPS, replace(OPS, upkeep=KEPT_UP)))

    assert book.fresh().destinations["ops"].upkeep == KEPT_UP
