"""Regular expressions: what Python's own say, in a time that only grows with the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.rules import automaton
from tocsin.rules.automaton import Expression

ATOMS = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", "[a-c]", r"\d", r"\W", r"\.", "^", "$"]
)
MANY = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{1,}", "*?"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("(?:{}){}".format, inner, MANY),
    )


EXPRESSIONS = st.recursive(ATOMS, _larger, max_leaves=8)


@given(EXPRESSIONS, st.lists(st.text("abc.1A\n", max_size=8), min_size=1, max_size=5))
def test_it_finds_what_python_finds(pattern: str, texts: list[str]) -> None:
    pythons = re.compile(
        pattern.replace("$", r"\Z").replace(".", "[^¬]").replace(r"\[^¬]", r"\.")
    )
    ours = Expression(pattern)

    for text in texts:
        assert ours.search(text) is bool(pythons.search(text))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(a|b)*c", "abac", True),
        ("^(GET|POST) /v[0-9]+", "POST /v12/x", True),
        ("[]x]", "]", True),
        ("[a-]", "-", True),
        (r"[\]\d]", "7", True),
        (r"[^\s]", " ", False),
        ("ü+", "über", True),
        ("", "", True),
        ("$^", "", True),
        ("$^", "a", False),
        ("a{2,3}$", "baaa", True),
        ("^a{2,3}$", "aaaa", False),
        ("a.c", "a\nc", True),
    ],
)
def test_the_usual_forms_are_read(pattern: str, text: str, found: bool) -> None:
    assert Expression(pattern).search(text) is found


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("a**", "repeats a repeat"),
        ("(a", "never closes"),
        ("a)", "never opened"),
        ("[a", "ends in the middle"),
        ("\\", "ends in the middle"),
        ("a{", "repeats"),
        ("a{,3}", "repeats"),
        ("a{3,2}", "backwards"),
        ("a{101}", "at most 100"),
        ("*a", "nothing to repeat"),
        ("(?=a)", "look-around"),
        ("(?i)a", "flags"),
        (r"(a)\1", r"no \\1"),
        (r"\bword", r"no \\b"),
        ("[b-a]", "backwards"),
        ("(" * 30 + ")" * 30, "deeper"),
        ("((a{99}){99}){99}", "too large"),
    ],
)
def test_what_is_not_offered_is_said(pattern: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Expression(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a*)*b", "(a|a)*b", "(a|aa)+$", ".*.*.*.*.*x", "(x+x+)+y", "(.*a){20}"]
)
def test_no_expression_goes_back_and_tries_again(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: each character of the text is one step, at most."""
    steps: list[str] = []
    step = Expression._move

    def counted(
        self: Expression, state: automaton._State, char: str
    ) -> automaton._State:
        steps.append(char)
        return step(self, state, char)

    monkeypatch.setattr(Expression, "_move", counted)
    Expression(pattern).search("a" * 5000 + "c")

    assert len(steps) <= automaton.LONGEST_TEXT


def test_memory_is_bounded_and_forgetting_changes_nothing() -> None:
    exploding = Expression("(a|b)*a(a|b){12}c")
    texts = [
        f"{number:014b}".replace("0", "a").replace("1", "b") for number in range(1500)
    ]

    assert [exploding.search(text + "c") for text in texts] == [
        text[-13] == "a" for text in texts
    ]
    assert len(exploding._states) <= automaton._MOST_STATES + 2
