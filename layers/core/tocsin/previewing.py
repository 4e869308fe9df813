"""Previewing: how a notification would be told, with nothing written and nobody told.

What acts in a real message, as a link that acknowledges, is a stand-in here.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from tocsin.attaching import Baggage
from tocsin.catalog.dressing import dress
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.identity import new_id
from tocsin.lane import no_attic
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.passes import Links, acting_links, presses_of
from tocsin.rendering import render
from tocsin.rules.config import Config
from tocsin.validation import faults_of, invalid
from tocsin.values import dataclass

STAND_IN = "https://preview.invalid"
_LINKS = Links(STAND_IN, lambda: "preview")


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it would be made; `fallback` says why it is in the built-in look
    although there is a template, "" = it is not."""

    channel: str
    destination: str
    message: Message
    fallback: str = ""


def imagined(event: Event, *, sender: str, config: Config, now: int) -> Notification:
    """The notification that an event would be. Raises `Invalid`."""
    try:
        dressed = dress(event, config, now)
    except ValidationError as error:
        raise invalid(faults_of(error, inside="event.data")) from None
    return Notification(
        id=new_id(now, bytes(10)),
        event=dressed,
        fingerprint=dressed.fingerprint,
        state=(dressed.state or "") if dressed.is_problem else "notice",
        sender=sender,
        accepted_at=now,
        last_at=now,
    )


def preview(
    notification: Notification,
    *,
    channel: str,
    destination: str = "",
    config: Config,
    now: int,
) -> Preview:
    """For a destination, or for an ordinary one of that channel."""
    name = destination or channel
    delivery = notification.deliveries.get(name) or Delivery(name)
    message = render(
        notification,
        delivery,
        zone=config.timezone,
        application=config.application,
        now=now,
    )
    message, fallback = _worded(message, notification, delivery, channel, config)
    message = replace(
        message,
        links=(*acting_links(notification, delivery, _LINKS, now), *message.links),
        presses=presses_of(notification, delivery),
    )
    if message.files:
        stand_in = Baggage(None, no_attic, lambda file: f"{STAND_IN}/f/{file.place}")
        message = stand_in.planned(message)
    return Preview(channel, destination, message, fallback)


def _worded(
    message: Message,
    notification: Notification,
    delivery: Delivery,
    channel: str,
    config: Config,
) -> tuple[Message, str]:
    if not config.templates:
        return message, ""
    # Jinja2 is imported by those who use it.
    from tocsin.templating.applying import attempted  # noqa: PLC0415

    made, fault = attempted(
        message,
        notification,
        delivery,
        templates=config.templates,
        channel=channel,
        application=config.application,
    )
    return made, str(fault) if fault else ""
