"""Press secrets: write-only, two at a time, gone with their destination."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.fakes.api import ApiWorld
from tests.fakes.clock import FakeClock
from tests.fakes.provider import Provider
from tests.fakes.settings import FakeSettings, FakeVault
from tocsin.channels import channel
from tocsin.desk import Upsert
from tocsin.destinations import delete_destination, put_destination
from tocsin.errors import Conflict, Fault, Invalid, NotFound
from tocsin.press_secrets import put_secret, revoke_older, take_away
from tocsin.settings import Destination, SigningSecret

SECRET, SECOND, THIRD = "a" * 32, "b" * 32, "c" * 32


class Buttoned(Provider):
    """`ports.Presser`, beside being a channel."""

    def check_signing(self, settings: Mapping[str, Any], secret: str) -> None:
        if len(secret) < 8 or "plain" in settings:
            raise Invalid("no such secret", [Fault("secret", "too short")])


@dataclass
class Desk:
    """The use cases, wired to fakes, with one destination."""

    clock: FakeClock = field(default_factory=FakeClock)
    settings: FakeSettings = field(default_factory=FakeSettings)
    vault: FakeVault = field(default_factory=FakeVault)
    signing: FakeVault = field(default_factory=FakeVault)

    def __post_init__(self) -> None:
        self.channels = {"fake": Buttoned(self.clock), "other": Buttoned(self.clock)}
        self.channels["plain"] = Provider(self.clock)  # type: ignore[assignment]
        self.put_destination()

    def put_destination(self, kind: str = "fake") -> Destination:
        return put_destination(
            "ops",
            kind,
            {"url": "https://chat.example/hooks/1/t0ken"},
            desk=self.settings,
            vault=self.vault,
            signing_vault=self.signing,
            channels=self.channels.__getitem__,
            clock=self.clock,
        )

    def put(self, secret: str = SECRET) -> Destination:
        self.clock.at += 1
        return put_secret(
            "ops",
            secret,
            desk=self.settings,
            vault=self.signing,
            channels=self.channels.__getitem__,
            clock=self.clock,
        )

    @property
    def written(self) -> dict[str, Any]:
        return {"desk": self.settings, "vault": self.signing, "clock": self.clock}

    @property
    def secrets(self) -> list[str]:
        return list(self.signing.kept.values())


def test_a_secret_goes_to_the_vault_alone() -> None:
    desk = Desk()
    made = desk.put()

    assert desk.secrets == [SECRET]
    assert SECRET not in repr(desk.settings.settings)
    assert desk.settings.settings.destinations == {"ops": made}


def test_a_second_one_is_live_beside_the_first_and_a_third_is_refused() -> None:
    desk = Desk()
    desk.put()
    desk.put(SECOND)

    with pytest.raises(Conflict, match="revoke"):
        desk.put(THIRD)
    assert desk.secrets == [SECRET, SECOND]


def test_revoking_forgets_the_older() -> None:
    desk = Desk()
    desk.put()
    desk.put(SECOND)
    left = revoke_older("ops", **desk.written)

    assert desk.secrets == [SECOND]
    assert len(left.signing) == 1
    with pytest.raises(Conflict):
        revoke_older("ops", **desk.written)


def test_taking_away_forgets_all_and_again_is_harmless() -> None:
    desk = Desk()
    desk.put()
    take_away("ops", **desk.written)

    assert desk.secrets == []
    assert take_away("ops", **desk.written).signing == ()


def test_a_put_of_the_destination_keeps_them_and_another_channel_forgets_them() -> None:
    desk = Desk()
    made = desk.put()

    assert desk.put_destination().signing == made.signing
    assert desk.put_destination("other").signing == ()
    assert desk.secrets == []


def test_they_go_with_their_destination() -> None:
    desk = Desk()
    desk.put()
    written = {**desk.written, "vault": desk.vault, "signing_vault": desk.signing}
    delete_destination("ops", **written)

    assert desk.secrets == []


def test_a_secret_that_the_channel_refuses_is_not_kept() -> None:
    desk = Desk()

    with pytest.raises(Invalid):
        desk.put("short")
    assert desk.secrets == []


def test_a_channel_without_buttons_that_act_says_so() -> None:
    desk = Desk()
    desk.put_destination("plain")

    with pytest.raises(Invalid, match="lead to links"):
        desk.put()


def test_discord_asks_for_its_public_key() -> None:
    desk = Desk()
    old = desk.settings.settings.destinations["ops"]
    desk.settings.put_destination(Upsert(old, replace(old, channel="discord")))
    desk.channels["discord"] = channel("discord")  # type: ignore[assignment]

    with pytest.raises(Invalid, match="public_key"):
        desk.put()


def test_a_write_that_loses_leaves_no_secret_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()

    def lose(_: Upsert) -> None:
        raise Conflict("it changed")

    monkeypatch.setattr(desk.settings, "put_destination", lose)
    with pytest.raises(Conflict):
        desk.put()
    assert desk.secrets == []


def test_nobody_signs_for_what_is_not_there() -> None:
    with pytest.raises(NotFound):
        take_away("nothing", **Desk().written)


@pytest.mark.parametrize("named", [{"secret": "kept/by/hand"}, {}])
def test_a_routing_file_that_names_the_destination_keeps_them(
    named: dict[str, str],
) -> None:
    world = ApiWorld()
    path, url = "/v1/destinations/ops", "https://chat.example/hooks/1/t0ken"
    assert world.call("PUT", path, {"channel": "fake", "url": url}).status == 200
    old = world.settings.fresh().destinations["ops"]
    signing = (SigningSecret("ops", "presses/ops/1", 1),)
    world.settings.put_destination(Upsert(old, replace(old, signing=signing)))

    file = {"routes": [], "destinations": {"ops": {"channel": "fake", **named}}}
    assert world.call("PUT", "/v1/config", file).status == 200
    assert world.settings.fresh().destinations["ops"].signing == signing
