"""Discord's interactions: buttons in messages, what is read of a press, what is said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.channels import loopback
from tests.unit.channels.messages import HOSTILE, message
from tests.unit.discord_limits import broken_limits
from tocsin.channels import channel
from tocsin.channels.discord import encoding, interactions
from tocsin.channels.discord.settings import Settings
from tocsin.errors import Invalid, Malformed
from tocsin.events import Event
from tocsin.message import Link, Message, Press
from tocsin.notification import Notification
from tocsin.ports import Editor, Kind, Outcome, Target

KEY = "0123456789abcdef" * 4
URL = "https://discord.com/api/webhooks/112233445566778899/token-of-a-webhook"
PRESSES = (Press("Acknowledge", "ack:1"), Press("Resolve", "resolve:1"))
LINKS = (
    Link("Acknowledge", "https://t.example.com/a/x", acts=True),
    Link("Runbook", "https://example.com/run"),
)
OPEN = replace(message("db down"), links=LINKS, presses=PRESSES)


def payload(*messages: Message, **settings: Any) -> dict[str, Any]:
    own = Settings.model_validate(settings)
    told: dict[str, Any] = json.loads(encoding.encoded(messages, own, None).body)
    return told


def labels(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (button["label"], button.get("custom_id") or button["url"])
        for row in told.get("components", ())
        for button in row["components"]
    ]


def test_an_application_s_webhook_has_buttons_that_act_in_place_of_the_link() -> None:
    told = payload(OPEN, public_key=KEY)

    assert labels(told) == [
        ("Acknowledge", "ack:1"),
        ("Resolve", "resolve:1"),
        ("Runbook", "https://example.com/run"),
    ]
    assert "/a/x" not in json.dumps(told)
    assert not broken_limits(json.dumps(told).encode())


def test_a_plain_webhook_keeps_the_link() -> None:
    assert labels(payload(OPEN)) == [(link.label, link.url) for link in LINKS]


def test_without_link_buttons_those_that_act_stay_and_links_are_words() -> None:
    told = payload(OPEN, public_key=KEY, buttons=False)

    assert labels(told) == [(press.label, press.name) for press in PRESSES]
    assert "https://example.com/run" in json.dumps(told["embeds"])


def test_several_notifications_in_one_message_have_no_buttons() -> None:
    assert labels(payload(OPEN, OPEN, public_key=KEY)) == []


def test_an_edit_takes_buttons_away_that_have_nothing_left_to_do() -> None:
    over = replace(OPEN, presses=(), links=())
    own = Settings(public_key=KEY)

    assert json.loads(encoding.edited([over], own, None).body)["components"] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_no_message_with_buttons_breaks_a_limit(text: str) -> None:
    told = payload(replace(message(text), presses=PRESSES), public_key=KEY)

    assert not broken_limits(json.dumps(told).encode())


@pytest.mark.parametrize("key", ["", "abc", KEY + "0", "g" * 64, 7])
def test_what_is_no_public_key_is_refused_by_name(key: object) -> None:
    with pytest.raises(Invalid) as caught:
        channel("discord").split({"url": URL, "public_key": key})

    assert [fault.field for fault in caught.value.faults] == ["public_key"]


@pytest.mark.parametrize(("application", "ok"), [("42", True), (None, False)])
def test_the_status_says_when_the_webhook_is_no_application_s(
    application: str | None, ok: bool
) -> None:
    body = {"id": "1", "type": 1, "application_id": application}
    with loopback.provider(loopback.answer(200, body)) as told:
        opened = channel("discord", told.base)
        probe = opened.probe(Target("ops", {"public_key": KEY.upper()}, URL))

    assert probe.ok is ok
    assert ok or "application" in probe.reason


NO_COMPONENTS = {
    "message": "Invalid Form Body",
    "code": 50035,
    "errors": {"components": {"0": {"_errors": [{"code": "COMPONENT_TYPE_INVALID"}]}}},
}
TAKEN = {"id": "9", "channel_id": "7"}


def sent(*behaviours: loopback.Behaviour, times: int = 1) -> tuple[Outcome, list[Any]]:
    """(the last outcome, the labels and targets in each call) of messages with
    buttons to one webhook."""
    with loopback.provider(*behaviours) as told:
        opened = channel("discord", told.base)
        for _ in range(times):
            outcome = opened.send([OPEN], Target("ops", {"public_key": KEY}, URL))
    return outcome, [labels(json.loads(each.body)) for each in told.requests]


def test_a_webhook_that_is_no_application_s_gets_links_in_the_same_delivery() -> None:
    refusal = loopback.answer(400, NO_COMPONENTS)
    outcome, calls = sent(refusal, loopback.answer(200, TAKEN), times=2)

    plain = [(link.label, link.url) for link in LINKS]
    assert outcome.kind is Kind.OK
    assert outcome.message_id == "9"
    assert "no application" in outcome.reason
    # The second message is not tried with buttons any more.
    assert [call == plain for call in calls] == [False, True, True]


def test_an_edit_falls_back_to_links_too() -> None:
    behaviours = loopback.answer(400, NO_COMPONENTS), loopback.answer(200, TAKEN)
    with loopback.provider(*behaviours) as told:
        opened = channel("discord", told.base)
        assert isinstance(opened, Editor)
        target = Target("ops", {"public_key": KEY}, URL)
        outcome = opened.edit([OPEN], target, "9", "7")

    assert outcome.kind is Kind.OK
    assert [request.method for request in told.requests] == ["PATCH", "PATCH"]
    assert b"/a/x" in told.requests[-1].body


@pytest.mark.parametrize(
    "fault", [{**NO_COMPONENTS, "errors": {"embeds": {}}}, {"code": 50006}, []]
)
def test_other_refusals_are_not_tried_again(fault: Any) -> None:
    outcome, calls = sent(loopback.answer(400, fault))

    assert outcome.kind is Kind.PERMANENT
    assert len(calls) == 1


def test_links_that_are_refused_too_are_no_reason_to_keep_to_links() -> None:
    refusal = loopback.answer(400, NO_COMPONENTS)
    answers = (refusal, refusal, loopback.answer(200, TAKEN))
    outcome, calls = sent(*answers, times=2)

    assert outcome.kind is Kind.OK
    assert outcome.reason == ""
    assert calls[2] == calls[0]


def test_a_press_is_read_with_who_and_where() -> None:
    body = {
        "type": 3,
        "channel_id": "7",
        "data": {"custom_id": "ack:1", "component_type": 2},
        "member": {"user": {"id": "5", "username": "ann", "global_name": "Boss"}},
    }
    came = interactions.read(json.dumps(body).encode())

    assert came == interactions.Interaction(
        pressed="ack:1", actor="ann (Discord)", place="7"
    )


def test_a_name_cannot_break_out_of_its_line() -> None:
    body = {"type": 3, "user": {"username": "a\nb" + "x" * 100}}
    actor = interactions.read(json.dumps(body).encode()).actor

    assert "\n" not in actor
    assert len(actor) <= interactions.NAME + len(" (Discord)")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"1", b"\xff"])
def test_what_is_no_interaction_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        interactions.read(body)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "data", "member", "user", "options", "name", "custom_id"]
                ),
                inner,
            )
        ),
        max_leaves=12,
    ).map(lambda value: {"type": 2, "data": value, "member": value})
)
def test_any_fields_are_read_without_a_fault(body: dict[str, Any]) -> None:
    came = interactions.read(json.dumps(body).encode())

    assert came.actor.endswith("(Discord)")


@pytest.mark.parametrize("text", HOSTILE)
def test_the_list_of_what_is_open_fits_and_pings_nobody(text: str) -> None:
    row = Notification(
        id="1",
        event=Event(
            type="t",
            title=text.encode("utf-8", "ignore").decode()[:200].strip() or "x",
            state="firing",
        ),
        fingerprint="f",
        state="firing",
        sender="app",
        accepted_at=1_700_000_000_000,
        last_at=1_700_000_000_000,
        occurrences=3,
        ack_at=1,
        ack_by=text,
    )
    told = interactions.told(interactions.listed([row] * 12, more=True))["data"]

    assert len(told["content"]) <= 2000
    assert told["allowed_mentions"] == {"parse": []}
    assert told["flags"] == 64
    assert told["content"].count("<t:1700000000:R>") >= 1
