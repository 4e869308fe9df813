"""A service with a past: what the pages show in tests and in pictures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tests.fakes.api import ApiWorld
from tests.fakes.clock import FakeClock
from tocsin.accept import Sender, accept
from tocsin.delivery import Delivery, Timing
from tocsin.events import Event
from tocsin.ports import Move
from tocsin.presenting import iso

MINUTE = 60_000
TOKEN = "110201543:" + "A" * 35
SLOW = Timing(retries=(60 * MINUTE,))
CONFIG = b"""# The first route that fits takes the event.
timezone: Europe/Zurich
routes:
  - name: pager
    match: {severity: ">=high"}
    to: [ops, oncall]
    continue: true

  # Everything is kept in the feed.
  - name: everything
    to: [feed]
"""
ALARM: Mapping[str, Any] = {
    "type": "aws.alarm",
    "title": "checkout-5xx is in ALARM",
    "severity": "critical",
    "state": "firing",
    "message": "3 of the last 3 datapoints were greater than the threshold (5).",
    "source": "cloudwatch",
    "branch": "production",
    "fields": [
        {"name": "Value", "value": "7.25 > 5 %"},
        {"name": "Service", "value": "checkout"},
    ],
    "links": [{"label": "Runbook", "url": "https://example.com/runbook"}],
}
PAST: tuple[tuple[int, str, Mapping[str, Any]], ...] = (
    (
        1300,
        "sent",
        {"type": "report.daily", "title": "1,204 orders yesterday", "source": "shop"},
    ),
    (
        900,
        "sent",
        {
            "type": "deploy.finished",
            "title": "v2.4.1 is live",
            "severity": "success",
            "branch": "production",
        },
    ),
    (
        640,
        "sent",
        {
            "type": "disk.full",
            "title": "Disk of db-main is 87 % full",
            "severity": "medium",
            "state": "firing",
            "source": "node-exporter",
            "message": "It grows by 2.1 GB a day and is full on Friday.",
        },
    ),
    (
        420,
        "sent",
        {
            "type": "packages",
            "title": "12 packages have updates",
            "severity": "low",
            "branch": "staging",
        },
    ),
    (
        180,
        "dead",
        {
            "type": "lead.hot",
            "title": "Hot lead: Ada Lovelace, Analytical Engines",
            "severity": "info",
            "source": "crm",
        },
    ),
    (
        95,
        "sent",
        {
            "type": "ssl_expiry",
            "title": "Certificate of shop.example.com expires in 3 days",
            "severity": "high",
            "state": "firing",
            "source": "certwatch",
            "branch": "production",
            "message": "Renewal has failed twice.",
        },
    ),
    (
        50,
        "failed",
        {
            "type": "backup.failed",
            "title": "Backup of db-main failed",
            "severity": "high",
            "state": "firing",
            "source": "backup",
        },
    ),
    (
        30,
        "sent",
        {
            "type": "import.progress",
            "title": "Import of customers: 12,450 of 18,800 rows",
            "severity": "info",
        },
    ),
    (12, "sent", ALARM),
)


def bare_world() -> ApiWorld:
    """Nothing is set up yet; the time is the browser's."""
    return ApiWorld(FakeClock(int(time.time() * 1000)))


def ready_world() -> ApiWorld:
    """Destinations and routes, and no event yet."""
    world = bare_world()
    for name in ("ops", "oncall", "feed"):
        put = {"channel": "fake", "url": f"https://chat.example/{name}/t0ken"}
        assert world.call("PUT", f"/v1/destinations/{name}", put).status == 200
    yaml = {"content-type": "application/yaml"}
    assert world.call("PUT", "/v1/config", CONFIG, headers=yaml).status == 200
    world.clock.at = int(time.time() * 1000)
    return world


def told(
    world: ApiWorld, ago: int, fate: str, event: Mapping[str, Any], took: int = 400
) -> str:
    """Accept an event so many minutes ago, and let its deliveries end so, after so many
    ms; its id."""
    now, world.clock.at = world.clock.at, world.clock.at - ago * MINUTE
    [done] = accept(
        [Event.model_validate(event)],
        sender=Sender("shop"),
        settings=world.settings.current(),
        ledger=world.ledger,
        outbox=world.queue,
        clock=world.clock,
        timing=Timing(),
    )
    found = done.notification
    for name, delivery in found.deliveries.items():
        ends = fate if name in ("ops", "feed") else "sent"
        end(world, found.id, delivery, ends, took)
    world.clock.at = now
    return found.id


def end(
    world: ApiWorld, owner: str, delivery: Delivery, fate: str, took: int = 400
) -> None:
    """Move a delivery to where it ends; one that "waits" stays in the queue."""
    if fate == "waits":
        return
    now = world.clock.now()
    claimed = delivery.claimed(now, 1000)
    ended = {
        "sent": lambda: claimed.sent(now + took, message_id="m1"),
        "failed": lambda: claimed.failed(now + 900, "HTTP 502 from it", SLOW),
        "dead": lambda: claimed.died(now + 700, "HTTP 404: Unknown Webhook"),
        "refused": lambda: claimed.died(now + 300, "HTTP 400: invalid_blocks"),
    }[fate]()
    world.ledger.move([Move(owner, delivery, claimed)])
    world.ledger.move([Move(owner, claimed, ended)])


def lived_world() -> ApiWorld:
    """A service that has run for a day, with one of each kind of trouble."""
    world = ready_world()
    ids = {event["type"]: told(world, ago, fate, event) for ago, fate, event in PAST}
    one = f"/v1/notifications/{ids['ssl_expiry']}/acknowledge"
    world.call("POST", one, {"note": "will renew this week", "for": "4h"}, key="ops")
    world.call("POST", f"/v1/notifications/{ids['disk.full']}/resolve", {}, key="ops")
    for name in ("ops", "oncall"):
        world.health.note(name, world.clock.now() - MINUTE, "")
    world.health.disable("feed", world.clock.now(), "HTTP 404: Unknown Webhook")
    return world


PLANNED = CONFIG.replace(
    b"  # Everything is kept",
    b"""  - name: night-shift
    match: {type: "cron.*"}
    to: [ops]
    quiet: {from: "22:00", to: "07:00"}
    digest: {at: ["07:30", "16:00"], every: weekday}

  # Everything is kept""",
)


REFUSED = ("shop.order", "shop.stock", "lead.hot")
DAY = (
    ("shop.order", "Order {} is paid"),
    ("report.hourly", "{} visitors in the last hour"),
    ("deploy.finished", "v2.4.{} is live"),
)


def planned_world() -> ApiWorld:
    """A busier day of the same service, on real channels, with silences and quiet hours
    to come."""
    world = lived_world()
    for number in range(120):
        kind, title = DAY[number % 3]
        event = {"type": kind, "title": title.format(412 + 3 * number)}
        ago = 1_380 - 11 * number
        told(world, ago, "sent", event, took=180 + 37 * (number * number % 41))
    for number in range(14):
        event = {"type": REFUSED[number % 3], "title": f"Order {1711 + number} waits"}
        if number % 6 == 0:
            event |= {"state": "firing", "severity": "medium"}
        told(world, 200 - 3 * number, "dead" if number % 3 else "refused", event)
    furnished(world)
    yaml = {"content-type": "application/yaml"}
    assert world.call("PUT", "/v1/config", PLANNED, headers=yaml).status == 200
    weekend = {"from": "00:00", "to": "24:00", "days": "weekend"}
    for silence in (
        {"match": {"type": "disk.*"}, "for": "8h", "comment": "moving the database"},
        {
            "match": {"branch": "staging"},
            "recurring": {**weekend, "timezone": "Europe/Zurich"},
            "comment": "staging rests",
        },
        {
            "match": {"source": "shop"},
            "starts_at": soon(world, 50),
            "ends_at": soon(world, 54),
            "kind": "maintenance",
            "comment": "new payment provider",
        },
    ):
        made = world.call("POST", "/v1/silences", silence, key="ops")
        assert made.status == 201, made.body
    return world


def furnished(world: ApiWorld) -> None:
    """What was sent was sent; from now on these are real channels."""
    discord = "https://discord.com/api/webhooks/1234567890123456789/" + "t" * 60
    slack = "https://hooks.slack.com/services/T000/B000/" + "t" * 24
    for name, put in (
        ("ops", {"channel": "discord", "url": discord}),
        ("oncall", {"channel": "telegram", "token": TOKEN, "chat": "@oncall"}),
        ("feed", {"channel": "slack", "url": slack}),
    ):
        done = world.call("PUT", f"/v1/destinations/{name}", put)
        assert done.status == 200, done.body
    for name in ("ops", "oncall", "feed"):
        world.health.note(name, world.clock.now() - MINUTE, "")
    world.health.disable("feed", world.clock.now(), "HTTP 404: no_service")


def soon(world: ApiWorld, hours: int) -> str:
    return iso(world.clock.now() + hours * 60 * MINUTE)
