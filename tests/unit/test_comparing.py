"""Comparing: which recent notifications would be told elsewhere under other rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.world import World, event, settings_for
from tests.unit.rules.routed import world_of
from tocsin.comparing import Change, changes, examples
from tocsin.rules.config import Config

OPS: dict[str, Any] = {"name": "ops", "throttle": {"limit": 3}, "continue": True}
ARCHIVE: dict[str, Any] = {"name": "archive", "to": ["team"], "throttle": "off"}


def config(*routes: dict[str, Any]) -> Config:
    named = [{"name": f"r{n}", **route} for n, route in enumerate(routes)]
    return Config.model_validate({"routes": named})


def test_recent_events_that_would_go_elsewhere_are_found() -> None:
    world = World(settings_for("ops", "audit"))
    world.accept(event("one"))
    world.accept(event("two", severity="critical"))
    recent = world.ledger.recent(
        since=0, until=world.clock.now() + 1, limit=9, cursor=""
    )[0]
    new = config({"match": {"severity": "critical"}, "to": ["ops", "audit"]})
    live = world.settings
    found = changes(
        recent, live=live.rules(), proposed=replace(live, config=new).rules()
    )

    assert [(each.before, each.after) for each in found] == [(("ops", "audit"), ())]
    assert found[0].notification.event.title == "one"


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ((), ("ops",), "added"),
        (("ops",), ("ops", "team"), "added"),
        (("ops", "team"), ("team",), "dropped"),
        (("ops",), ("team",), "moved"),
    ],
)
def test_a_change_is_an_addition_a_loss_or_a_move(
    before: tuple[str, ...], after: tuple[str, ...], kind: str
) -> None:
    assert change_of(before, after).kind == kind


@pytest.mark.parametrize(
    ("limit", "kinds"),
    [
        ({"limit": 3}, []),
        ({"limit": 5}, ["added"] * 2),
        ({"limit": 1}, ["dropped"] * 2),
        ("off", ["added"] * 5),
    ],
)
def test_what_a_limit_would_have_held_back_is_a_change(
    limit: Any, kinds: list[str]
) -> None:
    world = world_of(OPS, ARCHIVE)
    recent = [world.accept(event())[0].notification for _ in range(8)]
    found = changes(
        reversed(recent),
        live=world.settings.rules(),
        proposed=world_of({**OPS, "throttle": limit}, ARCHIVE).settings.rules(),
    )

    assert [each.kind for each in found] == kinds
    ids = [each.notification.id for each in found]
    assert [row.id for row in reversed(recent) if row.id in ids] == ids


def test_a_thousand_changes_of_one_kind_hide_no_other() -> None:
    found = [change_of((), ("ops",))] * 1_000 + [change_of(("ops",), ())]

    assert [each.kind for each in examples(found, 3)] == [*["added"] * 3, "dropped"]


def change_of(before: tuple[str, ...], after: tuple[str, ...]) -> Change:
    world = World()
    (accepted,) = world.accept(event())
    return Change(accepted.notification, before, after)
