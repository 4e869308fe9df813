"""Keys: made, kept as hashes, presented, found, and what they allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import Forbidden, Unauthorized
from tocsin.keys import allows, bearer, find, kept_key, make_key, require
from tocsin.settings import Scope, Source

ENTROPY = bytes(range(20))


def source(name: str, *keys: str, scopes: frozenset[Scope] = frozenset()) -> Source:
    return Source(name, scopes, tuple(kept_key(key, 0) for key in keys))


def test_a_key_is_kept_as_a_hash_and_a_hint_only() -> None:
    text, key = make_key(ENTROPY, 7)

    assert text.startswith("toc_")
    assert len(text) == 36
    assert text not in repr(key)
    assert key.hint == text[:8]
    assert key.made_at == 7


def test_different_entropy_makes_different_keys() -> None:
    assert make_key(ENTROPY, 0)[0] != make_key(ENTROPY[::-1], 0)[0]


def test_a_source_is_found_by_either_of_its_keys() -> None:
    shop = source("shop", "old", "new")

    assert find([source("other", "x"), shop], "old") is shop
    assert find([shop, source("other", "x")], "new") is shop
    assert find([shop], "older") is None
    assert find([], "old") is None


@pytest.mark.parametrize("name", ["authorization", "Authorization"])
@pytest.mark.parametrize("value", ["Bearer k", "bearer k", "BEARER   k  "])
def test_a_bearer_key_is_read_in_any_case(name: str, value: str) -> None:
    assert bearer({"x": "y", name: value}) == "k"


@pytest.mark.parametrize("value", ["", "k", "Bearer", "Bearer ", "Basic k"])
def test_anything_but_a_bearer_key_is_unauthorized(value: str) -> None:
    with pytest.raises(Unauthorized):
        bearer({"authorization": value} if value else {})


@given(st.text())
def test_any_text_can_be_presented_as_a_key(text: str) -> None:
    assert find([source("shop", "key")], text) is None or text == "key"


@pytest.mark.parametrize(
    ("has", "asked", "may"),
    [
        (Scope.ADMIN, Scope.ADMIN, True),
        (Scope.ADMIN, Scope.OPERATE, True),
        (Scope.ADMIN, Scope.INGEST, False),
        (Scope.OPERATE, Scope.OPERATE, True),
        (Scope.OPERATE, Scope.ADMIN, False),
        (Scope.OPERATE, Scope.INGEST, False),
        (Scope.INGEST, Scope.INGEST, True),
        (Scope.INGEST, Scope.OPERATE, False),
        (Scope.INGEST, Scope.ADMIN, False),
    ],
)
def test_admin_includes_operate_and_nothing_includes_ingest(
    has: Scope, asked: Scope, may: bool
) -> None:
    assert allows(source("s", scopes=frozenset({has})), asked) is may


def test_a_missing_scope_is_named() -> None:
    with pytest.raises(Forbidden, match="needs admin"):
        require(source("s", scopes=frozenset({Scope.INGEST})), Scope.ADMIN)
