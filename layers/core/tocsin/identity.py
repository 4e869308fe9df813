"""Names that sort by time (ids), and names of a problem (fingerprints)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from functools import lru_cache

from tocsin.events import Event

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(one + other for one in _ALPHABET for other in _ALPHABET)
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
ID_LENGTH = 26
SHARDS = 4
LATEST = 253_402_300_799_999  # the end of the year 9999: no calendar goes further


def new_id(now: int, entropy: bytes) -> str:
    """A ULID in lower case: 48 bits of `now` (ms), then 80 bits of `entropy`.

    Ids sort by time, and carry the table partition they are kept in.
    """
    number = (now << 80) | int.from_bytes(entropy[:10], "big")
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def second_id(taken: str) -> str:
    """The id for an event whose own another event was written under. Always the same,
    and as old."""
    return new_id(time_of(taken), hashlib.sha256(taken.encode()).digest()[:10])


def brief_of(key: str) -> str:
    """Eight letters that stand for a key among the few that one row has room for."""
    return urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:6]).decode()


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id, made on a day that has a name."""
    return (
        len(text) == ID_LENGTH
        and text[0] in "01234567"
        and all(letter in _VALUES for letter in text)
        and time_of(text) <= LATEST
    )


def time_of(notification_id: str) -> int:
    """When the id was made, in ms."""
    return _moment(notification_id[:10])


@lru_cache(maxsize=1024)
def _moment(letters: str) -> int:
    """Kept, since it is asked three times of each id, and a list has but one."""
    number = 0
    for letter in letters:
        number = number * 32 + _VALUES[letter]
    return number


def shard_of(notification_id: str) -> int:
    """0 .. SHARDS-1, out of the random part."""
    return _VALUES[notification_id[-1]] % SHARDS


def first_id_at(now: int) -> str:
    """The smallest id that can be made at `now` (ms): a bound for range reads."""
    return new_id(now, bytes(10))


def fingerprint_of(event: Event) -> str:
    """32 hex digits that name the problem (or, for a notice, the repeated news).

    The sender's own fingerprint wins. A problem leaves its severity out, since the
    event that resolves it is rarely as severe as the one that opened it.
    """
    parts: tuple[str, ...]
    if event.fingerprint:
        parts = ("own", event.fingerprint)
    elif event.is_problem:
        parts = ("problem", event.type, event.branch, event.title or event.message)
    else:
        parts = ("notice", event.type, event.severity, event.title or event.message)
    text = "\x1f".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def memory_key(fingerprint: str, *, counts: bool) -> str:
    """Under what a fingerprint is remembered. What is open until it is over (`counts`)
    and notices that bear the same name never meet."""
    return fingerprint if counts else f"{fingerprint}n"
