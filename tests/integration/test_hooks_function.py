"""The hooks function as it is deployed: who may post, and what becomes of it."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from urllib3 import encode_multipart_formdata

from tests.fakes.clock import FakeClock
from tests.fakes.sns import NOW, stamp
from tests.fakes.sns import signed as signed_by_sns
from tests.integration.functions import (
    EVENTS,
    KEYS,
    ORIGINALS,
    TOPIC,
    Functions,
    deployed,
)
from tests.unit.channels.loopback import answer, provider
from tests.unit.intake import test_sns_delivery as sns
from tocsin.errors import Invalid
from tocsin.intake.hooks import ADAPTERS

KEY = KEYS["ingest"]
BEARER = {"authorization": f"Bearer {KEY}"}
SECRET, NEWER = "an-old-signing-secret", "a-newer-signing-secret"
RECORDED = sorted(
    path.stem
    for path in EVENTS.glob("*.json")
    if path.stem.startswith(("hooks-", "eventbridge-", "lambda-"))
)


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    """One route, which takes everything nowhere: what is stored is what counts."""
    with provider(answer(200, {})) as nobody, deployed(nobody.base) as found:
        routing = {"routes": [{"name": "all", "to": []}]}
        assert found.call("PUT", "/v1/config", routing)[0] == 200
        yield found


@pytest.fixture(scope="module")
def bounded(functions: Functions) -> dict[str, str]:
    """A source that may send two of one type a minute; its key as a header."""
    _, made = functions.call("POST", "/v1/sources", {"name": "bounded"})
    bounds = {"types": ["order.*"], "rate": 2}
    assert functions.call("PATCH", "/v1/sources/bounded", bounds)[0] == 200
    return {"x-tocsin-key": made["key"]}


@pytest.fixture(scope="module")
def signing(functions: Functions) -> str:
    """A source that signs as GitHub does, with two live secrets; its key."""
    _, made = functions.call("POST", "/v1/sources", {"name": "signing"})
    for secret in (SECRET, NEWER):
        wanted = {"scheme": "github", "secret": secret}
        told = functions.call("PUT", "/v1/sources/signing/signature", wanted)
        assert told[0] == 200
    return str(made["key"])


def message(kind: str = "order.paid", **data: Any) -> dict[str, Any]:
    """A Standard Webhook in our own form."""
    return {
        "type": kind,
        "timestamp": "2026-11-21T08:31:23Z",
        "data": {"title": "An order", **data},
    }


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}"}


def as_basic(told: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(told.encode()).decode()}"}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("standard", BEARER),
        ("standard", {"authorization": f"bearer  {KEY} "}),
        ("standard", as_basic(f"tocsin:{KEY}")),
        ("standard", as_basic(f"{KEY}:")),
        ("standard", {"x-tocsin-key": KEY}),
        ("standard", {"x-api-key": KEY}),
        ("standard", {"x-gitlab-token": KEY}),
        (f"standard/{KEY}", {}),
    ],
)
def test_each_way_to_give_a_key_is_good(
    functions: Functions, path: str, headers: dict[str, str]
) -> None:
    status, _, told = functions.post(path, message(), headers)

    assert status == 202
    assert told["id"] in functions.ids()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("standard", {}),
        ("standard", {"authorization": "Bearer wrong"}),
        ("standard", {"authorization": "Basic !"}),
        ("standard", {"authorization": f"Digest {KEY}"}),
        ("standard", as_basic("tocsin:wrong")),
        ("standard/wrong", BEARER),
        ("standard/ingest", {}),
        ("nothing", {}),
    ],
)
def test_a_stranger_learns_nothing_and_changes_nothing(
    functions: Functions,
    path: str,
    headers: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = functions.ids()

    status, _, told = functions.post(path, message(), headers)

    assert status == 401
    assert "an order" not in json.dumps(told).lower()
    assert functions.ids() == before
    logged = capsys.readouterr().out
    assert '"HookStrangers"' in logged
    assert "wrong" not in logged
    assert KEY not in logged


def test_a_key_that_may_only_operate_is_forbidden(functions: Functions) -> None:
    wanted = {"name": "operator", "scopes": ["operate"]}
    _, made = functions.call("POST", "/v1/sources", wanted)

    assert (
        functions.post("standard", message(), {"x-tocsin-key": made["key"]})[0] == 403
    )


def test_an_adapter_that_is_not_there_is_not_found(functions: Functions) -> None:
    status, _, told = functions.post("nothing", message(), BEARER)

    assert status == 404
    assert "standard" in told["detail"]


def test_a_form_in_parts_is_read_where_a_tool_sends_one_and_else_refused(
    functions: Functions,
) -> None:
    fields: list[tuple[str, Any]] = [
        ("payload_json", '{"content": "With a file"}'),
        ("files[0]", b"\xff\x00"),
    ]
    body, told = encode_multipart_formdata(fields)
    headers = {**BEARER, "content-type": told}

    taken = functions.post("discord", body, headers)
    before = functions.ids()
    status, _, refused = functions.post("grafana", body, headers)

    assert taken[0] == 202
    assert (status, refused["errors"][0]["field"]) == (415, "content-type")
    assert "multipart/form-data" in refused["detail"]
    assert functions.ids() == before


def test_what_the_sender_repeats_counts_once(functions: Functions) -> None:
    first = functions.post("standard", message(), {**BEARER, "webhook-id": "w1"})
    again = functions.post("standard", message(), {**BEARER, "webhook-id": "w1"})
    other = functions.post("standard", message(), {**BEARER, "webhook-id": "w2"})

    assert first[2]["id"] == again[2]["id"] != other[2]["id"]


def test_an_idempotency_key_is_honoured(functions: Functions) -> None:
    sent = {**BEARER, "idempotency-key": "k1"}
    first = functions.post("standard", message(), sent)
    again = functions.post("standard", message(), sent)

    assert first[2]["id"] == again[2]["id"]
    assert functions.post("standard", message(other=1), sent)[0] == 409


def test_a_dry_run_tells_and_stores_nothing(functions: Functions) -> None:
    before = functions.ids()

    dry_run = {"dry_run": "true"}
    status, _, told = functions.post("standard", message(), BEARER, dry_run)

    assert (status, told["dry_run"]) == (200, True)
    assert functions.ids() == before


LISTS = {"each": "all", "map": {"type": "k", "title": "t", "state": "s", "data": "d"}}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"t": "b", "s": "perhaps"}, "1.state"),
        ({"s": "up"}, "1.title"),
        ({"k": "ssl_expiry", "d": {"days_left": "soon"}}, "1.data.days_left"),
    ],
)
@pytest.mark.parametrize("query", [{}, {"dry_run": "true"}])
def test_a_list_is_taken_whole_or_not_at_all(
    functions: Functions, wrong: dict[str, Any], field: str, query: dict[str, str]
) -> None:
    """Nobody reads what a tool is answered."""
    functions.call("POST", "/v1/sources", {"name": "lister"})
    _, made = functions.call("POST", "/v1/sources/lister/rotate")
    options = {"options": {"generic": LISTS}}
    assert functions.call("PATCH", "/v1/sources/lister", options)[0] == 200
    before, key = functions.ids(), {"x-tocsin-key": made["key"]}
    good = {"t": "a", "s": "down"}

    body = {"all": [good, wrong, good]}
    status, _, told = functions.post("generic", body, key, query)

    assert (status, functions.ids()) == (422, before)
    assert field in [each["field"] for each in told["errors"]]
    assert "nothing is taken" in told["detail"]
    functions.call("DELETE", "/v1/sources/lister")


def test_other_types_and_more_of_them_are_refused_with_the_reason(
    functions: Functions, bounded: dict[str, str]
) -> None:
    before = functions.ids()
    status, _, told = functions.post("standard", message("payout"), bounded)
    assert (status, told["errors"][0]["field"]) == (403, "type")
    assert "order.*" in told["detail"]
    assert functions.ids() == before

    clock = FakeClock()
    functions.hooks.ports.quota._clock = clock
    statuses = [functions.post("standard", message(), bounded)[0] for _ in range(3)]
    status, headers, told = functions.post("standard", message(), bounded)

    assert statuses == [202, 202, 429]
    assert status == 429
    assert 1 <= int(headers["retry-after"]) <= 60
    clock.at += 60_000
    assert functions.post("standard", message(), bounded)[0] == 202


def test_the_owner_hears_once_of_a_limit_that_was_hit(functions: Functions) -> None:
    """On the stack's own topic, which no route touches."""
    queue = functions.sqs.create_queue(QueueName="owner")["QueueUrl"]
    topic = functions.hooks.ports.environment.ops_topic
    arn = f"arn:aws:sqs:eu-central-1:{topic.split(':')[4]}:owner"
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    _, made = functions.call("POST", "/v1/sources", {"name": "chatty"})
    functions.call("PATCH", "/v1/sources/chatty", {"rate": 1})
    clock = functions.hooks.ports.quota._clock = FakeClock()

    sent = {"x-tocsin-key": made["key"]}
    statuses = [functions.post("standard", message(), sent)[0] for _ in range(4)]
    clock.at += 60_000
    statuses += [functions.post("standard", message(), sent)[0] for _ in range(2)]

    assert statuses == [202, 429, 429, 429, 202, 429]
    told = functions.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    (heard,) = [json.loads(each["Body"]) for each in told["Messages"]]
    assert heard["Subject"] == "Tocsin: source chatty sends too much"
    assert made["key"] not in heard["Message"]


def test_two_keys_of_a_source_are_live_until_the_older_is_revoked(
    functions: Functions,
) -> None:
    _, old = functions.call("POST", "/v1/sources", {"name": "rotating"})
    _, new = functions.call("POST", "/v1/sources/rotating/rotate")

    def statuses() -> list[int]:
        return [
            functions.post(f"standard/{made['key']}", message())[0]
            for made in (old, new)
        ]

    assert statuses() == [202, 202]
    functions.call("POST", "/v1/sources/rotating/revoke")
    assert statuses() == [401, 202]


@pytest.mark.parametrize(("late_s", "status"), [(299, 202), (301, 401), (-301, 401)])
def test_what_was_signed_more_than_five_minutes_off_is_refused(
    functions: Functions, late_s: int, status: int
) -> None:
    name = f"timed{late_s}"
    functions.call("POST", "/v1/sources", {"name": name})
    wanted = {"scheme": "slack", "secret": SECRET}
    functions.call("PUT", f"/v1/sources/{name}/signature", wanted)
    at = str(functions.hooks.ports.clock.now() // 1000 - late_s)
    body = json.dumps({"text": f"late by {late_s}"}).encode()
    digest = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256)
    sent = {
        "x-slack-signature": f"v0={digest.hexdigest()}",
        "x-slack-request-timestamp": at,
    }

    first, again = (functions.post(f"slack/{name}", body, sent) for _ in range(2))

    assert (first[0], again[0]) == (status, status)
    assert first[2].get("id") == again[2].get("id")  # It is remembered: it counts once.


def test_bounds_hold_at_the_other_door_too(
    functions: Functions, bounded: dict[str, str], signing: str
) -> None:
    """The same keys at `POST /v1/events`."""
    for key, kind, status in (
        (bounded["x-tocsin-key"], "payout", 403),
        (bounded["x-tocsin-key"], "order.paid", 202),
        (signing, "order.paid", 403),
    ):
        event = json.loads((EVENTS / "http-event.json").read_text())
        event["headers"]["authorization"] = f"Bearer {key}"
        event["body"] = json.dumps({"type": kind, "title": "An order"})
        event["isBase64Encoded"] = False
        answered = functions.ingest.handler(event, None)
        assert answered["statusCode"] == status, answered


@pytest.mark.parametrize("secret", [SECRET, NEWER])
def test_a_signed_call_is_taken_by_key_or_by_the_source_s_name(
    functions: Functions, signing: str, secret: str
) -> None:
    for path, headers in (
        ("standard", {"x-tocsin-key": signing}),
        (f"standard/{signing}", {}),
        ("standard/signing", {}),
    ):
        body = json.dumps(message(path=path, secret=secret)).encode()
        sent = {**headers, **signed(body, secret)}
        assert functions.post(path, body, sent)[0] == 202


@pytest.mark.parametrize("path", ["standard/signing", "standard/{key}"])
@pytest.mark.parametrize("given", ["nothing", "another secret", "another body"])
def test_an_unsigned_or_wrongly_signed_call_is_refused_counted_and_not_repeated(
    functions: Functions,
    signing: str,
    path: str,
    given: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = json.dumps(message(card="4242-4242")).encode()
    headers = {
        "nothing": {},
        "another secret": signed(body, "another-secret"),
        "another body": signed(body + b" "),
    }[given]
    before = functions.ids()

    status, _, told = functions.post(path.format(key=signing), body, headers)

    assert (status, functions.ids()) == (401, before)
    logged = capsys.readouterr().out + json.dumps(told)
    assert '"HookStrangers"' in logged
    given_away = [SECRET, NEWER, signing, "4242", *headers.values()]
    assert not [each for each in given_away if each in logged]


def test_a_call_that_is_replayed_counts_once_whatever_is_not_signed(
    functions: Functions, signing: str
) -> None:
    body = json.dumps(message(replayed=True)).encode()
    sent = signed(body)

    def post(more: dict[str, str]) -> str:
        status, _, told = functions.post("standard/signing", body, {**sent, **more})
        assert status == 202
        return str(told["id"])

    ids = {
        post({"webhook-id": "w3"}),
        post({"webhook-id": "w4"}),
        post({"idempotency-key": "k2"}),
        post({}),
    }

    assert len(ids) == 1


class Pages(sns.Pages):
    """SNS's own pages, at the time at which the examples were made."""


@pytest.fixture
def at_sns(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> Pages:
    pages = Pages()
    clock = FakeClock()
    clock.at = NOW
    monkeypatch.setattr(functions.hooks.ports, "fetch_of_sns", pages.fetch)
    monkeypatch.setattr(functions.hooks.ports, "clock", clock)
    return pages


def test_a_topic_is_confirmed_then_told_then_missed(
    functions: Functions, at_sns: Pages
) -> None:
    assert sns.TOPIC == TOPIC
    status, _, told = functions.post("sns", signed_by_sns(sns.confirmation()))
    assert (status, told["done"]) == (200, "subscribed")
    assert at_sns.asked[-1].startswith(f"https://{sns.HOST}/?Action=ConfirmSub")

    body = signed_by_sns(sns.notification())
    first, again = functions.post("sns", body), functions.post("sns", body)
    assert first[0] == again[0] == 202
    (result,) = first[2]["results"]
    assert again[2]["results"][0]["id"] == result["id"]
    _, found = functions.call("GET", f"/v1/notifications/{result['id']}")
    assert (found["sender"], found["title"]) == ("sns", "Größe")

    end = signed_by_sns(sns.confirmation("UnsubscribeConfirmation"))
    assert functions.post("sns", end)[2]["done"] == "unsubscribed"


@pytest.mark.parametrize(
    "body",
    [
        signed_by_sns(sns.notification(TopicArn=f"{TOPIC}-other")),
        signed_by_sns(sns.notification(SigningCertURL="https://evil.example/x.pem")),
        signed_by_sns(sns.confirmation(SubscribeURL="https://evil.example/")),
        json.dumps(
            json.loads(signed_by_sns(sns.notification())) | {"Message": "x"}
        ).encode(),
    ],
)
def test_what_is_not_of_an_allowed_topic_is_refused(
    functions: Functions, at_sns: Pages, body: bytes
) -> None:
    before = functions.ids()

    assert functions.post("sns", body, BEARER)[0] in (401, 403)
    assert functions.ids() == before
    assert set(at_sns.asked) <= {sns.CERT}


@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation"])
@pytest.mark.parametrize("field", ["SigningCertURL", "SubscribeURL"])
def test_no_address_in_a_message_is_called_by_the_function_itself(
    functions: Functions,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    field: str,
) -> None:
    """With its real means of fetching, and someone who listens."""
    clock = FakeClock()
    clock.at = NOW
    monkeypatch.setattr(functions.hooks.ports, "clock", clock)
    make = sns.notification if kind == "Notification" else sns.confirmation
    with provider(answer(200, {})) as listener:
        for address in (
            f"{listener.base}/SimpleNotificationService-ab.pem",
            f"{listener.base}/latest/meta-data/".replace("127.0.0.1", "localhost"),
            f"https://127.0.0.1:{listener.port}/SimpleNotificationService-ab.pem",
            f"http://{sns.HOST}@127.0.0.1:{listener.port}/x.pem",
        ):
            # Whose certificate is at SNS's own address cannot be fetched from here.
            told = {"SigningCertURL": "https://sns.invalid/x.pem", field: address}
            status = functions.post("sns", signed_by_sns(make(**told)), BEARER)[0]
            assert status == 401

        assert (listener.requests, listener.connections) == ([], 0)
    logged = capsys.readouterr().out
    assert logged.count('"HookStrangers":[1.0]') == 4
    assert "meta-data" not in logged


def test_there_is_something_recorded_of_every_adapter() -> None:
    told = {case.split("-", 1)[1] for case in RECORDED if case.startswith("hooks-")}

    assert not [
        adapter
        for adapter in ADAPTERS
        if not any(case.startswith(f"{adapter}-") for case in told)
    ]


@pytest.mark.parametrize("case", RECORDED)
def test_every_recorded_call_is_taken(functions: Functions, case: str) -> None:
    before = set(functions.ids())

    answered = functions.take_in(case)

    new = set(functions.ids()) - before
    if case.startswith("hooks-"):
        assert answered["statusCode"] == 202, answered
        told = json.loads(answered["body"])
        assert told.get("ignored") or told.get("accepted") or told["id"]
    else:
        assert new or functions.take_in(case) is None


def originals() -> dict[str, bytes]:
    s3 = boto3.client("s3")
    listed = s3.list_objects_v2(Bucket=ORIGINALS).get("Contents", [])
    return {
        f"s3://{ORIGINALS}/{each['Key']}": s3.get_object(
            Bucket=ORIGINALS, Key=each["Key"]
        )["Body"].read()
        for each in listed
    }


def test_a_large_body_is_kept_as_it_came_and_its_event_says_where(
    functions: Functions,
) -> None:
    large = json.dumps(message(text="Größe", log=os.urandom(1_000_000).hex())).encode()

    before = originals()
    dry_run = functions.post("standard", large, BEARER, {"dry_run": "true"})
    assert (dry_run[0], originals()) == (200, before)
    status, _, told = functions.post("standard", large, BEARER)

    assert status == 202
    _, found = functions.call("GET", f"/v1/notifications/{told['id']}")
    where = found["event"]["labels"]["original"]
    assert originals()[where] == large
    assert "data" not in found["event"]
    assert found["event"]["fields"][-1]["name"] == "Left out"


def test_an_event_is_told_even_if_its_original_cannot_be_kept(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions.hooks.ports.originals, "_bucket", "elsewhere")
    large = json.dumps(message(log="x" * 300_000)).encode()

    assert functions.post("standard", large, BEARER)[0] == 202


def test_a_large_event_of_a_bus_is_told_and_kept_as_it_came(
    functions: Functions,
) -> None:
    """EventBridge passes on 1 MB; a row of DynamoDB holds 400 KB."""
    event = json.loads((EVENTS / "eventbridge-own.json").read_text())
    event |= {"id": "large", "detail": {"log": os.urandom(450_000).hex()}}
    before = set(functions.ids())

    functions.hooks.handler(event, None)

    (new,) = set(functions.ids()) - before
    _, found = functions.call("GET", f"/v1/notifications/{new}")
    kept = originals()[found["event"]["labels"]["original"]]
    assert json.loads(kept) == event
    assert found["event"]["fields"][-1]["name"] == "Left out"


def test_more_than_lambda_takes_is_too_large(functions: Functions) -> None:
    large = json.dumps(message(log="x" * 5 * 1024 * 1024)).encode()

    assert functions.post("standard", large, BEARER)[0] == 413


WAYS = {
    "topic": "sns-alarm-metric",
    "https": "sns-alarm-metric",
    "rule": "eventbridge-alarm-metric",
    "action": "lambda-alarm-action",
}


def comes(functions: Functions, way: str, name: str, change: str) -> None:
    """One change of one alarm, as AWS tells it on this way."""
    text = (EVENTS / f"{WAYS[way]}.json").read_text()
    text = text.replace("checkout-5xx", name)
    event = json.loads(text.replace("2026-11-21T08:31:23.000+0000", change))
    if way == "topic":
        functions.ingest.handler(event, None)
    elif way == "https":
        message = event["Records"][0]["Sns"]["Message"]
        body = signed_by_sns(sns.notification(Message=message, MessageId=name))
        assert functions.post("sns", body)[0] == 202
    else:
        functions.hooks.handler(event, None)


@pytest.mark.parametrize(("first", "then"), list(permutations(WAYS, 2)))
def test_an_alarm_that_comes_on_two_ways_is_told_once(
    functions: Functions,
    at_sns: Pages,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    then: str,
) -> None:
    monkeypatch.setattr(functions.ingest.ports, "clock", functions.hooks.ports.clock)
    name, before = f"{first}-then-{then}", set(functions.ids())

    comes(functions, first, name, stamp(NOW - 5000))
    (told,) = set(functions.ids()) - before
    comes(functions, then, name, stamp(NOW - 5000))

    assert set(functions.ids()) - before == {told}
    _, found = functions.call("GET", f"/v1/notifications/{told}")
    assert (found["occurrences"], found["state"]) == (1, "firing")
    comes(functions, then, name, stamp(NOW - 4000))
    _, found = functions.call("GET", f"/v1/notifications/{told}")
    assert found["occurrences"] == 2  # Another change is another occurrence.


def test_ingest_imports_nothing_for_what_few_sources_ask(
    functions: Functions,
) -> None:
    """Its start is the price of every first event."""
    code = (
        "import app, sys; print([name for name in sys.modules if name in ("
        "'tocsin.admission', 'tocsin.aws.quota', 'tocsin.aws.sns_pages',"
        " 'tocsin.reception', 'tocsin.credentials', 'tocsin.intake.signatures',"
        " 'tocsin.intake.asymmetric', 'tocsin.intake.hooks',"
        " 'tocsin.enriching', 'tocsin.intake.enrichment', 'tocsin.intake.alarm_graph',"
        " 'tocsin.aws.cloudwatch_details')])"
    )
    path = (
        f"{EVENTS.parent / 'functions' / 'ingest'}:{EVENTS.parent / 'layers' / 'core'}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"


values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner)
    ),
    max_leaves=8,
)
POSTED = [
    (case, json.loads((EVENTS / f"{case}.json").read_text()))
    for case in RECORDED
    if case.startswith("hooks-")
]


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, dict[str, str], Any]:
    """A recorded call of which one value, somewhere, is any JSON at all."""
    _, event = draw(st.sampled_from(POSTED))
    try:
        body = json.loads(event["body"])
    except ValueError:
        body = {}
    body = copy.deepcopy(body)
    place: Any = body
    while isinstance(place, dict | list) and place:
        names = list(place) if isinstance(place, dict) else range(len(place))
        name = draw(st.sampled_from(list(names)))
        if not isinstance(place[name], dict | list) or draw(st.booleans()):
            place[name] = draw(values)
            break
        place = place[name]
    headers = {
        name: told
        for name, told in event["headers"].items()
        if name.startswith(("x-github", "sentry"))
    }
    return event["pathParameters"]["adapter"], headers, body


ANYTHING = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


KINDS = {
    "github": ["ping", "workflow_run", "release", "dependabot_alert", "push"],
    "sentry": ["event_alert", "metric_alert", "issue", "error"],
}


@pytest.mark.parametrize("adapter", [*sorted(ADAPTERS), "sns", "whatsapp"])
@settings(ANYTHING, max_examples=15)
@given(data=st.data(), body=values)
def test_any_json_at_any_hook_is_answered_and_never_with_our_fault(
    functions: Functions, adapter: str, data: st.DataObject, body: Any
) -> None:
    kind = data.draw(st.sampled_from(KINDS.get(adapter, [""])))
    said = {"x-github-event": kind, "sentry-hook-resource": kind}

    status, _, told = functions.post(adapter, body, {**BEARER, **said})

    assert 200 <= status < 500, told


@settings(ANYTHING, max_examples=30)
@given(body=values)
def test_any_json_that_sns_signed_is_told(
    functions: Functions, at_sns: Pages, body: Any
) -> None:
    """Behind a topic nobody reads a refusal."""
    message = json.dumps(body)
    told = signed_by_sns(sns.notification(Message=message, MessageId=message[:100]))

    status, _, told = functions.post("sns", told)

    assert status == 202, told


@ANYTHING
@given(call=broken())
def test_a_recorded_call_with_anything_in_it_is_never_our_fault(
    functions: Functions, call: tuple[str, dict[str, str], Any]
) -> None:
    adapter, headers, body = call

    status, _, told = functions.post(adapter, body, {**BEARER, **headers})

    assert 200 <= status < 500, told


@ANYTHING
@given(adapter=st.sampled_from([*ADAPTERS, "sns"]), body=st.binary(max_size=40))
def test_any_bytes_at_any_hook_are_refused(
    functions: Functions, adapter: str, body: bytes
) -> None:
    status, _, told = functions.post(adapter, body, BEARER)

    assert status < 500, told


def test_what_nobody_can_read_is_raised_so_that_lambda_keeps_it(
    functions: Functions,
) -> None:
    with pytest.raises(Invalid):
        functions.hooks.handler({"strange": True}, None)
