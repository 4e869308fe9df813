"""Alarms: every shape, every state, however little they say."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.intake.payloads import alarm
from tocsin.events import Event
from tocsin.identity import fingerprint_of
from tocsin.intake.cloudwatch import is_alarm, read_alarm
from tocsin.intake.measurement import duration, plain_reason, tidy

NAMES = ["metric", "ok", "insufficient", "composite", "metric-math", "anomaly", "log"]
ARN = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:checkout-5xx"


def facts(event: Event) -> dict[str, str]:
    return {fact.name: fact.value for fact in event.fields}


@pytest.mark.parametrize(
    ("value", "title", "state", "severity"),
    [
        ("ALARM", "checkout-5xx is in ALARM", "firing", "critical"),
        ("OK", "checkout-5xx is OK again", "resolved", "success"),
        ("INSUFFICIENT_DATA", "checkout-5xx has insufficient data", "info", "info"),
        ("MAYBE", "checkout-5xx reports a state we do not know", "info", "medium"),
        (None, "checkout-5xx reports a state we do not know", "info", "medium"),
        ({}, "checkout-5xx reports a state we do not know", "info", "medium"),
    ],
)
def test_each_state_has_its_look(
    value: Any, title: str, state: str, severity: str
) -> None:
    event = read_alarm(alarm(NewStateValue=value))

    assert (event.title, event.state, event.severity) == (title, state, severity)
    assert event.type == "aws.cloudwatch.alarm"


@pytest.mark.parametrize("missing", [(), ("AlarmArn",), ("AlarmName",), ("Region",)])
def test_ok_resolves_what_alarm_opened(missing: tuple[str, ...]) -> None:
    opened, closed = alarm("metric"), alarm("ok")
    for name in missing:
        del opened[name], closed[name]

    assert fingerprint_of(read_alarm(opened)) == fingerprint_of(read_alarm(closed))


@pytest.mark.parametrize(
    "other",
    [
        {"AlarmName": "other"},
        {"AWSAccountId": "210987654321"},
        {"Region": "eu-west-1"},
    ],
)
def test_alarms_without_an_arn_are_told_apart(other: dict[str, str]) -> None:
    told = alarm(AlarmArn=None, Region="eu-central-1")

    assert read_alarm(told).fingerprint != read_alarm(told | other).fingerprint


@pytest.mark.parametrize(
    ("changed", "severity"),
    [
        ({"AlarmDescription": None}, "high"),
        ({"AlarmDescription": "nothing of the kind"}, "high"),
        ({"AlarmDescription": "Look at once. [Critical]"}, "critical"),
        ({"AlarmDescription": "severity=low"}, "low"),
        ({"AlarmDescription": "Severity: warning."}, "medium"),
        ({"AlarmDescription": "severity=banana [low]"}, "low"),
        ({"AlarmDescription": "P0 call someone"}, "critical"),
        ({"AlarmDescription": "[P3] can wait"}, "low"),
        ({"AlarmDescription": "not P0 at all"}, "high"),
        ({"AlarmDescription": "P2P sync is late"}, "high"),
        ({"AlarmDescription": "see [dev] and [ok]"}, "high"),
        ({"AlarmDescription": None, "AlarmName": "p1-checkout"}, "high"),
        ({"AlarmDescription": None, "AlarmName": "P2: checkout"}, "medium"),
        ({"AlarmDescription": None, "AlarmName": "checkout [info]"}, "info"),
        ({"AlarmDescription": "[low]", "AlarmName": "P0-checkout"}, "low"),
        ({"AlarmTags": {"Severity": "debug"}}, "debug"),
        ({"AlarmTags": [{"Key": "severity", "Value": "p3"}]}, "low"),
        ({"AlarmTags": [{"key": "severity", "value": "medium"}]}, "medium"),
        ({"AlarmTags": {"severity": "banana"}}, "critical"),
        ({"AlarmTags": [7, None]}, "critical"),
    ],
)
def test_an_alarm_can_state_its_severity(
    changed: dict[str, Any], severity: str
) -> None:
    assert read_alarm(alarm(**changed)).severity == severity


@pytest.mark.parametrize(
    ("arn", "url"),
    [
        (ARN, "https://console.aws.amazon.com/cloudwatch/home?region=eu-central-1"),
        (
            "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:checkout-5xx",
            "https://console.amazonaws.cn/cloudwatch/home?region=cn-north-1",
        ),
        (
            "arn:aws-us-gov:cloudwatch:us-gov-west-1:123456789012:alarm:checkout-5xx",
            "https://console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1",
        ),
    ],
)
def test_the_console_is_that_of_the_partition(arn: str, url: str) -> None:
    event = read_alarm(alarm(AlarmArn=arn, Region="wherever"))

    assert str(event.url) == f"{url}#alarmsV2:alarm/checkout-5xx"
    assert event.links[0].url == event.url


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("cn-north-1", "console.amazonaws.cn"),
        ("us-gov-east-1", "console.amazonaws-us-gov.com"),
        ("ap-southeast-2", "console.aws.amazon.com"),
    ],
)
def test_a_region_code_serves_where_the_arn_is_missing(region: str, host: str) -> None:
    event = read_alarm(alarm(AlarmArn="", Region=region))

    assert event.url is not None
    assert urlsplit(event.url).hostname == host
    assert event.labels["region"] == region


@pytest.mark.parametrize(
    "changed",
    [
        {"AlarmArn": None},  # leaves a display name
        {"AlarmArn": "arn:aws-iso:cloudwatch:us-iso-east-1:1:alarm:x"},
        {"AlarmArn": ARN.replace("eu-central-1", "e" * 1500)},
        {"AlarmName": "警" * 255},
    ],
)
def test_an_alarm_without_a_known_page_has_no_link_to_it(
    changed: dict[str, Any],
) -> None:
    event = read_alarm(alarm(**changed))

    assert event.url is None
    assert [link.label for link in event.links] == ["Runbook"]


def test_a_name_is_escaped_in_the_link() -> None:
    event = read_alarm(alarm(AlarmName="a b/ü#?:[x]"))

    assert str(event.url).endswith("#alarmsV2:alarm/a%20b%2F%C3%BC%23%3F%3A%5Bx%5D")


def test_the_name_may_hold_colons() -> None:
    event = read_alarm(alarm(AlarmArn=f"{ARN}:a:b", AlarmName=None))

    assert event.title == "checkout-5xx:a:b is in ALARM"


@pytest.mark.parametrize(
    ("about", "url"),
    [
        ("See https://wiki.example.com/a?b=c#d.", "https://wiki.example.com/a?b=c#d"),
        ("(http://example.com/x)", "http://example.com/x"),
        ("<https://example.com/y> or https://example.com/z", "https://example.com/y"),
        ("https://[broken", None),
        ("https://", None),
        ("no address", None),
        ("https://example.com/" + "a" * 3000, None),
    ],
)
def test_an_address_in_the_description_is_the_runbook(
    about: str, url: str | None
) -> None:
    links = read_alarm(alarm(AlarmDescription=about)).links

    assert {link.label: str(link.url) for link in links}.get("Runbook") == url


@pytest.mark.parametrize(
    ("operator", "reason", "told"),
    [
        ("GreaterThanThreshold", "datapoint [6.0 (x)] was greater", "6 > 5 %"),
        ("GreaterThanThreshold", "datapoints [4.5, 9.0] were not", "4.5 ≤ 5 %"),
        ("GreaterThanOrEqualToThreshold", "datapoint [5.0]", "5 ≥ 5 %"),
        ("GreaterThanOrEqualToThreshold", "datapoint [1.0]", "1 < 5 %"),
        ("LessThanThreshold", "datapoint [1.5E-5]", "1.5e-05 < 5 %"),
        ("LessThanThreshold", "datapoint [5.0]", "5 ≥ 5 %"),
        ("LessThanOrEqualToThreshold", "datapoint [-3.0]", "-3 ≤ 5 %"),
        ("LessThanOrEqualToThreshold", "datapoint [12450.0]", "12,450 > 5 %"),
        (
            "GreaterThanThreshold",
            "no datapoints were received",
            "no data, threshold > 5 %",
        ),
        ("SomethingNew", "datapoint [6.0]", "6 %"),
        (None, "datapoint [6.0] was less than the threshold (5.0)", "6 ≥ 5 %"),
        (
            "GreaterThanUpperThreshold",
            "datapoint [9.0] was less than the lower thresholds [1.0] or greater than the upper thresholds [3.25]",
            "9, expected 1 to 3.25 %",
        ),
        ("GreaterThanThreshold", "datapoint [1.2.3.4]", "no data, threshold > 5 %"),
    ],
)
def test_the_value_is_set_against_the_threshold(
    operator: str | None, reason: str, told: str
) -> None:
    trigger = alarm()["Trigger"] | {"ComparisonOperator": operator}

    event = read_alarm(alarm(Trigger=trigger, NewStateReason=reason))

    assert facts(event)["Value"] == told


@pytest.mark.parametrize("key", ["name", "Name"])
def test_dimensions_are_facts_and_labels_in_either_spelling(key: str) -> None:
    value = "value" if key == "name" else "Value"
    dimensions = [{key: "Cluster", value: "a"}, {key: "alarm", value: "forged"}, 7, {}]
    trigger = alarm()["Trigger"] | {"Dimensions": dimensions}

    event = read_alarm(alarm(Trigger=trigger))

    assert facts(event)["Cluster"] == "a"
    assert event.labels["Cluster"] == "a"
    assert event.labels["alarm"] == "checkout-5xx"


@pytest.mark.parametrize(
    "children",
    [
        [ARN, ARN.replace("checkout", "cart")],
        [{"Arn": ARN}, {"Arn": ARN.replace("checkout", "cart"), "State": {}}],
        [{"Arn": ARN}, 7, None, {"Arn": None}, ARN.replace("checkout", "cart")],
    ],
)
def test_children_are_named_in_either_shape(children: list[Any]) -> None:
    event = read_alarm(alarm("composite", TriggeringChildren=children))

    assert facts(event)["Triggered by"] == "checkout-5xx, cart-5xx"


@pytest.mark.parametrize(
    ("reason", "plain"),
    [
        (
            "Threshold Crossed: 3 out of the last 3 datapoints [6.0 (21/11/26 08:26:00), 7.123456 (21/11/26 08:21:00)] were greater than the threshold (5.0) (minimum 3 datapoints for OK -> ALARM transition).",
            "3 of the last 3 datapoints [6, 7.123] were greater than the threshold (5).",
        ),
        (
            "Threshold Crossed: no datapoints were received for 1 period.",
            "No datapoints were received for 1 period.",
        ),
        ("Unchecked: Initial alarm creation", "Unchecked: Initial alarm creation"),
        (f"{ARN} transitioned to ALARM", "checkout-5xx transitioned to ALARM"),
        (
            "host 10.10.0.10 at v1.20.0 and x1.50",
            "Host 10.10.0.10 at v1.20.0 and x1.50",
        ),
        ("", ""),
        ("a\n\n b", "A b"),
    ],
)
def test_reasons_are_told_in_plain_words(reason: str, plain: str) -> None:
    assert plain_reason(reason) == plain


def test_a_long_reason_is_cut() -> None:
    assert len(plain_reason("word " * 5000)) == 400


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0"),
        (5.0, "5"),
        (12450, "12,450"),
        (0.35220499, "0.3522"),
        (1234.56, "1,234.6"),
        (-7.5, "-7.5"),
        (2e-7, "2e-07"),
        (3e18, "3e+18"),
    ],
)
def test_numbers_are_tidy(value: float, told: str) -> None:
    assert tidy(value) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, ""),
        (-5, ""),
        (1.5, ""),
        (90, "90 s"),
        (300, "5 min"),
        (3600, "1 h"),
        (5400, "90 min"),
        (86_400, "1 day"),
        (172_800, "2 days"),
        (1e300, ""),
        (float("inf"), ""),
        (float("nan"), ""),
    ],
)
def test_durations_are_words(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-11-21T08:31:23.000+0000", "2026-11-21T08:31:23+00:00"),
        ("2026-11-21T09:31:23.5+01:00", "2026-11-21T08:31:23.500000+00:00"),
        ("2026-11-21T08:31:23", "2026-11-21T08:31:23+00:00"),
        ("0001-01-01T00:00:00+23:00", None),
        ("soon", None),
        (7, None),
    ],
)
def test_the_time_is_when_the_state_changed(told: Any, moment: str | None) -> None:
    at = read_alarm(alarm(StateChangeTime=told)).occurred_at

    assert (at.isoformat() if at else None) == moment


def test_an_alarm_that_says_nothing_is_an_event() -> None:
    event = read_alarm({})

    assert event.title == "A CloudWatch alarm reports a state we do not know"
    assert event.fields == ()


def test_alarms_are_recognised() -> None:
    assert is_alarm(alarm())
    assert is_alarm({"AlarmArn": ARN})
    assert not is_alarm({"type": "a", "title": "b"})


@pytest.mark.parametrize("huge", [10**400, float("inf"), float("nan"), True, "5"])
def test_a_threshold_that_is_no_number_is_passed_over(huge: Any) -> None:
    trigger = alarm()["Trigger"] | {"Threshold": huge}

    event = read_alarm(alarm(Trigger=trigger, NewStateReason="datapoint [6.0]"))

    assert facts(event)["Value"] == "6 %"
    assert "threshold" not in event.data


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**310)
    | st.floats()
    | st.text()
    | st.sampled_from([ARN, "x" * 6000, "\ud800", "datapoints [1.E-5] 9E999"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def mangled(draw: st.DrawFn) -> dict[str, Any]:
    """A real alarm with any of its keys, at any depth, missing or of another kind."""

    def mangle(value: Any) -> Any:
        if draw(st.integers(0, 9)) == 0:
            return draw(JSON)
        if isinstance(value, dict):
            kept = {key: mangle(inner) for key, inner in value.items()}
            for key in draw(st.lists(st.sampled_from(list(kept) or [""]), max_size=3)):
                kept.pop(key, None)
            return kept
        if isinstance(value, list):
            return [mangle(inner) for inner in value]
        return value

    told = mangle(alarm(draw(st.sampled_from(NAMES))))
    return told if isinstance(told, dict) else {}


@settings(max_examples=60)
@given(mangled())
def test_any_alarm_however_mangled_is_an_event(told: dict[str, Any]) -> None:
    event = read_alarm(told)

    assert event.type == "aws.cloudwatch.alarm"
    assert Event.model_validate(event.dump()) == event
    event.model_dump_json().encode()
