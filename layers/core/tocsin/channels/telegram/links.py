"""Links: which addresses Telegram takes, and link buttons under a message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tocsin import washing
from tocsin.channels.telegram import limits, runs
from tocsin.message import Link, Press

SHOWN = 300
ROWS = 12
PER_ROW = 2
FRAME = 32  # what a button takes besides its words
ACTING = 160  # what one that acts takes at most

# A host without a dot, as `http://grafana:3000` inside a network, is refused by
# Telegram, and with it the whole message.
_URL = re.compile(
    r"https?://(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d{1,5})?(?:[/?#][!-~]*)?", re.ASCII
)
_ODD = str.maketrans({char: f"%{ord(char):02X}" for char in '"<>\\^`{|}'})

Button = dict[str, str]
Keyboard = list[list[Button]]


@lru_cache(maxsize=256)
def linkable(url: str | None) -> str | None:
    """The address as Telegram takes it, or None."""
    if not url or len(url) > limits.URL:
        return None
    address = url.translate(_ODD)
    good = len(address) <= limits.URL and _URL.fullmatch(address) is not None
    return address if good else None


def shown(label: str, url: str) -> str:
    """A link as words, for an address that cannot be one."""
    address = washing.shortened(washing.line(url[: limits.URL]), SHOWN)
    return runs.inert(f"{label_of(label)}: {address}")


def label_of(label: str) -> str:
    """The words on a button, never none."""
    words = washing.line(label[: 4 * limits.BUTTON_LABEL])
    return runs.shortened(words, limits.BUTTON_LABEL) or "Link"


def keyboard(links: Sequence[Link], presses: Sequence[Press] = ()) -> Keyboard:
    """A row of buttons that act, then buttons for the links that can have one; when
    they are too many, or too large, the last ones are left out."""
    acting = [{"text": one.label, "callback_data": one.name} for one in presses]
    buttons: list[Button] = []
    room = limits.KEYBOARD - ACTING * len(acting)
    for link in links[: limits.BUTTONS - len(acting)]:
        if address := linkable(link.url):
            button = {"text": label_of(link.label), "url": address}
            room -= (
                len(button["text"].encode("utf-8", "replace")) + len(address) + FRAME
            )
            if room < 0:
                break
            buttons.append(button)
    return [acting, *_rows(buttons)] if acting else _rows(buttons)


def markup(rows: Keyboard) -> dict[str, Any]:
    """The `reply_markup` for these rows."""
    return {"inline_keyboard": rows}


def _rows(buttons: list[Button]) -> Keyboard:
    width = max(PER_ROW, -(-len(buttons) // ROWS))
    width = min(width, limits.BUTTONS_PER_ROW)
    return [buttons[at : at + width] for at in range(0, len(buttons), width)]
