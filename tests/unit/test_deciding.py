"""Deciding: the verdict on an event, the deliveries it asks for, and the trace."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import NOON
from tests.fakes.world import event
from tocsin.delivery import Delivery, State
from tocsin.events import Event
from tocsin.identity import fingerprint_of, new_id
from tocsin.memory import Memory
from tocsin.notification import Notification
from tocsin.rules.config import Config
from tocsin.rules.deciding import Decision, Rules, Verdict, decide
from tocsin.rules.pinging import WIDE_PINGS
from tocsin.rules.policy import Upkeep
from tocsin.rules.recalling import NOTHING, Past
from tocsin.severity import Severity

NAMES = ("ops", "team", "oncall")


def config(*routes: dict[str, Any]) -> Config:
    named = [{"name": f"r{n}", **route} for n, route in enumerate(routes)]
    return Config.model_validate({"routes": named})


def decided(
    what: Event, *routes: dict[str, Any], opened: Notification | None = None
) -> Decision:
    memory = NOTHING
    if opened is not None:
        memory = Memory(holder=opened.id, since=opened.accepted_at)
    return decide(
        what,
        new_id(NOON, bytes(10)),
        sender="app",
        rules=Rules(config(*routes), dict.fromkeys(NAMES, Upkeep())),
        past=Past(memory, opened),
        now=NOON,
    )


def opened_by(what: Event, **deliveries: Delivery) -> Notification:
    return Notification(
        id=new_id(NOON - 1000, bytes(10)),
        event=what,
        fingerprint=fingerprint_of(what),
        state="firing",
        sender="app",
        accepted_at=NOON - 1000,
        last_at=NOON - 1000,
        deliveries=deliveries,
    )


# --- routes -----------------------------------------------------------------


def test_the_first_route_that_matches_ends_the_search() -> None:
    found = decided(
        event(), {"to": "ops", "match": {"type": "x"}}, {"to": "team"}, {"to": "oncall"}
    )

    assert list(found.deliveries) == ["team"]
    assert found.deliveries["team"].route == "r1"


def test_continue_looks_further_and_each_destination_is_told_once() -> None:
    found = decided(
        event(),
        {"to": ["ops", "team"], "continue": True},
        {"to": ["team", "oncall"]},
        {"to": "ops"},
    )

    routes = {name: each.route for name, each in found.deliveries.items()}
    assert routes == {"ops": "r0", "team": "r0", "oncall": "r1"}


def test_an_unknown_destination_is_suppressed_with_the_reason_and_hurts_no_other() -> (
    None
):
    found = decided(event(), {"to": ["typo", "ops"]})

    assert found.verdict is Verdict.TELL
    assert found.deliveries["typo"].state is State.SUPPRESSED
    assert "'r0'" in found.deliveries["typo"].reason
    assert "does not exist" in found.deliveries["typo"].reason
    assert found.deliveries["ops"].state is State.QUEUED


@pytest.mark.parametrize("routes", [(), ({"to": "ops", "match": {"type": "x"}},)])
@pytest.mark.parametrize(
    ("state", "verdict"), [(None, Verdict.KEEP), ("firing", Verdict.OPEN)]
)
def test_what_no_route_wants_is_kept_with_the_reason(
    state: str | None, verdict: Verdict, routes: tuple[dict[str, Any], ...]
) -> None:
    found = decided(event(state=state), *routes)

    assert found.verdict is verdict
    assert found.deliveries == {}
    assert found.why_kept == "no route sends it anywhere: kept, not sent"
    assert found.trace[-1].verdict == found.why_kept


def test_a_route_to_nowhere_is_a_way_to_keep_quiet() -> None:
    found = decided(event(), {"to": []}, {"to": "ops"})

    assert found.verdict is Verdict.KEEP
    assert "nowhere" in found.trace[1].verdict


@pytest.mark.parametrize("severity", Severity)
def test_critical_and_high_are_urgent(severity: Severity) -> None:
    found = decided(event(severity=severity), {"to": "ops"})

    assert found.deliveries["ops"].urgent is (severity in ("critical", "high"))


def test_the_route_says_what_to_do_when_no_answer_came() -> None:
    found = decided(event(), {"to": "ops", "on_unknown": "stop"})

    assert found.deliveries["ops"].on_unknown == "stop"


def test_the_trace_tells_in_words_why_each_route_was_taken_or_not() -> None:
    found = decided(
        event(severity="high"),
        {"to": "ops", "match": {"severity": "critical"}},
        {"to": ["ops", "team"], "match": {"severity": ">=high"}, "continue": True},
        {"to": "oncall"},
        {"to": "ops"},
    )

    assert [(step.rule, step.verdict) for step in found.trace] == [
        ("fingerprint", "a notice: told each time"),
        ("route r0", "passed over: severity high is not critical"),
        (
            "route r1",
            "taken: severity high is at least high → ops, team; looks further",
        ),
        ("route r2", "taken: it asks for nothing in particular → oncall"),
    ]


# --- problems ---------------------------------------------------------------


def test_a_problem_that_is_open_is_only_counted() -> None:
    opened = opened_by(event(state="firing"), ops=Delivery("ops"))
    found = decided(event(state="firing"), {"to": "ops"}, opened=opened)

    assert (found.verdict, found.deliveries) == (Verdict.REPEAT, {})
    assert "seen 2 times" in found.trace[0].verdict


def test_a_notice_is_told_though_a_problem_of_its_fingerprint_is_open() -> None:
    opened = opened_by(event(state="firing"), ops=Delivery("ops"))

    assert decided(event(), {"to": "ops"}, opened=opened).verdict is Verdict.TELL


def test_a_resolution_goes_where_the_problem_went_under_the_same_terms() -> None:
    old = Delivery(
        "ops", State.SENT, route="r", urgent=True, pings=("@here",), on_unknown="stop",
        attempts=3, rev=9, message_id="m", reason="no", ticket=4,
    )  # fmt: skip
    opened = opened_by(
        event(state="firing"),
        ops=old,
        team=replace(old, destination="team", state=State.DEAD_LETTER),
        typo=Delivery("typo", State.SUPPRESSED),
        off=Delivery("off", State.CANCELLED),
    )
    found = decided(event(state="resolved"), {"to": "oncall"}, opened=opened)

    fresh = Delivery("ops", route="r", urgent=True, on_unknown="stop", updated_at=NOON)
    assert found.verdict is Verdict.RESOLVE
    assert found.deliveries == {
        "ops": fresh,
        "team": replace(fresh, destination="team"),
    }


def test_the_end_of_what_nobody_heard_of_is_kept_with_the_reason() -> None:
    opened = opened_by(event(state="firing"), ops=Delivery("ops", State.SUPPRESSED))
    found = decided(event(state="resolved"), {"to": "ops"}, opened=opened)

    assert (found.verdict, found.deliveries) == (Verdict.RESOLVE, {})
    assert "told nowhere" in found.why_kept


# --- pings ------------------------------------------------------------------

GRANTS = {"mentions": {"critical": ["@everyone", "user:1"], "low": ["role:2"]}}


@pytest.mark.parametrize(
    ("severity", "pings"),
    [("critical", ("@everyone", "user:1")), ("low", ("role:2",)), ("high", ())],
)
def test_a_route_pings_by_severity(severity: str, pings: tuple[str, ...]) -> None:
    found = decided(event(severity=severity), {"to": "ops", **GRANTS})

    assert found.deliveries["ops"].pings == pings


@pytest.mark.parametrize(
    ("severity", "asked", "granted", "pings"),
    [
        ("low", ["user:1"], ["user:1"], ("user:1",)),
        ("low", ["user:1"], ["user:2"], ()),
        ("low", ["user:1"], [], ()),
        ("low", ["@everyone", "@here"], ["@everyone", "@here"], ()),
        ("high", ["@everyone"], ["@everyone"], ()),
        ("critical", ["@everyone"], ["@everyone"], ("@everyone",)),
        ("critical", ["@everyone"], ["@here"], ()),
        ("critical", ["<@1>", "user:1"], ["user:1"], ("user:1",)),
    ],
)
def test_an_event_pings_whom_the_route_lets_it(
    severity: str, asked: list[str], granted: list[str], pings: tuple[str, ...]
) -> None:
    said = event(severity=severity, mentions=asked)
    found = decided(said, {"to": "ops", "may_mention": granted})

    assert found.deliveries["ops"].pings == pings


# --- always -----------------------------------------------------------------

PINGS = st.lists(
    st.sampled_from(["@everyone", "@here", "user:1", "role:2"]), max_size=3
)
GLOB = st.sampled_from(["*", "a*", "test", "[", "x"])
ROUTES = st.lists(
    st.builds(
        lambda severity, pings, **route: {**route, "mentions": {severity: pings}},
        severity=st.just("critical"),
        pings=PINGS,
        to=st.lists(st.sampled_from([*NAMES, "unknown"]), max_size=3),
        may_mention=PINGS,
        match=st.fixed_dictionaries(
            {}, optional={"type": GLOB, "branch": GLOB, "labels": st.just({"a": "b"})}
        ),
        **{"continue": st.booleans()},
    ),
    max_size=4,
)
EVENTS = st.builds(
    event,
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
    severity=st.sampled_from(Severity),
    state=st.sampled_from([None, "info", "firing", "resolved"]),
    branch=st.sampled_from(["", "a"]),
    mentions=PINGS,
)
STATES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(State), max_size=3)


@given(EVENTS, ROUTES, st.none() | STATES)
def test_a_decision_always_tells_someone_or_says_why_not(
    what: Event, routes: list[dict[str, Any]], states: dict[str, State] | None
) -> None:
    opened = None
    if states is not None:
        deliveries = {name: Delivery(name, state) for name, state in states.items()}
        opened = opened_by(what, **deliveries)
    found = decided(what, *routes, opened=opened)

    assert found.trace
    assert all(step.rule and step.verdict for step in found.trace)
    if found.verdict is not Verdict.REPEAT:
        assert bool(found.deliveries) is not bool(found.why_kept)
    for delivery in found.deliveries.values():
        assert delivery.state is State.QUEUED or delivery.reason


@given(EVENTS, ROUTES)
def test_nobody_is_pinged_without_leave_and_all_only_for_critical(
    what: Event, routes: list[dict[str, Any]]
) -> None:
    by_name = {f"r{n}": route for n, route in enumerate(routes)}
    for delivery in decided(what, *routes).deliveries.values():
        route = by_name[delivery.route]
        granted = {*route["mentions"]["critical"], *route["may_mention"]}
        assert set(delivery.pings) <= granted
        if what.severity is not Severity.CRITICAL:
            assert not WIDE_PINGS & set(delivery.pings)
