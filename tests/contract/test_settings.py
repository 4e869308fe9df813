"""The contract of the settings, held by the fake and by DynamoDB alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.session import Session

from tests.contract.conftest import TABLE
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeHealthBook
from tests.fakes.settings import FakeSettings
from tocsin.aws.calls import client
from tocsin.aws.health import DynamoHealthBook
from tocsin.aws.settings import DynamoSettings
from tocsin.desk import EDITIONS_KEPT, NO_EDITION, Edition, Upsert
from tocsin.errors import Conflict, Outdated, Unavailable
from tocsin.keys import kept_key
from tocsin.ports import Health
from tocsin.rules.config import Config
from tocsin.rules.criteria import Match
from tocsin.rules.policy import Upkeep
from tocsin.rules.silencing import Recurring, Silence
from tocsin.settings import Destination, Key, Scope, Signature, SigningSecret, Source

OPS = Destination("ops", "fake", {"username": "Ü"}, "put/ops/1", 1, "x 1")
KEPT_UP = Upkeep.model_validate(
    {"audit_to": "feed", "window": "500ms", "storm": "off", "breaker": {"failures": 9}}
)
ADMIN = Source("admin", frozenset(Scope), (kept_key("a", 1), kept_key("b", 2)))
SHOP = Source("shop", frozenset({Scope.INGEST}), (kept_key("s", 1),))


@dataclass
class Books:
    """The settings under test, and the health beside them."""

    settings: Any
    health: Any


@pytest.fixture(params=["fake", "dynamodb"])
def books(request: pytest.FixtureRequest) -> Books:
    if request.param == "fake":
        known = FakeHealthBook()
        return Books(FakeSettings(health=known), known)
    request.getfixturevalue("aws")
    dynamodb = client("dynamodb")
    clock = FakeClock()
    return Books(
        DynamoSettings(dynamodb, TABLE, clock),
        DynamoHealthBook(dynamodb, TABLE, clock),
    )


def file_of(name: str) -> tuple[Config, Edition]:
    config = Config.model_validate(
        {"timezone": "Europe/Zurich", "routes": [{"name": name, "to": []}]}
    )
    return config, Edition(f"# {name} ü", "yaml", "admin", 5)


def test_a_new_table_holds_nothing(books: Books) -> None:
    found = books.settings.fresh()

    assert (found.etag, found.destinations, found.sources) == (NO_EDITION, {}, {})
    assert found.config == Config()
    assert books.settings.editions() == []


def test_a_routing_file_is_read_back_with_its_own_words(books: Books) -> None:
    config, edition = file_of("a")
    etag = books.settings.put_config(config, edition, after=NO_EDITION)

    assert books.settings.fresh().config == config
    assert books.settings.fresh().etag == etag
    assert books.settings.editions() == [replace(edition, etag=etag)]


def test_the_file_that_was_read_must_still_be_current(books: Books) -> None:
    first = books.settings.put_config(*file_of("a"), after=NO_EDITION)
    second = books.settings.put_config(*file_of("b"), after=first)
    for stale in (NO_EDITION, first):
        with pytest.raises(Outdated):
            books.settings.put_config(*file_of("c"), after=stale)

    assert books.settings.fresh().config == file_of("b")[0]
    assert [each.etag for each in books.settings.editions()] == [second, first]


def test_only_the_latest_editions_are_kept(books: Books) -> None:
    etag = NO_EDITION
    for number in range(EDITIONS_KEPT + 3):
        etag = books.settings.put_config(*file_of(f"r{number}"), after=etag)
    kept = [each.etag for each in books.settings.editions(100)]

    assert kept == [str(int(etag) - back) for back in range(EDITIONS_KEPT)]


def test_a_file_and_its_destinations_go_live_together_or_not_at_all(
    books: Books,
) -> None:
    books.settings.put_config(
        *file_of("a"), after=NO_EDITION, upserts=[Upsert(None, OPS)]
    )
    other = replace(OPS, name="other")
    with pytest.raises(Conflict):
        books.settings.put_config(
            *file_of("b"),
            after="1",
            upserts=[Upsert(None, other), Upsert(None, OPS)],
        )

    found = books.settings.fresh()
    assert found.destinations == {"ops": OPS}
    assert (found.etag, found.config) == ("1", file_of("a")[0])


def test_a_destination_is_replaced_only_by_who_saw_it(books: Books) -> None:
    books.settings.put_destination(Upsert(None, OPS))
    changed = replace(OPS, settings={"username": "new"})
    books.settings.put_destination(Upsert(OPS, changed))
    for seen in (None, OPS):
        with pytest.raises(Conflict):
            books.settings.put_destination(Upsert(seen, replace(OPS, hint="late")))

    assert books.settings.fresh().destinations == {"ops": changed}


def test_how_a_destination_is_served_is_read_back(books: Books) -> None:
    served = replace(OPS, upkeep=KEPT_UP)
    books.settings.put_destination(Upsert(None, OPS))
    books.settings.put_destination(Upsert(OPS, served))
    with pytest.raises(Conflict):
        books.settings.put_destination(Upsert(OPS, served))

    assert books.settings.fresh().destinations == {"ops": served}


@pytest.mark.parametrize("again", ["put", "file", "deleted"])
def test_a_destination_put_again_is_enabled_again(books: Books, again: str) -> None:
    books.settings.put_destination(Upsert(None, OPS))
    books.health.disable("ops", 5, "gone")
    changed = Upsert(OPS, replace(OPS, secret_version=2))
    if again == "put":
        books.settings.put_destination(changed)
    elif again == "file":
        books.settings.put_config(*file_of("a"), after=NO_EDITION, upserts=[changed])
    else:
        books.settings.delete_destination(OPS)

    assert books.health.health(["ops"])["ops"] == Health()


def test_a_destination_is_deleted_only_by_who_saw_it(books: Books) -> None:
    books.settings.put_destination(Upsert(None, OPS))
    with pytest.raises(Conflict):
        books.settings.delete_destination(replace(OPS, hint="other"))
    books.settings.delete_destination(OPS)
    with pytest.raises(Conflict):
        books.settings.delete_destination(OPS)

    assert books.settings.fresh().destinations == {}


def test_sources_keep_scopes_and_keys(books: Books) -> None:
    books.settings.put_source(ADMIN, old=None)
    books.settings.put_source(SHOP, old=None)
    rotated = replace(SHOP, keys=(*SHOP.keys, kept_key("t", 2)))
    books.settings.put_source(rotated, old=SHOP)
    for seen in (None, SHOP):
        with pytest.raises(Conflict):
            books.settings.put_source(SHOP, old=seen)

    assert books.settings.fresh().sources == {"admin": ADMIN, "shop": rotated}


SIGNED = replace(
    SHOP,
    types=("ci.*", "git?"),
    rate=60,
    signature=Signature("github", (SigningSecret("shop", "shop/1", 1),)),
    options={"grafana": {"severity": {"page": "critical"}}},
)


@pytest.mark.parametrize(
    "asked",
    [
        SIGNED,
        replace(SHOP, types=("ci.*",)),
        replace(SHOP, rate=1),
        replace(SHOP, signature=SIGNED.signature),
        replace(SHOP, options=SIGNED.options),
    ],
)
def test_what_is_asked_of_a_source_is_read_back_and_can_be_taken_back(
    books: Books, asked: Source
) -> None:
    books.settings.put_source(asked, old=None)
    assert books.settings.fresh().sources == {"shop": asked}

    books.settings.put_source(SHOP, old=asked)

    assert books.settings.fresh().sources == {"shop": SHOP}


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


def test_a_source_is_deleted_only_while_the_other_remains(books: Books) -> None:
    second = replace(ADMIN, name="second")
    books.settings.put_source(ADMIN, old=None)
    books.settings.put_source(second, old=None)
    books.settings.delete_source(ADMIN, remains=second)
    with pytest.raises(Conflict):
        books.settings.delete_source(second, remains=ADMIN)
    with pytest.raises(Conflict):
        books.settings.delete_source(ADMIN, remains=None)

    assert books.settings.fresh().sources == {"second": second}


SILENCE = Silence(
    id="01j000000000000000000000s1",
    match=Match.model_validate({"severity": "<=low", "data.score": ">=80"}),
    starts_at=5,
    ends_at=86_400_000,
    author="ops",
    comment="Ümzug",
    kind="maintenance",
    created_at=4,
    recurring=Recurring.model_validate(
        {"from": "22:00", "to": "02:00", "days": "weekend", "timezone": "UTC"}
    ),
)
ENDLESS = replace(SILENCE, id="01j000000000000000000000s2", ends_at=None)


def test_silences_are_read_back_in_order(books: Books) -> None:
    plain = Silence("01j000000000000000000000s3", Match(), 1, 2)
    for silence in (plain, ENDLESS, SILENCE):
        books.settings.put_silence(silence)
    with pytest.raises(Conflict):
        books.settings.put_silence(SILENCE)

    assert books.settings.fresh().silences == (SILENCE, ENDLESS, plain)


def test_a_silence_is_ended_once(books: Books) -> None:
    books.settings.put_silence(SILENCE)
    books.settings.put_silence(ENDLESS)
    books.settings.delete_silence(SILENCE)
    with pytest.raises(Conflict):
        books.settings.delete_silence(SILENCE)

    assert books.settings.fresh().silences == (ENDLESS,)


def test_a_silence_leaves_the_table_a_day_after_its_end(aws: Session) -> None:
    dynamodb = client("dynamodb")
    book = DynamoSettings(dynamodb, TABLE, FakeClock())
    book.put_silence(SILENCE)
    book.put_silence(ENDLESS)
    first, second = dynamodb.scan(TableName=TABLE)["Items"]

    assert first["expires"] == {"N": str(86_400 + 86_400)}
    assert "expires" not in second


def test_a_silence_is_read_once(aws: Session) -> None:
    book = DynamoSettings(client("dynamodb"), TABLE, FakeClock())
    book.put_silence(SILENCE)

    assert book.fresh().silences[0] is book.fresh().silences[0]


class Counting:
    """A client that counts its calls, and fails when told to."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.calls = 0
        self.table = ""

    def __getattr__(self, name: str) -> Any:
        self.calls += 1
        return getattr(self._inner, name)


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
