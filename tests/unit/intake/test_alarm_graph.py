"""The graph of an alarm, as CloudWatch is asked to draw it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.intake.payloads import alarm, batch_of
from tocsin.intake.alarm_graph import widget_of


def widget(told: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(widget_of(told))
    return read


def test_a_metric_is_drawn_with_its_threshold_over_three_hours() -> None:
    found = widget(alarm())

    assert found == {
        "view": "timeSeries",
        "width": 800,
        "height": 300,
        "start": "-PT3H",
        "title": "checkout-5xx",
        "metrics": [
            [
                "Shop/Checkout",
                "5xxErrorRate",
                "Service",
                "checkout",
                "Stage",
                "production",
                {"stat": "Average", "period": 300},
            ]
        ],
        "annotations": {"horizontal": [{"label": "Threshold", "value": 5.0}]},
    }


def test_a_percentile_is_drawn_as_such() -> None:
    trigger = alarm()["Trigger"] | {"Statistic": None, "ExtendedStatistic": "p99"}

    assert widget(alarm(Trigger=trigger))["metrics"][0][-1]["stat"] == "p99"


def test_metric_math_is_drawn_and_what_it_is_made_of_is_not() -> None:
    told = widget(alarm("metric-math"))["metrics"]
    shown = [each for each in told if each[-1].get("visible", True)]

    assert len(told) > len(shown) == 1
    assert "expression" in shown[0][0]
    assert {each[-1]["id"] for each in told} == {"rate", "errors", "requests"}


def test_a_band_has_no_line_for_a_threshold() -> None:
    found = widget(alarm("anomaly"))

    assert "annotations" not in found
    assert any("ANOMALY_DETECTION_BAND" in str(each) for each in found["metrics"])


def test_an_alarm_of_eventbridge_is_drawn_likewise() -> None:
    (received,) = batch_of("eventbridge-alarm-metric").received
    assert received.alarm is not None

    found = widget(received.alarm)

    (metric,) = found["metrics"]
    assert metric[0]
    assert metric[-1]["stat"]
    assert found["annotations"]["horizontal"][0]["label"] == "Threshold"


@pytest.mark.parametrize("name", ["composite", "log"])
def test_what_is_on_no_metric_has_no_graph(name: str) -> None:
    assert widget_of(alarm(name)) == ""


@pytest.mark.parametrize(
    "trigger",
    [None, [], {}, {"Metrics": "x"}, {"Metrics": [1, None, {}]}, {"MetricName": 1}],
    ids=str,
)
def test_a_trigger_that_says_nothing_has_no_graph(trigger: Any) -> None:
    assert widget_of({"AlarmName": "a", "Trigger": trigger}) == ""
