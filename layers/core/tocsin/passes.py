"""Passes: signed links that let whoever holds one do one thing to one notification.

A link preview fetches what it finds, so a pass shows a page on GET and acts on POST
only. It is for one purpose, one notification and one destination, and runs out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from enum import StrEnum

from tocsin.delivery import Delivery, Purpose
from tocsin.errors import Gone, NotFound
from tocsin.identity import is_id, time_of
from tocsin.message import File, Link, Press
from tocsin.notification import Notification
from tocsin.values import dataclass

LASTS_MS = 7 * 86_400_000
FILE_LASTS_MS = 14 * 86_400_000  # as long as its bucket keeps it
PRESS_ACKNOWLEDGE, PRESS_RESOLVE = "ack", "resolve"
_BYTES = 15  # of the signature: 120 bits, and no padding in base64


class Act(StrEnum):
    """What a pass is good for."""

    ACKNOWLEDGE = "a"
    RESOLVE = "r"
    FILE = "f"


@dataclass(frozen=True, slots=True)
class Pass:
    """`destination` is where the link was shown: the audit trail names it. Of a file it
    is the place among the attachments instead."""

    act: Act
    notification_id: str
    destination: str
    expires_at: int

    def signed(self, key: bytes) -> str:
        """Its text, for a URL."""
        seconds = self.expires_at // 1000
        words = f"{self.act}.{self.notification_id}.{self.destination}.{seconds:x}"
        return f"{words}.{_signature(words, key)}"


class Links:
    """Makes links that act, and reads them back. `key` is asked for once, when the
    first one is made or read; `public_url` is where the API answers."""

    def __init__(self, public_url: str, key: Callable[[], str]) -> None:
        self._public_url = public_url.rstrip("/")
        self._ask = key
        self._key = b""

    def url(self, wanted: Pass) -> str:
        """Where it leads."""
        page = "f" if wanted.act is Act.FILE else "a"
        return f"{self._public_url}/{page}/{wanted.signed(self._known())}"

    def read(self, text: str, now: int) -> Pass:
        """See `read_pass`."""
        return read_pass(text, key=self._known(), now=now)

    def _known(self) -> bytes:
        if not self._key:
            self._key = self._ask().encode()
        return self._key


def acting_links(
    notification: Notification, delivery: Delivery, links: Links, now: int
) -> tuple[Link, ...]:
    """Acknowledge, where someone ought to: what is open, or asks for it, and nobody has
    taken on. Then Resolve, for what is open still. Raises `Unavailable` when the key
    cannot be read."""
    fires, taken = notification.state == "firing", notification.ack_at is not None
    asks = notification.event.ack_required and not taken
    if not (fires or asks) or notification.is_over:
        return ()
    if delivery.purpose is Purpose.AUDIT:
        return ()
    # Made of the id's own time, so that an edit shows the very same link.
    expires = time_of(notification.id) + LASTS_MS
    if expires <= now:
        return ()
    act, label = (Act.RESOLVE, "Resolve") if taken else (Act.ACKNOWLEDGE, "Acknowledge")
    wanted = Pass(act, notification.id, delivery.destination, expires)
    return (Link(label, links.url(wanted), acts=True),)


def file_link(file: File, links: Links, now: int) -> str:
    """Where it is shown to whoever has the link, "" when that would have run out: it
    lasts as long as the file may. Raises `Unavailable` as above."""
    expires = time_of(file.owner) + FILE_LASTS_MS
    if expires <= now:
        return ""
    return links.url(Pass(Act.FILE, file.owner, str(file.place), expires))


def presses_of(notification: Notification, delivery: Delivery) -> tuple[Press, ...]:
    """What a reader may do by a button: take on what waits, end what is open."""
    if delivery.purpose is Purpose.AUDIT or notification.is_over:
        return ()
    name, fires = notification.id, notification.state == "firing"
    found = []
    if (fires or notification.event.ack_required) and notification.ack_at is None:
        found.append(Press("Acknowledge", f"{PRESS_ACKNOWLEDGE}:{name}"))
    if fires:
        found.append(Press("Resolve", f"{PRESS_RESOLVE}:{name}"))
    return tuple(found)


def read_pass(text: str, *, key: bytes, now: int) -> Pass:
    """The pass. Raises `NotFound` for what we have not signed, `Gone` when it has run
    out: what is wrong with a forged one is nobody's business."""
    words, _, signature = text.rpartition(".")
    if not hmac.compare_digest(
        _signature(words, key).encode(), signature.encode("utf-8", "replace")
    ):
        raise NotFound("this link is not one of ours, or was cut short")
    act, notification_id, destination, seconds = words.split(".")
    if not is_id(notification_id):
        raise NotFound("this link is not one of ours")
    found = Pass(Act(act), notification_id, destination, int(seconds, 16) * 1000)
    if found.expires_at <= now:
        raise Gone("this link has run out; open the notification in the console")
    return found


def _signature(words: str, key: bytes) -> str:
    digest = hmac.new(key, words.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_BYTES]).decode()
