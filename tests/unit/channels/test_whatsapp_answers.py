"""WhatsApp: what its refusals mean, and settings that are refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.whatsapp_phone import (
    GIVEN,
    NOW,
    TOKEN,
    WAMID,
    error,
    opened,
    sent,
    target,
)
from tocsin.channels import channel
from tocsin.channels.whatsapp import answers, drafts
from tocsin.errors import Invalid
from tocsin.ports import Kind


@pytest.mark.parametrize(
    ("code", "wait"),
    [(131056, 16_000), (130429, 30_000), (80007, 300_000), (131049, 86_400_000)],
)
def test_each_limit_has_its_own_wait(code: int, wait: int) -> None:
    outcome, _ = sent(told=(loopback.answer(400, error(code)),))

    assert (outcome.kind, outcome.wait_ms) == (Kind.LIMITED, wait)


def test_a_wait_that_is_asked_for_is_kept() -> None:
    told = loopback.answer(429, None, {"Retry-After": "90"})

    assert sent(told=(told,))[0].wait_ms == 90_000


def test_a_refusal_says_why_and_what_to_do_and_where_support_finds_it() -> None:
    outcome, _ = sent(told=(loopback.answer(401, error(190)),))

    assert outcome.reason == (
        "WhatsApp does not accept the token (code 190; Details of 190.; fbtrace "
        "Az8or2yhq): make one for a system user with whatsapp_business_messaging, and "
        "put it to destination oncall"
    )


def test_details_that_repeat_the_token_are_shown_without_it() -> None:
    words = f"Cannot parse access token {TOKEN} of the app"
    told = error(190, error_data={"details": words}, message=words)
    reason = sent(told=(loopback.answer(401, told),))[0].reason

    assert "Cannot parse access token" in reason
    assert TOKEN[:40] not in reason


def test_every_reason_is_whole() -> None:
    for verdict in answers.TABLE.values():
        reason = answers.outcome_of(verdict, name="oncall", told="code 1").reason

        assert "{" not in reason
        assert "(code 1)" in reason


def test_a_message_that_is_held_is_told() -> None:
    held = {
        "messages": [{"id": WAMID, "message_status": "held_for_quality_assessment"}]
    }
    outcome, _ = sent(told=(loopback.answer(200, held),))

    assert outcome.kind is Kind.OK
    assert "assess" in outcome.reason


def test_a_probe_tells_the_number_and_posts_nothing() -> None:
    known = {"display_phone_number": "+1 555-078-3881", "quality_rating": "GREEN"}
    with loopback.provider(loopback.answer(200, {**known, "id": TOKEN})) as told:
        probe = opened(told.base).probe(target())

    assert probe.details == {"number": "+1 555-078-3881", "quality": "GREEN"}
    assert [request.method for request in told.requests] == ["GET"]


def test_settings_are_kept_in_one_form_and_the_token_is_hidden() -> None:
    kept, secret = channel("whatsapp").split(GIVEN)

    assert secret == TOKEN
    assert kept == {
        "phone_number_id": "106540352242922",
        "to": "+41791234567",
        "template": {"name": "tocsin_alert", "language": "en_US"},
    }
    assert channel("whatsapp").split(kept) == (kept, "")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"token": "short"}, "token"),
        ({"token": TOKEN + " x"}, "token"),
        ({"token": 7}, "token"),
        ({"phone_number_id": "+41791234567"}, "phone_number_id"),
        ({"to": "0791234567"}, "to"),
        ({"to": "+417912345678901234"}, "to"),
        ({"to": "+٤١٧٩١٢٣٤٥٦٧"}, "to"),
        ({"template": "tocsin_alert"}, "template"),
        ({"template": {"name": "Tocsin Alert"}}, "template.name"),
        ({"template": {"name": "x", "language": "English"}}, "template.language"),
        (
            {"template": {"name": "x", "parameters": ["nonsense"]}},
            "template.parameters",
        ),
        (
            {"template": {"name": "x", "parameters": {"A": "title"}}},
            "template.parameters",
        ),
        (
            {"template": {"name": "x", "parameters": ["text"] * 11}},
            "template.parameters",
        ),
        ({"template": {"name": "x", "picture": "http://e.x/p"}}, "template.picture"),
        ({"template": {"name": "x", "colour": "red"}}, "template.colour"),
        ({"api_version": "24"}, "api_version"),
        ({"session": "maybe"}, "session"),
        ({"window_until": NOW}, "window_until"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        channel("whatsapp").split({**GIVEN, **given})

    (fault,) = caught.value.faults
    assert fault.field == field
    assert TOKEN not in f"{caught.value.detail}{fault}"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        channel("whatsapp").split({"token": TOKEN})

    named = {fault.field: fault.reason for fault in caught.value.faults}
    assert set(named) == {"phone_number_id", "to", "template"}
    assert set(named.values()) == {"is missing"}


def test_an_address_that_could_end_its_line_is_not_shown() -> None:
    assert not drafts.is_web("https://e.example/a b")
    assert not drafts.is_web("https://e.example/\u202e")
    assert not drafts.is_web("javascript:alert(1)")
    assert drafts.is_web("https://e.example/?q=1")
