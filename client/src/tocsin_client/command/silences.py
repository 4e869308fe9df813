"""Silences: events that nobody is told of for a while, or in hours that come again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as filled
from typing import Annotated, Any

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.api import part, value_of
from tocsin_client.command.documents import pairs
from tocsin_client.command.options import Yes
from tocsin_client.command.screen import Cell
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import Exit, Trouble, misused
from tocsin_client.command.washing import line
from tocsin_client.command.wording import ago, clock, short

_STATES = {"active": ("◉", "cyan"), "waiting": ("…", "yellow")}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Tell nobody of certain events for a while.")
    command(group)(list_them)
    command(group, "list")(list_them)
    command(group, "add")(add)
    command(group, "delete")(delete)
    app.add_typer(group, name="silence", rich_help_panel="Act")


def _option(*names: str, told: str, panel: str, **more: Any) -> Any:
    return typer.Option(
        *names, help=told, rich_help_panel=panel, show_default=False, **more
    )


_WHAT, _WHEN = "Which events", "When"


@dataclass(frozen=True)
class Silenced:
    """Which events, as a route asks for them."""

    type: Annotated[str, _option("--type", "-t", told="Globs: aws.*", panel=_WHAT)] = ""
    severity: Annotated[
        str, _option("--severity", "-s", told="high, '<=medium' ...", panel=_WHAT)
    ] = ""
    source: Annotated[str, _option("--source", told="Globs.", panel=_WHAT)] = ""
    branch: Annotated[str, _option("--branch", told="Globs.", panel=_WHAT)] = ""
    label: Annotated[
        list[str],
        _option(
            "--label", told="NAME=VALUE, or a glob.", panel=_WHAT, default_factory=list
        ),
    ] = filled(default_factory=list)
    everything: Annotated[
        bool, _option("--everything", told="All events.", panel=_WHAT)
    ] = False

    def match(self) -> dict[str, Any]:
        """As the API has it. Raises `Trouble` where nothing is named by mistake."""
        named = (
            ("type", self.type),
            ("severity", self.severity),
            ("source", self.source),
            ("branch", self.branch),
        )
        asked: dict[str, Any] = {
            name: text.split(",") if "," in text else text
            for name, text in named
            if text
        }
        if self.label:
            asked["labels"] = pairs(self.label, "--label")
        if bool(asked) == self.everything:
            raise misused(
                "say which events, or --everything; not both",
                "for example: tocsin silence add --type 'aws.*' --for 2h",
            )
        return asked


@dataclass(frozen=True)
class Period:
    """From when, until when."""

    for_: Annotated[str, _option("--for", told="30m, 2h, 7d.", panel=_WHEN)] = ""
    until: Annotated[
        str, _option("--until", told="2026-11-21T22:00:00+01:00.", panel=_WHEN)
    ] = ""
    starts: Annotated[
        str, _option("--from", told="Not now, but then.", panel=_WHEN)
    ] = ""
    hours: Annotated[
        str, _option("--hours", told="22:00-07:00, again and again.", panel=_WHEN)
    ] = ""
    days: Annotated[
        str, _option("--days", told="Those they begin on: sat,sun.", panel=_WHEN)
    ] = ""
    timezone: Annotated[
        str, _option("--timezone", told="Of the hours: Europe/Zurich.", panel=_WHEN)
    ] = ""

    def body(self) -> dict[str, Any]:
        """As the API has it. Raises `Trouble`."""
        if not (self.for_ or self.until or self.hours):
            raise misused("a silence must end", "give --for 2h, --until, or --hours")
        body: dict[str, Any] = {
            "for": self.for_,
            "ends_at": self.until,
            "starts_at": self.starts,
        }
        if self.hours:
            begin, sign, end = self.hours.partition("-")
            if not sign:
                raise misused(f"--hours {self.hours!r} is not like 22:00-07:00")
            recurring = {"from": begin.strip(), "to": end.strip()}
            if self.days:
                recurring["days"] = self.days.split(",")  # type: ignore[assignment]
            if self.timezone:
                recurring["timezone"] = self.timezone
            body["recurring"] = recurring
        return {name: value for name, value in body.items() if value}


def list_them(session: Session) -> None:
    """List silences, the latest first."""
    answer = session.api.call("GET", "/silences")
    if session.screen.answer(answer):
        return
    found = value_of(answer)["silences"]
    now = session.clock()
    rows: list[list[Cell]] = [
        [
            line(short(each["id"]) if session.screen.lively else each["id"]),
            _state(each, now),
            _asked(each["match"]),
            _when(each, now),
            line(each["author"]),
            line(each["comment"]),
        ]
        for each in found
    ]
    names = ("id", "state", "events", "when", "by", "why")
    session.screen.table(names, rows, elastic="why", spare=("by",))
    if not rows:
        session.screen.note("nothing is silenced")
        session.screen.hint("tocsin silence add --type 'aws.*' --for 2h -c Migration")


def add(
    session: Session,
    silenced: Silenced,
    period: Period,
    comment: Annotated[
        str, typer.Option("--comment", "-c", help="Why, for the others.")
    ] = "",
    maintenance: Annotated[
        bool, typer.Option("--maintenance", help="Call it maintenance.")
    ] = False,
) -> None:
    """Tell nobody of certain events: --type 'aws.*' --for 2h.

    They are kept, and the list shows them; nothing is sent.
    """
    body = {"match": silenced.match(), **period.body()}
    if comment:
        body["comment"] = comment
    if maintenance:
        body["kind"] = "maintenance"
    answer = session.api.call("POST", "/silences", body)
    if session.screen.answer(answer):
        return
    made = value_of(answer)
    now = session.clock()
    told = f"  {_asked(made['match'])}, {_when(made, now)}"
    session.screen.show(_state(made, now), told)
    session.screen.hint(f"end it early: tocsin silence delete {short(made['id'])}")


def delete(
    session: Session,
    silence: Annotated[
        str, typer.Argument(metavar="ID", help="Its id, or the end of it.")
    ],
    yes: Yes = False,
) -> None:
    """End a silence early."""
    known = session.api.read("/silences")["silences"]
    found = [each for each in known if each["id"].endswith(silence.lower())]
    if len(found) != 1:
        told = f"{len(found) or 'no'} silences have an id that ends in {silence!r}"
        raise Trouble(told, code=Exit.REFUSED, advice="tocsin silence list shows them")
    told = f"{_asked(found[0]['match'])}, {_when(found[0], session.clock())}"
    session.screen.agree(f"End the silence of {told}?", yes=yes)
    session.api.call("DELETE", f"/silences/{part(found[0]['id'])}")
    session.screen.result(deleted=found[0]["id"])
    session.screen.note(looks.sign("sent"), f" no longer silenced: {told}")


def _state(silence: Mapping[str, Any], now: float) -> Text:
    word = str(silence["state"])
    sign, style = _STATES.get(word, ("○", "dim"))
    told = line(f"maintenance, {word}" if silence["kind"] == "maintenance" else word)
    if silence["recurring"] and silence["active_until"]:
        told = f"{told}, ends {ago(silence['active_until'], now)}"
    return Text(f"{sign} {told}", style=style)


def _asked(match: Mapping[str, Any]) -> str:
    told = [
        f"{name} {' or '.join(value) if isinstance(value, list) else value}"
        for name, value in match.items()
        if name not in ("labels", "data")
    ]
    for name in ("labels", "data"):
        told += [f"{key}={value}" for key, value in match.get(name, {}).items()]
    return line(", ".join(told)) or "everything"


def _when(silence: Mapping[str, Any], now: float) -> str:
    told = []
    again = silence["recurring"]
    if again:
        days = again.get("days")
        on = f" ({', '.join(map(str, days))})" if days and len(days) < 7 else ""
        told.append(f"{again['from']}-{again['to']}{on} {again.get('timezone') or ''}")
    if silence["ends_at"]:
        told.append(f"until {clock(silence['ends_at'], now)}")
    return line(" ".join(told))
