"""Verdicts: what an answer means for the events that were sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin_client.answers import Answer
from tocsin_client.verdicts import LONGEST_WAIT, Kind, Pacing, judge

ONE = {"id": "n1", "status": "queued", "deliveries": []}
MANY = {"accepted": 1, "rejected": 0, "results": [ONE]}


def answer(status: int, told: Any = None, **headers: str) -> Answer:
    return Answer(
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        json.dumps(told).encode(),
    )


@pytest.mark.parametrize(
    ("status", "told", "many", "kind"),
    [
        (202, ONE, False, Kind.ACCEPTED),
        (200, ONE, False, Kind.ACCEPTED),
        (202, MANY, True, Kind.ACCEPTED),
        (202, MANY, False, Kind.DOUBTFUL),
        (202, ONE, True, Kind.DOUBTFUL),
        (202, "welcome to the hotel", False, Kind.DOUBTFUL),
        (200, None, True, Kind.DOUBTFUL),
        (302, None, True, Kind.REFUSED),
        (400, None, False, Kind.REFUSED),
        (400, None, True, Kind.PART),
        (413, None, True, Kind.PART),
        (422, None, True, Kind.PART),
        (422, None, False, Kind.REFUSED),
        (401, None, True, Kind.REFUSED),
        (403, None, True, Kind.REFUSED),
        (404, None, True, Kind.REFUSED),
        (408, None, True, Kind.AGAIN),
        (409, None, True, Kind.DOUBTFUL),
        (429, None, True, Kind.AGAIN),
        (500, None, True, Kind.DOUBTFUL),
        (502, None, False, Kind.AGAIN),
        (503, None, False, Kind.AGAIN),
        (504, None, False, Kind.AGAIN),
    ],
)
def test_every_answer_has_its_verdict(
    status: int, told: Any, many: bool, kind: Kind
) -> None:
    assert judge(answer(status, told), many=many).kind is kind


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("86400", LONGEST_WAIT),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Sat, 21 Nov 2026 08:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 07:00:00 GMT", 0.0),
        ("Sat, 99 Nov 2026 08:00:30 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    told = answer(429, None, retry_after=header)

    found = judge(told, many=True, now=1_795_248_000.0)  # 21 Nov 2026 08:00 UTC

    assert found.after == seconds


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    tries=st.integers(1, 10_000),
    after=st.none() | st.floats(0, LONGEST_WAIT),
    chance=st.floats(0, 1),
)
def test_a_wait_is_bounded_and_never_undercuts_the_server(
    tries: int, after: float | None, chance: float
) -> None:
    pacing = Pacing()

    wait = pacing.wait(tries, after, lambda: chance)

    assert (after or 0) <= wait <= (pacing.most if after is None else after + 1)


def test_the_bound_doubles_and_the_jitter_is_full() -> None:
    waits = [Pacing().wait(tries, None, lambda: 1.0) for tries in range(1, 9)]

    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert Pacing().wait(8, None, lambda: 0.0) == 0


def test_a_type_that_a_key_may_not_send_is_parted_from_the_others() -> None:
    fault = {"field": "3.type", "reason": "is not among the types of this source"}
    told = answer(403, {"title": "Not allowed", "errors": [fault]})

    assert judge(told, many=True).kind is Kind.PART
    assert judge(told, many=False).kind is Kind.REFUSED


def test_what_is_wrong_with_rejected_elements_is_kept() -> None:
    bad = {"status": "rejected", "errors": [{"field": "ttl", "reason": "too long"}]}
    told = {"accepted": 1, "rejected": 1, "results": [ONE, bad]}

    verdict = judge(answer(202, told), many=True)

    assert verdict.rejected == 1
    assert verdict.words == "ttl: too long"
