"""Items: how notifications and deliveries are laid out in the one DynamoDB table.

Attributes are short, since names are paid for on every write, and what is never
compared (event, trace, a delivery's history) is packed, so that a 1 KB event with its
deliveries stays one write unit.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from pydantic_core import PydanticSerializationError, to_json

from tocsin.aws import dense
from tocsin.aws.stored_events import event_of, parsed
from tocsin.delivery import Attempt, Delivery, Purpose, State, restored
from tocsin.errors import Unreadable
from tocsin.events import Event
from tocsin.identity import is_id, shard_of, time_of
from tocsin.memory import Memory, Window
from tocsin.notification import Action, Notification, Plan, Planned, Step
from tocsin.severity import Severity

Item = dict[str, Any]
T = TypeVar("T")
DAY_MS = 86_400_000

_DELIVERY = {
    "state": "s",
    "route": "r",
    "urgent": "u",
    "pings": "p",
    "on_unknown": "n",
    "ticket": "t",
    "attempts": "a",
    "generation": "g",
    "heals": "h",
    "updated_at": "at",
    "due_at": "d",
    "lease_until": "l",
    "dead_at": "x",
    "dying": "y",
    "possibly_sent": "ps",
    "message_id": "m",
    "place": "pl",
    "reason": "w",
    "purpose": "pu",
    "expires_at": "ex",
    "hold": "ho",
    "shown": "sh",
    "edited_at": "e",
    "together": "to",
    "receipt": "rc",
}
_DEFAULTS = {
    field.name: field.default for field in fields(Delivery) if field.name in _DELIVERY
}
_FIELD = {letter: name for name, letter in _DELIVERY.items()} | {"log": "log"}
_WORDS = ("s", "pu")
# Counted by writes that compare nothing else: no other write may set these, nor what
# begins with `MISSED` (a count of a destination) or `COUNTED` (an event, and when).
_COUNTED = frozenset({"oc", "la"})
MISSED = "m#"
COUNTED = "k#"


def day_of(at: int) -> str:
    """The UTC day of a time in ms, as it stands in partition keys."""
    return _day(at // DAY_MS)


@lru_cache(maxsize=128)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * DAY_MS // 1000, UTC).strftime("%Y%m%d")


def partition(day: str, shard: int) -> str:
    """The partition of one day's notifications of one shard."""
    return f"N#{day}#{shard}"


def text(value: str) -> Item:
    """A string attribute. DynamoDB takes no lone surrogates, which JSON lets pass."""
    if value.isascii():
        return {"S": value}
    return {"S": value.encode("utf-8", "replace").decode()}


def number(value: int) -> Item:
    """A number attribute."""
    return {"N": str(value)}


def key(pk: str, sk: str) -> Item:
    """A primary key."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


@lru_cache(maxsize=1024)
def key_of(notification_id: str) -> Item:
    """A notification's key: its partition follows from its id. Kept, since whoever
    sends a notification reads it once and writes it twice."""
    day = day_of(time_of(notification_id))
    return key(partition(day, shard_of(notification_id)), notification_id)


def fingerprint_key(fingerprint: str) -> Item:
    """The key of the open problem under a fingerprint."""
    return key(f"F#{fingerprint}", "F")


def receipt_key(idempotency_key: str) -> Item:
    """The key of an idempotency receipt."""
    return key(f"I#{idempotency_key}", "I")


def due_key(notification_id: str, destination: str, due_at: int) -> Item:
    """The key of an entry in the sweep's calendar."""
    sk = f"{due_at:013d}#{notification_id}#{destination}"
    return key(f"DUE#{shard_of(notification_id)}", sk)


def dead_key(notification_id: str, destination: str, dead_at: int) -> Item:
    """The key of a dead letter."""
    return key("DEAD", f"{dead_at:013d}#{notification_id}#{destination}")


def pack_delivery(delivery: Delivery) -> Item:
    """`r` is the revision that conditional writes compare, `j` all the rest."""
    short = {
        _DELIVERY[name]: value
        for name, value in vars(delivery).items()
        if name in _DELIVERY and value != _DEFAULTS[name]
    }
    for letter in _WORDS:
        if letter in short:
            short[letter] = str(short[letter])  # thrice as quick to write as the enum
    if delivery.log:
        short["log"] = [[line.at, line.what, line.reason] for line in delivery.log]
    return {"M": {"r": number(delivery.rev), "j": text(_dense(short))}}


def unpack_delivery(destination: str, item: Item) -> Delivery:
    """The reverse of `pack_delivery`."""
    short = parsed(item["M"]["j"]["S"])
    for letter, read in _READ.items():
        if letter in short:
            short[letter] = read(short[letter])
    told: dict[str, object] = {
        _FIELD[letter]: each for letter, each in short.items() if letter in _FIELD
    }
    told |= {"destination": destination, "rev": int(item["M"]["r"]["N"])}
    return restored(told)


def _log(lines: Sequence[Sequence[Any]]) -> tuple[Attempt, ...]:
    return tuple([Attempt(*line) for line in lines])


_READ: dict[str, Callable[[Any], object]] = {
    "s": State,
    "pu": Purpose,
    "p": tuple,
    "to": tuple,
    "log": _log,
}


def pack(
    notification: Notification, retention_ms: int, document: Item | None = None
) -> Item:
    """A whole notification as one item; its document may be packed already."""
    expires = (notification.accepted_at + retention_ms) // 1000
    item = {
        **key_of(notification.id),
        dense.ATTRIBUTE: document or pack_document(notification),
        "fp": text(notification.fingerprint),
        "st": text(notification.state),
        "expires": number(expires),
        "dl": {
            "M": {
                name: pack_delivery(delivery)
                for name, delivery in notification.deliveries.items()
            }
        },
        **own_attributes(notification),
    }
    if notification.resolves:
        item["rs"] = text(notification.resolves)
    if notification.opened_at is not None:
        item["oa"] = number(notification.opened_at)
    if notification.by:
        item["by"] = text(notification.by)
    return item


def pack_document(notification: Notification) -> Item:
    """The event, and on a second line what else is never compared."""
    rest = [
        notification.sender,
        notification.suppressed,
        [[step.rule, step.verdict] for step in notification.trace],
    ]
    whole = _line(notification.event) + b"\n" + _dense(rest).encode()
    return {"B": dense.pack(whole)}


def _line(event: Event) -> bytes:
    try:
        return _event_to_json(event, exclude_defaults=True)
    except (PydanticSerializationError, UnicodeEncodeError):
        return _dense(event.dump()).encode()  # Half a character, escaped.


# As `model_dump_json`, which makes a text of these bytes first.
_event_to_json = Event.__pydantic_serializer__.to_json


def own_attributes(notification: Notification) -> Item:
    """What changes over a notification's life, besides its deliveries."""
    item = {
        "v": number(notification.version),
        "oc": number(notification.occurrences),
        "la": number(notification.last_at),
    }
    for letters, value in (
        ("ra", notification.resolved_at),
        ("rf", notification.refresh_at),
        ("tm", notification.timer_at),
        ("fl", notification.flapping),
        ("re", notification.revision or None),
    ):
        if value is not None:
            item[letters] = number(value)
    for letters, word in (
        ("rb", notification.resolved_by),
        ("sw", notification.swallowed),
        ("sv", notification.peak),
    ):
        if word:
            item[letters] = text(word)
    if notification.ack_at is not None:
        item["ack"] = text(_dense(_acknowledgement(notification)))
    if notification.actions:
        item["ac"] = text(_dense([asdict(action) for action in notification.actions]))
    if notification.plan:
        item["pn"] = text(_dense([astuple(planned) for planned in notification.plan]))
    return item


def amended_attributes(old: Notification, new: Notification) -> tuple[Item, list[str]]:
    """(what an amendment sets, what it takes away); what repeats count is left. Of what
    they are known by, only what it adds or has no room for is touched."""
    before, after = own_attributes(old), own_attributes(new)
    changed = {
        name: value
        for name, value in after.items()
        if name == "v" or (name not in _COUNTED and before.get(name) != value)
    }
    if old.event != new.event or old.trace != new.trace:
        changed[dense.ATTRIBUTE] = pack_document(new)
    for key, at in new.counted.items() - old.counted.items():
        changed[COUNTED + key] = number(at)
    forgotten = old.counted.keys() - new.counted.keys()
    gone = [name for name in before if name not in after]
    return changed, [*gone, *(COUNTED + key for key in forgotten)]


def _acknowledgement(notification: Notification) -> list[Any]:
    told = [notification.ack_by, notification.ack_at, notification.ack_note]
    if notification.ack_until is not None:
        told.append(notification.ack_until)
    return told


def pack_memory(memory: Memory) -> Item:
    """What is remembered of a fingerprint; `r` is compared by conditional writes."""
    item = {"r": number(memory.rev), "id": text(memory.holder)}
    for letters, value in (
        ("at", memory.since),
        ("un", memory.until),
        ("n", memory.told),
        ("ca", memory.changed_at),
        ("expires", memory.expires_at // 1000),
    ):
        if value:
            item[letters] = number(value)
    if memory.last:
        item["ls"] = text(memory.last)
    if memory.changes:
        item["ch"] = text(_dense(memory.changes))
    if memory.windows:
        item["w"] = text(_dense(_with_names(memory.windows)))
    return item


def _with_names(windows: Mapping[str, Window]) -> list[list[object]]:
    """Most routes have the same: each window stands there once, with their names."""
    found: dict[object, list[object]] = {}
    for name, each in windows.items():
        told = (each.since, each.until, each.limit, each.told, each.holder)
        found.setdefault(told, [*told]).append(name)
    return list(found.values())


def unpack_memory(item: Mapping[str, Any]) -> Memory:
    """The reverse of `pack_memory`; what is damaged is as if it had not been written.

    A row that says it cannot be read is told by the sweep and mended by hand. Here that
    would refuse all news of a fingerprint meanwhile, and of a problem that is open for
    ever. What is lost of a memory loses no event: at worst one is told that would have
    been counted, as a notification of its own, and an end is kept that finds nothing
    open. The next write leaves a whole row."""
    return Memory(
        rev=_kept(item, "r", _integer, 0),
        holder=_kept(item, "id", _name, ""),
        since=_kept(item, "at", _integer, 0),
        until=_kept(item, "un", _integer, 0),
        told=_kept(item, "n", _integer, 0),
        changes=_kept(item, "ch", _moments, ()),
        changed_at=_kept(item, "ca", _integer, 0),
        expires_at=_kept(item, "expires", _integer, 0) * 1000,
        last=_kept(item, "ls", _name, ""),
        windows=_kept(item, "w", _windows, {}),
    )


_DAMAGED = (AttributeError, KeyError, TypeError, ValueError, dense.Damaged, zlib.error)


def _kept(
    item: Mapping[str, Any], name: str, read: Callable[[Item], T], default: T
) -> T:
    if name not in item:
        return default
    try:
        return read(item[name])
    except _DAMAGED:
        return default


def _name(value: Item) -> str:
    if value["S"] and not is_id(value["S"]):
        raise ValueError("not an id")
    return _word(value)


def _moments(value: Item) -> tuple[int, ...]:
    return tuple(map(_count, parsed(value["S"])))


def _windows(value: Item) -> dict[str, Window]:
    return {
        _text(name): _window(*each[:5])
        for each in parsed(value["S"])
        for name in each[5:]
    }


def _window(since: int, until: int, limit: int, told: int, holder: str) -> Window:
    times = _count(since), _count(until)
    return Window(*times, _count(limit), _count(told), _name({"S": holder}))


def _count(value: object) -> int:
    if type(value) is not int:
        raise TypeError("not a whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def unpack(item: Mapping[str, Any]) -> Notification:
    """The reverse of `pack`. Raises `Unreadable` for what is not of this version."""
    try:
        return _unpacked(item)
    except _DAMAGED as error:
        raise Unreadable(f"the row {item['sk']['S']} cannot be read") from error


def _unpacked(item: Mapping[str, Any]) -> Notification:
    event, rest = _document(item).split(b"\n")
    sender, suppressed, trace = parsed(rest)
    notification_id = item["sk"]["S"]
    more = item.keys() - _ALWAYS
    return Notification(
        id=notification_id,
        event=event_of(event),
        fingerprint=item["fp"]["S"],
        state=item["st"]["S"],
        sender=sender,
        accepted_at=time_of(notification_id),
        last_at=int(item["la"]["N"]),
        occurrences=int(item["oc"]["N"]),
        version=int(item["v"]["N"]),
        deliveries={
            name: unpack_delivery(name, delivery)
            for name, delivery in item["dl"]["M"].items()
        },
        trace=tuple([Step(*step) for step in trace]),
        suppressed=suppressed,
        **(_told(item, more) if more else {}),
    )


def _told(item: Mapping[str, Any], more: set[str]) -> dict[str, Any]:
    """What most rows lack."""
    told: dict[str, Any] = {
        name: read(item[letters])
        for letters, (name, read) in _AT_TIMES.items()
        if letters in more
    }
    if "ack" in more:
        told |= zip(_ACKNOWLEDGED, parsed(item["ack"]["S"]), strict=False)
    told["missed"] = _beginning_with(MISSED, item, more)
    told["counted"] = _beginning_with(COUNTED, item, more)
    return told


def _beginning_with(prefix: str, item: Mapping[str, Any], more: set[str]) -> Any:
    return {
        name.removeprefix(prefix): int(item[name]["N"])
        for name in more
        if name.startswith(prefix)
    }


def _word(value: Item) -> str:
    word: str = value["S"]
    return word


def _integer(value: Item) -> int:
    return int(value["N"])


def _actions(value: Item) -> tuple[Action, ...]:
    return tuple(Action(**action) for action in parsed(value["S"]))


def _plan(value: Item) -> tuple[Planned, ...]:
    return tuple(_planned(*told) for told in json.loads(value["S"]))


def _peak(value: Item) -> Severity:
    return Severity(value["S"])


_ACKNOWLEDGED = ("ack_by", "ack_at", "ack_note", "ack_until")
_ALWAYS = {"pk", "sk", dense.ATTRIBUTE, "fp", "st", "expires", "dl", "v", "oc", "la"}
# The others: the field, and how it is read.
_AT_TIMES: dict[str, tuple[str, Callable[[Item], Any]]] = {
    "re": ("revision", _integer),
    "ac": ("actions", _actions),
    "ra": ("resolved_at", _integer),
    "rs": ("resolves", _word),
    "oa": ("opened_at", _integer),
    "rb": ("resolved_by", _word),
    "fl": ("flapping", _integer),
    "sw": ("swallowed", _word),
    "pn": ("plan", _plan),
    "rf": ("refresh_at", _integer),
    "tm": ("timer_at", _integer),
    "sv": ("peak", _peak),
    "by": ("by", _word),
}


def _document(item: Mapping[str, Any]) -> bytes:
    if dense.ATTRIBUTE in item:
        return dense.unpack(bytes(item[dense.ATTRIBUTE]["B"]))
    return zlib.decompress(bytes(item["doc"]["B"]))  # of a version without dictionary


def _planned(
    at: int, what: str, to: Sequence[str], route: str, pings: Sequence[str], *rest: int
) -> Planned:
    return Planned(at, Plan(what), tuple(to), route, tuple(pings), *rest)


def _dense(value: object) -> str:
    """As short as can be; escaped where the plain form could not be stored. pydantic's
    writer takes a fifth of the standard library's time."""
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        return json.dumps(value, separators=(",", ":"))
