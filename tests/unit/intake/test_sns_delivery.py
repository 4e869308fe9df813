"""SNS over HTTPS: only what SNS signed for an allowed topic is believed, and nothing
is fetched for anyone else."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.notice import FakeNotice
from tests.fakes.sns import NOW, pem, signed, stamp
from tests.unit.channels.loopback import answer, provider
from tocsin.aws.sns_pages import SnsPages
from tocsin.errors import Forbidden, Invalid, Refused, Unauthorized, Unavailable
from tocsin.intake.sns import read_notification
from tocsin.intake.sns_delivery import OLDEST, Delivery, host_of, read_delivery
from tocsin.subscribing import settle

TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms"
HOST = "sns.eu-central-1.amazonaws.com"
CERT = f"https://{HOST}/SimpleNotificationService-{'ab' * 16}.pem"
JSON = dict[str, Any]


def notification(**more: Any) -> JSON:
    return {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Subject": "Größe",
        "Message": "line 1\nline 2",
        "Timestamp": stamp(),
        "SigningCertURL": CERT,
        "UnsubscribeURL": f"https://{HOST}/?Action=Unsubscribe",
        "MessageAttributes": {"severity": {"Type": "String", "Value": "critical"}},
        **more,
    }


def confirmation(kind: str = "SubscriptionConfirmation", **more: Any) -> JSON:
    return {
        "Type": kind,
        "MessageId": "m-2",
        "TopicArn": TOPIC,
        "Token": "t0ken&x=1",
        "Message": "You have chosen to subscribe ...",
        "SubscribeURL": f"https://{HOST}/?Action=ConfirmSubscription&Token=t",
        "Timestamp": stamp(),
        "SigningCertURL": CERT,
        **more,
    }


class Pages:
    """What was fetched, and what stands there."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = content or pem()
        self.asked: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        return self.content


def read(body: bytes, pages: Pages, **headers: str) -> Delivery:
    return read_delivery(headers, body, allowed={TOPIC}, fetch=pages.fetch, now=NOW)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["Größe", None])
def test_what_sns_signed_is_read_like_a_record_of_lambda(
    version: str, subject: str | None
) -> None:
    pages = Pages()

    found = read(signed(notification(Subject=subject), version), pages)

    (received,) = read_notification(found.record).received
    assert (received.key, received.at) == ("m-1", NOW)
    assert received.event.title == (subject or "line 1")
    assert "line 2" in received.event.message
    assert pages.asked == [CERT]


def test_what_sns_does_not_sign_is_not_believed() -> None:
    """Message attributes are no part of its signature."""
    found = read(signed(notification()), Pages())

    (received,) = read_notification(found.record).received
    assert received.event.severity == "info"


def test_a_certificate_is_fetched_once() -> None:
    pages = Pages()
    for _ in range(3):
        read(signed(notification()), pages)

    assert pages.asked == [CERT]


@pytest.mark.parametrize(
    "changed",
    [
        {"Message": "other"},
        {"MessageId": "m-9"},
        {"Subject": "other"},
        {"Subject": None},
        {"Timestamp": stamp(NOW - 1000)},
    ],
)
def test_whatever_was_changed_is_refused(changed: JSON) -> None:
    body = json.loads(signed(notification())) | changed
    with pytest.raises(Unauthorized, match="does not fit"):
        read(json.dumps(body).encode(), Pages())


def test_a_version_is_not_taken_for_the_other() -> None:
    body = json.loads(signed(notification(), "1")) | {"SignatureVersion": "2"}
    with pytest.raises(Unauthorized):
        read(json.dumps(body).encode(), Pages())


ELSEWHERE = [
    "https://evil.example/SimpleNotificationService-ab.pem",
    f"http://{HOST}/SimpleNotificationService-ab.pem",
    f"https://{HOST}:8443/SimpleNotificationService-ab.pem",
    f"https://{HOST}.evil.example/SimpleNotificationService-ab.pem",
    f"https://{HOST}@evil.example/SimpleNotificationService-ab.pem",
    f"https://evil.example\\@{HOST}/SimpleNotificationService-ab.pem",
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ab.pem",
    "https://sns.eu-central-1.amazonaws.com.cn/SimpleNotificationService-ab.pem",
    f"https://{HOST}/some-bucket/SimpleNotificationService-ab.pem",
    f"https://{HOST}/SimpleNotificationService-ab.pem/../x",
    f"https://{HOST}/?x=SimpleNotificationService-ab.pem",
    "https://169.254.169.254/SimpleNotificationService-ab.pem",
    "https://[::1]:x/SimpleNotificationService-ab.pem",
    "file:///etc/passwd",
    "",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_a_certificate_elsewhere_is_never_fetched(url: str) -> None:
    pages = Pages()
    with pytest.raises(Refused):
        read(signed(notification(SigningCertURL=url)), pages)

    assert pages.asked == []


@pytest.mark.parametrize("url", [url.replace(".pem", "") for url in ELSEWHERE])
def test_a_confirmation_elsewhere_is_refused_before_anything_is_fetched(
    url: str,
) -> None:
    if url.startswith(f"https://{HOST}/"):
        return  # SNS's own host: our yes goes to an address that we make.
    pages = Pages()
    with pytest.raises(Unauthorized):
        read(signed(confirmation(SubscribeURL=url)), pages)

    assert pages.asked == []


def test_no_attempt_reaches_a_listener_of_its_own() -> None:
    """The same with the real fetching, and someone who listens."""
    with provider(answer(200, {})) as listener:
        pages = SnsPages([HOST])
        for url in (f"{listener.base}/x.pem", f"{listener.base}/?Action=x"):
            for body in (
                signed(notification(SigningCertURL=url)),
                signed(confirmation(SubscribeURL=url)),
            ):
                with pytest.raises(Unauthorized):
                    read_delivery({}, body, allowed={TOPIC}, fetch=pages.fetch, now=NOW)
            with pytest.raises(Unavailable):
                pages.fetch(url)

        assert listener.requests == []


def test_another_topic_is_forbidden_before_anything_is_fetched() -> None:
    pages = Pages()
    with pytest.raises(Forbidden, match="HttpsTopicArns"):
        read(signed(notification(TopicArn=f"{TOPIC}-other")), pages)

    assert pages.asked == []


@pytest.mark.parametrize(
    "content", [pem("evil.example"), pem(days=-1), b"no certificate", b""]
)
def test_a_certificate_that_is_none_of_sns_is_refused(content: bytes) -> None:
    pages = Pages()
    pages.content = content
    with pytest.raises((Unauthorized, Unavailable)):
        read(signed(notification()), pages)


@pytest.mark.parametrize(
    "issuers",
    [(), ("Evil CA",), ("amazon",), ("Amazon Trust Me",), ("Evil CA", "Amazon")],
    ids=str,
)
def test_a_certificate_that_another_issued_is_refused(issuers: Sequence[str]) -> None:
    """It fits in all else: host, path, name, dates and signature."""
    with pytest.raises(Unauthorized, match="issued by Amazon"):
        read(signed(notification()), Pages(pem(issuers=issuers)))


def posted(region: str, content: bytes) -> Delivery:
    """What a topic of that Region sends, under this certificate."""
    special = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
    partition = special.get(region.rsplit("-", 2)[0], "aws")
    topic = f"arn:{partition}:sns:{region}:123456789012:alarms"
    url = f"https://{host_of(topic)}/SimpleNotificationService-ab.pem"
    body = signed(notification(TopicArn=topic, SigningCertURL=url))
    pages = Pages(content)
    return read_delivery({}, body, allowed={topic}, fetch=pages.fetch, now=NOW)


NAMED = [
    ("eu-central-1", "sns.amazonaws.com"),
    ("eu-central-1", "sns.eu-central-1.amazonaws.com"),
    ("af-south-1", "sns-signing.af-south-1.amazonaws.com"),
    ("eu-central-2", "sns-signing.eu-central-2.amazonaws.com"),
    ("us-gov-west-1", "sns-us-gov-west-1.amazonaws.com"),
    ("us-gov-east-1", "sns-us-gov-west-1.amazonaws.com"),
    ("cn-north-1", "sns-cn-north-1.amazonaws.com.cn"),
    ("cn-northwest-1", "sns-cn-northwest-1.amazonaws.com.cn"),
]


@pytest.mark.parametrize(("region", "name"), NAMED)
def test_sns_is_named_otherwise_in_some_regions(region: str, name: str) -> None:
    assert posted(region, pem(name)).kind == "Notification"
    assert posted(region, pem("x.example", others=["y.example", name])).fields


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("eu-central-1", "sns-signing.af-south-1.amazonaws.com"),
        ("eu-central-1", "sns-us-gov-west-1.amazonaws.com"),
        ("us-gov-west-1", "sns.amazonaws.com"),
        ("cn-north-1", "sns-cn-northwest-1.amazonaws.com.cn"),
        ("cn-north-1", "sns.amazonaws.com"),
        ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_name_of_another_region_or_service_is_refused(
    region: str, name: str
) -> None:
    with pytest.raises(Unauthorized, match="not one of SNS"):
        posted(region, pem(name))


@pytest.mark.parametrize("issuers", [(), ("Amazon",), ("Another CA",)], ids=str)
def test_in_china_whoever_issued_it_the_name_is_what_counts(
    issuers: Sequence[str],
) -> None:
    good = pem("sns-cn-north-1.amazonaws.com.cn", issuers=issuers)

    assert posted("cn-north-1", good).topic.startswith("arn:aws-cn:sns:cn-north-1")
    with pytest.raises(Unauthorized, match="not one of SNS"):
        posted("cn-north-1", pem("evil.example", issuers=issuers))


@pytest.mark.parametrize("at", [NOW - OLDEST, NOW + 300_000])
def test_an_old_message_is_refused_before_anything_is_fetched(at: int) -> None:
    pages = Pages()
    with pytest.raises(Unauthorized, match="Timestamp"):
        read(signed(notification(Timestamp=stamp(at))), pages)

    assert pages.asked == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Type": "Other"}, "Type"),
        ({"Type": None}, "Type"),
        ({"MessageId": None}, "MessageId"),
        ({"Signature": 5}, "Signature"),
        ({"SigningCertURL": None}, "SigningCertURL"),
    ],
)
def test_what_is_missing_is_named(change: JSON, field: str) -> None:
    body = json.loads(signed(notification())) | change
    with pytest.raises(Invalid) as refused:
        read(json.dumps(body).encode(), Pages())

    assert refused.value.faults[0].field == field


def test_raw_delivery_is_refused_with_what_to_do() -> None:
    with pytest.raises(Invalid, match="switch it off"):
        read(b"text", Pages(), **{"x-amz-sns-rawdelivery": "true"})


@pytest.mark.parametrize(
    ("topic", "host"),
    [
        (TOPIC, HOST),
        ("arn:aws-cn:sns:cn-north-1:123456789012:a", "sns.cn-north-1.amazonaws.com.cn"),
        (
            "arn:aws-us-gov:sns:us-gov-west-1:123456789012:a.fifo",
            "sns.us-gov-west-1.amazonaws.com",
        ),
    ],
)
def test_the_topic_alone_says_where_sns_is(topic: str, host: str) -> None:
    assert host_of(topic) == host


@pytest.mark.parametrize("topic", ["", "arn:aws:sns:evil.example/:123456789012:a", "x"])
def test_what_is_no_topic_names_no_host(topic: str) -> None:
    with pytest.raises(Invalid):
        host_of(topic)


def test_a_yes_goes_to_an_address_made_of_what_was_signed() -> None:
    pages, notice = Pages(), FakeNotice()
    found = read(signed(confirmation()), pages)

    assert settle(found, fetch=pages.fetch, notice=notice) == "subscribed"
    asked = f"TopicArn={TOPIC.replace(':', '%3A')}&Token=t0ken%26x%3D1"
    assert pages.asked[1:] == [f"https://{HOST}/?Action=ConfirmSubscription&{asked}"]
    assert notice.told == []


def test_the_owner_hears_of_an_end_and_nothing_is_said_to_sns() -> None:
    pages, notice = Pages(), FakeNotice()
    found = read(signed(confirmation("UnsubscribeConfirmation")), pages)

    assert settle(found, fetch=pages.fetch, notice=notice) == "unsubscribed"
    assert pages.asked == [CERT]
    ((_, text),) = notice.told
    assert TOPIC in text


def test_a_notification_asks_nothing_of_anyone() -> None:
    pages, notice = Pages(), FakeNotice()
    found = read(signed(notification()), pages)

    assert settle(found, fetch=pages.fetch, notice=notice) == ""
    assert (pages.asked, notice.told) == ([CERT], [])


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_yes_that_sns_does_not_take_is_tried_again_by_sns(status: int) -> None:
    with provider(answer(status, {})) as listener:
        with pytest.raises(Unavailable, match=str(status)):
            SnsPages([HOST], listener.base).fetch(f"https://{HOST}/?Action=x")

        assert listener.requests[0].path == "/?Action=x"


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NAMES = sorted(json.loads(signed(notification())) | confirmation())


@given(
    told=st.dictionaries(st.sampled_from(NAMES), values),
    make=st.sampled_from([notification, confirmation]),
)
def test_whatever_is_posted_is_refused_in_words_and_fetches_nothing_elsewhere(
    told: JSON, make: Callable[[], JSON]
) -> None:
    pages = Pages()
    body = json.loads(signed(make())) | told
    with suppress(Refused):
        read(json.dumps(body).encode(), pages)
    assert set(pages.asked) <= {CERT}
