"""An alarm's graph on its whole way: drawn over CloudWatch's own wire, kept, shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import boto3
import pytest

from tests.fakes.cloudwatch import PNG, CloudWatch, cloudwatch, picture, refusal
from tests.integration.functions import EVENTS, ORIGINALS, Context, Functions, load
from tests.unit.channels.loopback import Provider
from tests.unit.channels.uploading import parts_of
from tocsin import enriching

ACCOUNT = "123456789012"
SECONDS = count(10)


@pytest.fixture
def aws() -> Iterator[CloudWatch]:
    with cloudwatch() as told:
        yield told


@pytest.fixture
def ingest(
    functions: Functions, aws: CloudWatch, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """The function as it starts on AWS, with CloudWatch's address being ours."""
    monkeypatch.setenv("TOCSIN_ENRICHED_ACCOUNT", ACCOUNT)
    app = load("ingest")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", aws.base)
    return app


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """For who answers, however busy the machine is."""
    assert enriching.enrich.__kwdefaults__ is not None
    monkeypatch.setitem(enriching.enrich.__kwdefaults__, "seconds", 60.0)


def told_of_an_alarm(functions: Functions, ingest: Any) -> dict[str, Any]:
    """What is stored of an alarm that SNS has just delivered."""
    event = json.loads((EVENTS / "sns-alarm-metric.json").read_text())
    sns = event["Records"][0]["Sns"]
    moment = f"T09:00:{next(SECONDS)}.000"
    sns["Message"] = sns["Message"].replace("T08:31:23.000", moment)
    sns["Message"] = sns["Message"].replace("checkout-5xx", f"alarm{moment[-6:-4]}")
    before = set(functions.ids())
    ingest.handler(event, Context())
    (new,) = set(functions.ids()) - before
    status, found = functions.call("GET", f"/v1/notifications/{new}")
    assert status == 200
    return dict(found)


def owners(found: dict[str, Any]) -> list[str]:
    fields = found["event"]["fields"]
    return [each["value"] for each in fields if each["name"] == "Owner"]


def pictures() -> dict[str, bytes]:
    s3 = boto3.client("s3")
    listed = s3.list_objects_v2(Bucket=ORIGINALS, Prefix="attachments/sns/")
    return {
        each["Key"]: s3.get_object(Bucket=ORIGINALS, Key=each["Key"])["Body"].read()
        for each in listed.get("Contents", [])
    }


@pytest.mark.usefixtures("patience")
def test_an_alarm_is_told_with_the_picture_that_cloudwatch_drew(
    functions: Functions, ingest: Any, aws: CloudWatch, discord: Provider
) -> None:
    found = told_of_an_alarm(functions, ingest)

    (attached,) = found["event"]["attachments"]
    assert pictures()[f"attachments/sns/{attached['id']}"] == PNG
    assert owners(found) == ["ada"]
    (widget,) = aws.widgets()
    assert widget["metrics"][0][:2] == ["Shop/Checkout", "5xxErrorRate"]
    assert widget["annotations"]["horizontal"][0]["label"] == "Threshold"
    assert all("/eu-central-1/monitoring/aws4_request" in each for each in aws.signed)
    functions.send(functions.queued())
    (_, _, _, payload), (_, name, media, content) = parts_of(discord.requests[-1])
    assert (name, media, content) == ("Graph.png", "image/png", PNG)
    embed = json.loads(payload)["embeds"][0]
    assert embed["image"] == {"url": "attachment://Graph.png"}


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(
    ("answered", "why"),
    [
        (refusal(403, "AccessDeniedException"), "graph: AccessDeniedException"),
        (refusal(400, "ThrottlingException"), "graph: ThrottlingException"),
        (refusal(500, "InternalServiceFault"), "graph: InternalServiceFault"),
        ((503, b"<html>busy</html>"), "graph: 503"),
        ((200, b"<html>what?</html>"), "graph"),
        ((200, b""), "graph"),
        ((200, b"{}"), "graph: no picture came"),
        ((200, b'{"MetricWidgetImage": "!"}'), "graph"),
        (picture(b"<html>not drawn</html>"), "graph: no picture came"),
        (picture(b""), "graph: no picture came"),
    ],
)
def test_what_cloudwatch_does_not_draw_is_left_out_and_said_once(
    functions: Functions,
    ingest: Any,
    aws: CloudWatch,
    caplog: pytest.LogCaptureFixture,
    answered: tuple[int, bytes],
    why: str,
) -> None:
    aws.answers["GetMetricWidgetImage"] = answered
    before = pictures()

    found = told_of_an_alarm(functions, ingest)

    assert "attachments" not in found["event"]
    assert owners(found) == ["ada"]
    assert pictures() == before
    assert len(aws.widgets()) == 1  # It is asked once: nobody has time for more.
    told = [vars(record) for record in caplog.records]
    (missed,) = [each["why"] for each in told if "why" in each]
    assert missed.startswith(why)


@pytest.mark.parametrize("slow", ["GetMetricWidgetImage", "ListTagsForResource"])
def test_an_alarm_goes_out_while_cloudwatch_is_still_at_it(
    functions: Functions, ingest: Any, aws: CloudWatch, slow: str
) -> None:
    aws.held = slow

    found = told_of_an_alarm(functions, ingest)

    assert slow not in aws.answered
    drawn = "attachments" in found["event"]
    assert (drawn, owners(found)) == (
        (False, ["ada"]) if slow == "GetMetricWidgetImage" else (True, [])
    )


def test_an_alarm_goes_out_where_nobody_answers(
    functions: Functions, ingest: Any, aws: CloudWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", "http://127.0.0.1:1")

    found = told_of_an_alarm(functions, ingest)

    assert "attachments" not in found["event"]
    assert aws.asked == []


def test_the_stand_in_s_picture_travels_as_base64() -> None:
    """As CloudWatch's does: what is kept is not what stands in the answer."""
    assert base64.b64encode(PNG) in picture()[1]
    assert PNG not in picture()[1]
