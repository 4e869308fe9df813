"""YAML: plain values, the line of each, and no surprises."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import Invalid, Malformed, Refused
from tocsin.yaml_document import parse_yaml

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 22:00", {"a": "22:00"}),
        ("a: no", {"a": "no"}),
        ("a: 2026-11-21", {"a": "2026-11-21"}),
        ("a: 1", {"a": 1}),
        ("a: -1.5", {"a": -1.5}),
        ("a: '1'", {"a": "1"}),
        ("a: true", {"a": True}),
        ("a:", {"a": None}),
        ("a: [x, {b: ~}]", {"a": ["x", {"b": None}]}),
        ("1: x", {"1": "x"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: 1e3", {"a": "1e3"}),
        ("a: 089", {"a": "089"}),
        pytest.param("a: " + "9" * 5000, {"a": "9" * 5000}, id="nines"),
        ("", None),
    ],
)
def test_scalars_are_what_they_look_like(text: str, value: Any) -> None:
    assert parse_yaml(text)[0] == value


def test_each_part_knows_its_line() -> None:
    _, lines = parse_yaml("a: 1\nroutes:\n  - to:\n      - x\n      - y\n")

    assert lines[("a",)] == 1
    assert lines[("routes", 0, "to", 1)] == 5


def test_a_key_that_stands_twice_is_named_with_its_line() -> None:
    with pytest.raises(Invalid) as caught:
        parse_yaml("a: 1\nb:\n  c: 1\n  c: 2\n")

    (fault,) = caught.value.faults
    assert (fault.field, fault.reason) == ("b.c", "line 4: stands here a second time")


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: b: c",
        "a\x00b",
        "a: 1\n---\nb: 2",
        "[" * 5_000,
        "- " * 2_000,
        "&a [*a]",
        'a: "\\ud800"',
        '"\\ud800": a',
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n"
            for i in range(8)
        ),
    ],
    ids=lambda text: text[:12],
)
def test_what_is_not_safe_yaml_is_malformed(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_yaml(text)

    assert [fault.reason for fault in caught.value.faults] == [caught.value.detail]


@pytest.mark.parametrize(
    "text", ["a: !!python/name:os.system x", "a: !x [1]", "!!int 1"]
)
def test_tags_mean_nothing(text: str) -> None:
    with pytest.raises(Invalid, match="contradicts"):
        parse_yaml(text)


@given(PLAIN)
def test_what_was_dumped_is_read_back(value: Any) -> None:
    """Anything a YAML writer quotes as 1.1 demands reads the same as 1.2."""
    assert parse_yaml(yaml.safe_dump(value))[0] == value


@given(st.text(alphabet="[]{}:,-&*!|>'\"\\%@#? \n\tab1~\ud800é", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_yaml(text)
    except Refused:
        return
