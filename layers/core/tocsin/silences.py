"""Silences: made, listed, ended early."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from tocsin.desk import Desk
from tocsin.errors import Conflict, Fault, NotFound
from tocsin.events import Frozen, Seconds
from tocsin.identity import new_id
from tocsin.live import wait_until_live
from tocsin.ports import Clock
from tocsin.rules.criteria import Match
from tocsin.rules.silencing import Kind, Recurring, Silence, over
from tocsin.settings import Settings
from tocsin.validation import invalid

MOST = 100
_LONGEST_MS = 366 * 86_400_000


def _written(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('should be a time, like "2026-11-21T22:00:00+01:00"')
    return value


Time = Annotated[AwareDatetime, BeforeValidator(_written)]


class NewSilence(Frozen):
    """What to silence (`match`, as in a route; `{}` is everything), and until when:
    `for` or `ends_at`, unless it is recurring. It begins now unless told otherwise."""

    match: Match
    starts_at: Time | None = None
    ends_at: Time | None = None
    for_: Annotated[Seconds | None, Field(alias="for")] = None
    recurring: Recurring | None = None
    comment: Annotated[str, Field(max_length=500)] = ""
    kind: Kind = "silence"

    @model_validator(mode="after")
    def _ends_once(self) -> NewSilence:
        ends = [each for each in (self.ends_at, self.for_) if each is not None]
        if len(ends) > 1:
            raise ValueError("write either `for` or `ends_at`")
        if not ends and self.recurring is None:
            raise ValueError('a silence must end: write `for: "2h"` or `ends_at`')
        return self


def create_silence(
    wanted: NewSilence, *, author: str, desk: Desk, clock: Clock
) -> Silence:
    """A silence that holds everywhere when this returns.

    Raises `Invalid` for one that is over before it begins, `Conflict` when there are
    too many.
    """
    settings, now = desk.fresh(), clock.now()
    if sum(not over(each, now) for each in settings.silences) >= MOST:
        raise Conflict(f"there are {MOST} silences already; end one that is not needed")
    starts_at = now if wanted.starts_at is None else _ms(wanted.starts_at)
    silence = Silence(
        id=new_id(now, clock.entropy()),
        match=wanted.match,
        starts_at=starts_at,
        ends_at=_end(wanted, starts_at, now),
        author=author,
        comment=wanted.comment,
        kind=wanted.kind,
        created_at=now,
        recurring=_placed(wanted.recurring, settings),
    )
    desk.put_silence(silence)
    wait_until_live(clock)
    return silence


def listed(*, desk: Desk) -> Sequence[Silence]:
    """All that are kept, the latest first: those over, too, for about a day."""
    return sorted(desk.fresh().silences, key=lambda each: each.id, reverse=True)


def end_silence(silence_id: str, *, desk: Desk, clock: Clock) -> Silence:
    """End it now. Raises `NotFound`, or `Conflict` when somebody else just did."""
    found = [each for each in desk.fresh().silences if each.id == silence_id]
    if not found:
        raise NotFound("no silence has this id; GET /v1/silences lists them")
    desk.delete_silence(found[0])
    wait_until_live(clock)
    return found[0]


def _end(wanted: NewSilence, starts_at: int, now: int) -> int | None:
    if wanted.for_ is not None:
        field, ends_at = "for", starts_at + wanted.for_ * 1000
    elif wanted.ends_at is not None:
        field, ends_at = "ends_at", _ms(wanted.ends_at)
    else:
        return None
    if ends_at <= starts_at:
        raise invalid([Fault(field, "it would end before it starts")])
    if ends_at <= now:
        raise invalid([Fault(field, "it would be over already")])
    if ends_at > now + _LONGEST_MS:
        raise invalid([Fault(field, "it should end within a year")])
    return ends_at


def _placed(recurring: Recurring | None, settings: Settings) -> Recurring | None:
    """On the clocks of the routing file, unless it names its own."""
    if recurring is None or recurring.timezone is not None:
        return recurring
    return recurring.model_copy(update={"timezone": settings.config.timezone})


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
