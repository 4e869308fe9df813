"""Generic: expressions that find an event, and bounds on what they may cost."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.intake.payloads import EVENTS
from tocsin.errors import Invalid, TooLarge
from tocsin.events import Event
from tocsin.intake.batch import Batch
from tocsin.intake.expressions import LENGTH
from tocsin.intake.hooks import Call, check_options, reader_of


def read(body: Any, **options: Any) -> Batch:
    check_options("generic", options)
    return reader_of("generic")(Call({}, json.dumps(body).encode(), options=options))


def one(body: Any, **expressions: str) -> Event:
    return read(body, map=expressions).received[0].event


def test_each_field_has_its_expression() -> None:
    body = {"a": {"name": "Disk is full", "tags": {"host": "web-1"}}, "n": 93.5}
    event = one(
        body,
        type="'disk.full'",
        title="a.name",
        message="join(' ', [to_string(n), '% used'])",
        severity="n > `90` && 'critical' || 'low'",
        labels="a.tags",
        fields="{Used: n, Host: a.tags.host}",
        links="'https://example.com/web-1'",
    )

    assert (event.type, event.title, event.severity) == (
        "disk.full",
        "Disk is full",
        "critical",
    )
    assert event.message == "93.5 % used"
    assert event.labels == {"host": "web-1"}
    assert {fact.name: fact.value for fact in event.fields} == {
        "Used": "93.5",
        "Host": "web-1",
    }
    assert str(event.links[0].url) == "https://example.com/web-1"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("firing", "firing"),
        ("DOWN", "firing"),
        ("Alerting", "firing"),
        (True, "firing"),
        (1, "firing"),
        ("ok", "resolved"),
        ("Recovered", "resolved"),
        (False, "resolved"),
        ("info", "info"),
        (None, None),
    ],
)
def test_tools_have_their_own_words_for_states(word: Any, state: str | None) -> None:
    assert one({"t": "a", "s": word}, title="t", state="s").state == state


def test_an_unknown_state_is_refused_by_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        one({"t": "a", "s": "wobbly"}, title="t", state="s")

    assert [fault.field for fault in refused.value.faults] == ["state"]


def test_a_severity_of_another_tongue_is_left_to_the_option() -> None:
    expressions = {"title": "t", "severity": "s"}
    body = {"t": "a", "s": "grave"}

    told = read(body, map=expressions, severity="low").received[0].event

    assert told.severity == "low"
    assert one(body, **expressions).severity == "info"


def test_what_is_too_long_is_cut() -> None:
    event = one({"t": "x" * 9000}, title="t", message="t", fingerprint="t")

    assert len(event.title) == 200
    assert len(event.message) == 8000
    assert len(event.fingerprint) <= 500


def test_a_list_is_many_events_each_judged_by_itself() -> None:
    body = {"all": [{"t": "a", "id": 1}, {"id": 2}, {"t": "c", "id": 3}]}
    batch = read(body, each="all", map={"title": "t"}, key="to_string(id)")

    assert [each.event.title for each in batch.received] == ["a", "c"]
    assert [each.key for each in batch.received] == ["1", "3"]
    assert [(each.index, each.faults[0].field) for each in batch.rejections] == [
        (1, "title")
    ]


@pytest.mark.parametrize("body", [{}, {"all": []}, {"all": None}])
def test_an_empty_list_is_nothing_to_tell(body: Any) -> None:
    assert read(body, each="all").ignored == "the expression `each` found nothing"


def test_what_should_be_a_list_and_is_none_is_refused() -> None:
    with pytest.raises(Invalid, match="each"):
        read({"all": "a"}, each="all")


def test_too_long_a_list_is_refused() -> None:
    with pytest.raises(TooLarge):
        read([{"message": "a"}] * 101, each="@")


def test_without_a_map_our_own_keys_are_taken_where_they_fit() -> None:
    event = read({"title": "a", "severity": "P1", "host": "b"}).received[0].event

    assert (event.title, event.severity) == ("a", "high")
    assert event.fields[0].value == "b"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"map": {"title": "a b"}}, "options.map.title"),
        ({"map": {"colour": "a"}}, "options.map.colour"),
        ({"map": {"title": "a" * (LENGTH + 1)}}, "options.map.title"),
        ({"map": {"title": 7}}, "options.map.title"),
        ({"map": {"title": "`firing`"}}, "options.map.title"),
        ({"each": ""}, "options.each"),
        ({"each": "nosuch(@)["}, "options.each"),
        ({"template": "a"}, "options.template"),
        ({"map": {"title": "(" * 400}}, "options.map.title"),
    ],
)
def test_a_wrong_expression_is_refused_when_it_is_set(
    options: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_options("generic", options)

    assert refused.value.faults[0].field == field


@pytest.mark.parametrize(
    "expression", ["nosuch(@)", "length(`7`)", "sort_by(@, &a)", "avg(a)", "a[::0]"]
)
def test_an_expression_that_fails_on_this_body_is_named(expression: str) -> None:
    with pytest.raises(Invalid) as refused:
        one({"a": ["x"]}, title=expression)

    assert refused.value.faults[0].field == "title"


@pytest.mark.parametrize(
    "expression",
    [
        "|".join(["[@,@][]"] * 55),  # a list that doubles at each step
        "|".join(["join('',[@,@])"] * 33),  # a text that does
        "|".join(["[@,@]"] * 80) + "|to_string(@)",  # printed, 2^80 characters
    ],
)
def test_an_expression_cannot_grow_without_end(expression: str) -> None:
    begin = time.process_time()
    body = "ab" if "join" in expression else ["ab"]

    with pytest.raises(Invalid):
        one(body, title=expression)

    assert time.process_time() - begin < 60  # it would be years


def test_what_is_small_in_memory_and_endless_in_print_is_refused() -> None:
    with pytest.raises(Invalid, match="too much of this body"):
        one({"a": 1, "t": "x"}, title="t", data="|".join(["{a:@,b:@}"] * 40))


def test_an_event_holds_so_much_data_and_no_more() -> None:
    with pytest.raises(Invalid, match="more than 2,000 values"):
        one({"t": "x", "all": list(range(3000))}, title="t", data="all")


def test_the_work_of_all_events_of_a_call_is_bounded_together() -> None:
    heavy = "length(map(&[@,@,@,@], @))"
    body = [list(range(300))] * 90

    batch = read({"all": body}, each="all", map={"title": f"to_string({heavy})"})

    assert 1 < len(batch.received) < 90
    assert len(batch.received) + len(batch.rejections) == 90
    assert "too much of this body" in batch.rejections[-1].faults[0].reason


@given(expression=st.text(alphabet="ab@.*[]{}|&()`',:0", min_size=1, max_size=30))
def test_any_expression_is_refused_or_finds_something(expression: str) -> None:
    try:
        check_options("generic", {"map": {"title": expression}})
    except Invalid:
        return
    body = json.dumps({"a": [{"b": "x"}], "b": {"a": 1}}).encode()
    options: dict[str, Any] = {"map": {"title": expression}}
    try:
        reader_of("generic")(Call({}, body, options=options))
    except Invalid as refused:
        found = refused.faults
    else:
        found = ()
    assert len(found) <= 1


def test_the_layer_has_the_library() -> None:
    pinned = (EVENTS.parent / "layers/core/requirements.txt").read_text("utf-8")

    assert "jmespath==" in pinned
