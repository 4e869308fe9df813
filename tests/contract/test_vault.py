"""The vault's contract, held by the fake and by SSM alike; and SSM's own rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.session import Session

from tests.fakes.clock import FakeClock
from tests.fakes.settings import FakeVault
from tocsin.aws.calls import client
from tocsin.aws.json_service import Refusal
from tocsin.aws.vault import SsmVault
from tocsin.errors import Invalid, NotFound, Unavailable
from tocsin.settings import Destination

PREFIX = "/tocsin/test/destinations"
OPS = Destination("ops", "fake", {}, "put/ops/1", 1)


@pytest.fixture(params=["fake", "ssm"])
def vault(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return FakeVault()
    request.getfixturevalue("aws")
    return SsmVault(lambda: client("ssm"), PREFIX, FakeClock())


def test_a_secret_is_read_back_by_its_reference(vault: Any) -> None:
    reference = vault.put("put/ops/1", "s3cret ü")

    assert vault.secret(replace(OPS, secret=reference)) == "s3cret ü"


def test_a_secret_that_is_not_there_is_named_by_its_destination(vault: Any) -> None:
    with pytest.raises(NotFound, match="ops"):
        vault.secret(OPS)
    with pytest.raises(NotFound, match="ops"):
        vault.secret(replace(OPS, secret=""))


def test_a_dropped_secret_is_gone_and_may_be_dropped_again(vault: Any) -> None:
    vault.put("put/ops/1", "s")
    vault.drop("put/ops/1")
    vault.drop("put/ops/1")
    with pytest.raises(NotFound):
        vault.secret(OPS)


def test_a_secret_larger_than_a_parameter_is_refused(vault: Any) -> None:
    vault.put("put/ops/1", "x" * 4096)
    with pytest.raises(Invalid, match="4096"):
        vault.put("put/ops/2", "x" * 4097)


def test_secrets_are_encrypted_parameters_below_the_prefix(aws: Session) -> None:
    ssm = client("ssm")
    SsmVault(lambda: ssm, f"{PREFIX}/", FakeClock()).put("put/ops/1", "s")
    (found,) = ssm.describe_parameters()["Parameters"]

    assert found["Name"] == f"{PREFIX}/put/ops/1"
    assert found["Type"] == "SecureString"


def test_a_secret_that_people_put_into_ssm_is_found_by_its_path(aws: Session) -> None:
    ssm = client("ssm")
    ssm.put_parameter(Name=f"{PREFIX}/discord/ops", Value="s", Type="SecureString")
    vault = SsmVault(lambda: ssm, PREFIX, FakeClock())

    assert vault.secret(replace(OPS, secret="discord/ops")) == "s"


def test_a_secret_is_read_once_until_it_changes_or_grows_old(aws: Session) -> None:
    ssm, clock = client("ssm"), FakeClock()
    vault = SsmVault(lambda: ssm, PREFIX, clock)
    vault.put("put/ops/1", "old")
    assert vault.secret(OPS) == "old"
    vault.put("put/ops/1", "new")

    assert vault.secret(OPS) == "old"
    assert vault.secret(replace(OPS, secret_version=2)) == "new"

    clock.at += 300_000

    assert vault.secret(OPS) == "new"


def test_an_old_secret_serves_while_ssm_is_out_of_reach(aws: Session) -> None:
    clients = [client("ssm")]
    clock = FakeClock()
    vault = SsmVault(clients.pop, PREFIX, clock)
    vault.put("put/ops/1", "s")
    vault.secret(OPS)
    clock.at += 300_000
    vault._made = Broken()

    assert vault.secret(OPS) == "s"
    with pytest.raises(Unavailable):
        vault.secret(replace(OPS, secret_version=9))


class Broken:
    """An SSM that may not be read."""

    def get_parameter(self, **_: Any) -> None:
        raise Refusal("GetParameter", {"__type": "AccessDeniedException"})


def test_no_client_is_made_before_it_is_needed() -> None:
    SsmVault(lambda: pytest.fail("made too early"), PREFIX, FakeClock())
