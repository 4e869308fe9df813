"""WhatsApp: templates, texts in an open window, pictures, and words that fit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract
from tests.unit.channels.whatsapp_phone import (
    ACCEPTED,
    ALARM,
    GIVEN,
    NOW,
    OPEN,
    TEXT,
    TOKEN,
    WAMID,
    broken_limits,
    error,
    opened,
    parameters,
    sent,
    target,
)
from tocsin.message import Text
from tocsin.ports import Channel, Kind, Outcome, Target

# Kind by code, from the documentation rather than from the code under test.
CODES: tuple[tuple[Kind, tuple[int, ...]], ...] = (
    (Kind.GONE, (0, 3, 10, 33, 190, 200, 299, 368, 130497, 131005, 131031)),
    (Kind.GONE, (131037, 131042, 131045, 131063, 131064, 133010)),
    (Kind.PERMANENT, (100, 131008, 131009, 131021, 131026, 131030, 131047)),
    (Kind.PERMANENT, (131050, 131051, 131052, 131053, 131062, 132000, 132001)),
    (Kind.PERMANENT, (132005, 132007, 132008, 132012, 132015, 132016, 132068)),
    (Kind.PERMANENT, (999_999,)),
    (Kind.TRANSIENT, (1, 2, 131000, 131016, 131057, 133004, 135000)),
    (Kind.LIMITED, (4, 80007, 130429, 130472, 131048, 131049, 131056)),
)


class TestWhatsAppKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "whatsapp"
    given = GIVEN
    secret_parts = (TOKEN,)
    accepted = ACCEPTED
    answers = (
        (200, ACCEPTED, {}, Kind.OK),
        (200, {"messages": "?"}, {}, Kind.OK),
        *((400, error(code), {}, kind) for kind, codes in CODES for code in codes),
        # By the code, whatever the status; and by the status where there is no code.
        (200, error(131026), {}, Kind.PERMANENT),
        (500, error(131056), {}, Kind.LIMITED),
        (400, error(999_999, is_transient=True), {}, Kind.TRANSIENT),
        (400, {"error": {"code": "131056"}}, {}, Kind.PERMANENT),
        (400, {"error": {"code": True}}, {}, Kind.PERMANENT),
        (400, {"error": "?"}, {}, Kind.PERMANENT),
        *((status, None, {}, Kind.GONE) for status in (401, 403)),
        *((status, None, {}, Kind.PERMANENT) for status in (400, 404, 405, 413)),
        (429, None, {}, Kind.LIMITED),
        *((status, None, {}, Kind.TRANSIENT) for status in (408, 425, 302)),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504)),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return opened(base, 1.0)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        assert broken_limits(json.loads(request.body)) == []


class TestWhatsAppKeepsTheContractInAnOpenWindow(TestWhatsAppKeepsTheContract):
    """The kit once more, with session messages; 131047 then is answered by a template,
    which the same answer refuses."""

    def target(self, base: str = "") -> Target:
        """See the kit."""
        return replace(super().target(base), state={"window_until": 9_999_999_999_999})


def test_without_a_known_window_a_template_is_sent() -> None:
    outcome, (body,) = sent()

    assert outcome == Outcome(Kind.OK, message_id=WAMID, pause_ms=6_000)
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+41791234567",
        "type": "template",
        "template": {
            "name": "tocsin_alert",
            "language": {"code": "en_US"},
            "components": [
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "text": "🔴 checkout_5xx is in ALARM"},
                        {
                            "type": "text",
                            "text": "Seen 3 × · 4.2 % of calls fail since ∗14:01∗ · "
                            '*Value:* 4.2 % · {"a": 1}',
                        },
                    ],
                }
            ],
        },
        "biz_opaque_callback_data": ALARM.id,
    }


def test_the_call_names_number_version_and_token() -> None:
    with loopback.provider(loopback.answer(200, ACCEPTED)) as told:
        opened(told.base).send([ALARM], target(api_version="v23.0"))

    (request,) = told.requests
    assert request.path == "/v23.0/106540352242922/messages"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"


def test_in_an_open_window_a_text_is_sent() -> None:
    outcome, (body,) = sent(to=target(OPEN))

    assert outcome.kind is Kind.OK
    assert body["type"] == "text"
    assert body["text"] == {"preview_url": False, "body": TEXT}


@pytest.mark.parametrize(
    ("state", "given"),
    [
        ({}, {}),
        ({"window_until": NOW}, {}),
        ({"window_until": NOW + 60_000}, {}),
        ({"window_until": None}, {}),
        ({"window_until": True}, {}),
        ({"window_until": "tomorrow"}, {}),
        (OPEN, {"session": False}),
    ],
)
def test_a_window_that_is_closed_ends_soon_or_is_not_wanted_counts_for_nothing(
    state: dict[str, Any], given: dict[str, Any]
) -> None:
    _, bodies = sent(to=target(state, **given))

    assert [body["type"] for body in bodies] == ["template"]


def test_a_window_that_is_closed_after_all_is_met_by_the_template_at_once() -> None:
    told = (loopback.answer(400, error(131047)), loopback.answer(200, ACCEPTED))
    outcome, bodies = sent(to=target(OPEN), told=told)

    assert outcome.kind is Kind.OK
    assert [body["type"] for body in bodies] == ["text", "template"]
    assert outcome.outdated == OPEN


def test_a_window_that_is_open_stays_so() -> None:
    assert sent(to=target(OPEN))[0].outdated == {}


def test_a_picture_goes_along_with_its_words() -> None:
    pictured = replace(ALARM, picture="https://example.com/p.png")
    _, (body,) = sent(pictured, to=target(OPEN))

    assert body["type"] == "image"
    assert body["image"] == {"link": "https://example.com/p.png", "caption": TEXT}


@pytest.mark.parametrize(
    "changed", [{"picture": "http://example.com/p.png"}, {"body": Text("x" * 1500)}]
)
def test_a_picture_that_does_not_fit_is_left_out(changed: dict[str, Any]) -> None:
    one = replace(ALARM, **{"picture": "https://example.com/p.png", **changed})
    _, (body,) = sent(one, to=target(OPEN))

    assert body["type"] == "text"


@pytest.mark.parametrize("code", [131052, 131053])
def test_a_picture_that_whatsapp_cannot_take_does_not_cost_the_words(code: int) -> None:
    pictured = replace(ALARM, picture="https://example.com/p.png")
    told = (loopback.answer(400, error(code)), loopback.answer(200, ACCEPTED))
    outcome, bodies = sent(pictured, to=target(OPEN), told=told)

    assert outcome.kind is Kind.OK
    assert [body["type"] for body in bodies] == ["image", "text"]


@pytest.mark.parametrize("behaviour", [loopback.hang_up, loopback.answer(500)])
def test_nothing_that_may_have_been_taken_is_sent_in_another_form(
    behaviour: loopback.Behaviour,
) -> None:
    outcome, bodies = sent(to=target(OPEN), told=(behaviour,))

    assert outcome.kind in (Kind.UNKNOWN, Kind.TRANSIENT)
    assert len(bodies) == 1


def test_a_template_with_named_placeholders_and_a_picture() -> None:
    form = {
        "name": "tocsin_alert",
        "parameters": {"what": "title", "how_bad": "severity", "where": "link"},
        "picture": "https://example.com/logo.png",
    }
    _, (body,) = sent(to=target(template=form))
    _, (pictured,) = sent(
        replace(ALARM, picture="https://example.com/p.png"), to=target(template=form)
    )

    assert body["template"]["components"] == [
        {
            "type": "header",
            "parameters": [
                {"type": "image", "image": {"link": "https://example.com/logo.png"}}
            ],
        },
        {
            "type": "body",
            "parameters": [
                {"type": "text", "text": text, "parameter_name": name}
                for name, text in (
                    ("what", "🔴 checkout_5xx is in ALARM"),
                    ("how_bad", "high"),
                    ("where", "https://example.com/alarm"),
                )
            ],
        },
    ]
    header = pictured["template"]["components"][0]["parameters"][0]
    assert header["image"]["link"] == "https://example.com/p.png"


def test_a_template_without_placeholders_has_no_components() -> None:
    _, (body,) = sent(to=target(template={"name": "bell", "parameters": []}))

    assert body["template"] == {"name": "bell", "language": {"code": "en"}}


def test_what_is_not_there_is_a_dash_since_whatsapp_takes_no_empty_words() -> None:
    bare = replace(ALARM, url=None, severity="")
    form = {"name": "x", "parameters": ["link", "severity", "time", "source", "count"]}
    _, (body,) = sent(bare, to=target(template=form))

    assert parameters(body) == ["–", "–", "3 Nov 14:05 UTC", "Shop · aws · s0t1v2", "1"]
