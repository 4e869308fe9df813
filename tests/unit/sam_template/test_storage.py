"""What the template keeps, queues and forgets."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.unit.sam_template.reading import actions, attribute_of, of_type, statements
from tocsin.attachments import KEPT_DAYS


def test_the_table_has_no_index_and_forgets_in_time(resources: dict[str, Any]) -> None:
    table = resources["Table"]

    assert "GlobalSecondaryIndexes" not in table["Properties"]
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["Properties"]["TimeToLiveSpecification"]["AttributeName"] == "expires"
    recovery = table["Properties"]["PointInTimeRecoverySpecification"]
    assert recovery["PointInTimeRecoveryEnabled"] is True
    assert table["DeletionPolicy"] == "RetainExceptOnCreate"


def test_the_queue_and_its_dead_letters_are_of_one_kind(
    resources: dict[str, Any],
) -> None:
    queue = resources["DeliveryQueue"]["Properties"]
    dead = resources["DeadLetterQueue"]["Properties"]

    assert queue["FifoQueue"] is dead["FifoQueue"] is True
    assert queue["ContentBasedDeduplication"] is False
    assert attribute_of(queue["RedrivePolicy"]["deadLetterTargetArn"]) == (
        "DeadLetterQueue.Arn"
    )
    allowed = dead["RedriveAllowPolicy"]["sourceQueueArns"][0]["Fn::Sub"]
    assert allowed.endswith(":" + queue["QueueName"]["Fn::Sub"])
    assert dead["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"]


def test_a_batch_is_hidden_for_six_times_the_sender_s_timeout(
    resources: dict[str, Any],
) -> None:
    timeout = resources["SenderFunction"]["Properties"]["Timeout"]

    hidden = resources["DeliveryQueue"]["Properties"]["VisibilityTimeout"]

    assert hidden == 6 * timeout


def test_the_sender_reports_each_record_by_itself(resources: dict[str, Any]) -> None:
    events = resources["SenderFunction"]["Properties"]["Events"]
    mapping = events["Deliveries"]["Properties"]

    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] == 10
    assert "MaximumBatchingWindowInSeconds" not in mapping


def test_what_schedules_topics_and_async_calls_give_up_goes_to_a_standard_queue(
    resources: dict[str, Any],
) -> None:
    failures = resources["FailureQueue"]["Properties"]
    assert "FifoQueue" not in failures

    targets = []
    for function in of_type(resources, "AWS::Serverless::Function").values():
        invoke = function.get("EventInvokeConfig")
        if invoke:
            targets.append(invoke["DestinationConfig"]["OnFailure"]["Destination"])
        for event in function.get("Events", {}).values():
            properties = event["Properties"]
            if event["Type"] == "ScheduleV2":
                targets.append(properties["DeadLetterConfig"]["Arn"])
            if event["Type"] == "SNS":
                targets.append(properties["RedrivePolicy"]["deadLetterTargetArn"])

    targets += [
        each["RedrivePolicy"]["deadLetterTargetArn"]
        for each in of_type(resources, "AWS::SNS::Subscription").values()
        if each["Protocol"] == "lambda"
    ]
    for rule in of_type(resources, "AWS::Events::Rule").values():
        targets += [each["DeadLetterConfig"]["Arn"] for each in rule["Targets"]]

    assert len(targets) == 14
    assert {attribute_of(target) for target in targets} == {"FailureQueue.Arn"}


def test_what_may_give_up_may_send_to_the_failure_queue(
    resources: dict[str, Any],
) -> None:
    policy = resources["FailureQueuePolicy"]["Properties"]["PolicyDocument"]
    allowed = {
        each["Principal"]["Service"]: each["Condition"] for each in policy["Statement"]
    }

    topics = allowed["sns.amazonaws.com"]["ArnEquals"]["aws:SourceArn"]
    assert topics[0] == {"Ref": "AlarmTopic"}
    assert [each["Fn::If"][0] for each in topics[1:]] == [
        f"HasTopic{number}" for number in range(1, 6)
    ]
    rules = allowed["events.amazonaws.com"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]
    assert rules.endswith(":rule/${AWS::StackName}-*")


@pytest.mark.parametrize("name", ["AdminKey", "IngestKey"])
def test_generated_keys_hold_nothing_that_a_shell_or_header_would_change(
    resources: dict[str, Any], name: str
) -> None:
    made = resources[name]["Properties"]["GenerateSecretString"]

    assert made["PasswordLength"] == 40
    assert made["ExcludePunctuation"] is True
    assert re.findall(r"[A-Za-z0-9]", made["ExcludeCharacters"]) == []
    assert len(made["ExcludeCharacters"]) == 32


def test_the_access_log_keeps_no_query_no_header_and_no_path(
    resources: dict[str, Any],
) -> None:
    """The path of a hook may end in a key."""
    log = resources["HttpStage"]["Properties"]["AccessLogSettings"]["Format"]

    assert "header" not in log
    assert "query" not in log.lower()
    assert "path" not in log.lower()


def test_originals_are_private_encrypted_and_forgotten(
    resources: dict[str, Any],
) -> None:
    bucket = resources["OriginalsBucket"]["Properties"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    writers = {
        (name, each["Resource"]["Fn::Sub"].split("/")[1]): actions(each)
        for name, each in statements(resources)
        if any(action.startswith("s3:") for action in actions(each))
    }

    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["BucketEncryption"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", KEPT_DAYS)
    assert writers == {
        ("IngestRole", "attachments"): ["s3:PutObject", "s3:GetObject"],
        ("HooksRole", "hooks"): ["s3:PutObject"],
        ("HooksRole", "attachments"): ["s3:GetObject"],
        ("SenderRole", "attachments"): ["s3:GetObject"],
        ("EnrichmentPolicy", "attachments"): ["s3:PutObject"],
        ("ApiRole", "attachments"): ["s3:GetObject"],
    }


def test_every_resource_that_holds_data_says_what_becomes_of_it(
    resources: dict[str, Any],
) -> None:
    for each in resources.values():
        if each["Type"] in (
            "AWS::DynamoDB::Table",
            "AWS::S3::Bucket",
            "AWS::SQS::Queue",
        ):
            assert "DeletionPolicy" in each
            assert "UpdateReplacePolicy" in each
