"""Email through SES: every answer of SES, against a provider on loopback."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract
from tests.unit.channels.messages import AT, message
from tocsin.aws.signing import sign
from tocsin.channels import channel
from tocsin.channels._aws import AwsHttp, Endpoint
from tocsin.channels.email import Email
from tocsin.channels.email.pool import Pool
from tocsin.errors import Invalid, Unavailable
from tocsin.message import Message, Text
from tocsin.ports import Aws, Channel, Kind, Outcome, Target

GIVEN = {
    "via": "ses",
    "region": "eu-central-1",
    "from": "Tocsin <alerts@example.com>",
    "to": ["ops@example.org", "oncall@example.org"],
}
MAIL_ID = "0100019234abcdef-1-000000"
ACCEPTED = {"MessageId": MAIL_ID, "VerifiedForSendingStatus": True}
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/x"}
ALARM = Message(
    icon="🔴",
    title="checkout-5xx is in ALARM",
    colour=0xFF4D00,
    at=AT,
    body=Text("4.2 % of calls fail"),
    thread="checkout",
    id="01jd8zq3k4m5n6p7q8r9s0t1v2-mail",
)
# Kind by AWS's name for it, from the documentation rather than from the code.
ERRORS: tuple[tuple[int, str, str, Kind], ...] = (
    (429, "TooManyRequestsException", "Too many requests", Kind.LIMITED),
    (400, "ThrottlingException", "Maximum sending rate exceeded.", Kind.LIMITED),
    (454, "Throttling", "Daily message quota exceeded.", Kind.LIMITED),
    (400, "LimitExceededException", "Too many of something", Kind.LIMITED),
    (400, "SendingPausedException", "Paused", Kind.TRANSIENT),
    (400, "AccountSuspendedException", "Suspended", Kind.GONE),
    (400, "MessageRejected", "Email address is not verified.", Kind.PERMANENT),
    (400, "MailFromDomainNotVerifiedException", "No MX", Kind.PERMANENT),
    (404, "NotFoundException", "Configuration set x", Kind.PERMANENT),
    (400, "BadRequestException", "Missing final '@domain'", Kind.PERMANENT),
    (403, "AccessDeniedException", "not authorized", Kind.PERMANENT),
    (403, "ExpiredTokenException", "expired", Kind.TRANSIENT),
    (403, "InvalidSignatureException", "does not match", Kind.TRANSIENT),
    (403, "SignatureDoesNotMatch", "does not match", Kind.TRANSIENT),
    (403, "UnrecognizedClientException", "invalid", Kind.TRANSIENT),
    (403, "RequestExpired", "expired", Kind.TRANSIENT),
    (500, "InternalFailure", "Oh", Kind.TRANSIENT),
    (503, "ServiceUnavailable", "Oh", Kind.TRANSIENT),
    (400, "SomethingNew", "Hm", Kind.PERMANENT),
)


def signed(
    service: str,
    region: str,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
) -> dict[str, str]:
    """As a role would, without one."""
    return {**headers, **SIGNED, "X-Signed": f"{service} {region} {method} {url}"}


def opened(base: str, seconds: float = 30.0) -> Email:
    """The channel with so much time in all."""
    return Email(Pool(total=seconds), AwsHttp(Aws(signed, base), total=seconds))


def target(**given: Any) -> Target:
    """A destination."""
    kept, secret = channel("email").split({**GIVEN, **given})
    return Target("mail", kept, secret)


def called(
    *told: loopback.Behaviour, **given: Any
) -> tuple[Outcome, list[loopback.Seen]]:
    """(outcome, requests) of one mail."""
    with loopback.provider(*told or (loopback.answer(200, ACCEPTED),)) as provider:
        outcome = opened(provider.base).send([ALARM], target(**given))
    return outcome, provider.requests


def refused(code: str, words: str = "Words", status: int = 400) -> Outcome:
    """The outcome of a refusal."""
    named = {"x-amzn-errortype": f"{code}:http://internal.amazon.com/"}
    return called(loopback.answer(status, {"message": words}, named))[0]


def mail_of(request: loopback.Seen) -> EmailMessage:
    """The mail in a call."""
    raw = b64decode(json.loads(request.body)["Content"]["Raw"]["Data"], validate=True)
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


class TestEmailThroughSesKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "email"
    given = GIVEN
    secret_parts = (SIGNED["Authorization"],)
    accepted = ACCEPTED
    answers = (
        (200, ACCEPTED, {}, Kind.OK),
        *(
            (status, {"message": words}, {"x-amzn-errortype": name}, kind)
            for status, name, words, kind in ERRORS
        ),
        *(
            (status, {"__type": f"com.amazonaws#{name}", "Message": words}, {}, kind)
            for status, name, words, kind in ERRORS
        ),
        *((status, None, {}, Kind.PERMANENT) for status in (400, 401, 403, 404, 413)),
        (429, None, {}, Kind.LIMITED),
        *((status, None, {}, Kind.TRANSIENT) for status in (408, 425, 302)),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504)),
    )

    def open(self, base: str) -> Channel:
        """See the kit."""
        return channel("email", None, Aws(signed, base))

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return opened(base, 1.0)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        mail = mail_of(request)
        assert mail["To"] == "ops@example.org, oncall@example.org"
        assert len(request.body) < 400_000


def test_a_mail_is_handed_over_whole_and_signed() -> None:
    outcome, (request,) = called(configuration_set="alerts")
    told = json.loads(request.body)
    mail = mail_of(request)

    assert outcome == Outcome(Kind.OK, message_id=MAIL_ID)
    assert (request.method, request.path) == ("POST", "/v2/email/outbound-emails")
    assert request.headers["authorization"] == SIGNED["Authorization"]
    assert request.headers["x-signed"] == (
        "ses eu-central-1 POST "
        "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails"
    )
    assert {name: told[name] for name in told if name != "Content"} == {
        "FromEmailAddress": "alerts@example.com",
        "Destination": {"ToAddresses": ["ops@example.org", "oncall@example.org"]},
        "ConfigurationSetName": "alerts",
    }
    assert mail["Subject"] == "🔴 checkout-5xx is in ALARM"
    assert mail["From"] == "Tocsin <alerts@example.com>"
    assert mail["In-Reply-To"] == mail["References"]
    assert [part.get_content_type() for part in mail.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize(
    ("given", "post"),
    [
        ("https://example.com/off?d=mail", "List-Unsubscribe=One-Click"),
        ("mailto:off@example.com?subject=off", None),
    ],
)
def test_who_wants_no_more_of_these_finds_where_to_say_so(
    given: str, post: str | None
) -> None:
    _, (request,) = called(unsubscribe=given)
    mail = mail_of(request)

    assert mail["List-Unsubscribe"] == f"<{given}>"
    assert mail["List-Unsubscribe-Post"] == post


@pytest.mark.parametrize(
    ("code", "words", "wait"),
    [
        ("TooManyRequestsException", "Maximum sending rate exceeded.", 5_000),
        ("ThrottlingException", "Daily message quota exceeded.", 3_600_000),
        ("LimitExceededException", "Too many", 3_600_000),
    ],
)
def test_a_rate_is_waited_out_in_seconds_and_a_quota_in_hours(
    code: str, words: str, wait: int
) -> None:
    assert refused(code, words).wait_ms == wait


def test_a_refusal_says_what_ses_says_and_what_to_do() -> None:
    words = "Email address is not verified: a@b.example"
    outcome = refused("MessageRejected", words)

    assert outcome.reason == (
        f"SES refuses the mail (MessageRejected; {words}): verify sender, and in the "
        "sandbox every recipient of mail, in eu-central-1; then replay"
    )
    assert "SesIdentities" in refused("AccessDeniedException", status=403).reason


def test_what_aws_repeats_of_a_signed_request_is_not_shown() -> None:
    words = "should have been: x-amz-security-token:FwoGZXIvYXdzEXAMPLE"
    outcome = refused("SignatureDoesNotMatch", words, 403)

    assert outcome.kind is Kind.TRANSIENT
    assert "FwoGZXIvYXdz" not in outcome.reason


def test_without_credentials_nothing_is_sent_and_it_is_tried_again() -> None:
    def lacking(*_given: Any, **_named: Any) -> dict[str, str]:
        raise Unavailable("sign: no AWS credentials")

    with loopback.provider(loopback.answer(200, ACCEPTED)) as told:
        mail = Email(Pool(), AwsHttp(Aws(lacking, told.base)))
        outcome = mail.send([ALARM], target())

    assert outcome.kind is Kind.TRANSIENT
    assert "credentials" in outcome.reason
    assert told.requests == []


def test_a_process_without_aws_says_so() -> None:
    alone = channel("email")

    assert alone.send([ALARM], target()).kind is Kind.PERMANENT
    assert "within AWS" in alone.probe(target()).reason


def test_one_channel_sends_both_ways() -> None:
    kept, secret = channel("email").split(
        {"host": "smtp.example.com", "from": "a@example.com", "to": "b@example.com"}
    )
    smtp = Target("old", kept, secret)

    with loopback.deaf_port() as base:
        both = Email(Pool(("127.0.0.1", int(base.rpartition(":")[2])), total=1.0))
        assert "mail server" in both.send([ALARM], smtp).reason
        assert "SES" in both.send([ALARM], target()).reason


def test_a_destination_that_was_pointed_elsewhere_is_put_again() -> None:
    one = target()
    moved = replace(one, settings={**one.settings, "region": "us-east-1"})
    outcome = opened("http://127.0.0.1:1").send([ALARM], moved)

    assert outcome.kind is Kind.PERMANENT
    assert "put" in outcome.reason


def probed(*told: tuple[int, Any]) -> tuple[Any, list[str]]:
    """(what a probe says, the paths asked)."""
    behaviours = [loopback.answer(status, body) for status, body in told]
    with loopback.provider(*behaviours) as provider:
        probe = opened(provider.base).probe(target())
    assert {request.method for request in provider.requests} == {"GET"}
    return probe, [
        request.path.removeprefix("/v2/email") for request in provider.requests
    ]


def test_a_probe_asks_for_the_address_then_the_domain_and_sends_nothing() -> None:
    probe, paths = probed((404, {}), (200, {"VerifiedForSendingStatus": True}))

    assert probe.ok
    assert probe.reason == "SES sends for example.com"
    assert probe.details == {"identity": "example.com", "region": "eu-central-1"}
    assert paths == ["/identities/alerts%40example.com", "/identities/example.com"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (((404, {}), (404, {})), "does not know example.com"),
        (((200, {"VerifiedForSendingStatus": False}),), "verify it"),
        (((404, {}), (403, {})), "SesIdentities"),
        (((500, {}),), "a problem of its own"),
    ],
)
def test_a_probe_says_what_is_missing(
    told: tuple[tuple[int, Any], ...], words: str
) -> None:
    probe, _ = probed(*told)

    assert not probe.ok
    assert words in probe.reason


def test_settings_are_kept_in_one_form() -> None:
    kept, secret = channel("email").split(GIVEN)

    assert secret == "ses://eu-central-1"
    assert kept == GIVEN
    assert channel("email").split(kept) == (kept, secret)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"via": "pigeon"}, "via"),
        ({"region": "Frankfurt"}, "region"),
        ({"region": "eu-central-1.evil.example"}, "region"),
        ({"host": "smtp.example.com"}, "host"),
        ({"password": "hunter2hunter2"}, "password"),
        ({"from": "alerts"}, "from"),
        ({"to": []}, "to"),
        ({"configuration_set": "a b"}, "configuration_set"),
        ({"unsubscribe": "http://example.com"}, "unsubscribe"),
        ({"unsubscribe": "https://example.com/>\r\nBcc: x@y.z"}, "unsubscribe"),
        ({"unsubscribe": "https://example.com/a,b"}, "unsubscribe"),
        ({"unsubscribe": "mailto:nobody"}, "unsubscribe"),
        ({"unsubscribe": "https://example.com/" + "x" * 900}, "unsubscribe"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        channel("email").split({**GIVEN, **given})

    assert field in {fault.field.partition(".")[0] for fault in caught.value.faults}
    assert "hunter2" not in f"{caught.value.detail}{caught.value.faults}"


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "email.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "email.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "email.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_each_region_has_its_host(region: str, host: str) -> None:
    assert Endpoint("email", "ses", region).host == host


@pytest.mark.parametrize(
    "url",
    [
        "https://email.evil.example/",
        "https://email.eu-central-1.amazonaws.com.evil.example/",
        "https://evil.example/?email.eu-central-1.amazonaws.com",
        "https://sts.eu-central-1.amazonaws.com/",
        "https://u@email.eu-central-1.amazonaws.com/",
        "http://email.eu-central-1.amazonaws.com/",
        "https://email.eu-central-1.amazonaws.com:8443/",
    ],
)
def test_no_other_host_is_ever_called(url: str) -> None:
    with loopback.provider(loopback.answer(200, {})) as told:
        answer = AwsHttp(Aws(signed, told.base)).call("GET", url)

    assert getattr(answer, "kind", None) is Kind.PERMANENT
    assert told.requests == []


def test_the_signature_names_service_region_and_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-of-the-role")
    url = "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails"
    kind = {"Content-Type": "application/json"}
    headers = sign("ses", "eu-central-1", "POST", url, kind, b"{}")

    named = {name.lower(): value for name, value in headers.items()}
    assert named["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-central-1/ses/aws4_request" in named["authorization"]
    assert "wJalrXUtnFEMI" not in str(headers)
    assert named["x-amz-security-token"] == "token-of-the-role"
    assert named["content-type"] == "application/json"


def test_hostile_words_cannot_add_a_header() -> None:
    title = "x\r\nBcc: evil@example.com\r\n\r\nbody"
    with loopback.provider(loopback.answer(200, ACCEPTED)) as told:
        opened(told.base).send([replace(message(title), id="a")], target())

    assert mail_of(told.requests[0])["Bcc"] is None
