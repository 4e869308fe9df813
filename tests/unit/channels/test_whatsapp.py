"""WhatsApp: the channel as a whole, against Meta's Graph API on loopback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract, impatient
from tests.unit.channels.messages import AT, HOSTILE, message
from tocsin.channels import channel
from tocsin.channels.whatsapp import HOST, WhatsApp, answers, drafts, words
from tocsin.errors import Invalid
from tocsin.message import Fact, Link, Message, Text
from tocsin.ports import Channel, Kind, Outcome, Target

TOKEN = "EAAJB1n2c3D4e5F6g7H8" + "ZxCvBnM9" * 20
GIVEN = {
    "token": TOKEN,
    "phone_number_id": "106540352242922",
    "to": "+41 79 123 45 67",
    "template": {"name": "tocsin_alert", "language": "en_US"},
}
WAMID = "wamid.HBgLNDE3OTEyMzQ1NjcVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+41791234567", "wa_id": "41791234567"}],
    "messages": [{"id": WAMID, "message_status": "accepted"}],
}
NOW = 1_800_000_000_000
OPEN = {"window_until": NOW + 3_600_000}
ALARM = Message(
    icon="🔴",
    title="checkout_5xx is in ALARM",
    colour=0xFF4D00,
    at=AT,
    url="https://example.com/alarm",
    body=Text("4.2 % of calls fail\nsince *14:01*"),
    code='{"a": 1}',
    facts=(Fact("Value", Text("4.2 %")),),
    state_line="Seen 3 ×",
    links=(Link("Runbook", "http://wiki/r"), Link("Odd", "javascript:alert(1)")),
    footer="Shop · aws · s0t1v2",
    rank=5,
    id="01jd8zq3k4m5n6p7q8r9s0t1v2-oncall",
    state="firing",
    type="aws.cloudwatch.alarm",
    severity="high",
)
RED, YELLOW = "🔴 checkout_5xx is in ALARM", "🟡 disk is filling"
TEXT = """*🔴 checkout_5xx is in ALARM*
Seen 3 ×

4.2 % of calls fail
since ∗14:01∗

*Value:* 4.2 %

```{"a": 1}```

Open: https://example.com/alarm
Runbook: http://wiki/r

Shop · aws · s0t1v2 · 3 Nov 14:05 UTC"""
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


def error(code: int, **more: Any) -> dict[str, Any]:
    """An error as the Graph API tells it."""
    data = {"messaging_product": "whatsapp", "details": f"Details of {code}."}
    told = {"message": f"(#{code}) Title", "type": "OAuthException", "code": code}
    return {"error": {**told, "error_data": data, "fbtrace_id": "Az8or2yhq", **more}}


def opened(base: str) -> WhatsApp:
    """The channel with a second in all, at a fixed moment."""
    return WhatsApp(impatient(frozenset({HOST}), base), lambda: NOW)


def target(state: Mapping[str, Any] | None = None, **changed: Any) -> Target:
    """A destination."""
    kept, secret = channel("whatsapp").split({**GIVEN, **changed})
    return Target("oncall", kept, secret, state or {})


def sent(
    *messages: Message,
    to: Target | None = None,
    told: tuple[loopback.Behaviour, ...] = (loopback.answer(200, ACCEPTED),),
) -> tuple[Outcome, list[dict[str, Any]]]:
    """(outcome, the bodies of all calls)."""
    with loopback.provider(*told) as provider:
        outcome = opened(provider.base).send(messages or [ALARM], to or target())
    return outcome, [json.loads(request.body) for request in provider.requests]


def parameters(body: dict[str, Any]) -> list[str]:
    """What the placeholders of a template say."""
    (component,) = [
        one for one in body["template"]["components"] if one["type"] == "body"
    ]
    return [one["text"] for one in component["parameters"]]


def broken_limits(body: dict[str, Any]) -> list[str]:
    """What WhatsApp would refuse."""
    said = {
        "product": body["messaging_product"] == "whatsapp",
        "to": body["to"] == "+41791234567",
        "callback": len(body.get("biz_opaque_callback_data", "x")) <= 512,
    }
    if body["type"] == "text":
        text = body["text"]["body"]
        said["text"] = 1 <= words.units(text) <= 4096
    elif body["type"] == "image":
        said["caption"] = 1 <= words.units(body["image"]["caption"]) <= 1024
    else:
        told = parameters(body)
        said |= {
            "empty": all(text.strip() for text in told),
            "lines": not any(set(text) & set("\n\t\r") for text in told),
            "spaces": not any("     " in text for text in told),
            "sum": sum(map(words.units, told)) <= 1024,
        }
    return [name for name, good in said.items() if not good]


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
        return opened(base)

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


def test_several_are_named_in_a_template_and_told_whole_in_a_window() -> None:
    low = replace(ALARM, icon="🟡", title="disk is filling", rank=2, id="b-oncall")
    _, (template,) = sent(low, ALARM, low)
    _, (text,) = sent(low, ALARM, to=target(OPEN))

    assert parameters(template) == [
        "3 notifications: 🔴 checkout_5xx is in ALARM · 🟡 disk is filling, +1",
        " • ".join(
            [f"{RED} – Seen 3 ×", f"{YELLOW} – Seen 3 ×", f"{YELLOW} – Seen 3 ×"]
        ),
    ]
    assert template["biz_opaque_callback_data"] == f"b-oncall,{ALARM.id},b-oncall"
    assert text["text"]["body"].startswith(TEXT)
    assert "*🟡 disk is filling*" in text["text"]["body"]


def test_ten_short_ones_fit_and_ten_long_ones_do_not() -> None:
    fits = channel("whatsapp").fits

    assert fits([replace(ALARM, state_line=None)] * 20) == 10
    assert fits([replace(ALARM, title="x" * 300)] * 20) == 3
    assert opened("http://127.0.0.1:1").send([ALARM] * 11, target()).kind is (
        Kind.PERMANENT
    )


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("markup", [False, True])
@pytest.mark.parametrize("state", [{}, OPEN])
def test_hostile_words_fit(text: str, markup: bool, state: dict[str, Any]) -> None:
    one = replace(message(text, markup=markup), id=text[:200])
    _, bodies = sent(one, to=target(state))
    _, several = sent(*[one] * 10, to=target(state))

    assert [broken_limits(body) for body in (*bodies, *several)] == [[], []]


def test_the_least_important_goes_first() -> None:
    long = replace(ALARM, code="c" * 5_000, body=Text("b" * 3_500))
    _, (body,) = sent(long, to=target(OPEN))
    text = body["text"]["body"]

    assert words.units(text) <= 4096
    assert text.startswith("*🔴 checkout_5xx is in ALARM*\nSeen 3 ×\n\n" + "b" * 3_500)
    assert "Shop" not in text
    assert "https://example.com/alarm" in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("*b* _i_ ~s~ `c` ```p```", "∗b∗ ˍiˍ ∼s∼ ˋcˋ ˋˋˋpˋˋˋ"),
        ("db_main_1 5*3 a~b", "db_main_1 5*3 a~b"),
        ("x*b*y *z", "x*b*y ∗z"),
        ("中*文*中", "中∗文∗中"),
        ("> q\n- l\n* m\n1. n", "› q\n– l\n∗ m\n1. n"),
    ],
)
def test_a_stranger_s_marks_are_signs(given: str, shown: str) -> None:
    assert words.inert(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("**b** and __b__", "*b* and *b*"),
        ("*i* and _i_ and ~~s~~", "_i_ and _i_ and ~s~"),
        ("# Head #\ntext", "*Head*\ntext"),
        ("[Wiki](https://e.example/a)", "Wiki (https://e.example/a)"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![p](https://e.example/p.png)", "p (https://e.example/p.png)"),
        ("5 * 3 * 2", "5 * 3 * 2"),
    ],
)
def test_the_sender_s_own_markdown_is_translated(given: str, shown: str) -> None:
    assert words.styled(given) == shown


def test_nothing_ends_a_code_block_or_a_title() -> None:
    one = replace(ALARM, code="a```b", title="x* y\n*z")
    _, (body,) = sent(one, to=target(OPEN))

    assert "```aˋˋˋb```" in body["text"]["body"]
    assert body["text"]["body"].startswith("*🔴 x∗ y ∗z*\n")


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
