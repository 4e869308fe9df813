"""Composing: the words that go to a destination, the operator's own where there are."""

from __future__ import annotations

from tocsin.delivery import Delivery
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.rendering import render
from tocsin.rules.config import Config


def compose(
    notification: Notification,
    delivery: Delivery,
    *,
    channel: str,
    config: Config,
    now: int,
) -> Message:
    """What a reader of this destination shall see; `channel` is the destination's.
    `now` in ms since the epoch."""
    message = render(
        notification,
        delivery,
        zone=config.timezone,
        application=config.application,
        now=now,
    )
    if not config.templates:
        return message
    # Jinja2 is imported by those who use it.
    from tocsin.templating.applying import applied  # noqa: PLC0415

    return applied(
        message,
        notification,
        delivery,
        templates=config.templates,
        channel=channel,
        application=config.application,
    )
