"""Every payload in `events/` becomes exactly what its golden says."""

from __future__ import annotations

import json

import pytest

from tests.unit.intake.payloads import GOLDENS, NAMES, batch_of, told


@pytest.mark.parametrize("name", NAMES)
def test_a_real_payload_becomes_its_golden(name: str) -> None:
    golden = json.loads((GOLDENS / f"{name}.json").read_text("utf-8"))

    assert told(batch_of(name)) == golden


def test_every_kind_that_is_accepted_has_a_payload() -> None:
    assert {
        "http-event",
        "http-list",
        "http-cloudevent-structured",
        "http-cloudevents-batch",
        "http-cloudevent-binary",
        "sns-alarm-metric",
        "sns-alarm-ok",
        "sns-alarm-insufficient",
        "sns-alarm-composite",
        "sns-alarm-metric-math",
        "sns-alarm-anomaly",
        "sns-alarm-log",
        "sns-cloudevent",
        "sns-json",
        "sns-native",
        "sns-text",
    } <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_golden_is_without_its_payload(name: str) -> None:
    assert {path.stem for path in GOLDENS.glob("*.json")} == set(NAMES)
    assert (GOLDENS / f"{name}.json").exists()
