"""The contract of the settings, held by the fake and by DynamoDB alike: what is written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.session import Session

from tests.contract.books import (
    ADMIN,
    ENDLESS,
    KEPT_UP,
    OPS,
    SHOP,
    SIGNED,
    SILENCE,
    Books,
    file_of,
)
from tests.contract.conftest import TABLE
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeHealthBook
from tests.fakes.settings import FakeSettings
from tocsin.aws.calls import client
from tocsin.aws.health import DynamoHealthBook
from tocsin.aws.settings import DynamoSettings
from tocsin.desk import EDITIONS_KEPT, NO_EDITION, Upsert
from tocsin.errors import Conflict, Outdated
from tocsin.keys import kept_key
from tocsin.ports import Health
from tocsin.rules.config import Config
from tocsin.rules.criteria import Match
from tocsin.rules.silencing import Silence
from tocsin.settings import Source


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
