"""A past: many notifications in the table, as if they had been accepted and sent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.measuring.emulator import TABLE
from bench.measuring.events import notice
from tocsin.aws import items
from tocsin.delivery import Delivery, State
from tocsin.events import Event
from tocsin.identity import fingerprint_of, new_id
from tocsin.notification import Notification, Step

AT_ONCE = 25
DAYS = 10
RETENTION = 90 * items.DAY_MS


def load(client: Any, count: int, *, since: int, until: int) -> str:
    """Write `count` notifications, evenly between two times (ms); the newest id."""
    chance = random.Random(count)
    kinds = [Event.model_validate(notice(number)) for number in range(200)]
    newest = ""

    def write(batch: list[dict[str, Any]]) -> None:
        asked = {TABLE: [{"PutRequest": {"Item": item}} for item in batch]}
        while asked:
            asked = client.batch_write_item(RequestItems=asked).get("UnprocessedItems")

    def batches() -> Iterator[list[dict[str, Any]]]:
        nonlocal newest
        batch = []
        for number in range(count):
            at = since + (until - since) * number // max(1, count)
            one = _sent(new_id(at, chance.randbytes(10)), at, kinds[number % 200])
            newest = max(newest, one.id)
            batch.append(items.pack(one, RETENTION))
            if len(batch) == AT_ONCE:
                yield batch
                batch = []
        if batch:
            yield batch

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, batch) for batch in batches()]:
            done.result()
    return newest


def _sent(name: str, at: int, event: Event) -> Notification:
    delivery = Delivery(
        destination="ops",
        route="all",
        state=State.SENT,
        rev=2,
        updated_at=at + 400,
        message_id="1400000000000000001",
        place="1500000000000000001",
    )
    return Notification(
        id=name,
        event=event,
        fingerprint=fingerprint_of(event),
        state="notice",
        sender="ingest",
        accepted_at=at,
        last_at=at,
        deliveries={"ops": delivery},
        trace=(Step("all", "matched"),),
    )
