"""Keys of the hooks: which are good, and within which bounds."""

from __future__ import annotations

import json

import boto3
import pytest

from tests.fakes.clock import FakeClock
from tests.integration.functions import EVENTS, Functions
from tests.integration.hooks.posting import BEARER, KEY, as_basic, message


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
