"""Accepting: events become notifications, durably, before anyone is told "202"."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tocsin.delivery import PAUSE, Delivery, Timing
from tocsin.ending import completed
from tocsin.errors import Conflict, Fault, Stale, Unavailable
from tocsin.events import Event
from tocsin.folding import Item, fold
from tocsin.identity import fingerprint_of, memory_key, new_id
from tocsin.intaking import FOLLOWING, KEY_KEPT, Accepted, Intake
from tocsin.notification import Notification
from tocsin.parcels import hand_over, queued, stale_cards
from tocsin.ports import Clock, Ledger, Outbox, Receipt
from tocsin.rehearsing import rehearse as _rehearse
from tocsin.rules.deciding import Verdict
from tocsin.settings import Settings
from tocsin.values import dataclass

OLDEST_KEY = 30 * 86_400_000  # ms; SNS tries for 23 days
TRIES = 3
_SHOWN_ALREADY = (Verdict.REPEAT, Verdict.UPDATE)
AHEAD = 300_000  # ms by which another clock may be ahead of ours


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and under which idempotency key ("" = none).

    `digest` is of the whole body: one key for two bodies is refused. A key whose body
    never differs may come with the moment it was made, `at` (ms): ids follow from both,
    so that a second try finds the first one's without a key being remembered.
    """

    name: str
    key: str = ""
    digest: str = ""
    at: int = 0


def accept(
    events: Sequence[Event],
    *,
    sender: Sender,
    settings: Settings,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    timing: Timing,
) -> list[Accepted]:
    """Decide, commit and queue events; when this returns, they are durable.

    A failed hand-over to the queue is not an error: the sweep sends what is stored.
    Raises `Conflict` (the key was used for another body) or `Unavailable`.
    """
    for _ in range(TRIES):
        try:
            return _accept(events, sender, settings, ledger, outbox, clock, timing)
        except Stale:
            continue  # Its twin, with the same key, was faster: answer as to that one.
    raise Unavailable("the same request is being taken in at this moment")


def _accept(
    events: Sequence[Event],
    sender: Sender,
    settings: Settings,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    timing: Timing,
) -> list[Accepted]:
    now = clock.now()
    key = _scoped(sender)
    receipt, known = _recall(key, sender, now, ledger)
    items = [
        _item(event, index, receipt.at, key, clock)
        for index, event in enumerate(events)
    ]
    if key and receipt.at != sender.at:
        items = _marked(items, key, known and not receipt.on)
    rules = settings.rules(timing.factor)
    folded = fold(items, rules, sender.name, receipt.at)
    stored = ledger.load([item.id for item in folded]) if known else {}
    found = {name: row for name, row in stored.items() if row.is_of(name)}
    found |= completed(found.values(), ledger=ledger, now=now)
    found = _taken_in(folded, found)
    intake = Intake(sender.name, rules, ledger, timing, now)
    rest = [item for item in folded if item.id not in found]
    counted = intake.counted(rest) if known else {}
    results = intake.take_in(
        [item for item in rest if item.id not in counted],
        "" if known else key,
        receipt,
    )
    results |= counted
    for name, notification in found.items():
        results[name] = Accepted(notification, "replayed", notification.trace)
    told = [each for each in results.values() if each.verdict not in _SHOWN_ALREADY]
    wanted = list(queued(result.notification for result in told))
    for each in results.values():
        if each.verdict in FOLLOWING:
            wanted += _on_its_card(each.notification, now)
    hand_over(wanted, outbox)
    return _in_order(events, folded, results)


def rehearse(
    events: Sequence[Event],
    *,
    sender: Sender,
    settings: Settings,
    ledger: Ledger,
    clock: Clock,
    timing: Timing,
) -> list[Accepted]:
    """The same decisions, with nothing written and nothing sent (`?dry_run=true`)."""
    now = clock.now()
    items = [_item(event, index, now, "", clock) for index, event in enumerate(events)]
    rules = settings.rules(timing.factor)
    folded = fold(items, rules, sender.name, now)
    intake = Intake(sender.name, rules, ledger, timing, now)
    return _in_order(events, folded, _rehearse(intake, folded))


def _taken_in(
    folded: Sequence[Item], found: Mapping[str, Notification]
) -> dict[str, Notification]:
    """What a first try has taken in, by id of the item. Those of one fingerprint are
    taken in one after another: what is before one that was written was counted."""
    taken: dict[str, Notification] = {}
    later: dict[str, Notification] = {}
    for item in reversed(folded):
        row = found.get(item.id) or later.get(item.memory_key)
        if row is not None:
            taken[item.id] = later[item.memory_key] = row
    return taken


def _on_its_card(notification: Notification, now: int) -> list[tuple[str, Delivery]]:
    """What is counted shows on the card: at once, unless it was edited or is to be
    edited in these seconds. Then, and after the last of a storm, the sweep asks."""
    if notification.refresh_at != now + PAUSE:
        return []  # It was promised before, or is told in its time.
    return [
        (name, card)
        for name, card in stale_cards(notification, now)
        if max(card.edited_at, card.updated_at) + PAUSE <= now
    ]


def _item(event: Event, index: int, at: int, key: str, clock: Clock) -> Item:
    """A keyed event's id follows from its key, so that a second try makes the same."""
    own = f"{key}:{index}" if key else ""
    name = _id_of(own, at) if key else new_id(at, clock.entropy())
    fingerprint = fingerprint_of(event)
    remembered = memory_key(fingerprint, counts=event.counts)
    return Item(event, name, fingerprint, remembered, own, (index,))


def _marked(items: Sequence[Item], key: str, used: bool) -> list[Item]:
    """With the keys that tell later what was counted: the request's own where it has
    one event, unless that was used for a notification; else one for each."""
    if len(items) == 1:
        return [replace(items[0], mark="" if used else key)]
    return [replace(item, mark=item.key) for item in items]


def id_under(sender: Sender) -> str:
    """What the first event becomes that comes with this key and its moment, `at`."""
    return _id_of(f"{_scoped(sender)}:0", sender.at)


def _id_of(own: str, at: int) -> str:
    return new_id(at, hashlib.sha256(own.encode()).digest()[:10])


def _in_order(
    events: Sequence[Event], folded: Sequence[Item], results: dict[str, Accepted]
) -> list[Accepted]:
    by_index = {index: item.id for item in folded for index in item.indexes}
    return [results[by_index[index]] for index in range(len(events))]


def _scoped(sender: Sender) -> str:
    """Keys of different senders never meet; what is stored is only a hash."""
    if not sender.key:
        return ""
    text = f"{sender.name}\x1f{sender.key}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _recall(key: str, sender: Sender, now: int, ledger: Ledger) -> tuple[Receipt, bool]:
    """What the key was used for, and whether its ids may be stored already."""
    if key and now - OLDEST_KEY < sender.at < now + AHEAD:
        return Receipt(sender.digest, sender.at), True
    found = ledger.receipt(key) if key else None
    if found is None or now - found.at >= KEY_KEPT:
        return Receipt(sender.digest, now), False
    if found.digest != sender.digest:
        raise Conflict(
            "this Idempotency-Key was used for another body in the last 24 hours",
            [Fault("Idempotency-Key", "already used; take a new key for a new event")],
        )
    return found, True
