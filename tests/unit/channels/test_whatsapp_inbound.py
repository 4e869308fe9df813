"""What WhatsApp tells by webhook: signatures, windows, and statuses out of order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tocsin.channels.whatsapp import inbound
from tocsin.channels.whatsapp.inbound import Report, Told, Window
from tocsin.errors import Malformed, Unauthorized
from tocsin.intake.signatures import verify
from tocsin.ports import Kind

EVENTS = Path(__file__).parents[3] / "events"
SIGNATURE = "x-hub-signature-256"
APP_SECRET = "0123456789abcdef0123456789abcdef"
WAMID = "wamid.HBgLNDE3OTEyMzQ1NjcVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"
NUMBER = "106540352242922"
PERSON = "+41791234567"


def call(name: str) -> tuple[bytes, str]:
    """(body, signature) of a payload in `events/`."""
    event = json.loads((EVENTS / f"whatsapp-{name}.json").read_text("utf-8"))
    return event["body"].encode(), event["headers"][SIGNATURE]


def told(name: str) -> Told:
    """What a payload in `events/` says."""
    return inbound.read(call(name)[0])


def webhook(**value: Any) -> bytes:
    """A webhook of one change."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    change = {"field": "messages", "value": {"metadata": metadata, **value}}
    entry = [{"id": "1", "changes": [change]}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def written(kind: str = "text", **changed: Any) -> dict[str, Any]:
    """A message of a person's."""
    return {"from": "41791234567", "timestamp": "1795261480", "type": kind} | changed


def status(name: str, **changed: Any) -> dict[str, Any]:
    """A status of a message."""
    return {
        "id": WAMID,
        "status": name,
        "timestamp": "1795261488",
        "recipient_id": "41791234567",
        **changed,
    }


@pytest.mark.parametrize("name", ["message", "button", "statuses", "failed"])
def test_a_signature_fits_its_own_bytes_only(name: str) -> None:
    body, signature = call(name)

    verify("whatsapp", {SIGNATURE: signature}, body, [APP_SECRET], 0)
    for headers, content, secret in (
        ({SIGNATURE: signature}, body + b" ", APP_SECRET),
        ({SIGNATURE: signature}, body, APP_SECRET + "x"),
        ({SIGNATURE: signature[:-1]}, body, APP_SECRET),
        ({SIGNATURE: "sha1=" + "0" * 40}, body, APP_SECRET),
        ({SIGNATURE: "sha256=ü\ud800"}, body, APP_SECRET),
    ):
        with pytest.raises(Unauthorized):
            verify("whatsapp", headers, content, [secret], 0)


def test_meta_s_check_of_an_address_is_answered_with_its_challenge() -> None:
    query = {
        "hub.mode": "subscribe",
        "hub.verify_token": "my-token",
        "hub.challenge": "1158201444",
    }

    assert inbound.challenged(query, "my-token") == "1158201444"
    for changed in (
        {"hub.verify_token": "other"},
        {"hub.verify_token": "my-token "},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
        {"hub.challenge": "<script>"},
        {"hub.challenge": "9" * 101},
    ):
        assert inbound.challenged(query | changed, "my-token") is None
    assert inbound.challenged(query | {"hub.verify_token": ""}, "") is None
    assert inbound.challenged({}, "my-token") is None


@pytest.mark.parametrize(("name", "at"), [("message", 480), ("button", 485)])
def test_a_person_s_message_opens_the_window_for_a_day(name: str, at: int) -> None:
    until = (1795261000 + at) * 1000 + 24 * 3_600_000

    assert told(name) == Told(windows=(Window(NUMBER, PERSON, until),))


def test_the_latest_message_counts_in_whatever_order_they_come() -> None:
    stamps = ("1795261480", "1795261999", "1795261481")
    rows = [written(timestamp=stamp) for stamp in stamps]
    rows.append(written(**{"from": "491701234567"}))
    windows = inbound.read(webhook(messages=rows)).windows

    assert [(one.recipient, one.until) for one in windows] == [
        (PERSON, 1795261999_000 + 86_400_000),
        ("+491701234567", 1795261480_000 + 86_400_000),
    ]


@pytest.mark.parametrize(
    "row",
    [
        written("reaction"),
        written("system"),
        written("unsupported"),
        written(timestamp="soon"),
        written(timestamp=None),
        written(**{"from": "Kim"}),
        written() | {"from": 41791234567},
        "message",
    ],
)
def test_what_opens_no_window_is_passed_over(row: Any) -> None:
    assert inbound.read(webhook(messages=[row])) == Told()


def test_of_statuses_out_of_order_the_last_one_is_told() -> None:
    assert told("statuses") == Told(
        reports=(
            Report(
                phone_number_id=NUMBER,
                recipient=PERSON,
                message_id=WAMID,
                status="read",
                at=1795261492_000,
                correlation="01jd8zq3k4m5n6p7q8r9s0t1v2-oncall",
            ),
        )
    )


@pytest.mark.parametrize(
    ("before", "after", "says_more"),
    [
        ("", "sent", True),
        ("sent", "delivered", True),
        ("read", "delivered", False),
        ("sent", "sent", False),
        ("sent", "failed", True),
        ("failed", "sent", False),
        ("failed", "delivered", True),
        ("read", "failed", False),
        ("read", "played", True),
        ("sent", "warning", False),
        ("warning", "sent", True),
    ],
)
def test_a_status_only_goes_forward(before: str, after: str, says_more: bool) -> None:
    assert inbound.advanced(before, after) is says_more


def test_a_failure_is_told_in_the_words_of_an_answer() -> None:
    (report,) = told("failed").reports
    outcome = report.outcome("oncall")

    assert report.window_closed
    assert outcome is not None
    assert outcome.kind is Kind.PERMANENT
    assert "24 hours since the recipient last wrote" in outcome.reason
    assert "code 131047" in outcome.reason


@pytest.mark.parametrize(
    ("code", "kind"),
    [(131026, Kind.PERMANENT), (131049, Kind.LIMITED), (131042, Kind.GONE)],
)
def test_a_failure_has_the_outcome_of_its_code(code: int, kind: Kind) -> None:
    row = status("failed", errors=[{"code": code, "title": "x"}])
    (report,) = inbound.read(webhook(statuses=[row])).reports
    outcome = report.outcome("oncall")

    assert outcome is not None
    assert outcome.kind is kind
    assert not report.window_closed


@pytest.mark.parametrize("errors", [None, [], ["x"], [{}], "x", [{"code": "131026"}]])
def test_a_failure_without_a_reason_is_one_all_the_same(errors: Any) -> None:
    (report,) = inbound.read(
        webhook(statuses=[status("failed", errors=errors)])
    ).reports
    outcome = report.outcome("oncall")

    assert outcome is not None
    assert outcome.kind is Kind.PERMANENT
    assert outcome.reason


def test_what_did_not_fail_has_no_outcome() -> None:
    (report,) = inbound.read(webhook(statuses=[status("delivered")])).reports

    assert report.outcome("oncall") is None


@pytest.mark.parametrize(
    "value",
    [
        {"statuses": "x"},
        {"statuses": [status("deleted")]},
        {"statuses": [status("sent", id="")]},
        {"statuses": [status("sent", id=7)]},
        {"messages": None, "errors": [{"code": 130429}]},
        {"metadata": None},
    ],
)
def test_what_is_of_no_concern_is_passed_over(value: dict[str, Any]) -> None:
    assert inbound.read(webhook(**value)) == Told()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b"[" * 100_000, b"\xff", b'{"object": "page"}'],
)
def test_what_is_no_webhook_of_whatsapp_s_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        inbound.read(body)


@pytest.mark.parametrize("entry", [None, {}, [None], [{"changes": [{"value": 1}]}]])
def test_an_empty_webhook_says_nothing(entry: Any) -> None:
    body = json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()

    assert inbound.read(body) == Told()
