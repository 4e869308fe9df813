"""Admission: may this source send these events, of these types, and so many of them?

Of files everybody may hand in so many a minute, since each takes room and a call of S3.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from tocsin.errors import Fault, Forbidden, TooLarge, TooMany, Unavailable
from tocsin.events import Event
from tocsin.ports import Clock, Notice
from tocsin.settings import Source
from tocsin.values import dataclass

_LOG = logging.getLogger(__name__)
MINUTE = 60_000
UPLOADS = 60  # a minute, of a source without a rate


class Quota(Protocol):
    """What sources have sent in this minute, shared by all processes."""

    def take(self, name: str, count: int, limit: int) -> bool:
        """Whether `count` more are within `limit`; if so they are counted.

        Raises `Unavailable`.
        """

    def is_first(self, name: str) -> bool:
        """Whether this hour nobody has asked yet: then the owner is to be told.

        Raises `Unavailable`.
        """


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many of what a source may send in a minute, and as what they are counted."""

    limit: int
    what: str
    counted_as: str


def admit(
    events: Sequence[Event],
    *,
    signed: bool,
    counted: bool,
    uploads: int = 0,
    source: Source,
    quota: Quota,
    notice: Notice,
    clock: Clock,
) -> None:
    """Refuse the whole request if one of its events is not the source's to send.

    `signed`: the source's signature was verified; `counted`: this is no dry run;
    `uploads`: files that came instead, each of which counts as an event, or by itself
    where events are not counted. Raises `Forbidden` (unsigned, or a type), `TooMany`,
    `TooLarge` (more at once than a minute may have) or `Unavailable`.
    """
    if source.signature and not signed:
        raise Forbidden(
            f"{source.name} signs its calls; these are taken at /v1/hooks/<adapter>"
        )
    _check_types(events, source)
    count = len(events) + uploads
    own = _allowance(source, uploads)
    if own is None or not count or not counted:
        return
    if count > own.limit:
        reason = f"{source.name} may send {own.limit} {own.what} in a minute, not more"
        raise TooLarge(reason, [Fault("", reason)])
    if not quota.take(own.counted_as, count, own.limit):
        _tell(source, own, quota, notice)
        wait_s = -(-(MINUTE - clock.now() % MINUTE) // 1000)
        reason = f"{source.name} has sent its {own.limit} {own.what} of this minute"
        raise TooMany(reason, wait_s=wait_s)


def _allowance(source: Source, uploads: int) -> Allowance | None:
    if source.rate:
        return Allowance(source.rate, "events", source.name)
    if uploads:
        # No source's name has a slash.
        return Allowance(UPLOADS, "files", f"{source.name}/files")
    return None


def _check_types(events: Sequence[Event], source: Source) -> None:
    if not source.types:
        return
    for index, event in enumerate(events):
        if not any(fnmatchcase(event.type, glob) for glob in source.types):
            allowed = ", ".join(source.types)
            reason = f"{event.type!r} is not among the types of this source: {allowed}"
            place = "type" if len(events) == 1 else f"{index}.type"
            raise Forbidden(f"{place}: {reason}", [Fault(place, reason)])


def _tell(source: Source, own: Allowance, quota: Quota, notice: Notice) -> None:
    """The owner hears of it once an hour; the sender is refused whatever happens."""
    try:
        if quota.is_first(own.counted_as):
            notice.tell(
                f"Tocsin: source {source.name} sends too much",
                f"It may send {own.limit} {own.what} in a minute and sends more; what "
                "is above that is answered 429 and not stored. Either something is "
                f"wrong there, or say how much it may: PATCH /v1/sources/{source.name} "
                '{"rate": ...}. You are told once an hour.',
            )
    except Unavailable as error:
        _LOG.warning("the owner was not told of a rate: %s", error)
