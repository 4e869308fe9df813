"""Reading: bytes from outside become JSON values, or a refusal that says why."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import NoReturn

from pydantic import JsonValue

from tocsin.errors import Fault, Malformed, TooLarge

LIMIT = 256 * 1024
DEPTH = 32
KEYS = 5_000
SHOWN = 60

_UNMARKED = bytes(set(range(256)) - set(b'"[]{}'))
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_body(body: bytes, limit: int = LIMIT, keys: int = KEYS) -> JsonValue:
    """Parse a request's body. Raises `TooLarge` or `Malformed`."""
    return read_json(read_text(body, limit), keys)


def check_size(body: bytes, limit: int) -> None:
    """Raises `TooLarge` over `limit` bytes."""
    if len(body) > limit:
        reason = f"the body has {len(body):,} bytes; at most {limit:,} are taken"
        raise TooLarge(reason, [Fault("", reason)])


def read_text(body: bytes, limit: int = LIMIT) -> str:
    """Decode a request's body. Raises `TooLarge` over `limit` bytes, or `Malformed`."""
    check_size(body, limit)
    if not body.strip():
        _refuse("the body is empty; send a JSON object or a list of them")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"the body is not UTF-8: byte {error.start + 1:,} cannot be decoded")


def read_json(text: str, keys: int = KEYS) -> JsonValue:
    """Parse JSON that can be stored and sent on: finite numbers, whole characters,
    unique keys, at most 32 levels and `keys` keys. Raises `Malformed` or `TooLarge`."""
    _check_depth(text)
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_Objects(keys),
            parse_float=_finite,
            parse_constant=_not_a_number,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno:,}, column {error.colno:,}"
        _refuse(
            f"the body is not JSON: {place}: {error.msg[:1].lower()}{error.msg[1:]}"
        )
    except ValueError:
        # The only other one: Python's own limit on the length of an integer.
        _refuse("the body holds a whole number of more than 4,300 digits")
    if _SURROGATE.search(text):
        _check_characters(value)
    return value


class _Objects:
    """Builds the objects of one body, counting keys and refusing doubles."""

    def __init__(self, most: int) -> None:
        self.keys = 0
        self.most = most

    def __call__(self, pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        self.keys += len(pairs)
        if self.keys > self.most:
            reason = f"the body has more than {self.most:,} keys"
            raise TooLarge(reason, [Fault("", reason)])
        built = dict(pairs)
        if len(built) < len(pairs):
            _refuse_double(pairs)
        return built


def _refuse_double(pairs: list[tuple[str, JsonValue]]) -> NoReturn:
    ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
    reason = "this key stands twice in one object"
    raise Malformed(reason, [Fault(shown(name), reason)])


def _check_depth(text: str) -> None:
    """Refuse what the recursive parser should never see."""
    if text.count("[") + text.count("{") <= DEPTH:
        return
    depth = 0
    for mark in _brackets(text):
        depth += 1 if mark in b"[{" else -1
        if depth > DEPTH:
            _refuse(f"the body is nested deeper than {DEPTH} levels")


def _brackets(text: str) -> bytes:
    """Those that stand outside of strings, an unfinished one included. What is behind a
    backslash ends no string; then every other piece between quotation marks is one."""
    told = text.encode("utf-8", "surrogatepass")
    plain = told.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = plain.translate(None, _UNMARKED).replace(b'""', b"")
    return b"".join(marks.split(b'"')[::2])


def _check_characters(value: JsonValue) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        _refuse("the body holds half of a character: a lone \\ud800 … \\udfff")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        _refuse(f"the number {shown(digits)} is too large")
    return number


def _not_a_number(name: str) -> NoReturn:
    _refuse(f"{name} is not JSON; leave it out, or send null or text")


def _refuse(reason: str) -> NoReturn:
    raise Malformed(reason, [Fault("", reason)])


def shown(text: str) -> str:
    """Enough of a foreign word to recognise it in an error."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in text[:SHOWN])
    return clean if len(text) <= SHOWN else f"{clean}…"
