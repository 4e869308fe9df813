"""Pressing: what a button in a message does, under the name of who pressed it.

Whoever sends the same press again, be it a provider that got no answer or somebody who
kept a signed call, changes nothing: one person's same act counts once in ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from tocsin.acknowledge import Means, acknowledge, resolve
from tocsin.delivery import Delivery, Purpose, State
from tocsin.errors import Conflict
from tocsin.identity import is_id
from tocsin.notification import Notification
from tocsin.passes import PRESS_ACKNOWLEDGE, PRESS_RESOLVE

AGAIN_MS = 600_000  # longer than a signed call is believed, early or late
UNKNOWN = "This button is not one of Tocsin's, or of a newer version of it."
NOT_HERE = "This notification is not kept any more, or was not told here."
TWICE = (
    "You have done this less than ten minutes ago, and it was taken back since; "
    "wait a little, or use the console."
)

_DO: dict[str, tuple[Callable[..., Notification], str]] = {
    PRESS_ACKNOWLEDGE: (acknowledge, "acknowledged"),
    PRESS_RESOLVE: (resolve, "resolved"),
}


def press(
    name: str,
    *,
    actor: str,
    among: Collection[str],
    means: Means,
    here: Callable[[Delivery], bool] = lambda _: True,
) -> str:
    """Do what the button `name` stands for, if one of the destinations `among` was told
    of the notification, and that `here`. Returns why nothing was done, for who pressed,
    "" when it was.

    Raises `Unavailable`.
    """
    act, _, notification_id = name.partition(":")
    if act not in _DO or not is_id(notification_id):
        return UNKNOWN
    row = means.ledger.load([notification_id]).get(notification_id)
    told = row.deliveries if row else {}
    theirs = [told[each] for each in among if each in told]
    if row is None or not any(_has_buttons(each) and here(each) for each in theirs):
        return NOT_HERE
    do, done = _DO[act]
    if _did(row, actor, done, means.clock.now()):
        holds = row.is_over if act == PRESS_RESOLVE else row.ack_at is not None
        return "" if holds else TWICE
    try:
        do(row.id, actor=actor, note="", means=means)
    except Conflict as error:
        return f"Nothing to do: {error.detail}."
    return ""


def _has_buttons(delivery: Delivery) -> bool:
    """Whether somebody may have seen it with its buttons: not what is silenced or waits
    to be told, nor a copy for the records."""
    if delivery.purpose is Purpose.AUDIT:
        return False
    posted = delivery.message_id is not None or delivery.possibly_sent
    under_way = delivery.state in (State.PROCESSING, State.SENT)
    return posted or under_way or any(line.what == "sent" for line in delivery.log)


def _did(row: Notification, actor: str, what: str, now: int) -> bool:
    return any(
        (action.actor, action.what) == (actor, what) and action.at > now - AGAIN_MS
        for action in row.actions
    )
