"""Destinations: put, deleted, tried; secrets go in and never come out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeHealthBook
from tests.fakes.provider import Provider
from tests.fakes.settings import FakeSettings, FakeVault
from tocsin.desk import Upsert
from tocsin.destinations import delete_destination, hint_of, put_destination, reach
from tocsin.errors import Conflict, Invalid, NotFound
from tocsin.ports import Kind, Outcome
from tocsin.rules.config import Config
from tocsin.rules.policy import PLAIN_UPKEEP, Upkeep
from tocsin.settings import Destination
from tocsin.trying import try_out

URL = "https://chat.example/hooks/123/t0ken"


@dataclass
class Desk:
    """The use cases, wired to fakes."""

    clock: FakeClock = field(default_factory=FakeClock)
    settings: FakeSettings = field(default_factory=FakeSettings)
    vault: FakeVault = field(default_factory=FakeVault)
    signing_vault: FakeVault = field(default_factory=FakeVault)

    def __post_init__(self) -> None:
        self.provider = Provider(self.clock)

    def put(
        self, name: str = "ops", *, upkeep: Upkeep = PLAIN_UPKEEP, **given: Any
    ) -> Destination:
        return put_destination(
            name,
            "fake",
            given,
            upkeep=upkeep,
            desk=self.settings,
            vault=self.vault,
            signing_vault=self.signing_vault,
            channels=lambda _: self.provider,
            clock=self.clock,
        )

    def delete(self, name: str = "ops") -> None:
        delete_destination(
            name,
            desk=self.settings,
            vault=self.vault,
            signing_vault=self.signing_vault,
            clock=self.clock,
        )

    @property
    def secrets(self) -> list[str]:
        return list(self.vault.kept.values())


def test_a_secret_goes_to_the_vault_and_leaves_a_hint() -> None:
    desk = Desk()
    made = desk.put(url=URL, username="T")

    assert desk.secrets == [URL]
    assert made.hint == "chat.example 123"
    assert "t0ken" not in repr(desk.settings.settings)
    assert desk.settings.settings.destinations == {"ops": made}


def test_settings_change_without_the_secret_being_given_again() -> None:
    desk = Desk()
    old = desk.put(url=URL)
    new = desk.put(username="other")

    assert new.settings == {"username": "other"}
    assert (new.secret, new.secret_version) == (old.secret, old.secret_version)
    assert desk.secrets == [URL]


def test_a_new_secret_replaces_the_old_one_under_a_new_name() -> None:
    desk = Desk()
    old = desk.put(url=URL)
    new = desk.put(url="https://chat.example/hooks/9/other")

    assert new.secret != old.secret
    assert new.secret_version > old.secret_version
    assert desk.secrets == ["https://chat.example/hooks/9/other"]


def test_a_destination_made_again_takes_no_old_secret_from_a_cache() -> None:
    desk = Desk()
    first = desk.put(url=URL)
    desk.delete()
    second = desk.put(url="https://chat.example/hooks/9/other")

    assert (first.secret, first.secret_version) != (
        second.secret,
        second.secret_version,
    )


def test_a_new_destination_needs_its_secret() -> None:
    desk = Desk()
    with pytest.raises(Invalid, match="secret is missing"):
        desk.put(username="T")

    assert desk.settings.settings.destinations == {}


AUDITED = Upkeep(audit_to="audit")


def test_how_it_is_served_is_kept_apart_from_its_settings() -> None:
    desk = Desk()
    desk.put("audit", url=URL)
    made = desk.put(url=URL, username="T", upkeep=AUDITED)

    assert (made.settings, made.upkeep) == ({"username": "T"}, AUDITED)
    assert desk.put(username="U").upkeep == Upkeep()


@pytest.mark.parametrize("audit", ["ops", "nobody"])
def test_an_audit_goes_to_another_destination_that_is_there(audit: str) -> None:
    desk = Desk()
    old = desk.put(url=URL)
    with pytest.raises(Invalid, match=r"audit_to.*another"):
        desk.put(url="https://x.example", upkeep=Upkeep(audit_to=audit))

    assert desk.settings.settings.destinations == {"ops": old}
    assert desk.secrets == [URL]


STEPS = [{"after": 60, "to": ["ops"]}]


@pytest.mark.parametrize(
    ("config", "user"),
    [
        ({"routes": [{"name": "a", "to": ["ops"]}]}, "the route a"),
        ({"routes": [{"name": "a", "to": [], "escalate": STEPS}]}, "the route a"),
        ({"defaults": {"fallback": STEPS}}, "the defaults"),
    ],
)
def test_what_is_used_stays(config: dict[str, Any], user: str) -> None:
    desk = Desk()
    desk.put(url=URL)
    live = replace(desk.settings.settings, config=Config.model_validate(config))
    desk.settings.settings = live
    with pytest.raises(Conflict, match=user):
        desk.delete()

    assert desk.settings.settings == live


def test_an_audit_stays_while_something_is_mirrored_to_it() -> None:
    desk = Desk()
    desk.put("audit", url=URL)
    desk.put(url=URL, upkeep=AUDITED)
    with pytest.raises(Conflict, match="the audit of ops"):
        desk.delete("audit")
    desk.delete("ops")
    desk.delete("audit")

    assert desk.settings.settings.destinations == {}


class Racing(FakeSettings):
    """Someone else is always faster."""

    def put_destination(self, upsert: Upsert) -> None:
        raise Conflict("it changed")


def test_a_write_that_loses_leaves_no_secret_behind() -> None:
    desk = Desk(settings=Racing())
    with pytest.raises(Conflict):
        desk.put(url=URL)

    assert desk.secrets == []


def test_a_change_is_answered_only_when_it_is_live() -> None:
    desk = Desk()
    before = desk.clock.now()
    desk.put(url=URL)

    assert desk.clock.now() - before >= 1_100


def test_the_old_secret_works_until_the_new_one_is_live() -> None:
    desk = Desk()
    desk.put(url=URL)
    seen: list[int] = []
    real = desk.clock.sleep

    def sleep(ms: int) -> None:
        seen.append(len(desk.secrets))
        real(ms)

    desk.clock.sleep = sleep  # type: ignore[method-assign]
    desk.put(url="https://chat.example/hooks/9/other")

    assert seen == [2]


def test_a_destination_that_routes_use_is_not_deleted() -> None:
    desk = Desk()
    desk.put(url=URL)
    used = {"routes": [{"name": "all", "to": ["ops"]}]}
    desk.settings.settings = type(desk.settings.settings)(
        Config.model_validate(used), "1", desk.settings.settings.destinations
    )
    with pytest.raises(Conflict, match="all"):
        desk.delete()

    assert desk.secrets == [URL]


def test_deleting_takes_the_secret_along() -> None:
    desk = Desk()
    desk.put(url=URL)
    desk.delete()

    assert desk.secrets == []
    assert desk.settings.settings.destinations == {}


def test_a_secret_that_people_keep_themselves_is_never_dropped() -> None:
    desk = Desk()
    desk.vault.kept["discord/ops"] = URL
    own = Destination("ops", "fake", {}, "discord/ops")
    desk.settings.put_destination(Upsert(None, own))
    desk.delete()

    assert desk.secrets == [URL]


def test_the_secret_of_another_destination_is_never_dropped() -> None:
    desk = Desk()
    ops = desk.put(url=URL)
    desk.settings.put_destination(
        Upsert(None, Destination("b", "fake", {}, ops.secret))
    )
    desk.delete("b")

    assert desk.secrets == [URL]


@pytest.mark.parametrize(
    ("secret", "hint"),
    [
        (URL, "chat.example 123"),
        ("https://discord.com/api/webhooks/42/abc?thread_id=7", "discord.com 42"),
        ("just-a-token", "set"),
        ("https://user:pass@chat.example/x", "chat.example"),
        ("http://[broken", "set"),
        ("pover://user-key@app-token", "pover"),
        ("smtp://user:pass@smtp.example", "smtp.example"),
    ],
)
def test_a_hint_tells_no_secret(secret: str, hint: str) -> None:
    assert hint_of(secret) == hint


def tried(outcome: Outcome | None) -> Any:
    desk = Desk()
    desk.put(url=URL)
    desk.provider.behaviour = lambda *_: outcome
    endpoint = reach(
        "ops",
        settings=desk.settings.fresh(),
        vault=desk.vault,
        channels=lambda _: desk.provider,
        health=FakeHealthBook(),
    )
    return try_out(endpoint, actor="admin", clock=desk.clock), desk


def test_a_trial_posts_one_message_that_pings_nobody() -> None:
    trial, desk = tried(None)
    (post,) = desk.provider.posts

    assert trial.ok
    assert post.messages[0].pings == ()
    assert "admin" in post.messages[0].body.text


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.OK])
def test_a_trial_that_fails_says_why_and_what_to_do(kind: Kind) -> None:
    trial, _ = tried(Outcome(kind, "said no"))

    assert not trial.ok
    assert trial.outcome.reason == "said no"
    assert len(trial.advice) > 20
    assert "{" not in trial.advice


def test_a_destination_that_is_not_there_is_not_found() -> None:
    desk = Desk()
    with pytest.raises(NotFound, match="none yet"):
        desk.delete("nope")
