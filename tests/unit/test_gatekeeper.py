"""The gatekeeper: whom it admits, and what that costs."""

from __future__ import annotations

import pytest

from tests.fakes.settings import FakeFirstKeys, FakeSettings
from tocsin.errors import Forbidden, Unauthorized
from tocsin.gatekeeper import Gatekeeper
from tocsin.keys import kept_key
from tocsin.rules.config import Config
from tocsin.settings import Scope, Settings, Source

ADMIN = Source("admin", frozenset({Scope.ADMIN}), (kept_key("a", 0),))
SHOP = Source("shop", frozenset({Scope.INGEST}), (kept_key("k", 0),))


class Counting(FakeSettings):
    """Counts the reads that go past the cache."""

    fresh_reads = 0

    def fresh(self) -> Settings:
        self.fresh_reads += 1
        return super().fresh()


def gate(*sources: Source) -> tuple[Gatekeeper, Counting, FakeFirstKeys]:
    named = {source.name: source for source in sources}
    if sources:
        named["admin"] = ADMIN
    book = Counting(Settings(Config(), "0", {}, named))
    first = FakeFirstKeys(book)
    return Gatekeeper(book, first), book, first


def test_a_known_key_with_the_scope_is_admitted_as_its_source() -> None:
    keeper, book, _ = gate(SHOP)

    assert keeper.admit({"authorization": "Bearer k"}, Scope.INGEST) is SHOP
    assert book.fresh_reads == 0


def test_an_unknown_key_costs_no_read_of_its_own() -> None:
    keeper, book, first = gate(SHOP)
    for _ in range(5):
        with pytest.raises(Unauthorized):
            keeper.admit({"authorization": "Bearer x"}, Scope.INGEST)

    assert (book.fresh_reads, first.asked) == (0, 0)


def test_a_key_without_the_scope_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        gate(SHOP)[0].admit({"authorization": "Bearer k"}, Scope.OPERATE)


def test_a_stack_without_sources_adopts_its_generated_keys() -> None:
    keeper, _, first = gate()
    with pytest.raises(Unauthorized):
        keeper.admit({"authorization": "Bearer k"}, Scope.INGEST)

    assert first.asked == 1


def test_a_stack_that_nobody_can_administer_is_still_new() -> None:
    book = FakeSettings(Settings(Config(), "0", {}, {"shop": SHOP}))
    first = FakeFirstKeys(book)
    Gatekeeper(book, first).admit({"authorization": "Bearer k"}, Scope.INGEST)

    assert first.asked == 1


def test_a_request_without_a_key_reaches_nothing() -> None:
    keeper, _, first = gate()
    with pytest.raises(Unauthorized):
        keeper.admit({}, Scope.INGEST)

    assert first.asked == 0
