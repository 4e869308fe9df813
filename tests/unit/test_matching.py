"""Matching: which events a route wants, and the words that say why."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.fakes.world import event
from tocsin.rules.addressing import ways_of
from tocsin.rules.config import Config, Match
from tocsin.rules.matching import match
from tocsin.severity import ALIASES, Severity


def judged(
    wanted: dict[str, Any], sender: str = "app", **said: Any
) -> tuple[bool, str]:
    return match(Match.model_validate(wanted), event(**said), sender)


@pytest.mark.parametrize(
    ("wanted", "holding"),
    [
        (">=high", {"critical", "high"}),
        (">high", {"critical"}),
        ("<=low", {"low", "info", "success", "debug"}),
        ("<low", {"info", "success", "debug"}),
        ("medium", {"medium"}),
        ("info", {"info", "success"}),
        (">=P1", {"critical", "high"}),
        (["critical", "warn"], {"critical", "medium"}),
    ],
)
def test_a_severity_or_a_range_or_a_list_of_them(
    wanted: Any, holding: set[str]
) -> None:
    taken = {
        each for each in Severity if judged({"severity": wanted}, severity=each)[0]
    }

    assert taken == holding


@pytest.mark.parametrize(
    ("glob", "value", "holds"),
    [
        ("ssl_*", "ssl_expiry", True),
        ("ssl_*", "tls_expiry", False),
        ("aws.*", "aws.rds.cpu", True),
        ("AWS.*", "aws.rds", False),
        ("job.?", "job.1", True),
        ("job.?", "job.12", False),
        ("[ab]*", "backup", True),
        ("[!ab]*", "backup", False),
        ("*", "anything", True),
        ("job", "job.1", False),
    ],
)
def test_types_match_as_globs_in_their_own_case(
    glob: str, value: str, holds: bool
) -> None:
    assert judged({"type": glob}, type=value)[0] is holds


def test_one_glob_of_several_is_enough() -> None:
    assert judged({"type": ["a.*", "b.*"]}, type="b.1")[0]
    assert not judged({"type": ["a.*", "b.*"]}, type="c.1")[0]


def test_an_event_without_a_source_comes_from_its_sender() -> None:
    wanted = {"source": "billing*"}

    assert judged(wanted, sender="billing-api")[0]
    assert not judged(wanted, sender="billing-api", source="shop")[0]
    assert judged(wanted, sender="shop", source="billing")[0]


@pytest.mark.parametrize(("branch", "holds"), [("main", True), ("", False)])
def test_a_branch_is_asked_for_by_name(branch: str, holds: bool) -> None:
    assert judged({"branch": "main"}, branch=branch)[0] is holds


@pytest.mark.parametrize(
    ("labels", "holds"),
    [
        ({"team": "ops", "zone": "eu-1"}, True),
        ({"team": "ops", "zone": "us-1"}, False),
        ({"team": "ops"}, False),
        ({}, False),
    ],
)
def test_every_label_asked_for_must_match(labels: dict[str, str], holds: bool) -> None:
    wanted = {"labels": {"team": "ops", "zone": "eu-*"}}

    assert judged(wanted, labels=labels)[0] is holds


@pytest.mark.parametrize(
    ("pattern", "value", "holds"),
    [
        ("/^eu-[0-9]+$/", "eu-12", True),
        ("/^eu-[0-9]+$/", "eu-x", False),
        ("/west/", "eu-west-1", True),
        ("/West/", "eu-west-1", False),
        ("/West/i", "eu-west-1", True),
        ("/", "/", True),
        ("//", "//", True),
        ("/a", "/a", True),
    ],
)
def test_a_label_may_be_asked_for_by_an_expression(
    pattern: str, value: str, holds: bool
) -> None:
    assert judged({"labels": {"zone": pattern}}, labels={"zone": value})[0] is holds


DATA = {
    "score": 85,
    "ratio": 0.5,
    "text": "85",
    "word": "many",
    "ok": True,
    "none": None,
    "tags": ["blue", "green"],
    "sizes": [1, 200],
    "user": {"plan": "pro-2", "id": 7},
    "user.name": "Ada",
}


@pytest.mark.parametrize(
    ("path", "wanted", "holds", "words"),
    [
        ("score", ">=80", True, "data score 85 is at least 80"),
        ("score", "> 85", False, "data score 85 is not above 85"),
        ("score", 85, True, "data score 85 is equal to 85"),
        ("score", 85.0, True, "data score 85 is equal to 85"),
        ("score", "85", True, "data score 85 matches '85'"),
        ("score", "8?", True, "data score 85 matches '8?'"),
        ("score", "<9", False, "data score 85 is not below 9"),
        ("text", "<9", False, "data text '85' is not below 9"),
        ("text", ">=80", True, "data text '85' is at least 80"),
        ("text", 85, True, "data text '85' is equal to 85"),
        ("ratio", "<=.5", True, "data ratio 0.5 is at most 0.5"),
        ("word", ">=80", False, "data word 'many' is not a number"),
        ("word", "m*", True, "data word 'many' matches 'm*'"),
        ("word", "/^m.+y$/", True, "data word 'many' matches '/^m.+y$/'"),
        ("ok", True, True, "data ok true is true"),
        ("ok", False, False, "data ok true is not false"),
        ("ok", "true", True, "data ok true matches 'true'"),
        ("ok", 1, False, "data ok true is not a number"),
        ("none", "*", False, "data none null is no text"),
        ("nobody", "*", False, "data nobody is missing"),
        ("user.plan", "pro*", True, "data user.plan 'pro-2' matches 'pro*'"),
        ("user.name", "Ada", True, "data user.name 'Ada' matches 'Ada'"),
        ("user.plan.x", "*", False, "data user.plan.x is missing"),
        ("user", "*", False, "data user an object is no text"),
        ("tags", "gr*", True, "data tags has one that 'green' matches 'gr*'"),
        ("tags", "red", False, "data tags has none of 2 that fits 'red'"),
        ("sizes", ">100", True, "data sizes has one that 200 is above 100"),
    ],
)
def test_data_is_compared_as_what_it_is(
    path: str, wanted: Any, holds: bool, words: str
) -> None:
    assert judged({"data": {path: wanted}}, data=DATA) == (holds, words)


def test_data_may_be_asked_for_with_its_path_as_the_key() -> None:
    dotted = Match.model_validate({"data.score": ">=80", "data": {"ok": True}})

    assert dotted == Match.model_validate({"data": {"score": ">=80", "ok": True}})


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"data": {"a": ">=high"}}, "before a number"),
        ({"data": {"a": ">"}}, "before a number"),
        ({"data": {"a": "=>80"}}, "only >=, <=, > and <"),
        ({"data": {"a": "!=80"}}, "only >=, <=, > and <"),
        ({"data.a..b": 1}, "no name"),
        ({"data": {"a": float("inf")}}, "can be reached"),
        ({"data": {"a": {}}}, "a text, a number"),
        ({"data": {"a": "x" * 201}}, "200"),
        ({"data": {"a": "/(/"}}, "never closes"),
        ({"labels": {"a": "/(?=x)/"}}, "look-around"),
        ({"data.a": 1, "data": {"a": 2}}, "twice"),
        ({"data.": 1}, "Extra inputs"),
    ],
)
def test_what_cannot_be_asked_is_refused(wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Match.model_validate(wanted)


@pytest.mark.parametrize("count", [1, 500])
def test_a_verdict_is_the_same_however_many_were_asked_before(count: int) -> None:
    wanted = Match.model_validate({"branch": "b1*"})
    taken = [
        number
        for number in [*range(count), 0, 1]
        if match(wanted, event(branch=f"b{number}"), "x")[0]
    ]

    assert taken == [n for n in [*range(count), 0, 1] if str(n).startswith("1")]


def test_everything_named_must_hold() -> None:
    wanted = {"severity": ">=high", "type": "db.*", "branch": "main"}
    said = {"severity": "critical", "type": "db.down", "branch": "main"}
    assert judged(wanted, **said)[0]

    for name, other in (("severity", "low"), ("type", "x"), ("branch", "dev")):
        assert not judged(wanted, **{**said, name: other})[0]


@pytest.mark.parametrize(
    ("wanted", "said", "words"),
    [
        ({}, {}, "it asks for nothing in particular"),
        ({"severity": ">=high"}, {}, "severity info is not at least high"),
        ({"severity": "<low"}, {}, "severity info is below low"),
        ({"severity": ["low", "high"]}, {}, "severity info is not low or high"),
        ({"type": "t*"}, {}, "type 'test' matches 't*'"),
        ({"branch": ["a", "b"]}, {}, "branch (none) does not match 'a' or 'b'"),
        ({"labels": {"team": "ops"}}, {}, "label team (none) does not match 'ops'"),
        (
            {"severity": "info", "type": "*", "source": "app"},
            {},
            (
                "severity info is info; type 'test' matches '*'; "
                "source 'app' matches 'app'"
            ),
        ),
    ],
)
def test_the_reason_is_in_words(
    wanted: dict[str, Any], said: dict[str, Any], words: str
) -> None:
    assert judged(wanted, **said)[1] == words


@given(
    st.sampled_from([*Severity, *ALIASES]),
    st.sampled_from(Severity),
)
def test_a_range_and_its_complement_never_agree(bound: str, actual: Severity) -> None:
    for sign, complement in ((">=", "<"), ("<=", ">")):
        inside = judged({"severity": sign + bound}, severity=actual)[0]
        outside = judged({"severity": complement + bound}, severity=actual)[0]
        assert inside is not outside


@given(st.text(max_size=50), st.text(min_size=1, max_size=50))
def test_no_glob_and_no_value_can_break_matching(value: str, glob: str) -> None:
    holds, why = judged({"branch": glob}, branch=value)

    assert isinstance(holds, bool)
    assert why


@pytest.mark.parametrize(
    ("values", "holding"), [([1, True, 1.0, "1"], [1, 1.0, "1"]), ([True, 1], [1])]
)
def test_true_is_not_one_whichever_comes_first(
    values: list[Any], holding: list[Any]
) -> None:
    wanted = Match.model_validate({"data": {"n": 1}})
    taken = [n for n in values if match(wanted, event(data={"n": n}), "x")[0]]

    assert list(map(repr, taken)) == list(map(repr, holding))


@pytest.mark.parametrize("glob", ["a*", "a", "*", "*a", "a*b", "a?", "[ab]*", "**", ""])
@pytest.mark.parametrize("value", ["a", "ab", "b", "", "axb", "*", "[ab]x"])
def test_a_glob_says_what_pythons_says(glob: str, value: str) -> None:
    said = judged({"labels": {"x": glob}}, labels={"x": value})[0]

    assert said is fnmatchcase(value, glob)


FEW: list[dict[str, Any]] = [
    {"severity": ">=high"},
    {"type": ["ssl_*", "b"], "source": "app"},
    {"branch": "main", "labels": {"team": "/^pay/"}},
]
IN_DATA: dict[str, Any] = {"data": {"score": ">=1"}}
MANY: dict[str, Any] = {"labels": {f"l{number}": "x" for number in range(9)}}
told = st.fixed_dictionaries(
    {
        "severity": st.sampled_from(["critical", "high", "info", "success"]),
        "type": st.sampled_from(["a", "b", "ssl_expiry"]),
        "source": st.sampled_from(["", "app", "other"]),
        "branch": st.sampled_from(["", "main"]),
        "labels": st.sampled_from([{}, {"team": "payments"}, {"l0": "x"}]),
        "data": st.sampled_from([{}, {"score": 1}, {"score": True}, {"score": [0]}]),
    }
)


@given(
    asked=st.lists(st.sampled_from([*FEW, IN_DATA, MANY]), max_size=4),
    said=st.lists(st.tuples(told, st.sampled_from(["app", "cron"])), max_size=6),
)
def test_an_event_goes_its_own_ways_whatever_went_before(
    asked: list[dict[str, Any]], said: list[tuple[dict[str, Any], str]]
) -> None:
    routes = [
        {"name": f"r{place}", "match": each, "to": ["ops"], "continue": place % 2 == 0}
        for place, each in enumerate(asked)
    ]

    def config() -> Config:
        return Config.model_validate({"routes": routes})

    same = config()
    for words, sender in said:
        one = event(**words)
        assert ways_of(one, sender, same) == ways_of(one, sender, config())
