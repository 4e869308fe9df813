"""Sources: a key shown once, two live for rotation, and always one admin."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.settings import FakeSettings, FakeVault
from tocsin.errors import Conflict, NotFound
from tocsin.keys import find
from tocsin.settings import Scope
from tocsin.sources import create_source, delete_source, revoke_old_key, rotate_key

ADMIN = [Scope.ADMIN]


@pytest.fixture
def desk() -> FakeSettings:
    return FakeSettings()


def named(desk: FakeSettings, key: str) -> str | None:
    found = find(desk.settings.sources.values(), key)
    return found.name if found else None


def test_a_created_source_is_found_by_the_key_shown(desk: FakeSettings) -> None:
    made, key = create_source("web", [Scope.INGEST], desk=desk, clock=FakeClock())

    assert named(desk, key) == "web"
    assert made.scopes == {Scope.INGEST}
    assert key not in repr(desk.settings)


def test_a_name_is_given_once(desk: FakeSettings) -> None:
    create_source("web", [Scope.INGEST], desk=desk, clock=FakeClock())
    with pytest.raises(Conflict):
        create_source("web", ADMIN, desk=desk, clock=FakeClock())


def test_rotation_keeps_both_keys_until_the_old_one_is_revoked(
    desk: FakeSettings,
) -> None:
    clock = FakeClock()
    _, old = create_source("web", [Scope.INGEST], desk=desk, clock=clock)
    _, new = rotate_key("web", desk=desk, clock=clock)

    assert [named(desk, old), named(desk, new)] == ["web", "web"]
    with pytest.raises(Conflict, match="revoke"):
        rotate_key("web", desk=desk, clock=clock)

    revoke_old_key("web", desk=desk, clock=clock)

    assert [named(desk, old), named(desk, new)] == [None, "web"]
    with pytest.raises(Conflict):
        revoke_old_key("web", desk=desk, clock=clock)


def test_the_last_admin_stays(desk: FakeSettings) -> None:
    clock = FakeClock()
    create_source("web", [Scope.INGEST], desk=desk, clock=clock)
    create_source("root", ADMIN, desk=desk, clock=clock)
    with pytest.raises(Conflict, match="last"):
        delete_source("root", desk=desk, vault=FakeVault(), clock=clock)
    create_source("second", ADMIN, desk=desk, clock=clock)
    delete_source("root", desk=desk, vault=FakeVault(), clock=clock)

    assert sorted(desk.settings.sources) == ["second", "web"]


def test_any_other_source_can_be_deleted(desk: FakeSettings) -> None:
    clock = FakeClock()
    _, key = create_source("web", [Scope.INGEST], desk=desk, clock=clock)
    delete_source("web", desk=desk, vault=FakeVault(), clock=clock)

    assert named(desk, key) is None


@pytest.mark.parametrize(
    "act", [rotate_key, revoke_old_key, partial(delete_source, vault=FakeVault())]
)
def test_a_source_that_is_not_there_is_not_found(
    act: Callable[..., object], desk: FakeSettings
) -> None:
    with pytest.raises(NotFound):
        act("nope", desk=desk, clock=FakeClock())


def test_a_change_is_answered_only_when_it_is_live(desk: FakeSettings) -> None:
    clock = FakeClock()
    before = clock.now()
    create_source("web", ADMIN, desk=desk, clock=clock)

    assert clock.now() - before >= 1_100
