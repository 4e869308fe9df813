"""What an operator's calls find: a destination, and what was told to it."""

from __future__ import annotations

from typing import Any

from tests.fakes.api import ApiWorld, Reply
from tests.fakes.world import event
from tocsin.identity import new_id
from tocsin.ports import Move

HOOK = "https://discord.com/api/webhooks/123456789012345678/s3cret-T0ken_x"
YAML = {"content-type": "application/yaml"}
UNKNOWN_ID = new_id(1_795_176_000_000, bytes(10))


def put_ops(world: ApiWorld, **more: Any) -> Reply:
    given = {"channel": "fake", "url": "https://chat.example/1/t0ken", **more}
    return world.call("PUT", "/v1/destinations/ops", given)


def told(world: ApiWorld, *titles: str, **more: Any) -> list[str]:
    """Accept events to `ops`; their ids."""
    put_ops(world)
    world.call("PUT", "/v1/config", {"routes": [{"name": "all", "to": ["ops"]}]})
    return world.accept(*(event(title, **more) for title in titles))


def kill(world: ApiWorld, notification_id: str) -> None:
    old = world.ledger.kept[notification_id].deliveries["ops"]
    now = world.clock.now()
    claimed = old.claimed(now, 1000)
    dead = claimed.died(now, "webhook was deleted")
    world.ledger.move([Move(notification_id, old, claimed)])
    world.ledger.move([Move(notification_id, claimed, dead)])
