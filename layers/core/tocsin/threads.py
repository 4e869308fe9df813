"""Threads: what follows a message of an incident is put under it.

Where a route asks for that, and the channel can: a problem has a message of its own,
which stays its card; what is told of it later answers that message.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.delivery import Delivery, Purpose
from tocsin.hand import Item
from tocsin.message import Posted
from tocsin.notification import Notification
from tocsin.ports import Channel, Ledger, Target, Threader
from tocsin.rules.config import Config

_APART = (Purpose.AUDIT, Purpose.SUMMARY)


def arrange(
    waiting: Sequence[Item],
    *,
    channel: Channel,
    target: Target,
    config: Config,
    ledger: Ledger,
) -> None:
    """Let each that belongs in a thread stand alone, and answer what stands there."""
    if not waiting or not isinstance(channel, Threader) or not channel.threads(target):
        return
    routes = {each.route.name for each in config.questions if each.policy.thread}
    inside = [item for item in waiting if _is_inside(item, routes)]
    ends = [item.notification.resolves for item in inside if item.notification.resolves]
    problems = ledger.load(ends) if ends else {}
    for item in inside:
        item.alone = True
        problem = problems.get(item.notification.resolves, item.notification)
        item.answers = _root(problem, target.name)


def kept(item: Item) -> Delivery | None:
    """The delivery as it stays when its message was answered: that is its card still.
    None = what was sent stands for itself."""
    answers = item.answers is not None and not item.notification.resolves
    return item.delivery if answers else None


def _is_inside(item: Item, routes: set[str]) -> bool:
    delivery, event = item.delivery, item.notification.event
    wanted = delivery.route in routes and delivery.purpose not in _APART
    # A sender that names a thread takes care of it.
    return wanted and event.is_problem and not event.thread


def _root(problem: Notification, destination: str) -> Posted | None:
    """What was posted first of it there, if anything was."""
    delivery = problem.deliveries.get(destination)
    if delivery is None or not delivery.message_id or problem.event.thread:
        return None
    return Posted(delivery.message_id, delivery.place or "")
