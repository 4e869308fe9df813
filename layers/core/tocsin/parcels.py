"""Parcels: tickets bundled for the queue, ten to a message, one destination each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tocsin.delivery import MINUTE, PAUSE, Delivery, State, Timing
from tocsin.errors import Unavailable
from tocsin.notification import Notification, first_due
from tocsin.ports import Outbox, Parcel

TICKETS = 10


def queued(notifications: Iterable[Notification]) -> Iterator[tuple[str, Delivery]]:
    """(notification id, delivery) of everything that is queued."""
    for notification in notifications:
        for delivery in notification.deliveries.values():
            if delivery.state is State.QUEUED and not delivery.hold:
                yield notification.id, delivery


def stale_cards(notification: Notification, now: int) -> Iterator[tuple[str, Delivery]]:
    """(its id, delivery) of each card that shows less than is known, with a ticket of
    its own kind: below zero, and never the same twice, or SQS would drop it. All edits
    of a destination pass through its normal group, one after another."""
    for delivery in notification.deliveries.values():
        if delivery.is_card and delivery.shown < notification.edition:
            yield notification.id, replace(delivery, urgent=False, ticket=-now)


def watched(notification: Notification, now: int, timing: Timing) -> Notification:
    """With a time at which the sweep asks again for the edits that are asked for now,
    and for what is being sent by someone who may have read it before the change."""
    deliveries = {
        name: each.healed(now, timing)
        if each.is_card and each.shown < notification.edition
        else each
        for name, each in notification.deliveries.items()
    }
    watched = replace(notification, deliveries=deliveries)
    if not on_the_way(notification):
        return watched
    watched = replace(watched, refresh_at=now + MINUTE)
    return replace(watched, timer_at=first_due(watched))


def promised(notification: Notification, now: int) -> Notification:
    """With a time at which the sweep asks for what its cards lack, if there is none in
    these seconds: whoever dies before asking for it now leaves no card as it was."""
    if now < (notification.refresh_at or 0) <= now + PAUSE:
        return notification
    if not any(stale_cards(notification, now)):
        return notification
    promised = replace(notification, refresh_at=now + PAUSE)
    return replace(promised, timer_at=first_due(promised))


def on_the_way(notification: Notification) -> bool:
    """Whether a message is being made of it, which may not show the latest."""
    return any(
        each.state is State.PROCESSING or (each.state is State.QUEUED and not each.hold)
        for each in notification.deliveries.values()
    )


def bundle(wanted: Iterable[tuple[str, Delivery]]) -> Iterator[Parcel]:
    """Parcels for these deliveries, keeping their order within a destination."""
    lanes: dict[tuple[str, bool], list[tuple[str, int]]] = {}
    for notification_id, delivery in wanted:
        lane = lanes.setdefault((delivery.destination, delivery.urgent), [])
        lane.append((notification_id, delivery.ticket))
    for (name, urgent), tickets in lanes.items():
        for start in range(0, len(tickets), TICKETS):
            yield Parcel(name, urgent, tuple(tickets[start : start + TICKETS]))


def hand_over(wanted: Iterable[tuple[str, Delivery]], outbox: Outbox) -> bool:
    """Queue them. False when the queue would not have them: nothing is lost by that,
    since whatever is stored and not settled is found and queued by the sweep."""
    parcels = list(bundle(wanted))
    try:
        if parcels:
            outbox.send(parcels)
    except Unavailable:
        return False
    return True
