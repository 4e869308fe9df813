"""Looks: the sign and the colour of a severity, of a status, of what happened.

Signs are one cell wide in every terminal, which emoji are not; a word stands beside
each, so that nothing is told by colour alone.
"""

from __future__ import annotations

from rich.text import Text

from tocsin_client.command.washing import line, row
from tocsin_client.command.wording import spoken

_SEVERITIES = {
    "critical": "bold red",
    "high": "dark_orange",
    "medium": "orange1",
    "low": "yellow",
    "info": "cyan",
    "success": "green",
    "debug": "dim",
}
_STATUSES = {
    "sent": ("✓", "green"),
    "acknowledged": ("◉", "cyan"),
    "resolved": ("✓", "green"),
    "queued": ("…", "yellow"),
    "processing": ("…", "yellow"),
    "limited": ("…", "yellow"),
    "parked": ("…", "yellow"),
    "failed": ("↻", "orange1"),
    "unknown": ("?", "orange1"),
    "dead_letter": ("✗", "bold red"),
    "rejected": ("✗", "bold red"),
    "held": ("…", "yellow"),
    "told": ("✓", "green"),
    "edit": ("↻", "orange1"),
    "gone": ("✗", "bold red"),
    "replayed": ("↻", "cyan"),
    "suppressed": ("○", "dim"),
    "cancelled": ("○", "dim"),
}


def severity(word: str, *, resolved: bool = False) -> Text:
    """● critical, in its colour; green once the problem is over."""
    style = "green" if resolved else _SEVERITIES.get(word, "")
    return Text(f"● {line(word)}", style=style)


def status(word: str) -> Text:
    """✓ sent, in its colour."""
    sign, style = _STATUSES.get(word, ("·", ""))
    return Text(f"{sign} {line(spoken(word))}", style=style)


def sign(word: str) -> Text:
    """The sign of a status alone."""
    mark, style = _STATUSES.get(word, ("·", ""))
    return Text(mark, style=style)


def dim(text: object) -> Text:
    """Words of less weight."""
    return Text(row(text), style="dim")
