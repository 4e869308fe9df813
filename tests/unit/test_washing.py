"""Washing: what is removed from strangers' text, and what stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin import washing

UNSEEN = "\u200b\u200c\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\x00\x1b\x7f\x9f"
anything = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from(UNSEEN + "\u200d\u0301 \t\r\n\u2028\U000e0041"),
    )
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain words", "plain words"),
        ("  two   spaces\t and a tab ", "two spaces and a tab"),
        ("one\ntwo\r\nthree\u2028four", "one two three four"),
        ("in\u200bvis\u2060ible\ufeff", "invisible"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("red\x1b[31m\x00", "red[31m"),
        ("e\u0301", "é"),
        ("a" + "\u0301" * 50, "á" + "\u0301" * 2),
        ("👨\u200d👩\u200d👧 and a\u200db", "👨\u200d👩\u200d👧 and ab"),
        ("⚠️", "⚠️"),
        ("\ud800x\udfff", "x"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("שלום مرحبا 你好", "שלום مرحبا 你好"),
        ("\u3164\u115f", ""),
    ],
)
def test_a_line_is_clean(text: str, clean: str) -> None:
    assert washing.line(text) == clean


def test_a_block_keeps_its_lines_and_their_indentation() -> None:
    text = "\n\nfirst  \r\n    indented\x00\r\r\u2028\n\x0blast\t\n\n"

    assert washing.block(text) == "first\n    indented\n\nlast"


@given(anything)
def test_nothing_unseen_is_left(text: str) -> None:
    for washed in (washing.line(text), washing.block(text)):
        assert not set(washed) & set(UNSEEN)
        assert not [c for c in washed if unicodedata.category(c) == "Cs"]
        assert washed.encode("utf-8").decode("utf-8") == washed
    assert "\n" not in washing.line(text)


@given(anything)
def test_washing_twice_changes_nothing(text: str) -> None:
    assert washing.line(washing.line(text)) == washing.line(text)


@given(anything, st.integers(0, 40))
def test_what_is_shortened_fits_and_says_so(text: str, limit: int) -> None:
    short = washing.shortened(text, limit)

    assert len(short) <= limit or short == text
    assert short == text or short.endswith("…") or not limit
