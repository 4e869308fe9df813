"""The keys generated with the stack: adopted once, and never again."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import Session

from tests.contract.conftest import TABLE
from tests.fakes.clock import FakeClock
from tocsin.aws.calls import client
from tocsin.aws.generated_keys import GeneratedKeys
from tocsin.aws.settings import DynamoSettings
from tocsin.errors import Unauthorized, Unavailable
from tocsin.gatekeeper import Gatekeeper
from tocsin.keys import kept_key
from tocsin.settings import Scope, Source

SECRETS = {"admin": "stack-admin", "ingest": "stack-ingest"}


class Stack:
    """A new stack: two generated secrets, and no source yet."""

    def __init__(self, session: Session) -> None:
        self.manager: Any = client("secretsmanager")
        self.manager.create_secret(Name="stack-admin", SecretString="the-admin-key\n")
        self.manager.create_secret(Name="stack-ingest", SecretString="the-ingest-key")
        self.made = 0
        self.clock = FakeClock()
        self.settings = DynamoSettings(client("dynamodb"), TABLE, self.clock)
        self.keys = GeneratedKeys(
            self.make_client, SECRETS, desk=self.settings, clock=self.clock
        )
        self.gate = Gatekeeper(self.settings, self.keys)

    def make_client(self) -> Any:
        self.made += 1
        return self.manager


@pytest.fixture
def stack(aws: Session) -> Stack:
    return Stack(aws)


def test_the_first_request_adopts_both_keys(stack: Stack) -> None:
    admin = stack.gate.admit({"authorization": "Bearer the-admin-key"}, Scope.ADMIN)
    ingest = stack.gate.admit({"authorization": "Bearer the-ingest-key"}, Scope.INGEST)

    assert admin.scopes == set(Scope)
    assert ingest.scopes == {Scope.INGEST}


def test_no_later_request_asks_secrets_manager(stack: Stack) -> None:
    stack.gate.admit({"authorization": "Bearer the-ingest-key"}, Scope.INGEST)
    made = stack.made
    stack.clock.at += 10_000
    for key in ("the-admin-key", "unknown"):
        try:
            stack.gate.admit({"authorization": f"Bearer {key}"}, Scope.ADMIN)
        except Unauthorized:
            continue

    assert stack.made == made


def test_a_deleted_ingest_source_stays_deleted(stack: Stack) -> None:
    found = stack.keys.adopt().sources["ingest"]
    stack.settings.delete_source(found, remains=None)

    assert list(stack.keys.adopt().sources) == ["admin"]


def test_two_processes_may_adopt_at_once(stack: Stack) -> None:
    other = GeneratedKeys(
        stack.make_client, SECRETS, desk=Late(stack), clock=stack.clock
    )
    stack.keys.adopt()

    assert sorted(other.adopt().sources) == ["admin", "ingest"]


class Late:
    """A desk whose first look is from before the other process wrote."""

    def __init__(self, stack: Stack) -> None:
        self._old = stack.settings.fresh()
        self._real = stack.settings

    def fresh(self) -> Any:
        seen, self._old = self._old, self._real.fresh()
        return seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_adoption_that_crashed_half_way_is_finished_later(stack: Stack) -> None:
    broken = GeneratedKeys(
        stack.make_client,
        {**SECRETS, "admin": "nowhere"},
        desk=stack.settings,
        clock=stack.clock,
    )
    with pytest.raises(Unavailable):
        broken.adopt()

    assert sorted(stack.settings.fresh().sources) == ["ingest"]
    stack.gate.admit({"authorization": "Bearer the-admin-key"}, Scope.ADMIN)
    assert sorted(stack.settings.fresh().sources) == ["admin", "ingest"]


def test_an_admin_key_replaced_by_another_admin_stays_deleted(stack: Stack) -> None:
    first = stack.keys.adopt().sources["admin"]
    own = Source("own", frozenset({Scope.ADMIN}), (kept_key("mine", 1),))
    stack.settings.put_source(own, old=None)
    stack.settings.delete_source(first, remains=own)

    assert "admin" not in stack.keys.adopt().sources


def test_only_hashes_reach_the_table(stack: Stack) -> None:
    stack.keys.adopt()
    text = repr(stack.settings.fresh())

    assert "the-admin-key" not in text
    assert "the-ingest-key" not in text
