"""Policies: how a route tells what it takes, as the routing file writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    field_validator,
    model_validator,
)

from tocsin.events import Frozen, Seconds, parse_duration
from tocsin.rules.criteria import Severities, listed
from tocsin.rules.cron import Cron, parse_cron
from tocsin.rules.days import DAYS, Days, TimeOfDay, minutes_of

DestinationName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)
]
Destinations = Annotated[
    tuple[DestinationName, ...],
    BeforeValidator(listed),
    Field(min_length=1, max_length=20),
]
Place = tuple[str | int, ...]
_SHORTEST_MS, _LONGEST_MS = 100, 60_000
_MS = re.compile(r"([0-9]{1,6})ms")


class Dedup(Frozen):
    """Notices of one fingerprint within `window` are told as one."""

    window: Seconds


class Throttle(Frozen):
    """At most `limit` per fingerprint and `per`; what is held back is told."""

    limit: Annotated[int, Field(strict=True, ge=1, le=1000)] = 3
    per: Seconds = 60


class Flap(Frozen):
    """More than `changes` of state `within` make a problem restless, until it has been
    `stable` for that long."""

    changes: Annotated[int, Field(strict=True, ge=2, le=1000)] = 6
    within: Seconds = 600
    stable: Seconds = 600


class Hours(Frozen):
    """A time of day, which may run over midnight; `days` are those it begins on."""

    from_: Annotated[TimeOfDay, Field(alias="from")]
    to: TimeOfDay
    days: Days = DAYS

    @model_validator(mode="after")
    def _begin_and_end(self) -> Hours:
        if self.from_ == self.to:
            raise ValueError(
                "`from` and `to` are the same; a whole day is 00:00 to 24:00"
            )
        if self.from_ == "24:00":
            raise ValueError("`from` is at most 23:59; midnight is 00:00")
        whole_day = minutes_of(self.to) - minutes_of(self.from_) == minutes_of("24:00")
        if whole_day and self.days == DAYS:
            raise ValueError("every hour of every day would never end; leave out days")
        return self


class Quiet(Hours):
    """Hours in which only what is excepted is told at once."""

    except_: Annotated[Severities, Field(alias="except")] = (">=critical",)


class Digest(Frozen):
    """Tell everything in one message at set times.

    `empty`: say in a line that there was nothing.
    """

    at: Annotated[
        tuple[TimeOfDay, ...], BeforeValidator(listed), Field(max_length=24)
    ] = ()
    every: Days = DAYS
    cron: Annotated[str, Field(max_length=200)] = ""
    empty: Annotated[bool, Field(strict=True)] = False

    @field_validator("at")
    @classmethod
    def _within_the_day(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "24:00" in value:
            raise ValueError("the day's last minute is 23:59; midnight is 00:00")
        return tuple(sorted(set(value)))

    @field_validator("cron")
    @classmethod
    def _cron_is_read(cls, value: str) -> str:
        parse_cron(value)
        return value

    @model_validator(mode="after")
    def _one_way_of_saying_when(self) -> Digest:
        if self.cron and self.model_fields_set & {"at", "every"}:
            raise ValueError("write either `at` and `every`, or `cron`")
        if not self.cron and not self.at:
            raise ValueError('it needs a time: `at: "09:00"`, or `cron`')
        return self

    @cached_property
    def schedule(self) -> Cron | None:
        """The cron fields, read once."""
        return parse_cron(self.cron) if self.cron else None


class EscalationStep(Frozen):
    """Tell `to` when nobody has acknowledged `after` the problem opened, and `repeat`
    times more, as far apart."""

    after: Seconds
    to: Destinations
    repeat: Annotated[int, Field(strict=True, ge=0, le=20)] = 0


class FallbackStep(Frozen):
    """Tell `to` when nothing was delivered within `after`."""

    after: Seconds = 60
    to: Destinations


class Acknowledged(Frozen):
    """What an acknowledgement is worth: for how long it holds, and when to remind."""

    expires: Seconds | None = None
    remind: Seconds | None = None

    @model_validator(mode="after")
    def _reminds_while_it_holds(self) -> Acknowledged:
        if self.expires and self.remind and self.remind >= self.expires:
            raise ValueError("`remind` comes before `expires`, or never")
        return self


def _off(value: object) -> object:
    """`off` (or false) takes back what the defaults say."""
    return None if value is False or value == "off" else value


def _no_steps(value: object) -> object:
    return () if _off(value) is None else value


Off = BeforeValidator(_off)
NoSteps = BeforeValidator(_no_steps)


class Policy(Frozen):
    """What a route may say of how it tells; `defaults` says it for all routes."""

    dedup: Annotated[Dedup | None, Off] = None
    throttle: Annotated[Throttle | None, Off] = None
    flap: Annotated[Flap | None, Off] = None
    quiet: Annotated[Quiet | None, Off] = None
    digest: Annotated[Digest | None, Off] = None
    escalate: Annotated[tuple[EscalationStep, ...], NoSteps, Field(max_length=10)] = ()
    fallback: Annotated[tuple[FallbackStep, ...], NoSteps, Field(max_length=10)] = ()
    ack: Acknowledged = Acknowledged()
    auto_close: Annotated[Seconds | None, Off] = None
    ttl: Annotated[Seconds | None, Off] = None
    thread: Annotated[bool, Field(strict=True)] = False
    preview: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Policy:
        if self.contradiction:
            raise ValueError(self.contradiction)
        return self

    @property
    def contradiction(self) -> str:
        """Why two of these cannot hold together; "" when they can."""
        if self.digest is None:
            return ""
        if self.escalate:
            return (
                "`digest` waits and `escalate` wakes people up: split the route in two"
            )
        if self.fallback:
            return (
                "`digest` is told at its time, so nothing is late enough for"
                " `fallback`: split the route in two"
            )
        return ""

    def over(self, defaults: Policy) -> Policy:
        """What is said here, and of the rest what the defaults say."""
        said = self.model_fields_set
        chosen: dict[str, Any] = {
            name: getattr(self if name in said else defaults, name)
            for name in Policy.model_fields
        }
        return Policy.model_construct(**chosen)

    def named_destinations(self) -> Iterator[tuple[Place, str]]:
        """(where it stands, the name) of each destination that is named."""
        steps: dict[str, Sequence[EscalationStep | FallbackStep]] = {
            "escalate": self.escalate,
            "fallback": self.fallback,
        }
        for kind, listed_steps in steps.items():
            for index, step in enumerate(listed_steps):
                for place, name in enumerate(step.to):
                    yield (kind, index, "to", place), name


class Defaults(Policy):
    """What holds for each route that does not say otherwise."""

    throttle: Annotated[Throttle | None, Off] = Throttle()
    flap: Annotated[Flap | None, Off] = Flap()


class Storm(Frozen):
    """What waited longer than `after` is told in one summary."""

    after: Seconds = 600


class Breaker(Frozen):
    """After `failures` in a row nothing is sent but a probe now and then."""

    failures: Annotated[int, Field(strict=True, ge=1, le=100)] = 5
    probe: Seconds = 60


def _milliseconds(value: object) -> int:
    text = value.strip() if isinstance(value, str) else ""
    exact = _MS.fullmatch(text)
    try:
        ms = int(exact[1]) if exact else parse_duration(value) * 1000
    except ValueError:
        raise ValueError('not a duration; write "500ms" or seconds, "5s"') from None
    if not _SHORTEST_MS <= ms <= _LONGEST_MS:
        raise ValueError('should be from "100ms" to "60s"')
    return ms


def _in_ms(value: int) -> str:
    """A function, since Python 3.13 tells pydantic nothing of `str.format`'s form."""
    return f"{value}ms"


Milliseconds = Annotated[
    int,
    BeforeValidator(_milliseconds),
    PlainSerializer(_in_ms, return_type=str),
]


class Upkeep(Frozen):
    """How a destination is served, whatever its channel.

    audit_to  a second destination that hears of everything in one line each
    window    how long to wait for more before sending
    """

    audit_to: DestinationName | None = None
    window_ms: Annotated[Milliseconds | None, Off, Field(alias="window")] = None
    storm: Annotated[Storm | None, Off] = Storm()
    breaker: Annotated[Breaker | None, Off] = Breaker()

    def dump(self) -> dict[str, Any]:
        """As plain JSON values, in the words it is written in, without defaults."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


PLAIN_UPKEEP = Upkeep()


def upkeep_of(block: Upkeep) -> Upkeep:
    """Only our own words, of a block that holds a channel's too."""
    own = {name: getattr(block, name) for name in Upkeep.model_fields}
    return Upkeep.model_construct(**own)
