"""Tailing: notifications as they come in, and as their outcome changes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.filters import WantedNotifications
from tocsin_client.command.rows import record, standing, title, where
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import Exit, Trouble
from tocsin_client.command.washing import line
from tocsin_client.command.wording import clock, short

MOST = 500
FIRST = 10
SLOWEST = 3.0
_SETTLED = ("sent", "dead_letter", "suppressed", "cancelled", "acknowledged")
_WATCHED = 200


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "tail", rich_help_panel="Look")(tail)


def tail(
    session: Session,
    wanted: WantedNotifications,
    every: Annotated[
        float, typer.Option("--every", help="Seconds between looks.", min=0.2)
    ] = 2.0,
    lines: Annotated[
        int, typer.Option("--lines", "-n", help="So many older ones first.", min=0)
    ] = FIRST,
) -> None:
    """Follow notifications live, until Ctrl-C."""
    watch = Watch()
    limit = MOST if wanted.since else max(lines, 1)
    found = session.api.items("/notifications", "notifications", wanted.query, limit)
    news = watch.news(found)
    _print(session, news if wanted.since or lines else [])
    session.screen.note(looks.dim("following; Ctrl-C ends it"))
    pause = every
    while True:
        time.sleep(pause)
        news = watch.news(_look(session, {**wanted.query, "since": watch.since}))
        _print(session, news)
        # Nothing happens: ask less often. Something does: as often as wanted.
        pause = every if news else min(pause * 1.2, every * SLOWEST)


class Watch:
    """What was shown, so that only news are; and from when on to look."""

    def __init__(self) -> None:
        self._shown: dict[str, tuple[object, ...]] = {}
        self._open: dict[str, str] = {}
        self._newest = ""

    @property
    def since(self) -> str:
        """The API's own time of the oldest that may still change, or of the newest."""
        return min([*self._open.values(), self._newest]) or "1m"

    def news(self, found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Those never shown, or shown with another outcome; oldest first."""
        news = []
        for each in sorted(found, key=lambda one: str(one["id"])):
            known = self._shown.get(each["id"])
            seen = (each["status"], each["state"], each["occurrences"])
            if seen != known:
                news.append(each)
            self._note(each, seen)
        return news

    def _note(self, found: Mapping[str, Any], seen: tuple[object, ...]) -> None:
        self._shown.pop(found["id"], None)
        self._shown[found["id"]] = seen
        self._newest = max(self._newest, found["accepted_at"])
        self._open.pop(found["id"], None)
        if found["status"] not in _SETTLED:
            self._open[found["id"]] = found["accepted_at"]
        for known in (self._open, self._shown):
            limit = _WATCHED if known is self._open else 10 * MOST
            while len(known) > limit:
                known.pop(next(iter(known)))


def _look(session: Session, query: Mapping[str, object]) -> list[dict[str, Any]]:
    """What is there now; an API that is away for a moment is waited for."""
    away = False
    while True:
        try:
            found = session.api.items("/notifications", "notifications", query, MOST)
        except Trouble as trouble:
            if trouble.code != Exit.UNREACHABLE:
                raise
            if not away:
                session.screen.warn(f"{trouble.told}; waiting")
            away = True
            time.sleep(SLOWEST)
            continue
        if away:
            session.screen.note(looks.dim("it answers again"))
        return found


def _print(session: Session, news: Iterable[Mapping[str, Any]]) -> None:
    now = session.clock()
    for found in news:
        if session.screen.as_json:
            session.screen.json(found)
            continue
        if not session.screen.lively:
            session.screen.show("\t".join(map(str, record(found))))
            continue
        severity = looks.severity(
            found["severity"], resolved=found["state"] == "resolved"
        )
        session.screen.show(
            looks.dim(clock(found["accepted_at"], now, seconds=True)),
            "  ",
            _padded(severity, 10),
            "  ",
            title(found),
            "  ",
            where(found) or standing(found),
            looks.dim(f"  {line(found['type'])} {short(found['id'])}"),
        )


def _padded(text: Text, width: int) -> Text:
    text.append(" " * max(0, width - len(text.plain)))
    return text
