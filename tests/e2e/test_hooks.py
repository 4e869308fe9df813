"""What tools and AWS post in their own words comes in, and strangers stay out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.deployment import outputs
from local.place import ROOT
from tests.e2e.stack import Mailbox, Reply, Stack, embeds_of, until
from tests.fakes.cloudwatch import PNG, cloudwatch
from tests.fakes.sns import pem, signed, stamp
from tests.unit.channels.loopback import Provider, answer, provider

SECRET = "a-signing-secret-of-the-tests"


def post(stack: Stack, path: str, body: bytes, **headers: str) -> Reply:
    """A tool's call, with no key but what is said."""
    sent = {name.replace("_", "-"): told for name, told in headers.items()}
    return stack.call("POST", f"/v1/hooks/{path}", body, key=None, headers=sent)


def standard(box: Mailbox, title: str) -> bytes:
    """A Standard Webhook whose type leads to the mailbox."""
    told = {"type": box.type, "timestamp": "2026-11-21T08:31:23Z"}
    return json.dumps({**told, "data": {"title": title}}).encode()


def source(stack: Stack, box: Mailbox) -> str:
    """A source of the mailbox's name; its key."""
    made = stack.call("POST", "/v1/sources", {"name": box.name})
    assert made.status == 201, made.body
    return str(made.json["key"])


def test_a_tool_gives_its_key_however_it_can(stack: Stack) -> None:
    box = stack.mailbox()
    key = stack.described["ingest_key"]
    basic = base64.b64encode(f"tool:{key}".encode()).decode()
    ways: list[tuple[str, dict[str, str]]] = [
        ("standard", {"authorization": f"Bearer {key}"}),
        ("standard", {"authorization": f"Basic {basic}"}),
        ("standard", {"x_tocsin_key": key}),
        (f"standard/{key}", {}),
    ]

    for number, (path, headers) in enumerate(ways):
        reply = post(stack, path, standard(box, f"Way {number}"), **headers)
        assert reply.status == 202, reply.body

    for number in range(len(ways)):
        box.wait(contains=f"Way {number}")


@pytest.mark.parametrize("path", ["standard", "standard/wrong", "nothing/wrong", "sns"])
def test_a_stranger_is_refused(stack: Stack, path: str) -> None:
    box = stack.mailbox()

    reply = post(stack, path, standard(box, "Strange"))

    assert reply.status in (401, 422)
    assert reply.headers["content-type"] == "application/problem+json"
    assert stack.listed(f"type={box.type}") == []


def test_a_wrong_method_says_which_is_right(stack: Stack) -> None:
    reply = stack.call("GET", "/v1/hooks/grafana", key=None)

    assert (reply.status, reply.headers["allow"]) == (405, "POST")


def test_who_signs_is_known_by_name_and_must_sign(stack: Stack) -> None:
    box = stack.mailbox()
    key = source(stack, box)
    path = f"/v1/sources/{box.name}/signature"
    put = stack.call("PUT", path, {"scheme": "github", "secret": SECRET})
    assert put.status == 200, put.body
    body = standard(box, "Signed")
    fits = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()

    good = post(
        stack, f"standard/{box.name}", body, x_hub_signature_256=f"sha256={fits}"
    )
    again = post(stack, f"standard/{key}", body, x_hub_signature_256=f"sha256={fits}")
    bad = post(stack, f"standard/{box.name}", body, x_hub_signature_256="sha256=00")
    none = post(stack, f"standard/{key}", body)

    assert (good.status, bad.status, none.status) == (202, 401, 401)
    assert again.json["id"] == good.json["id"]
    box.wait(contains="Signed")
    assert SECRET not in put.body.decode()


def test_a_private_key_s_signature_is_checked_where_it_runs(stack: Stack) -> None:
    """With the package that only this function has, in a layer of its own."""
    box = stack.mailbox()
    source(stack, box)
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public = f"whpk_{base64.b64encode(raw).decode()}"
    path = f"/v1/sources/{box.name}/signature"
    put = stack.call("PUT", path, {"scheme": "standard", "secret": public})
    assert put.status == 200, put.body
    body, at = standard(box, "Signed by one alone"), str(int(time.time()))
    signature = private.sign(f"m1.{at}.".encode() + body)
    told = base64.b64encode(signature).decode()

    replies = [
        post(
            stack,
            f"standard/{box.name}",
            sent,
            webhook_id="m1",
            webhook_timestamp=at,
            webhook_signature=f"v1a,{told}",
        )
        for sent in (body, body + b" ")
    ]

    assert [reply.status for reply in replies] == [202, 401]
    box.wait(contains="Signed by one alone")


def test_a_source_is_held_to_its_types_and_its_rate(stack: Stack) -> None:
    box, other = stack.mailbox(), stack.mailbox()
    key = source(stack, box)
    bounds = {"types": [f"{box.type}*"], "rate": 2}
    assert stack.call("PATCH", f"/v1/sources/{box.name}", bounds).status == 200

    strange = post(stack, f"standard/{key}", standard(other, "Other"))
    replies = [post(stack, f"standard/{key}", standard(box, "Much")) for _ in range(5)]

    assert strange.status == 403
    assert replies[0].status == 202
    limited = [reply for reply in replies if reply.status == 429]
    # A minute may end in between: then two more are taken.
    assert limited
    assert 1 <= int(limited[0].headers["retry-after"]) <= 60
    assert stack.listed(f"type={other.type}") == []


def test_a_large_body_is_kept_as_it_came(stack: Stack) -> None:
    box = stack.mailbox()
    told = json.loads(standard(box, "Large"))
    told["data"]["log"] = secrets.token_hex(500_000)
    body = json.dumps(told).encode()

    reply = post(stack, f"standard/{stack.described['ingest_key']}", body)

    assert reply.status == 202, reply.body
    box.wait(contains="Large")
    where = stack.read(reply.json["id"])["event"]["labels"]["original"]
    bucket, _, name = where.removeprefix("s3://").partition("/")
    kept = stack.aws("s3").get_object(Bucket=bucket, Key=name)["Body"].read()
    assert kept == body


def alarm_of(case: str, box: Mailbox, at: int | None = None) -> dict[str, Any]:
    """A recorded alarm under the mailbox's name, changed `at` (ms) if that is told."""
    text = (ROOT / "events" / f"{case}.json").read_text()
    if at is not None:
        text = text.replace("2026-11-21T08:31:23.000+0000", stamp(at))
    told: dict[str, Any] = json.loads(text.replace("checkout-5xx", box.name))
    return told


def test_a_further_topic_is_heard_once_it_is_subscribed(stack: Stack) -> None:
    box = stack.mailbox()
    sns = stack.aws("sns")
    topic = sns.create_topic(Name=f"further-{box.name}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function(stack, "Ingest"))

    sns.publish(TopicArn=topic, Message=json.dumps(box.event("By another topic")))

    box.wait(contains="By another topic")


def test_an_alarm_may_call_without_a_topic(stack: Stack) -> None:
    box = stack.mailbox()
    action = alarm_of("lambda-alarm-action", box)

    stack.aws("lambda").invoke(
        FunctionName=function(stack, "Hooks"),
        InvocationType="Event",
        Payload=json.dumps(action),
    )

    box.wait(contains=box.name)


def test_a_rule_of_eventbridge_is_heard(stack: Stack) -> None:
    box = stack.mailbox()
    events = stack.aws("events")
    events.put_rule(Name=box.name, EventPattern=json.dumps({"detail-type": [box.type]}))
    events.put_targets(
        Rule=box.name, Targets=[{"Id": "hooks", "Arn": function(stack, "Hooks")}]
    )
    detail = json.dumps({"title": "By a rule"})

    put = events.put_events(
        Entries=[{"Source": "shop", "DetailType": box.type, "Detail": detail}]
    )

    assert put["FailedEntryCount"] == 0
    box.wait(contains="By a rule")
    (found,) = until(lambda: stack.listed(f"type={box.type}"), "its record")
    assert found["title"] == "By a rule"


def function(stack: Stack, name: str) -> str:
    """The ARN of a function, by its name in the template."""
    known = stack.aws("lambda").get_function(
        FunctionName=f"tocsin-local-{name.lower()}"
    )
    return str(known["Configuration"]["FunctionArn"])


@contextmanager
def configured(stack: Stack, name: str, **variables: str) -> Iterator[None]:
    """A function with these variables, for the length of a test."""
    calls, arn = stack.aws("lambda"), function(stack, name)
    found = calls.get_function_configuration(FunctionName=arn)
    before = found["Environment"]["Variables"]
    calls.update_function_configuration(
        FunctionName=arn, Environment={"Variables": {**before, **variables}}
    )
    try:
        yield
    finally:
        calls.update_function_configuration(
            FunctionName=arn, Environment={"Variables": before}
        )


TOPIC = "arn:aws:sns:us-east-1:000000000000:over-https"
AT_SNS = "https://sns.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def sns(stack: Stack) -> Iterator[Provider]:
    """SNS's own pages on loopback, and a topic that may post over HTTPS."""
    certificate = pem(now=time.time_ns() // 1_000_000)
    with (
        provider(answer(200, certificate)) as pages,
        configured(
            stack, "Hooks", TOCSIN_SNS_BASE=pages.base, TOCSIN_HTTPS_TOPICS=TOPIC
        ),
    ):
        yield pages


def signed_by_sns(kind: str, message: str, **more: str) -> bytes:
    """A message of the topic; `more` is what only some kinds have."""
    told = {
        "Type": kind,
        "MessageId": secrets.token_hex(8),
        "TopicArn": TOPIC,
        "Message": message,
        "Timestamp": stamp(time.time_ns() // 1_000_000),
        "SigningCertURL": f"{AT_SNS}/SimpleNotificationService-{'ab' * 16}.pem",
    }
    return signed({**told, **more})


def test_a_topic_over_https_confirms_itself_and_is_heard(
    stack: Stack, sns: Provider
) -> None:
    box = stack.mailbox()
    more = {"Token": "t1", "SubscribeURL": f"{AT_SNS}/?Action=x"}
    asked = signed_by_sns("SubscriptionConfirmation", "You have chosen", **more)
    told = signed_by_sns("Notification", json.dumps(box.event("Over HTTPS")))
    changed = told.replace(b"Over HTTPS", b"Other words")
    replies = [post(stack, "sns", body) for body in (asked, told, changed)]

    assert [reply.status for reply in replies] == [200, 202, 401]
    box.wait(contains="Over HTTPS")
    paths = [seen.path for seen in sns.requests]
    assert paths[0].endswith(".pem")
    (yes,) = [path for path in paths if "Action=ConfirmSubscription" in path]
    assert "Token=t1" in yes


WAYS = ("topic", "rule", "action", "https")


@pytest.mark.parametrize(("first", "then"), list(combinations(WAYS, 2)))
def test_an_alarm_that_comes_on_two_ways_is_seen_once(
    stack: Stack, sns: Provider, first: str, then: str
) -> None:
    box, at = stack.mailbox(), time.time_ns() // 1_000_000
    comes(stack, box, at, first)
    box.wait(contains=box.name)
    comes(stack, box, at, then)

    (found,) = stack.listed(f"destination={box.name}")
    assert (found["occurrences"], found["state"]) == (1, "firing")
    assert len(box.messages()) == 1


def comes(stack: Stack, box: Mailbox, at: int, way: str) -> None:
    """One change of one alarm on this way; the topic's is not waited for."""
    topic = alarm_of("sns-alarm-metric", box, at)
    message = topic["Records"][0]["Sns"]["Message"]
    if way == "topic":
        stack.publish(message)
    elif way == "https":
        assert post(stack, "sns", signed_by_sns("Notification", message)).status == 202
    else:
        case = "lambda-alarm-action" if way == "action" else "eventbridge-alarm-metric"
        done = stack.aws("lambda").invoke(
            FunctionName=function(stack, "Hooks"),
            Payload=json.dumps(alarm_of(case, box, at)),
        )
        assert "FunctionError" not in done, done["Payload"].read()


def test_an_alarm_shows_the_graph_that_cloudwatch_drew(stack: Stack) -> None:
    """Over its own wire, by the function on its own layer; who draws is a stand-in."""
    box = stack.mailbox()
    record = alarm_of("sns-alarm-metric", box, time.time_ns() // 1_000_000)
    message = record["Records"][0]["Sns"]["Message"]
    message = message.replace(":eu-central-1:123456789012:", ":us-east-1:000000000000:")
    with (
        cloudwatch() as drawing,
        configured(stack, "Ingest", AWS_ENDPOINT_URL_CLOUDWATCH=drawing.base),
    ):
        stack.publish(message)
        (posted,) = box.wait(contains=box.name)

    (found,) = stack.listed(f"destination={box.name}")
    (attached,) = stack.read(found["id"])["event"]["attachments"]
    (embed,) = embeds_of(posted)
    assert embed["image"]["url"] == "attachment://Graph.png"
    assert drawing.widgets()[0]["metrics"][0][:2] == ["Shop/Checkout", "5xxErrorRate"]
    key = f"attachments/sns/{attached['id']}"
    bucket = outputs(stack.place)["OriginalsBucketName"]
    kept = stack.aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert kept == PNG


def test_five_megabytes_in_one_call_are_taken_whole(stack: Stack) -> None:
    """More than DynamoDB takes in one transaction, of what cannot be packed."""
    box = stack.mailbox()
    key = source(stack, box)
    mapping = {"type": f"'{box.type}'", "title": "title", "data": "@"}
    options = {"options": {"generic": {"each": "@", "map": mapping}}}
    assert stack.call("PATCH", f"/v1/sources/{box.name}", options).status == 200
    events = [
        {"title": f"Large {number}", "log": secrets.token_urlsafe(36_000)}
        for number in range(100)
    ]
    body = json.dumps(events).encode()
    assert len(body) > 4_500_000

    reply = post(stack, f"generic/{key}", body)

    assert reply.status == 202, reply.body
    assert reply.json["accepted"] == 100
    assert len(stack.listed(f"type={box.type}&limit=100")) == 100


def test_every_recorded_call_of_a_tool_is_taken(stack: Stack) -> None:
    """Every adapter, by each payload that is kept of it, over HTTPS."""
    key = str(stack.described["ingest_key"])
    not_taken = {}
    for file in sorted((ROOT / "events").glob("hooks-*.json")):
        told = json.loads(file.read_text())
        headers = {
            name: value
            for name, value in told["headers"].items()
            if name not in ("authorization", "content-length", "host")
        }
        body = told["body"].encode()
        if told["isBase64Encoded"]:
            body = base64.b64decode(body)
        reply = stack.call(
            "POST", told["rawPath"], body, key=None,
            headers={**headers, "x-tocsin-key": key},
        )  # fmt: skip
        if reply.status != 202:
            not_taken[file.stem] = reply.body

    assert not_taken == {}


def test_every_recorded_event_of_aws_is_taken(stack: Stack) -> None:
    """As EventBridge and CloudWatch themselves invoke the function."""
    broken = {}
    for file in sorted((ROOT / "events").glob("eventbridge-*.json")):
        answer = stack.aws("lambda").invoke(
            FunctionName=function(stack, "Hooks"), Payload=file.read_bytes()
        )
        if "FunctionError" in answer:
            broken[file.stem] = answer["Payload"].read()

    assert broken == {}
