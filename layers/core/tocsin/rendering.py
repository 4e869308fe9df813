"""Rendering: a notification, on its way to one destination, becomes a message.

Pure: what it shows depends on its arguments only. Every word that came from outside is
washed here; how it is escaped is the channel's affair.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from tocsin import washing, wording
from tocsin.delivery import Delivery, Purpose
from tocsin.events import Event
from tocsin.facts import facts_of
from tocsin.message import File, Link, Message
from tocsin.notification import Notification
from tocsin.prose import body_of, headline_of, preview_of, resolved_title
from tocsin.severity import Severity
from tocsin.stating import resolution, state_line

__all__ = ["preview_of", "render"]

LOOKS = {
    Severity.CRITICAL: ("🚨", 0xFF0000),
    Severity.HIGH: ("🔴", 0xFF4D00),
    Severity.MEDIUM: ("⚠️", 0xFF8800),
    Severity.LOW: ("🟡", 0xFFCC00),
    Severity.INFO: ("ℹ️", 0x3399FF),
    Severity.SUCCESS: ("✅", 0x00CC66),
    Severity.DEBUG: ("🛠️", 0x808080),
}
RESOLVED = ("✅", 0x00CC66)
ACKNOWLEDGED = "👀"
FLAPPING = ("〰️", 0xFFCC00)
AUDITED = 0xFFFFFF
AUDIT_TITLE = 120
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
SHORT_ID = 8
DAY = 86_400_000
FIRST_BELIEVABLE = 946_684_800_000  # 2000-01-01: a clock before that is unset


def render(
    notification: Notification,
    delivery: Delivery,
    *,
    zone: str,
    application: str,
    now: int,
) -> Message:
    """What a reader of this destination shall see. `now` in ms since the epoch."""
    event = notification.event
    over = notification.is_over
    icon, colour = _look(notification, over)
    title, rest = headline_of(event)
    if over and event.state != "resolved":
        title = resolved_title(title)
    if delivery.purpose is Purpose.AUDIT:
        return _audited(notification, delivery, icon, title, zone)
    body, code = body_of(rest, markdown=event.format == "markdown")
    return Message(
        icon=icon,
        title=title,
        colour=colour,
        at=_moment(notification, zone),
        zone=zone,
        url=event.url,
        preview=_preview(notification, icon, title, over),
        body=body,
        code=code,
        facts=facts_of(event),
        state_line=state_line(notification, delivery, zone, now) or None,
        links=_links(event),
        footer=_footer(notification, application),
        picture=_picture(event),
        files=_files(notification),
        pings=_pings(notification, delivery, over),
        thread=washing.line(event.thread),
        rank=_rank(event.severity, over),
        id=f"{notification.id}-{delivery.destination}",
        key=notification.fingerprint if event.is_problem else "",
        state=_state(notification, over),
        generation=delivery.generation,
        anew=delivery.shown,
        type=event.type,
        severity=event.severity,
    )


def _audited(
    notification: Notification, delivery: Delivery, icon: str, title: str, zone: str
) -> Message:
    """The mirror for the record: one line, which pings nobody."""
    event = notification.event
    where = washing.line(event.branch or event.source or notification.sender)
    short = washing.line(notification.id[-SHORT_ID:])
    parts = (washing.shortened(title, AUDIT_TITLE), where, short)
    return Message(
        icon=icon,
        title=" · ".join(filter(None, parts)),
        colour=AUDITED,
        at=_moment(notification, zone),
        zone=zone,
        rank=_rank(event.severity, notification.is_over),
        id=f"{notification.id}-{delivery.destination}",
        key=notification.fingerprint if event.is_problem else "",
        state=_state(notification, notification.is_over),
        generation=delivery.generation,
        anew=delivery.shown,
        type=event.type,
        severity=event.severity,
    )


def _state(notification: Notification, over: bool) -> str:
    if over:
        return "resolved"
    return notification.state if notification.ack_at is None else "acknowledged"


def _look(notification: Notification, over: bool) -> tuple[str, int]:
    if over:
        return RESOLVED
    icon, colour = LOOKS[notification.event.severity]
    look = notification.event.look
    if look is not None:
        icon = washing.line(look.icon) or icon
        colour = colour if look.colour is None else look.colour
    if notification.flapping is not None:
        icon, colour = FLAPPING
    return (ACKNOWLEDGED if notification.ack_at is not None else icon), colour


def _rank(severity: Severity, over: bool) -> int:
    """A solved problem, however bad it was, stands behind those that are not."""
    return min(severity.rank, Severity.INFO.rank) if over else severity.rank


def _moment(notification: Notification, zone: str) -> datetime:
    """When it happened, unless the sender's clock is plainly wrong."""
    accepted = notification.accepted_at
    occurred = notification.event.occurred_at
    if occurred is not None:
        at = round(occurred.timestamp() * 1000)
        if FIRST_BELIEVABLE <= at <= accepted + DAY:
            return wording.moment(at, zone)
    return wording.moment(accepted, zone)


def _preview(
    notification: Notification, icon: str, title: str, over: bool
) -> str | None:
    """The line a lock screen shows: what, and where; from `high` up, and for what has
    a banner of its own."""
    event = notification.event
    banner = washing.line(event.look.banner) if event.look and not over else ""
    if event.severity.rank < Severity.HIGH.rank and not banner:
        return None
    parts = [f"{icon} {banner}", title] if banner else [f"{icon} {title}"]
    if over:
        parts.append(resolution(notification).lower())
    where = washing.line(event.branch or event.source or notification.sender)
    if where and where not in title:
        parts.append(where)
    return " · ".join(part for part in parts if part)


def _links(event: Event) -> tuple[Link, ...]:
    if not event.links and not event.attachments:
        return ()
    pairs = [(link.label, link.url) for link in event.links]
    pairs += [
        (f"📎 {file.name}", file.url)
        for file in event.attachments
        if file.url is not None
    ]
    return tuple(Link(washing.line(label) or "Link", url) for label, url in pairs)


def _picture(event: Event) -> str | None:
    """The first file that is one by its name. It stays among the links, since not every
    channel shows pictures."""
    for file in event.attachments:
        if file.url is not None and file.name.lower().endswith(PICTURES):
            return file.url
    return None


def _files(notification: Notification) -> tuple[File, ...]:
    """Those that were uploaded, by whoever sent the event."""
    attachments = notification.event.attachments
    if not attachments:
        return ()
    by, owner = notification.sender, notification.id
    return tuple(
        File(each.name, each.media, each.size, by, each.id, owner, place)
        for place, each in enumerate(attachments)
        if each.id is not None
    )


def _footer(notification: Notification, application: str) -> str:
    event = notification.event
    own = event.look.footer if event.look else ""
    where = event.source or notification.sender
    parts = _origin(own or application, where, event.branch)
    short = washing.line(notification.id[-SHORT_ID:])
    return " · ".join(parts if short in parts else filter(None, (*parts, short)))


@lru_cache(maxsize=256)
def _origin(*names: str) -> tuple[str, ...]:
    """Where it comes from, each name once. Origins are few, and come back."""
    return tuple(dict.fromkeys(filter(None, map(washing.line, names))))


def _pings(
    notification: Notification, delivery: Delivery, over: bool
) -> tuple[str, ...]:
    """Nobody, once someone is on it; everybody, only for what is critical."""
    if not delivery.pings or over or notification.ack_at is not None:
        return ()
    if notification.event.severity is Severity.CRITICAL:
        return delivery.pings
    return tuple(ping for ping in delivery.pings if not ping.startswith("@"))
