"""Dead letters: listed, and replayed in one go after being counted."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from tocsin import presenting, shapes
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.queries import DAY_MS, OLDEST_DAYS, Filter, Limit
from tocsin.api.reach import Reach
from tocsin.api.replaying import Again, how
from tocsin.clearing import clear
from tocsin.events import Frozen
from tocsin.replay import How, Replayed, replay_dead
from tocsin.searching import DEAD_PER_CALL, FoundDead, WantedDead, search_dead
from tocsin.settings import Scope

Cursor = Annotated[
    str,
    StringConstraints(pattern=r"^(\d{13}#[0-9a-z]{26}#[a-z0-9_-]{1,40})?$"),
]


class Page(Frozen):
    """Where to go on, and how far."""

    limit: Limit = 50
    cursor: Cursor = ""


class ReplayMany(Again):
    """Which dead letters; with `dry_run` they are only counted.

    A call looks at `limit` letters, from the oldest or from `cursor` on.
    """

    filter: Filter = Filter()
    dry_run: bool = False
    limit: Annotated[int, Field(ge=1, le=DEAD_PER_CALL, strict=True)] = DEAD_PER_CALL
    cursor: Cursor = ""


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operations on dead letters."""
    return [
        Operation(
            "GET",
            "/v1/dead-letters",
            "List dead letters, oldest first.",
            partial(_list, reach),
            Scope.OPERATE,
            Page,
            Nothing,
            shapes.DeadPage,
        ),
        Operation(
            "POST",
            "/v1/dead-letters/replay",
            "Count the dead letters that fit a filter (`dry_run`), or send them again.",
            partial(_replay, reach),
            Scope.OPERATE,
            Nothing,
            ReplayMany,
            shapes.ReplayShape,
        ),
    ]


def _list(reach: Reach, call: Call[Page, Nothing]) -> Answer:
    page, following = reach.archive.dead(
        limit=call.query.limit, cursor=call.query.cursor
    )
    found = reach.ledger.load(dead.notification_id for dead in page)
    listed = [
        presenting.dead_letter(dead, found[dead.notification_id])
        for dead in page
        if dead.notification_id in found
    ]
    return Answer({"dead_letters": listed, "next": following})


def _replay(reach: Reach, call: Call[Nothing, ReplayMany]) -> Answer:
    body = call.body
    ways = how(body, reach)
    wanted = _wanted(body.filter, ways, reach.clock.now())
    found = search_dead(
        wanted,
        archive=reach.archive,
        ledger=reach.ledger,
        most=body.limit,
        cursor=body.cursor,
    )
    done = Replayed(0, 0)
    if not body.dry_run and found.letters:
        done = _sent_again(reach, found, ways, call.actor)
    answer: shapes.ReplayShape = {
        "matched": len(found.letters),
        "open": found.open,
        "replayed": done.letters,
        "already": done.already,
        "dry_run": body.dry_run,
        "more": bool(found.following),
        "next": found.following,
        "until": presenting.iso(wanted.until),
        "by_destination": dict(Counter(dead.destination for dead in found.letters)),
    }
    return Answer(answer)


def _sent_again(reach: Reach, found: FoundDead, ways: How, actor: str) -> Replayed:
    done = replay_dead(
        found.letters,
        actor=actor,
        ledger=reach.ledger,
        outbox=reach.outbox,
        clock=reach.clock,
        timing=reach.timing,
        how=ways,
    )
    clear(queue=reach.dead_letters, ledger=reach.ledger)
    return done


def _wanted(asked: Filter, ways: How, now: int) -> WantedDead:
    """Without `since`, all that are dead: whoever replays means those of last month
    too."""
    since, until = asked.period(now, "filter")
    if not asked.since:
        since = now - OLDEST_DAYS * DAY_MS
    return WantedDead(
        since=since,
        until=until,
        match=asked.match("filter"),
        destination=asked.destination,
        open_only=ways.open_only,
    )
