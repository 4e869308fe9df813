"""SMS: a text through SNS, signed by our role, and nothing but words in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from hypothesis import given as drawn
from hypothesis import settings as pace
from hypothesis import strategies as st

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract
from tests.unit.channels.messages import AT, message
from tests.unit.channels.test_email_ses import SIGNED, signed
from tocsin.bootstrap import Ports
from tocsin.channels import channel
from tocsin.channels._aws import AwsHttp
from tocsin.channels.previewing import payload_of
from tocsin.channels.sms import Sms, texts
from tocsin.config import Environment
from tocsin.errors import Invalid, Unavailable
from tocsin.message import Fact, Link, Message, Text
from tocsin.ports import Aws, Channel, Kind, Outcome, Target

NUMBER = "+41791234567"
GIVEN: dict[str, Any] = {"number": NUMBER, "sender_id": "Tocsin"}
ID = "94f20ce6-13c5-43a0-9a9e-ca52d816e90b"
ACCEPTED = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
    f"<MessageId>{ID}</MessageId></PublishResult><ResponseMetadata><RequestId>"
    "f187a3c1</RequestId></ResponseMetadata></PublishResponse>"
).encode()
ALARM = Message(icon="🚨", title="checkout-5xx is in ALARM", colour=0, at=AT)
# Status, AWS's name, its words and what it comes to; from the documentation.
ERRORS: tuple[tuple[int, str, str, Kind], ...] = (
    (400, "InvalidParameter", "PhoneNumber is not valid", Kind.PERMANENT),
    (400, "InvalidParameterValue", "Hm", Kind.PERMANENT),
    (400, "ValidationException", "Hm", Kind.PERMANENT),
    (400, "SomethingNew", "Hm", Kind.PERMANENT),
    (400, "OptedOut", "Hm", Kind.GONE),
    (400, "InvalidParameter", "phone number is opted out", Kind.GONE),
    (403, "AuthorizationError", "not authorized", Kind.PERMANENT),
    (403, "AccessDenied", "not authorized", Kind.PERMANENT),
    (400, "Throttling", "Rate exceeded", Kind.LIMITED),
    (429, "Throttled", "Rate exceeded", Kind.LIMITED),
    (403, "ExpiredToken", "expired", Kind.TRANSIENT),
    (403, "InvalidSecurity", "Hm", Kind.TRANSIENT),
    (403, "SignatureDoesNotMatch", "does not match", Kind.TRANSIENT),
    (500, "InternalError", "Oh", Kind.TRANSIENT),
    (503, "ServiceUnavailable", "Oh", Kind.TRANSIENT),
)


def refusal(code: str, words: str) -> bytes:
    """As SNS answers it."""
    told = f"<Type>Sender</Type><Code>{code}</Code><Message>{words}</Message>"
    return f"<ErrorResponse><Error>{told}</Error></ErrorResponse>".encode()


def opened(base: str, region: str = "eu-central-1", *, seconds: float = 30.0) -> Sms:
    """The channel with so much time in all."""
    return Sms(AwsHttp(Aws(signed, base, region), total=seconds))


def target(**given: Any) -> Target:
    """A destination."""
    kept, secret = channel("sms").split({**GIVEN, **given})
    return Target("oncall", kept, secret)


def called(
    *messages: Message, told: loopback.Behaviour | None = None, **given: Any
) -> tuple[Outcome, list[loopback.Seen]]:
    """(outcome, requests) of one text."""
    with loopback.provider(told or loopback.answer(200, ACCEPTED)) as provider:
        outcome = opened(provider.base).send(messages or [ALARM], target(**given))
    return outcome, provider.requests


def fields_of(request: loopback.Seen) -> dict[str, str]:
    """The form of a call."""
    return dict(parse_qsl(request.body.decode("ascii"), strict_parsing=True))


class TestSmsKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "sms"
    given = GIVEN
    secret_parts = (SIGNED["Authorization"],)
    accepted = ACCEPTED
    answers = (
        (200, ACCEPTED, {}, Kind.OK),
        *(
            (status, refusal(code, told), {}, kind)
            for status, code, told, kind in ERRORS
        ),
        *((status, None, {}, Kind.PERMANENT) for status in (400, 401, 403, 404, 413)),
        (429, None, {}, Kind.LIMITED),
        *((status, None, {}, Kind.TRANSIENT) for status in (408, 425, 302)),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504)),
    )

    def open(self, base: str) -> Channel:
        """See the kit."""
        return channel("sms", base, Aws(signed, None, "eu-central-1"))

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return opened(base, seconds=1.0)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        text = fields_of(request)["Message"]
        assert 0 < texts.units(text) <= texts.LIMIT
        assert len(text.encode()) <= 1_600
        assert text.replace("\n", "").replace("\u200d", "").isprintable()


def test_a_text_is_published_to_the_number_and_signed() -> None:
    outcome, (request,) = called()

    assert outcome == Outcome(Kind.OK, message_id=ID)
    assert (request.method, request.path) == ("POST", "/")
    assert request.headers["authorization"] == SIGNED["Authorization"]
    where = "https://sns.eu-central-1.amazonaws.com/"
    assert request.headers["x-signed"] == f"sns eu-central-1 POST {where}"
    assert request.headers["content-type"].startswith(
        "application/x-www-form-urlencoded"
    )
    assert fields_of(request) == {
        "Action": "Publish",
        "Version": "2010-03-31",
        "PhoneNumber": NUMBER,
        "Message": "checkout-5xx is in ALARM",
        "MessageAttributes.entry.1.Name": "AWS.SNS.SMS.SMSType",
        "MessageAttributes.entry.1.Value.DataType": "String",
        "MessageAttributes.entry.1.Value.StringValue": "Transactional",
        "MessageAttributes.entry.2.Name": "AWS.SNS.SMS.SenderID",
        "MessageAttributes.entry.2.Value.DataType": "String",
        "MessageAttributes.entry.2.Value.StringValue": "Tocsin",
    }


def test_without_a_sender_none_is_named_and_another_region_is_called() -> None:
    _, (request,) = called(sender_id=None, region="us-west-2")

    assert "SenderID" not in str(parse_qs(request.body.decode()))
    assert request.headers["x-signed"].startswith("sns us-west-2 POST https://sns.us-w")


def test_everything_of_worth_is_said_in_order_and_without_marks() -> None:
    one = replace(
        ALARM,
        state_line="Since 14:05 · still open",
        body=Text("**5xx** above [the line](https://example.com/a)…", markup=True),
        facts=(Fact("Value", Text("7.25 > 5 %")), Fact("Service", Text("checkout"))),
        url="https://example.com/alarm",
    )

    assert texts.text_of(one) == (
        "checkout-5xx is in ALARM\n"
        "Since 14:05 - still open\n"
        "5xx above the line (https://example.com/a)...\n"
        "Value: 7.25 > 5 %\n"
        "Service: checkout\n"
        "https://example.com/alarm"
    )


def test_facts_go_from_the_end_and_title_state_and_link_stay() -> None:
    full = replace(
        message("word " * 400), title="Title", state_line="Still open", rank=1
    )
    text = texts.text_of(full)

    assert text.startswith("Title\nStill open\nword word")
    assert text.endswith("\nhttps://example.com/a")
    assert 1 <= text.count("word wo...: ") < 30


def test_a_link_that_acts_is_told_where_there_is_no_other() -> None:
    acts = Link("Acknowledge", "https://example.com/ack", acts=True)
    reads = Link("Open", "https://example.com/open")
    long = f"https://example.com/{'x' * texts.URL}"

    assert texts.text_of(replace(ALARM, links=(acts,))).endswith("/ack")
    assert texts.text_of(replace(ALARM, links=(acts, reads))).endswith("/open")
    assert texts.text_of(replace(ALARM, url=long, links=(acts,))).endswith("/ack")


def test_several_share_a_text_only_while_all_of_each_has_room() -> None:
    short, long = ALARM, replace(ALARM, body=Text("x" * 190))
    number = texts.fits([short] * 50)
    outcome, (request,) = called(*[short] * number)

    assert texts.units(texts.joined([short] * number)) <= texts.LIMIT
    assert texts.units(texts.joined([short] * (number + 1))) > texts.LIMIT
    assert fields_of(request)["Message"].count("checkout-5xx") == number
    assert outcome.kind is Kind.OK
    assert texts.fits([long] * 5) == 2
    refused, requests = called(*[long] * 3)
    assert (refused.kind, requests) == (Kind.PERMANENT, [])


@pace(max_examples=150)
@drawn(
    st.text(max_size=700),
    st.text(max_size=700),
    st.text(max_size=300),
    st.lists(st.tuples(st.text(max_size=200), st.text(max_size=300)), max_size=30),
    st.sampled_from(["", "https://example.com/", "https://example.com/" + "x" * 140]),
)
def test_no_text_is_ever_too_long_or_empty(
    title: str, body: str, state: str, facts: list[tuple[str, str]], url: str
) -> None:
    rows = tuple(Fact(name, Text(value, markup=True)) for name, value in facts)
    one = replace(ALARM, title=title, body=Text(body), state_line=state, url=url)
    text = texts.text_of(replace(one, facts=rows))

    assert 0 < texts.units(text) <= texts.LIMIT
    assert len(text.encode()) <= 1_600
    assert text.endswith(url)


def test_a_denial_says_what_to_set_and_not_whom_we_called() -> None:
    words = f"User is not authorized to perform SNS:Publish on {NUMBER} &amp; so on"
    told = loopback.answer(403, refusal("AuthorizationError", words))
    outcome, _ = called(told=told)

    assert outcome.kind is Kind.PERMANENT
    assert "AllowSms" in outcome.reason
    assert "on … & so on" in outcome.reason
    assert NUMBER not in outcome.reason


def test_what_aws_repeats_of_a_signed_request_is_not_shown() -> None:
    words = "x-amz-security-token:FwoGZXIvYXdzEXAMPLE"
    told = loopback.answer(403, refusal("SignatureDoesNotMatch", words))

    assert "FwoGZXIvYXdz" not in called(told=told)[0].reason


def test_a_limit_is_waited_out() -> None:
    body = refusal("Throttling", "Rate exceeded")
    plain = called(told=loopback.answer(400, body))[0]
    named = called(told=loopback.answer(400, body, {"Retry-After": "7"}))[0]

    assert (plain.wait_ms, named.wait_ms) == (5_000, 7_000)


def test_an_answer_is_read_and_nothing_in_it_resolved() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><MessageId>&a;</MessageId>'

    assert called(told=loopback.answer(200, bomb))[0] == Outcome(Kind.OK)


def test_a_probe_asks_for_an_opt_out_and_sends_nothing() -> None:
    left = b"<isOptedOut>true</isOptedOut>"
    with loopback.provider(loopback.answer(200, left)) as told:
        probe = opened(told.base).probe(target())

    assert not probe.ok
    assert "opted out" in probe.reason
    assert fields_of(told.requests[0]) == {
        "Action": "CheckIfPhoneNumberIsOptedOut",
        "Version": "2010-03-31",
        "phoneNumber": NUMBER,
    }


def test_without_aws_a_region_or_credentials_it_says_so_and_calls_nobody() -> None:
    def lacking(*_given: Any, **_named: Any) -> dict[str, str]:
        raise Unavailable("sign: no AWS credentials")

    with loopback.provider(loopback.answer(200, ACCEPTED)) as told:
        nowhere = opened(told.base, "").send([ALARM], target())
        unsigned = Sms(AwsHttp(Aws(lacking, told.base, "eu-central-1")))
        outcome = unsigned.send([ALARM], target())

    assert told.requests == []
    assert "region" in nowhere.reason
    assert outcome.kind is Kind.TRANSIENT
    assert "within AWS" in channel("sms").send([ALARM], target()).reason


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_function_sends_from_its_own_region(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for each in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(each, raising=False)
    nowhere = Ports(Environment(table="t")).aws.region
    monkeypatch.setenv(variable, "eu-north-1")

    assert nowhere == ""
    assert Ports(Environment(table="t")).aws.region == "eu-north-1"


def test_settings_are_kept_in_one_form() -> None:
    kept, secret = channel("sms").split({"number": "+41 (79) 123-45.67"})

    assert kept == {"number": NUMBER}
    assert secret
    assert channel("sms").split(kept) == (kept, secret)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"number": "0791234567"}, "number"),
        ({"number": "+0791234567"}, "number"),
        ({"number": "+4179123456789012"}, "number"),
        ({"number": "+4179123x567"}, "number"),
        ({"number": f"{NUMBER}\nx"}, "number"),
        ({"number": 41791234567}, "number"),
        ({"number": "arn:aws:sns:us-east-1:123456789012:topic"}, "number"),
        ({"number": None}, "number"),
        ({"region": "Frankfurt"}, "region"),
        ({"region": "eu-central-1.evil.example"}, "region"),
        ({"sender_id": "123456"}, "sender_id"),
        ({"sender_id": ""}, "sender_id"),
        ({"sender_id": "TwelveSigns1"}, "sender_id"),
        ({"sender_id": "a b"}, "sender_id"),
        ({"topic": "arn:aws:sns:us-east-1:123456789012:topic"}, "topic"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        channel("sms").split({**GIVEN, **given})

    assert [fault.field for fault in caught.value.faults] == [field]
    told = str(given[field])
    assert not told or told not in caught.value.faults[0].reason


@pytest.mark.parametrize("sender", ["A", "1234567890a", "TOCSIN", "a1"])
def test_a_sender_is_letters_and_digits_with_a_letter(sender: str) -> None:
    assert target(sender_id=sender).settings["sender_id"] == sender


def test_a_preview_is_what_is_sent_and_tells_the_number_to_few() -> None:
    found = payload_of("sms", ALARM, target().settings)
    _, (request,) = called()

    assert found.content == fields_of(request)
    assert NUMBER not in str(found.unaddressed.content)
