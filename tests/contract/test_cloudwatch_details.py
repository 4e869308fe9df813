"""What CloudWatch tells of an alarm, asked over moto."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.session import Session

from tocsin.attic import Kept
from tocsin.aws.attachments import S3Attachments
from tocsin.aws.cloudwatch_details import CloudWatchDetails
from tocsin.errors import Unavailable
from tocsin.events import Attachment

BUCKET = "originals"
ARN = "arn:aws:cloudwatch:{}:123456789012:alarm:checkout-5xx"
WIDGET = json.dumps({"metrics": [["Shop", "Errors"]]})


@pytest.fixture
def details(aws: Session) -> CloudWatchDetails:
    s3: Any = aws.create_client("s3")
    where = {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    return CloudWatchDetails(aws, S3Attachments(aws, BUCKET))


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


def test_a_graph_is_kept_as_a_file_of_the_alarms_own_source(
    aws: Session, details: CloudWatchDetails
) -> None:
    drawing = Drawing()
    details._clients["eu-central-1"] = drawing
    attic = S3Attachments(aws, BUCKET)

    told = details.graph(ARN.format("eu-central-1"), WIDGET)

    assert drawing.widgets == [WIDGET]
    assert (told.name, told.media, told.size) == ("Graph.png", "image/png", 4)
    assert attic.find("sns", told.id) == Kept("Graph.png", "image/png", 4)
    assert attic.fetch("sns", told.id, 4, 3.0) == b"\x89PNG"
    Attachment.model_validate({"id": told.id})


def test_a_graph_that_is_drawn_again_is_the_same_file(
    aws: Session, details: CloudWatchDetails
) -> None:
    details._clients["eu-central-1"] = Drawing()
    arn = ARN.format("eu-central-1")
    s3: Any = aws.create_client("s3")

    assert details.graph(arn, WIDGET) == details.graph(arn, WIDGET)
    assert len(s3.list_objects_v2(Bucket=BUCKET)["Contents"]) == 1


def test_what_aws_refuses_is_told_by_the_call_and_the_code(aws: Session) -> None:
    details = CloudWatchDetails(aws, S3Attachments(aws, "no-such-bucket"))
    details._clients["eu-central-1"] = Drawing()

    with pytest.raises(Unavailable, match=r"^keep: NoSuchBucket$"):
        details.graph(ARN.format("eu-central-1"), WIDGET)
