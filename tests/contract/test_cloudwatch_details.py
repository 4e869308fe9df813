"""What CloudWatch tells of an alarm, asked over moto."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.session import Session

from tocsin.aws.cloudwatch_details import CloudWatchDetails
from tocsin.errors import Unavailable

BUCKET = "originals"
ARN = "arn:aws:cloudwatch:{}:123456789012:alarm:checkout-5xx"
WIDGET = json.dumps({"metrics": [["Shop", "Errors"]]})


@pytest.fixture
def details(aws: Session) -> CloudWatchDetails:
    s3: Any = aws.create_client("s3")
    where = {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    return CloudWatchDetails(aws, BUCKET)


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_tags_are_read_where_the_alarm_stands(
    aws: Session, details: CloudWatchDetails, region: str
) -> None:
    cloudwatch: Any = aws.create_client("cloudwatch", region_name=region)
    cloudwatch.put_metric_alarm(
        AlarmName="checkout-5xx",
        Namespace="Shop",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=[{"Key": "team", "Value": "shop ü"}],
    )
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]

    assert details.tags(alarm["AlarmArn"]) == {"team": "shop ü"}


class Drawing:
    """CloudWatch, which draws; moto does not."""

    def __init__(self) -> None:
        self.widgets: list[str] = []

    def get_metric_widget_image(self, *, MetricWidget: str) -> dict[str, bytes]:  # noqa: N803
        self.widgets.append(MetricWidget)
        return {"MetricWidgetImage": b"\x89PNG"}


def test_a_graph_is_kept_and_found_at_its_address(
    aws: Session, details: CloudWatchDetails
) -> None:
    drawing = Drawing()
    details._clients["cloudwatch", "eu-central-1"] = drawing
    s3: Any = aws.create_client("s3")

    url = urlsplit(details.graph(ARN.format("eu-central-1"), WIDGET))

    (kept,) = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    found = s3.get_object(Bucket=BUCKET, Key=kept["Key"])
    assert drawing.widgets == [WIDGET]
    assert (found["Body"].read(), found["ContentType"]) == (b"\x89PNG", "image/png")
    assert kept["Key"].startswith("graphs/")
    assert url.scheme == "https"
    # The bucket's own Region: a redirect would take the signature with it.
    assert url.netloc == f"{BUCKET}.s3.eu-central-1.amazonaws.com"
    assert url.path.endswith(kept["Key"])
    assert parse_qs(url.query)["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_a_graph_whose_address_no_event_can_hold_is_left_out(
    aws: Session, details: CloudWatchDetails
) -> None:
    details._clients["cloudwatch", "eu-central-1"] = Drawing()
    aws.set_credentials("a", "b", "t" * 2000)

    with pytest.raises(Unavailable, match="2000 characters"):
        details.graph(ARN.format("eu-central-1"), WIDGET)


def test_what_aws_refuses_is_told_by_the_call_and_the_code(aws: Session) -> None:
    details = CloudWatchDetails(aws, "no-such-bucket")
    details._clients["cloudwatch", "eu-central-1"] = Drawing()

    with pytest.raises(Unavailable, match=r"^graph: NoSuchBucket$"):
        details.graph(ARN.format("eu-central-1"), WIDGET)
