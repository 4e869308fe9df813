"""Notifications: listed, shown, acknowledged, resolved, replayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from tocsin_client.command import finding, looks, story
from tocsin_client.command.api import value_of
from tocsin_client.command.filters import WantedNotifications
from tocsin_client.command.options import Limit, Until
from tocsin_client.command.replaying import OnlyOpen, To, ways
from tocsin_client.command.rows import COLUMNS, record, row, title
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import Trouble
from tocsin_client.command.washing import line
from tocsin_client.command.wording import counted, short

Ids = Annotated[
    list[str], typer.Argument(help="Ids, or their last letters.", metavar="ID...")
]
Note = Annotated[
    str, typer.Option("--note", "-n", help="Why, for the audit trail.", metavar="TEXT")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "list", rich_help_panel="Look")(list_them)
    command(app, "show", rich_help_panel="Look")(show)
    command(app, "ack", rich_help_panel="Act")(acknowledge)
    command(app, "resolve", rich_help_panel="Act")(resolve)
    command(app, "replay", rich_help_panel="Act")(replay)


def list_them(
    session: Session,
    wanted: WantedNotifications,
    until: Until = "",
    limit: Limit = 20,
) -> None:
    """List notifications, newest first; without --since those of 30 days."""
    query = {**wanted.query, "until": until}
    pages = session.api.pages("/notifications", "notifications", query, limit)
    answers = list(pages)
    found = [each for _, items in answers for each in items]
    last = value_of(answers[-1][0])
    screen = session.screen
    if screen.as_json:
        screen.json({**last, "notifications": found})
        return
    now = session.clock()
    rows = [row(each, now) if screen.lively else record(each) for each in found]
    screen.table(COLUMNS, rows, elastic="title", spare=("type", "where"))
    _after_list(session, found, last["next"])


def _after_list(session: Session, found: list[Any], following: str) -> None:
    if not found:
        session.screen.note("nothing fits")
        session.screen.hint("look further back with --since 90d, or send a first event")
    elif following:
        shown = counted(len(found), "notification")
        session.screen.hint(f"{shown}; --limit {len(found) * 5} shows more")
    if found:
        session.screen.hint(
            f"tocsin show {short(found[0]['id'])} tells the whole story"
        )


def show(
    session: Session,
    notification: Annotated[
        str, typer.Argument(help="Its id, or the last letters.", metavar="ID")
    ],
) -> None:
    """Tell the whole story of one: every attempt, every action, and why."""
    answer = finding.read(session.api, notification)
    if not session.screen.answer(answer):
        story.tell(session.screen, value_of(answer), session.clock())


def acknowledge(session: Session, ids: Ids, note: Note = "") -> None:
    """Say that you are on it; repeats stay silent."""
    _act(session, ids, "acknowledge", {"note": note})


def resolve(session: Session, ids: Ids, note: Note = "") -> None:
    """Say that a problem is over."""
    _act(session, ids, "resolve", {"note": note})


def replay(
    session: Session,
    ids: Ids,
    destination: Annotated[
        str, typer.Option("--destination", "-d", help="This one only.")
    ] = "",
    to: To = "",
    only_open: OnlyOpen = False,
) -> None:
    """Send the dead deliveries of notifications again."""
    named = {"destination": destination} if destination else {}
    _act(session, ids, "replay", {**named, **ways(to, only_open)})


def _act(session: Session, ids: list[str], verb: str, body: dict[str, str]) -> None:
    """On each; one that is refused does not keep the others from being done."""
    failed: list[Trouble] = []
    for given in ids:
        try:
            found = finding.whole_id(session.api, given)
            answer = session.api.call("POST", f"{finding.path_of(found)}/{verb}", body)
        except Trouble as trouble:
            if len(ids) == 1:
                raise
            trouble.told = f"{line(given)}: {trouble.told}"
            session.screen.fail(trouble)
            failed.append(trouble)
            continue
        if not session.screen.answer(answer):
            _tell_done(session, value_of(answer), verb)
    if failed:
        told = f"{len(failed)} of {len(ids)} could not be done"
        raise Trouble(told, code=failed[0].code)


def _tell_done(session: Session, found: Mapping[str, Any], verb: str) -> None:
    what = {"acknowledge": "acknowledged", "resolve": "resolved", "replay": "replayed"}
    session.screen.show(
        looks.status(what[verb]),
        "  ",
        title(found),
        looks.dim(f"  {short(found['id'])}"),
    )
    if verb == "replay":
        session.screen.hint(f"see whether it arrives: tocsin show {short(found['id'])}")
