"""Hooks: the seam between a tool's call and its adapter."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import encode_multipart_formdata

from tests.unit.intake.payloads import EVENTS, HOOKS, batch_of, call_of
from tocsin.errors import (
    Invalid,
    Malformed,
    NotFound,
    Refused,
    TooLarge,
    Unsupported,
)
from tocsin.identity import fingerprint_of
from tocsin.intake.hooks import ADAPTERS, LIMIT, Call, check_options, reader_of

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
def test_every_adapter_has_a_real_payload(adapter: str) -> None:
    assert adapter in {call_of(name)[0] for name in HOOKS}


def test_an_unknown_adapter_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="alertmanager, discord, email"):
        reader_of("pagerduty")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("hooks-alertmanager-firing", "hooks-alertmanager-resolved"),
        ("hooks-grafana-firing", "hooks-grafana-resolved"),
        ("hooks-github-workflow-failure", "hooks-github-workflow-success"),
        ("hooks-github-deployment-failure", "hooks-github-deployment-success"),
        ("hooks-github-dependabot-created", "hooks-github-dependabot-fixed"),
        ("hooks-sentry-issue-created", "hooks-sentry-issue-resolved"),
        ("hooks-sentry-issue-alert", "hooks-sentry-issue-resolved"),
        ("hooks-sentry-error", "hooks-sentry-issue-resolved"),
        ("hooks-sentry-plugin", "hooks-sentry-issue-resolved"),
        ("hooks-sentry-metric-critical", "hooks-sentry-metric-resolved"),
        ("hooks-uptime-kuma-down", "hooks-uptime-kuma-up"),
        ("hooks-healthchecks-down", "hooks-healthchecks-up"),
        ("eventbridge-alarm-metric", "eventbridge-alarm-ok"),
        ("eventbridge-codebuild-failed", "eventbridge-codebuild-succeeded"),
        ("eventbridge-health-issue", "eventbridge-health-closed"),
    ],
)
def test_what_a_tool_opens_it_closes(first: str, then: str) -> None:
    opened, closed = batch_of(first).received[0], batch_of(then).received[0]

    assert (opened.event.state, closed.event.state) == ("firing", "resolved")
    assert fingerprint_of(opened.event) == fingerprint_of(closed.event)
    assert opened.event.type == closed.event.type or "sentry" in first
    assert closed.event.severity == "success"


@pytest.mark.parametrize(
    ("adapter", "headers", "body", "field"),
    [
        ("alertmanager", {}, [], ""),
        ("alertmanager", {}, {}, "alerts"),
        ("alertmanager", {}, {"alerts": []}, "alerts"),
        ("alertmanager", {}, {"alerts": [7]}, "alerts.0"),
        ("alertmanager", {}, {"alerts": [{}]}, "alerts.0.status"),
        ("alertmanager", {}, {"alerts": [{"status": "maybe"}]}, "alerts.0.status"),
        ("grafana", {}, {"ruleName": "r"}, "state"),
        (
            "github",
            {"x-github-event": "release"},
            {"action": "published"},
            "repository",
        ),
        ("sentry", {"sentry-hook-resource": "issue"}, {}, "action"),
        ("sentry", {"sentry-hook-resource": "issue"}, {"action": "created"}, "data"),
        ("uptime-kuma", {}, {}, "msg"),
        ("uptime-kuma", {}, {"heartbeat": {"status": 9}}, "heartbeat.status"),
        ("uptime-kuma", {}, {"heartbeat": {"status": 0}}, "monitor"),
        ("healthchecks", {}, {"code": "a"}, "status"),
        ("healthchecks", {}, {"status": "$STATUS", "code": "a"}, "status"),
        ("healthchecks", {}, {"status": "up"}, "code"),
        ("stripe", {}, {"id": "evt_1"}, "type"),
        ("stripe", {}, {"type": "charge.failed"}, "id"),
        ("standard", {}, {"type": "a"}, "data"),
        ("standard", {}, {"type": "a", "data": {}, "timestamp": "soon"}, "timestamp"),
        ("slack", {}, {"username": "ci"}, "text"),
        ("discord", {}, {"embeds": [{"color": 1}]}, "content"),
        ("email", {}, {"mail": {}}, "notificationType"),
        ("email", {}, {"notificationType": "Received", "mail": 7}, "mail"),
        ("email", {}, {"Type": "Notification", "Message": 7}, "Message"),
        ("eventbridge", {}, {"detail": {}}, "detail-type"),
        ("eventbridge", {}, {"detail-type": "a", "source": "b"}, "detail"),
        ("eventbridge", {}, {"alarmData": 7}, "alarmData"),
    ],
)
def test_a_body_of_another_shape_is_refused_by_its_field(
    adapter: str, headers: dict[str, str], body: Any, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        reader_of(adapter)(Call(headers, json.dumps(body).encode()))

    assert [fault.field for fault in refused.value.faults] == [field]


@pytest.mark.parametrize(
    ("adapter", "body", "field"),
    [("github", {}, "X-GitHub-Event"), ("sentry", {}, "Sentry-Hook-Resource")],
)
def test_a_missing_header_is_named(adapter: str, body: Any, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        reader_of(adapter)(Call({}, json.dumps(body).encode()))

    assert refused.value.faults[0].field == field


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
def test_what_is_no_json_is_refused(adapter: str) -> None:
    headers = {"x-github-event": "ping", "sentry-hook-resource": "issue"}

    with pytest.raises(Refused):
        reader_of(adapter)(Call(headers, b"down!"))


def test_a_body_may_be_larger_than_one_of_our_own_but_not_endless() -> None:
    frames = [{"filename": f"module_{n}.py", "lineno": n} for n in range(8000)]
    body = {"event": {"issue_id": "7", "title": "t", "frames": frames}}
    told = json.dumps(body).encode()
    assert len(told) > 256 * 1024

    assert reader_of("sentry")(Call({}, told)).received[0].event.title == "t"
    with pytest.raises(TooLarge):
        reader_of("sentry")(Call({}, b" " * (LIMIT + 1)))


def test_a_form_holds_its_json_in_a_field() -> None:
    body = urlencode({"payload": '{"text": "a+b & c"}'}).encode()

    assert Call(FORM, body).form("payload") == {"text": "a+b & c"}


def test_json_that_calls_itself_a_form_is_read_all_the_same() -> None:
    assert Call(FORM, b' {"text": "a"}').form("payload") == {"text": "a"}


@pytest.mark.parametrize("body", [b"text=hello", b"payload", b"payload=%ff"])
def test_a_form_without_its_field_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        Call(FORM, body).form("payload")


def in_parts(*fields: tuple[str, Any]) -> tuple[dict[str, str], bytes]:
    """(headers, body) of a form as a tool's HTTP library builds it."""
    body, told = encode_multipart_formdata(list(fields))
    return {"content-type": told}, body


MESSAGE = '{"content": "Größe"}'
PICTURE = ("a.png", b'\x89PNG\r\n\r\nname="payload_json"\r\n--', "image/png")


@pytest.mark.parametrize(
    "fields",
    [
        [("payload_json", MESSAGE)],
        [("files[0]", PICTURE), ("payload_json", MESSAGE), ("more", "x")],
        [("payload_json", ("p.json", MESSAGE, "application/json"))],
    ],
)
def test_a_form_in_parts_is_read_and_its_files_are_passed_over(
    fields: list[tuple[str, Any]],
) -> None:
    """As Discord takes it, with files beside the message."""
    received = reader_of("discord")(Call(*in_parts(*fields))).received

    assert [each.event.title for each in received] == ["Größe"]


def test_uptime_kuma_may_send_its_form() -> None:
    _, told = call_of("hooks-uptime-kuma-down")
    form = Call(*in_parts(("data", told.body.decode())))

    assert reader_of("uptime-kuma")(form) == batch_of("hooks-uptime-kuma-down")


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("multipart/form-data", b"--x\r\n\r\n{}\r\n--x--"),
        ("multipart/form-data; boundary=", b""),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n{}\r\n--x--"),
        ('multipart/form-data; boundary="x"', b'--x\r\nA: b; name="data"\r\n\r\n{'),
        (
            "multipart/form-data; boundary=x",
            b'--x--\r\n--x\r\nA: b; name="data"\r\n\r\n{}',
        ),
    ],
)
def test_a_form_in_parts_without_its_field_is_malformed(head: str, body: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        Call({"content-type": head}, body).form("data")

    assert refused.value.faults


@pytest.mark.parametrize(
    "name", ['name="data"', "name=data", 'filename="a"; name="data"', 'NAME="data"']
)
def test_the_field_of_a_form_is_found_however_it_is_written(name: str) -> None:
    body = f"--x\r\nContent-Disposition: form-data; {name}\r\n\r\n[1]\r\n--x--"
    head = 'Multipart/Form-Data; charset=utf-8; Boundary="x"'

    assert Call({"content-type": head}, body.encode()).form("data") == [1]


@pytest.mark.parametrize("adapter", sorted(set(ADAPTERS) - {"discord", "uptime-kuma"}))
def test_parts_that_no_tool_of_this_adapter_sends_are_refused_by_their_type(
    adapter: str,
) -> None:
    headers = {"x-github-event": "ping", "sentry-hook-resource": "issue"}
    told, body = in_parts(("data", "{}"), ("payload", '{"text": "a"}'))
    if adapter in ("github", "slack"):
        told = {"content-type": told["content-type"].replace("form-data", "mixed")}

    with pytest.raises(Unsupported, match="application/json") as refused:
        reader_of(adapter)(Call({**headers, **told}, body))

    assert refused.value.faults[0].field == "content-type"


def test_a_form_in_parts_may_not_be_endless() -> None:
    with pytest.raises(TooLarge):
        Call(*in_parts(("data", "x" * LIMIT))).form("data")


@given(body=st.binary(max_size=200) | st.text('-x\r\n=;"name{}', max_size=80))
def test_whatever_stands_in_parts_is_read_or_refused(body: bytes | str) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    call = Call({"content-type": "multipart/form-data; boundary=x"}, raw)

    with suppress(Refused):
        call.form("n")


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
def test_every_adapter_takes_a_severity_and_refuses_what_it_does_not_know(
    adapter: str,
) -> None:
    check_options(adapter, {"severity": "P1"})

    with pytest.raises(Invalid) as refused:
        check_options(adapter, {"severity": "awful", "colour": "red"})

    told = {fault.field for fault in refused.value.faults}
    assert told == {"options.severity", "options.colour"}


@pytest.mark.parametrize(
    ("adapter", "body"),
    [
        ("alertmanager", {"alerts": [{"status": "firing", "labels": {}}]}),
        ("grafana", {"alerts": [{"status": "firing", "labels": {}}]}),
        ("uptime-kuma", {"msg": "hello"}),
        ("healthchecks", {"status": "down", "code": "c"}),
        ("stripe", {"id": "e", "type": "charge.updated"}),
        ("standard", {"type": "a", "data": {}}),
        ("slack", {"text": "hello"}),
        ("discord", {"content": "hello"}),
        ("generic", {"message": "hello"}),
        ("email", {"notificationType": "Received", "mail": {}}),
        ("sentry", {"event": {"issue_id": "7"}}),
    ],
)
def test_the_severity_option_is_for_what_states_none(adapter: str, body: Any) -> None:
    call = Call({}, json.dumps(body).encode(), options={"severity": "low"})

    assert reader_of(adapter)(call).received[0].event.severity == "low"


def _blocks(mark: str) -> list[str]:
    told = (EVENTS.parent / "docs/sources.md").read_text("utf-8")
    return [
        each
        for each in re.findall(r"```json\n(.*?)```", told, re.DOTALL)
        if mark in each
    ]


def test_the_body_to_paste_into_healthchecks_is_read() -> None:
    (body,) = _blocks("$STATUS")
    for name, value in {
        "$STATUS": "down",
        "$CODE": "c-1",
        "$NAME_JSON": '"say \\"hi\\""',
        "$NOW": "2026-11-21T08:31:23+00:00",
        "$EXITSTATUS": "1",
        "$BODY_JSON": '"no space left"',
        "$JSON": '{"tags": "prod", "grace": 60}',
    }.items():
        body = body.replace(name, value)
    event = reader_of("healthchecks")(Call({}, body.encode())).received[0].event

    assert event.title == 'say "hi" is down'
    assert event.message == "no space left"
    assert {fact.name: fact.value for fact in event.fields}["Tags"] == "prod"


def test_the_options_shown_for_any_json_are_good() -> None:
    (told,) = _blocks("to_string(id)")
    options = json.loads(told)["generic"]
    check_options("generic", options)
    check = {
        "id": 7,
        "host": "web-1",
        "what": "disk is full",
        "status": "down",
        "level": "P1",
        "value": 93,
        "limit": 90,
        "page": "https://probe.example.com/7",
        "when": 1795249883,
    }
    body = json.dumps({"checks": [check]}).encode()
    received = reader_of("generic")(Call({}, body, options=options)).received[0]

    assert received.key == "7"
    assert received.event.title == "web-1 disk is full"
    assert (received.event.state, received.event.severity) == ("firing", "high")
    assert [fact.value for fact in received.event.fields] == ["93", "90"]


def test_the_manual_names_every_adapter_and_no_other() -> None:
    told = (EVENTS.parent / "docs/sources.md").read_text("utf-8")
    table = told.partition("## Tools, one by one")[2].partition("###")[0]

    assert set(re.findall(r"^\| [^|]+ \| `([\w-]+)` \|", table, re.MULTILINE)) == set(
        ADAPTERS
    )
