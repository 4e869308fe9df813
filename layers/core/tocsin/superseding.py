"""Superseding: where a problem is told anew, its message from before says so once more.

That message is nobody's card any more: nothing but this last edit would tell a reader
that what it shows has gone on elsewhere. One that is not made costs nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from tocsin.calling import Caller
from tocsin.delivery import Delivery
from tocsin.hand import Item
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Editor, Target
from tocsin.values import dataclass

AGAIN = "Told again below"


@dataclass(frozen=True, slots=True)
class Left:
    """A notification, and the delivery whose message is to be left."""

    notification: Notification
    delivery: Delivery


def left_by(items: Sequence[Item]) -> list[Left]:
    """Those whose own message is about to be followed by another. A message that holds
    several is edited with the others."""
    return [
        Left(item.notification, item.delivery)
        for item in items
        if item.delivery.message_id
        and not item.delivery.together
        and item.answers is None
    ]


def leave(
    left: Sequence[Left],
    *,
    editor: Editor | None,
    target: Target,
    caller: Caller,
    draw: Callable[[Notification, Delivery], Message],
) -> None:
    """Edit them for the last time, as long as the provider may be called at all."""
    if editor is None:
        return
    for each in left:
        if caller.hindrance() is not None:
            return
        name, place = each.delivery.message_id or "", each.delivery.place or ""
        last = _last(draw(each.notification, each.delivery))
        caller.mind(*caller.call(partial(editor.edit, [last], target, name, place)))


def _last(message: Message) -> Message:
    line = " · ".join(filter(None, (message.state_line, AGAIN)))
    return replace(message, state_line=line, links=(), presses=())
