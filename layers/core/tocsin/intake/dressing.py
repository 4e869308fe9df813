"""Dressing: a batch's events get what their types can say, or are refused for it."""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from tocsin.catalog.dressing import dress
from tocsin.errors import Invalid
from tocsin.events import Event, Fact
from tocsin.intake.batch import Batch, Received, Rejection
from tocsin.intake.faults import faults_of
from tocsin.intake.native import summary
from tocsin.rules.config import Config

SHOWN = 500


def dressed(batch: Batch, config: Config, now: int) -> Batch:
    """The batch, with data of known types judged and words made of it.

    `now` in ms. Raises `Invalid` for a lone event that is wrong.
    """
    changed: dict[int, Received | Rejection] = {}
    for index, item in enumerate(batch.items):
        if isinstance(item, Rejection):
            continue
        try:
            judged = _dressed(item, config, now)
        except Invalid as refused:
            if not batch.many:
                raise
            changed[index] = Rejection(index, refused.faults)
        else:
            if judged is not item:
                changed[index] = judged
    if not changed:
        return batch
    items = (changed.get(index, item) for index, item in enumerate(batch.items))
    return replace(batch, items=tuple(items))


def dressed_anyhow(batch: Batch, config: Config, now: int) -> list[Received]:
    """The same where nobody can be answered: what is wrong is told in a fact beside
    the event, which is shown as it came."""
    items = []
    for item in batch.received:
        try:
            items.append(_dressed(item, config, now))
        except Invalid as refused:
            items.append(replace(item, event=_told(item.event, refused.detail)))
    return items


def _dressed(item: Received, config: Config, now: int) -> Received:
    try:
        event = dress(item.event, config, now, item.guessed)
    except ValidationError as error:
        faults = faults_of(error, "data")
        raise Invalid(summary(faults), faults) from None
    if event is item.event:
        return item
    return Received(event, item.key, item.at, item.guessed, item.alarm)


def _told(event: Event, why: str) -> Event:
    note = Fact(name="Not understood", value=why[:SHOWN], inline=False)
    title = event.title.strip() or ("" if event.message.strip() else event.type)
    fields = (*event.fields, note)[-50:]
    return event.model_copy(update={"title": title, "fields": fields})
