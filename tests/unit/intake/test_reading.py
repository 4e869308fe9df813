"""Bytes become JSON values, or a refusal that names the reason."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import Malformed, TooLarge
from tocsin.intake.reading import DEPTH, KEYS, LIMIT, read_body, read_json, shown

NESTED = "[" * DEPTH + "]" * DEPTH


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is empty"),
        (b" \n\t", "the body is empty"),
        (b'{"a": "\xff"}', "not UTF-8: byte 8 "),
        (b'{"a": 1,\n "b" 2}', "not JSON: line 2, column 6: expecting ':'"),
        (b"nonsense", "not JSON: line 1, column 1: expecting value"),
        (b'{"a": 1} {"b": 2}', "not JSON: line 1, column 10: extra data"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b"[Infinity]", "Infinity is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"[1e999]", "the number 1e999 is too large"),
        (b"[" + b"9" * 5000 + b"]", "a whole number of more than 4,300 digits"),
        (b'{"a": 1, "b": 2, "a": 3}', "this key stands twice in one object"),
        (b'["\\ud800"]', "half of a character"),
        (b'{"\\uDFFF": 1}', "half of a character"),
        (f"[{NESTED}]".encode(), "nested deeper than 32 levels"),
        (b'{"a":' * 100_000, "TooLarge"),
        (b'{"a":' * 40_000, "nested deeper than 32 levels"),
        (b"[" * 200_000, "nested deeper than 32 levels"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(
    body: bytes, reason: str
) -> None:
    with pytest.raises((Malformed, TooLarge)) as refused:
        read_body(body)

    assert reason in f"{type(refused.value).__name__}: {refused.value.detail}"
    assert [fault.reason for fault in refused.value.faults] == [refused.value.detail]


def test_a_double_key_is_named_as_the_field() -> None:
    with pytest.raises(Malformed) as refused:
        read_json('{"outer": {"title": 1, "title": 2}}')

    assert refused.value.faults[0].field == "title"


def test_a_body_at_the_limit_is_read_and_one_byte_more_is_not() -> None:
    fitting = b'"' + b"a" * (LIMIT - 2) + b'"'

    assert read_body(fitting) == "a" * (LIMIT - 2)
    with pytest.raises(TooLarge, match="262,145 bytes; at most 262,144"):
        read_body(fitting + b" ")


def test_keys_are_counted_over_the_whole_body() -> None:
    def objects(keys: int) -> str:
        return json.dumps([{"k": 1} for _ in range(keys)])

    assert len(read_json(objects(KEYS))) == KEYS  # type: ignore[arg-type]
    with pytest.raises(TooLarge, match="more than 5,000 keys"):
        read_json(objects(KEYS + 1))


def test_the_deepest_nesting_allowed_is_read() -> None:
    assert read_json(NESTED) == json.loads(NESTED)


def test_brackets_within_strings_are_not_nesting() -> None:
    text = json.dumps(["[{" * 50, '"[[' * 50, "\\" * 3 + '"' + "{" * 50])

    assert read_json(text) == json.loads(text)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_body(b"\xef\xbb\xbf{}") == {}


def test_whole_characters_written_as_escapes_are_read() -> None:
    assert read_json('["\\ud83d\\udea8"]') == ["🚨"]


@pytest.mark.parametrize(
    "hostile",
    ["[" * 33 + '"' + '\\"' * 100_000, '"' * 200_000 + "[" * 40, '\\"' * 99_999],
)
def test_hostile_strings_take_no_time(hostile: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(Malformed):
        read_json(hostile)

    assert time.perf_counter() - begin < 0.5


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
        ),
    )
)
def test_whatever_json_says_is_read_as_it_stands(value: object) -> None:
    assert read_json(json.dumps(value)) == value


def test_foreign_words_are_shown_short_and_printable() -> None:
    assert shown("a\x1b[31mb\n") == "a?[31mb?"
    assert shown("x" * 100) == "x" * 60 + "…"
