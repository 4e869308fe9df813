"""Subscribing: what is done when a topic wants to post to us, or ends it."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.intake.sns_delivery import END, SUBSCRIPTION, Delivery
from tocsin.ports import Notice


def settle(delivery: Delivery, *, fetch: Callable[[str], bytes], notice: Notice) -> str:
    """Say yes to an allowed topic, or tell the owner that one has ended; returns what
    was done, "" for a notification. Raises `Unavailable`."""
    if delivery.kind == SUBSCRIPTION:
        fetch(delivery.confirmation)
        return "subscribed"
    if delivery.kind == END:
        notice.tell(
            "Tocsin: a topic no longer posts here",
            f"{delivery.topic} was unsubscribed from /v1/hooks/sns: nothing of it is "
            "told any more. If that was not meant, subscribe it again.",
        )
        return "unsubscribed"
    return ""
