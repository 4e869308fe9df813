"""Delivering: received records become provider calls, one lane per destination.

Lanes run in parallel, each leaves the queue as soon as its own work is recorded, and
nothing that one lane meets (a hang, a limit, a bug) reaches another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field

from tocsin.lane import Lane, Sending
from tocsin.ports import Record
from tocsin.values import dataclass

MOST_LANES = 10


@dataclass(frozen=True, slots=True)
class Report:
    """`kept` are the queue messages that must stay; `faults` what no rule foresaw."""

    kept: tuple[str, ...]
    calls: int = 0
    delivered: int = 0
    limited: int = 0
    dead: int = 0
    gone: tuple[str, ...] = ()
    faults: tuple[tuple[str, BaseException], ...] = field(default=())


def deliver(
    records: Sequence[Record],
    *,
    sending: Sending,
    run: Callable[[Lane], None] = Lane.run,
) -> Report:
    """Work off one batch of records, which may mix destinations and classes."""
    lanes = [
        Lane(name, tuple(group), sending) for name, group in _by_destination(records)
    ]
    alone = len(lanes) == 1
    if alone:
        faults = [_guarded(lanes[0], run, alone=True)]
    else:
        with ThreadPoolExecutor(min(len(lanes), MOST_LANES) or 1) as pool:
            faults = list(
                pool.map(lambda lane: _guarded(lane, run, alone=False), lanes)
            )
    return Report(
        kept=tuple(record.message_id for lane in lanes for record in lane.unfinished()),
        calls=sum(lane.calls for lane in lanes),
        delivered=sum(lane.delivered for lane in lanes),
        limited=sum(lane.limited for lane in lanes),
        dead=sum(lane.hand.dead for lane in lanes),
        gone=tuple(lane.name for lane in lanes if lane.gone),
        faults=(
            *(fault for fault in faults if fault is not None),
            *((lane.name, fault) for lane in lanes for fault in lane.faults),
        ),
    )


def _guarded(
    lane: Lane, run: Callable[[Lane], None], *, alone: bool
) -> tuple[str, BaseException] | None:
    """A lane alone leaves its finished records to Lambda, which deletes what is not
    reported; beside others it must not wait for the slowest."""
    try:
        run(lane)
        if not alone:
            lane.leave()
    except Exception as fault:  # noqa: BLE001 - told, and its records are kept
        return lane.name, fault
    return None


def _by_destination(
    records: Sequence[Record],
) -> list[tuple[str, list[Record]]]:
    """Records by destination; both classes share a lane, the urgent ones first."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.parcel.destination, []).append(record)
    return [
        (name, sorted(group, key=lambda record: not record.parcel.urgent))
        for name, group in groups.items()
    ]
