"""Explaining: what a file says, and what in it is probably not meant."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.explaining import explain, warnings
from tocsin.rules.config import Config
from tocsin.settings import Destination

OPS = {"ops": Destination("ops", "fake", {}, "put/ops/1", 1)}


def config(*routes: dict[str, Any]) -> Config:
    named = [
        {"name": f"r{index}", "to": ["ops"], **route}
        for index, route in enumerate(routes)
    ]
    return Config.model_validate({"routes": named})


def unreachable(*routes: dict[str, Any]) -> list[str]:
    told = warnings(config(*routes), OPS)
    return [each.split("'")[1] for each in told if "never reached" in each]


def test_each_route_is_told_in_a_sentence() -> None:
    told = explain(
        config(
            {"match": {"type": ["a", "b"], "severity": ">=high"}, "continue": True},
            {"to": []},
        )
    )

    assert told == [
        (
            "r0: events with type 'a' or 'b' and severity '>=high' go to ops;"
            " later routes are asked too."
        ),
        "r1: all events are kept and sent nowhere.",
    ]


STEP = {"after": "10m", "to": ["boss"]}


@pytest.mark.parametrize(
    ("route", "words"),
    [
        (
            {"digest": {"at": "09:00", "every": "weekday"}},
            "collected and told at 09:00 on weekdays",
        ),
        (
            {"digest": {"at": ["09:00", "17:00"], "every": ["mon", "thu"]}},
            "collected and told at 09:00 and 17:00 on mon and thu",
        ),
        (
            {"digest": {"cron": "0 9 1 * *"}},
            "collected and told by cron '0 9 1 * *'",
        ),
        (
            {"quiet": {"from": "22:00", "to": "07:00", "days": "weekend"}},
            "quiet 22:00 to 07:00 on weekends, but for >=critical",
        ),
        (
            {"quiet": {"from": "22:00", "to": "07:00", "except": ["high", "low"]}},
            "quiet 22:00 to 07:00, but for high or low",
        ),
        ({"dedup": {"window": "1h"}}, "those alike within 1 h are one"),
        ({"throttle": {"limit": 5, "per": "5m"}}, "at most 5 alike in 5 min"),
        ({"throttle": "off"}, "repeats are not throttled"),
        ({"flap": "off"}, "each change of state is told"),
        (
            {"flap": {"changes": 3}},
            "restless after 3 changes in 10 min, until stable for 10 min",
        ),
        (
            {"escalate": [STEP, {"after": "1h", "to": ["a", "b"], "repeat": 2}]},
            (
                "not acknowledged after 10 min: boss too;"
                " not acknowledged after 1 h: a and b too and 2 × more"
            ),
        ),
        ({"fallback": [{"to": "second"}]}, "not delivered after 1 min: second"),
        (
            {"ack": {"expires": "4h", "remind": "1h"}},
            "a reminder 1 h after an acknowledgement; acknowledgements hold for 4 h",
        ),
        ({"auto_close": "7d", "ttl": "90m"}, "closed after 7 d; not told when older than 1 h 30 min"),
        ({"thread": True, "preview": True}, "what follows goes to a thread; always with a preview line"),
        ({"throttle": {"limit": 3, "per": 60}, "thread": False}, ""),
        ({"match": {"data.score": ">=80"}}, ""),
    ],
)  # fmt: skip
def test_a_policy_is_told_where_it_is_not_the_usual_one(
    route: dict[str, Any], words: str
) -> None:
    asked = "events with data score '>=80'" if "match" in route else "all events"
    end = f"; {words}" if words else ""

    assert explain(config(route)) == [f"r0: {asked} go to ops{end}."]


def test_what_the_defaults_say_is_told_with_each_route() -> None:
    said = Config.model_validate(
        {
            "defaults": {"ttl": "1h"},
            "routes": [
                {"name": "a", "to": ["ops"]},
                {"name": "b", "to": ["ops"], "ttl": "off"},
            ],
        }
    )

    assert explain(said) == [
        "a: all events go to ops; not told when older than 1 h.",
        "b: all events go to ops.",
    ]


NIGHT = {"from": "22:00", "to": "07:00"}


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ({"digest": {"at": ["06:59", "09:00"]}, "quiet": NIGHT}, "digest at 06:59,"),
        ({"digest": {"at": "07:00"}, "quiet": NIGHT}, ""),
        ({"digest": {"at": "13:00"}, "quiet": {"from": "12:00", "to": "14:00"}}, "13"),
        ({"to": [], "fallback": [{"to": "ops"}]}, "nothing that `fallback`"),
        ({"to": ["ops"], "fallback": [{"to": "ops"}]}, "falls back to 'ops'"),
        ({"to": ["ops"], "fallback": [{"to": "mail"}]}, ""),
    ],
)
def test_a_policy_that_is_odd_is_warned_of(route: dict[str, Any], words: str) -> None:
    found = [each for each in warnings(config(route, {}), OPS) if "never" not in each]

    assert len(found) == bool(words)
    assert all(words in each for each in found)


def test_a_secret_is_missed_wherever_its_destination_is_named() -> None:
    known = {**OPS, "boss": Destination("boss", "fake", {})}
    (found,) = warnings(config({"escalate": [STEP]}), known)

    assert "'boss' has no secret" in found


def test_an_earlier_route_that_asks_for_data_covers_only_the_same() -> None:
    scored = {"match": {"data.score": ">=80"}}

    assert unreachable(scored, {}) == []
    assert unreachable(scored, {"match": {"type": "a"}}) == []
    assert unreachable(scored, {"match": {"type": "a", "data.score": ">=80"}}) == ["r1"]


@pytest.mark.parametrize(
    "wide",
    [
        {},
        {"match": {"type": "*"}},
        {"match": {"severity": ">=debug"}},
        {"match": {"labels": {"a": "*"}}},
        {"match": {"type": ["aws.*", "x"]}},
    ],
)
def test_a_route_behind_one_that_takes_its_events_is_never_reached(
    wide: dict[str, Any],
) -> None:
    narrow = {"match": {"type": "aws.*", "severity": "high"}}

    assert unreachable(wide, narrow) == ["r1"]
    assert unreachable({**wide, "continue": True}, narrow) == []
    assert unreachable(narrow, {"match": {"type": "other"}}, wide) == []


def test_a_label_that_narrows_does_not_cover() -> None:
    assert unreachable({"match": {"labels": {"a": "1"}}}, {}) == []


def test_a_file_that_can_leave_events_unsent_says_so() -> None:
    assert any("no routes" in each for each in warnings(Config(), OPS))
    narrow = config({"match": {"type": "a"}})

    assert any("not sent" in each for each in warnings(narrow, OPS))
    assert warnings(config({}), OPS) == []


def test_a_destination_without_its_secret_is_named() -> None:
    without = {"ops": Destination("ops", "fake", {})}

    assert any(
        "PUT /v1/destinations/ops" in each for each in warnings(config({}), without)
    )
