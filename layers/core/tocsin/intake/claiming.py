"""Claiming: files that events name by id are looked up, each with its own source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tocsin.attachments import KEPT_DAYS
from tocsin.attic import Attic, Kept
from tocsin.errors import Fault, Invalid, TooLarge
from tocsin.events import Attachment
from tocsin.intake.batch import Batch, Received, Rejection
from tocsin.intake.native import summary

# Of all events of one request: each is asked for.
MOST = 20
_UNKNOWN = (
    "this source has no such upload; an upload is known to the key that made it, for"
    f" {KEPT_DAYS} days"
)
_TOLD = "media and size are found out, not told"


def claimed(batch: Batch, *, source: str, attic: Attic) -> Batch:
    """The batch, files with name, type and size as they are kept.

    Raises `Invalid` for a lone event that names what its source has not uploaded,
    `TooLarge` for too many names at once, or `Unavailable`.
    """
    names = {each.id for item in batch.received for each in _uploads(item)}
    if len(names) > MOST:
        reason = f"at most {MOST} uploads in one request, got {len(names)}"
        raise TooLarge(reason, [Fault("attachments", reason)])
    found = {name: attic.find(source, name) for name in names if name}
    items: list[Received | Rejection] = []
    for index, item in enumerate(batch.items):
        if isinstance(item, Rejection) or not any(_uploads(item)):
            items.append(item)
            continue
        faults = tuple(_faults(item, found))
        if not faults:
            items.append(_with_facts(item, found))
        elif batch.many:
            items.append(Rejection(index, faults))
        else:
            raise Invalid(summary(faults), faults)
    return replace(batch, items=tuple(items))


def _uploads(item: Received) -> Iterable[Attachment]:
    return (each for each in item.event.attachments if each.id)


def _faults(item: Received, found: dict[str, Kept | None]) -> Iterable[Fault]:
    for place, each in enumerate(item.event.attachments):
        if each.id and found.get(each.id) is None:
            yield Fault(f"attachments.{place}.id", _UNKNOWN)
        if each.id and (each.media or each.size):
            yield Fault(f"attachments.{place}", _TOLD)


def _with_facts(item: Received, found: dict[str, Kept | None]) -> Received:
    made = []
    for each in item.event.attachments:
        kept = found.get(each.id or "")
        if kept is not None:
            facts = {"media": kept.media, "size": kept.size}
            each = each.model_copy(update={"name": kept.name, **facts})  # noqa: PLW2901
        made.append(each)
    event = item.event.model_copy(update={"attachments": tuple(made)})
    return replace(item, event=event)
