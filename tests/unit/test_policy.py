"""Policies: what a routing file may say of how its routes tell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tocsin.errors import Invalid
from tocsin.rules.config import Config, DestinationSettings
from tocsin.rules.cron import parse_cron
from tocsin.rules.policy import Breaker, Digest, Flap, Policy, Storm, Throttle, Upkeep
from tocsin.validation import validated

STEP = {"after": "10m", "to": ["oncall"]}
AT_NINE = {"at": "09:00"}
NIGHT = {"from": "22:00", "to": "07:00"}


def config(*routes: dict[str, Any], **more: Any) -> Config:
    named = [{"name": f"r{n}", "to": ["ops"], **each} for n, each in enumerate(routes)]
    return Config.model_validate({"routes": named, **more})


def policy(route: dict[str, Any], **defaults: Any) -> Policy:
    read = config(route, defaults=defaults)
    return read.policy_of(read.routes[0])


def reason(**route: Any) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        validated(Config, {"routes": [{"name": "r", "to": ["ops"], **route}]})
    (fault,) = caught.value.faults
    return fault.field.removeprefix("routes.0").lstrip("."), fault.reason


def test_a_route_that_says_nothing_is_throttled_and_calmed() -> None:
    found = policy({})

    assert found.throttle == Throttle(limit=3, per=60)
    assert found.flap == Flap(changes=6, within=600, stable=600)
    assert found == Policy(throttle=Throttle(), flap=Flap())


def test_a_route_says_what_the_defaults_do_not() -> None:
    found = policy(
        {"throttle": {"limit": 9}, "ttl": "1h"}, ttl="2h", auto_close="7d", thread=True
    )

    assert (found.throttle, found.ttl) == (Throttle(limit=9), 3600)
    assert (found.auto_close, found.thread) == (604_800, True)


@pytest.mark.parametrize("off", ["off", False, None])
def test_a_route_takes_back_what_the_defaults_say(off: object) -> None:
    found = policy({"throttle": off, "quiet": off}, quiet=NIGHT)

    assert (found.throttle, found.quiet) == (None, None)
    assert policy({}, quiet=NIGHT).quiet is not None
    assert policy({"escalate": off or "off"}, escalate=[STEP]).escalate == ()


def test_what_a_file_says_survives_being_stored() -> None:
    written = config(
        {"throttle": "off", "escalate": [{**STEP, "repeat": 2}], "thread": False},
        {"digest": {"cron": "0 8 * * mon-fri"}, "match": {"data.score": ">=80"}},
        {"quiet": {**NIGHT, "days": "weekend", "except": "critical"}, "continue": True},
        defaults={"thread": True, "ack": {"expires": "4h", "remind": "1h"}},
        destinations={"ops": {"channel": "x", "window": "500ms", "storm": "off"}},
    )
    read = Config.model_validate(json.loads(json.dumps(written.dump())))

    assert read == written
    assert [read.policy_of(route) for route in read.routes] == [
        written.policy_of(route) for route in written.routes
    ]


@pytest.mark.parametrize(
    ("digest", "named", "words"),
    [
        ({}, "digest", "needs a time"),
        ({"every": "week"}, "digest", "needs a time"),
        ({**AT_NINE, "cron": "0 8 * * *"}, "digest", "either"),
        ({"at": "9:00"}, "digest.at.0", "07:00"),
        ({"at": "24:00"}, "digest.at", "23:59"),
        ({**AT_NINE, "every": "caturday"}, "digest.every", "not a day"),
        ({**AT_NINE, "every": []}, "digest.every", "must not be empty"),
        ({"cron": "0 8 * *"}, "digest.cron", "five fields"),
        ({"cron": "*/4 * * * *"}, "digest.cron", "5 minutes"),
        ({"cron": "58,2 * * * *"}, "digest.cron", "4 min apart"),
        ({"cron": "60 * * * *"}, "digest.cron", "minute"),
        ({"cron": "0 9-8 * * *"}, "digest.cron", "backwards"),
        ({"cron": "*/0 * * * *"}, "digest.cron", "step of 0"),
        ({"cron": "0 0 30 feb *"}, "digest.cron", "no month"),
        ({"cron": "0 0 * * caturday"}, "digest.cron", "day of week"),
        ({"cron": "; rm -rf"}, "digest.cron", "five fields"),
    ],
)
def test_a_digest_says_when_in_one_way(
    digest: dict[str, Any], named: str, words: str
) -> None:
    field, why = reason(digest=digest)

    assert field == named
    assert words in why


@pytest.mark.parametrize(
    ("quiet", "named", "words"),
    [
        ({"from": "22:00"}, "quiet.to", "missing"),
        ({"from": "22:00", "to": "22:00"}, "quiet", "the same"),
        ({"from": "00:00", "to": "24:00"}, "quiet", "never end"),
        ({"from": "24:00", "to": "07:00"}, "quiet", "midnight"),
        ({"from": 22, "to": "07:00"}, "quiet.from", "as text"),
        ({**NIGHT, "except": "loud"}, "quiet.except", "not a severity"),
        ({**NIGHT, "day": "sun"}, "quiet.day", "unknown key"),
    ],
)
def test_quiet_hours_begin_and_end(
    quiet: dict[str, Any], named: str, words: str
) -> None:
    field, why = reason(quiet=quiet)

    assert field == named
    assert words in why


@pytest.mark.parametrize(
    ("route", "named", "words"),
    [
        ({"throttle": {"limit": 0}}, "throttle.limit", "at least"),
        ({"throttle": {"limit": True}}, "throttle.limit", "whole number"),
        ({"dedup": {}}, "dedup.window", "missing"),
        ({"dedup": {"window": "soon"}}, "dedup.window", "not a duration"),
        ({"escalate": [{**STEP, "to": []}]}, "escalate.0.to", "must not be empty"),
        ({"escalate": [{**STEP, "repeat": 21}]}, "escalate.0.repeat", "20"),
        ({"fallback": [{"after": 0, "to": "x"}]}, "fallback.0.after", "at least"),
        ({"ack": {"expires": 60, "remind": 60}}, "ack", "before"),
        ({"thread": 1}, "thread", "true or false"),
        ({"digest": AT_NINE, "escalate": [STEP]}, "", "escalate"),
        ({"digest": AT_NINE, "fallback": [{"to": "x"}]}, "", "fallback"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_where_it_stands(
    route: dict[str, Any], named: str, words: str
) -> None:
    field, why = reason(**route)

    assert field == named
    assert words in why


def test_a_route_that_contradicts_the_defaults_is_named() -> None:
    with pytest.raises(ValidationError, match="route 'r0', with the defaults"):
        config({"digest": AT_NINE}, defaults={"escalate": [STEP]})
    taken_back = policy({"digest": AT_NINE, "escalate": "off"}, escalate=[STEP])

    assert taken_back.digest == Digest(at=("09:00",))


def test_a_digest_may_keep_quiet_hours() -> None:
    assert policy({"digest": AT_NINE, "quiet": NIGHT}).digest == Digest(at=("09:00",))


@pytest.mark.parametrize(
    ("window", "ms"), [("500ms", 500), (1, 1000), ("2s", 2000), ("1m", 60_000)]
)
def test_a_window_is_told_in_ms_or_seconds(window: object, ms: int) -> None:
    block = {"channel": "discord", "window": window, "username": "x"}
    read = DestinationSettings.model_validate(block)

    assert read.upkeep.window_ms == ms
    assert read.model_extra == {"username": "x"}


@pytest.mark.parametrize("window", ["99ms", "61s", 0, "soon", 1.5])
def test_a_window_that_is_none_is_refused(window: object) -> None:
    with pytest.raises(ValidationError, match="ms"):
        DestinationSettings.model_validate({"channel": "x", "window": window})


def test_a_destination_is_kept_up_by_default() -> None:
    plain = DestinationSettings.model_validate({"channel": "x"}).upkeep

    assert plain == Upkeep()
    assert (plain.storm, plain.breaker) == (Storm(after=600), Breaker())
    assert (plain.audit_to, plain.window_ms) == (None, None)


def test_cron_reads_names_lists_ranges_and_steps() -> None:
    read = parse_cron("5,20-40/10 */8 1 jan,JUL-sep *")

    assert (read.minutes, read.hours) == ((5, 20, 30, 40), (0, 8, 16))
    assert (set(read.days), set(read.months)) == ({1}, {1, 7, 8, 9})
    assert read.weekdays == set(range(7))
    assert parse_cron("0 0 * * sun").weekdays == parse_cron("0 0 * * 7").weekdays == {6}
    assert parse_cron("7/20 * * * *").minutes == (7, 27, 47)


@pytest.mark.parametrize(
    ("cron", "date", "falls"),
    [
        ("0 0 13 * fri", (11, 13, 4), True),
        ("0 0 13 * fri", (11, 20, 4), True),
        ("0 0 13 * fri", (10, 13, 1), True),
        ("0 0 13 * fri", (10, 14, 2), False),
        ("0 0 13 * *", (11, 20, 4), False),
        ("0 0 * * fri", (10, 13, 1), False),
        ("0 0 * feb *", (3, 1, 0), False),
    ],
)
def test_either_kind_of_day_is_enough_where_both_are_asked_for(
    cron: str, date: tuple[int, int, int], falls: bool
) -> None:
    assert parse_cron(cron).falls_on(*date) is falls
