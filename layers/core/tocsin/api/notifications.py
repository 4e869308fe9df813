"""Notifications: searched, read, acknowledged, resolved, replayed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from tocsin import presenting, shapes
from tocsin.acknowledge import acknowledge, release, resolve
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.queries import (
    STATES,
    STATUSES,
    Filter,
    Limit,
    Listed,
    Words,
    known_words,
)
from tocsin.api.reach import Reach
from tocsin.api.replaying import Again, how
from tocsin.clearing import clear
from tocsin.errors import Fault, NotFound
from tocsin.events import Frozen, Seconds
from tocsin.identity import is_id, time_of
from tocsin.replay import replay
from tocsin.rules.config import DestinationName
from tocsin.searching import Wanted, search
from tocsin.settings import Scope
from tocsin.validation import invalid


class Search(Filter):
    """Filters of a search; without `since` it looks 30 days back."""

    status: Annotated[Listed, Field(description=", ".join(sorted(STATUSES)))] = ()
    state: Annotated[Listed, Field(description=", ".join(sorted(STATES)))] = ()
    q: Annotated[
        str,
        Field(
            max_length=200,
            description="Words that all stand in title, message, type, source, branch, "
            "facts, id, or what was said when it was acknowledged",
        ),
    ] = ""
    limit: Limit = 50
    cursor: Words = ""


class Note(Frozen):
    """Why, in the words of whoever acts."""

    note: Annotated[str, Field(max_length=1000)] = ""


class Acknowledgement(Note):
    """Why, and for how long: "90m", "4h"; without it as long as the route says."""

    lasts: Annotated[Seconds | None, Field(alias="for")] = None


class ReplayOne(Again):
    """Which delivery; without it all that are dead."""

    destination: DestinationName | None = None


_ONE = "/v1/notifications/{id}"


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operations on notifications."""
    return [
        Operation(
            "GET",
            "/v1/notifications",
            "Search notifications, newest first. A page may be short: follow `next`.",
            partial(_search, reach),
            Scope.OPERATE,
            Search,
            Nothing,
            shapes.NotificationPage,
        ),
        Operation(
            "GET",
            _ONE,
            "Read one, with deliveries, attempts, decision trace and audit trail.",
            partial(_read, reach),
            Scope.OPERATE,
            Nothing,
            Nothing,
            shapes.NotificationShape,
        ),
        *_acting(reach),
    ]


def _acting(reach: Reach) -> list[Operation[Any, Any]]:
    """What people do to one; each answers with how it is then."""
    acts: tuple[tuple[str, str, Callable[..., Answer], type[Frozen]], ...] = (
        ("acknowledge", "Say that someone is on it.", _acknowledge, Acknowledgement),
        ("unacknowledge", "Say that nobody is on it any more.", _release, Note),
        ("resolve", "Say that the problem is over.", _resolve, Note),
        ("replay", "Send its dead deliveries again.", _replay, ReplayOne),
    )
    return [
        Operation(
            "POST",
            f"{_ONE}/{name}",
            does,
            partial(run, reach),
            Scope.OPERATE,
            Nothing,
            body,
            shapes.NotificationShape,
        )
        for name, does, run, body in acts
    ]


def _search(reach: Reach, call: Call[Search, Nothing]) -> Answer:
    asked = call.query
    known_words(asked.status, STATUSES, "query.status")
    known_words(asked.state, STATES, "query.state")
    since, until = asked.period(reach.clock.now(), "query")
    if asked.cursor and not _leads_on(asked.cursor, until):
        raise invalid([Fault("query.cursor", "is not a `next` of this search")])
    wanted = Wanted(
        since=since,
        until=until,
        match=asked.match("query"),
        statuses=frozenset(asked.status),
        states=frozenset(asked.state),
        destination=asked.destination,
        words=tuple(asked.q.casefold().split()),
    )
    found, following = search(
        wanted, limit=asked.limit, cursor=asked.cursor, archive=reach.archive
    )
    reached = time_of(following) if following else since
    return Answer(presenting.page(found, following, reached))


def _leads_on(cursor: str, until: int) -> bool:
    """A cursor is an id. It is bounded, since any id carries a day to be read."""
    return is_id(cursor) and time_of(cursor) <= until


def _read(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    notification_id = _id(call)
    found = reach.ledger.load([notification_id]).get(notification_id)
    if found is None:
        raise NotFound("there is no notification with this id")
    return Answer(presenting.whole(found))


def _acknowledge(reach: Reach, call: Call[Nothing, Acknowledgement]) -> Answer:
    done = acknowledge(
        _id(call),
        actor=call.actor,
        note=call.body.note,
        means=reach.means(),
        lasts=call.body.lasts,
    )
    return Answer(presenting.whole(done))


def _release(reach: Reach, call: Call[Nothing, Note]) -> Answer:
    note, means = call.body.note, reach.means()
    done = release(_id(call), actor=call.actor, note=note, means=means)
    return Answer(presenting.whole(done))


def _resolve(reach: Reach, call: Call[Nothing, Note]) -> Answer:
    note, means = call.body.note, reach.means()
    done = resolve(_id(call), actor=call.actor, note=note, means=means)
    return Answer(presenting.whole(done))


def _replay(reach: Reach, call: Call[Nothing, ReplayOne]) -> Answer:
    done = replay(
        _id(call),
        destination=call.body.destination,
        actor=call.actor,
        ledger=reach.ledger,
        outbox=reach.outbox,
        clock=reach.clock,
        timing=reach.timing,
        how=how(call.body, reach),
    )
    clear(queue=reach.dead_letters, ledger=reach.ledger)
    return Answer(presenting.whole(done))


def _id(call: Call[Any, Any]) -> str:
    """The id in the path; what has not an id's form cannot name a notification."""
    text = call.params["id"].lower()
    if not is_id(text):
        raise NotFound("there is no notification with this id")
    return text
