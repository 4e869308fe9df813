"""The health book's contract, held by the fake and by DynamoDB alike."""

from __future__ import annotations

from typing import Any


def test_health_keeps_the_longest_block(health: Any) -> None:
    health.block("ops", 50)
    health.block("ops", 20)

    assert health.health(["ops", "new"])["ops"].blocked_until == 50
    assert health.health(["new"])["new"].blocked_until == 0


def test_the_health_of_hundreds_is_known_at_once(health: Any) -> None:
    names = [f"box-{number}" for number in range(230)]
    health.block(names[-1], 50)

    known = health.health(names)

    assert len(known) == len(names)
    assert known[names[-1]].blocked_until == 50


def test_health_keeps_the_highest_of_what_a_provider_told(health: Any) -> None:
    health.note("ops", 6, "500")
    assert health.health(["ops"])["ops"].learnt == {}
    for value in (50, 70, 60):
        health.learn("ops", "window_until", value)
        health.learn("new", "until", value)

    assert health.health(["ops"])["ops"].learnt == {"window_until": 70}
    assert health.all()["new"].learnt == {"until": 70}
    assert health.all()["ops"].last_error == "500"


def test_what_does_not_hold_any_more_is_forgotten_unless_it_was_told_anew(
    health: Any,
) -> None:
    health.note("ops", 6, "500")
    health.learn("ops", "window_until", 50)
    health.learn("ops", "other", 1)
    health.forget("ops", "window_until", 40)
    assert health.health(["ops"])["ops"].learnt == {"window_until": 50, "other": 1}

    health.forget("ops", "window_until", 50)
    health.forget("new", "window_until", 50)
    assert health.health(["ops"])["ops"].learnt == {"other": 1}
    assert health.all()["ops"].last_error == "500"
    health.learn("ops", "window_until", 45)
    assert health.health(["ops"])["ops"].learnt == {"other": 1, "window_until": 45}


def test_health_remembers_why_a_destination_was_disabled(health: Any) -> None:
    health.disable("ops", 5, "gone")
    health.disable("ops", 9, "gone again")
    health.note("ops", 6, "500")
    health.told("ops")

    known = health.all()["ops"]
    assert (known.disabled_at, known.disabled_reason) == (5, "gone")
    assert (known.last_error, known.told, known.failures) == ("500", True, 1)
    health.note("ops", 7, "503")
    assert health.health(["ops"])["ops"].failures == 2
    health.note("ops", 8, "")
    known = health.health(["ops"])["ops"]
    assert (known.last_error, known.failures) == ("", 0)
