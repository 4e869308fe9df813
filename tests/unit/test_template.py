"""The template, read as data: what it may do, keeps, logs and watches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tocsin.attachments import KEPT_DAYS

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = (
    "IngestFunction",
    "HooksFunction",
    "SenderFunction",
    "SweepFunction",
    "DigestFunction",
    "ApiFunction",
)


NO_TOPIC = {"NotResource": {"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"}}


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref x` becomes {"Ref": "x"}."""


def _intrinsic(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", _intrinsic)


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    found = yaml.load((ROOT / "template.yaml").read_text(), Loader)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    found = template["Resources"]
    assert isinstance(found, dict)
    return found


def of_type(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: each.get("Properties", {})
        for name, each in resources.items()
        if each["Type"] == kind
    }


def statements(resources: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for name, policy in of_type(resources, "AWS::IAM::ManagedPolicy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            yield name, statement


def actions(statement: dict[str, Any]) -> list[str]:
    found = statement["Action"]
    return [found] if isinstance(found, str) else found


def granted(resources: dict[str, Any], role: str) -> set[str]:
    return {
        action
        for name, statement in statements(resources)
        if name in (role, "LedgerPolicy")
        for action in actions(statement)
    }


def attribute_of(value: Any) -> str:
    return str(value["Fn::GetAtt"])


def test_there_is_a_function_for_each_folder(resources: dict[str, Any]) -> None:
    functions = of_type(resources, "AWS::Serverless::Function")

    folders = {function["CodeUri"] for function in functions.values()}

    assert folders == {
        f"functions/{path.parent.name}" for path in ROOT.glob("functions/*/app.py")
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_its_own_role_and_a_log_that_ends(
    resources: dict[str, Any], name: str
) -> None:
    function = resources[name]["Properties"]
    group = resources[function["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
    roles = [resources[each]["Properties"]["Role"]["Fn::GetAtt"] for each in FUNCTIONS]

    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert len(set(roles)) == len(FUNCTIONS)


def test_people_sign_in_only_where_an_issuer_is_named(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    given = {
        name: each["Default"]
        for name, each in template["Parameters"].items()
        if name.startswith("Oidc")
    }
    only_then = {"Fn::If": ["HasOidc", {"Ref": "HooksLayer"}, {"Ref": "AWS::NoValue"}]}

    assert given.pop("OidcIssuer") == ""
    for name in ("IngestFunction", "ApiFunction"):
        function = resources[name]["Properties"]
        told = function["Environment"]["Variables"]
        assert only_then in function["Layers"]
        assert {f"Oidc{each}" for each in ("Issuer", "Operators", "Admins")} <= {
            each.get("Ref") for each in told.values() if isinstance(each, dict)
        }
        for variable, parameter in told.items():
            if variable.startswith("TOCSIN_OIDC_"):
                words = variable.removeprefix("TOCSIN_OIDC_").title().replace("_", "")
                assert parameter == {"Ref": f"Oidc{words}"}


def test_no_policy_has_a_wildcard_action_or_resource(resources: dict[str, Any]) -> None:
    for _, statement in statements(resources):
        assert not [action for action in actions(statement) if "*" in action]
        # CloudWatch knows no resource of this one.
        drawing = actions(statement) == ["cloudwatch:GetMetricWidgetImage"]
        # Telephone numbers have no ARN: everything that has one is left out.
        texting = {"NotResource": statement.get("NotResource")} == NO_TOPIC
        assert drawing or texting or statement["Resource"] != "*"


def test_nobody_may_scan_the_table(resources: dict[str, Any]) -> None:
    everything = {a for _, each in statements(resources) for a in actions(each)}

    assert "dynamodb:Scan" not in everything
    assert "dynamodb:DeleteTable" not in everything


def test_the_ledger_may_be_written_in_transactions(resources: dict[str, Any]) -> None:
    needed = {"ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"}

    for role in of_type(resources, "AWS::IAM::Role"):
        assert {f"dynamodb:{each}" for each in needed} <= granted(resources, role)


def test_the_sender_may_hide_what_it_received_but_not_send(
    resources: dict[str, Any],
) -> None:
    sender = granted(resources, "SenderRole")

    assert "sqs:ChangeMessageVisibility" in sender
    assert "sqs:SendMessage" not in sender


def test_only_the_api_may_write_destination_secrets(resources: dict[str, Any]) -> None:
    writers = {
        n for n, each in statements(resources) if "ssm:PutParameter" in actions(each)
    }

    assert writers == {"ApiRole"}


def test_mail_is_sent_as_named_identities_only(resources: dict[str, Any]) -> None:
    policy = resources["SesPolicy"]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]

    assert policy["Condition"] == "HasSesIdentities"
    assert statement["Resource"] == {"Ref": "SesIdentities"}
    assert {"ses:SendEmail", "ses:SendRawEmail"} <= set(statement["Action"])


def test_texts_go_to_numbers_alone_and_only_where_they_are_allowed(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    policy = resources["SmsPolicy"]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]

    assert template["Parameters"]["AllowSms"]["Default"] == "no"
    assert template["Conditions"]["AllowsSms"] == {
        "Fn::Equals": [{"Ref": "AllowSms"}, "yes"]
    }
    assert policy["Condition"] == "AllowsSms"
    assert {each["Ref"] for each in policy["Properties"]["Roles"]} == {
        "SenderRole",
        "ApiRole",
        "DigestRole",
    }
    assert statement == {
        "Sid": "SendTexts",
        "Effect": "Allow",
        "Action": ["sns:Publish", "sns:CheckIfPhoneNumberIsOptedOut"],
        **NO_TOPIC,
    }
    elsewhere = [s for _, s in statements(resources) if "NotResource" in s]
    assert elsewhere == [statement]


def test_the_long_tail_is_off_unless_asked_for(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    layered = {
        name
        for name, function in of_type(resources, "AWS::Serverless::Function").items()
        if {"Ref": "AppriseLayer"} in list(flattened(function.get("Layers", [])))
    }

    assert template["Parameters"]["Apprise"]["Default"] == "false"
    assert resources["AppriseLayer"]["Condition"] == "HasApprise"
    assert layered == {"SenderFunction", "DigestFunction", "ApiFunction"}


def flattened(layers: list[Any]) -> Iterator[Any]:
    for layer in layers:
        yield from layer.get("Fn::If", [layer])


def test_only_those_who_need_a_generated_key_may_read_it(
    resources: dict[str, Any],
) -> None:
    reading = "secretsmanager:GetSecretValue"

    readers = {
        name: each["Resource"]
        for name, each in statements(resources)
        if reading in actions(each)
    }

    keys = [{"Ref": "AdminKey"}, {"Ref": "IngestKey"}]
    assert readers == {
        "IngestRole": keys,
        "HooksRole": keys,
        "ApiRole": [*keys, {"Ref": "LinkKey"}],
        "SenderRole": {"Ref": "LinkKey"},
    }


def test_an_allowed_secret_is_where_the_functions_look_for_it(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    prefixes = [
        variables[name]["Fn::Sub"]
        for name in ("TOCSIN_SECRETS_PREFIX", "TOCSIN_SIGNING_SECRETS_PREFIX")
    ]
    ends = tuple(f"parameter{prefix}/*" for prefix in prefixes)

    for _, statement in statements(resources):
        if any(action.startswith("ssm:") for action in actions(statement)):
            assert statement["Resource"]["Fn::Sub"].endswith(ends)


def test_each_function_reads_the_secrets_of_its_own_side_only(
    resources: dict[str, Any],
) -> None:
    """Who talks to strangers does not know how to talk to people, nor the reverse."""
    read = {
        (name, statement["Resource"]["Fn::Sub"].rsplit("/", 2)[1])
        for name, statement in statements(resources)
        if "ssm:GetParameter" in actions(statement)
    }

    assert read == {
        ("ApiRole", "destinations"),
        ("DigestRole", "destinations"),
        ("SenderRole", "destinations"),
        ("HooksRole", "sources"),
    }


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


@pytest.mark.parametrize("number", range(1, 6))
def test_each_further_topic_is_subscribed_and_may_invoke(
    template: dict[str, Any], resources: dict[str, Any], number: int
) -> None:
    permission = resources[f"Topic{number}MayInvoke"]
    subscription = resources[f"Topic{number}Subscription"]
    condition = template["Conditions"][f"HasTopic{number}"]
    topic, nothing = condition["Fn::Not"][0]["Fn::Equals"]

    assert nothing == template["Parameters"][f"TopicArn{number}"]["Default"] == ""
    assert permission["Condition"] == subscription["Condition"] == f"HasTopic{number}"
    assert topic == {"Ref": f"TopicArn{number}"}
    assert permission["Properties"]["SourceArn"] == topic
    assert subscription["Properties"]["TopicArn"] == topic
    assert permission["Properties"]["FunctionName"] == {"Ref": "IngestFunction"}


def test_whoever_may_invoke_a_function_is_named_closely(
    resources: dict[str, Any],
) -> None:
    for permission in of_type(resources, "AWS::Lambda::Permission").values():
        assert permission["Action"] == "lambda:InvokeFunction"
        assert permission.keys() & {"SourceArn", "SourceAccount"}


def test_rules_are_off_unless_asked_for(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    rules = {n: e for n, e in resources.items() if e["Type"] == "AWS::Events::Rule"}

    assert len(rules) == 2
    assert all("Condition" in rule for rule in rules.values())
    assert template["Parameters"]["AwsEventTypes"]["Default"] == ""
    assert template["Parameters"]["StoppedTasks"]["Default"] == "no"


def test_schedules_leave_their_names_to_aws(resources: dict[str, Any]) -> None:
    schedules = [
        event["Properties"]
        for function in of_type(resources, "AWS::Serverless::Function").values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    ]

    assert schedules
    assert all(schedule["OmitName"] is True for schedule in schedules)


def test_every_alarm_tells_the_topic_that_does_not_pass_through_us(
    resources: dict[str, Any],
) -> None:
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")

    assert len(alarms) >= 8
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == [{"Ref": "OpsTopic"}]
        assert alarm["AlarmDescription"].endswith(".")
    subscribed = resources["IngestFunction"]["Properties"]["Events"]["Alarms"]
    assert subscribed["Properties"]["Topic"] == {"Ref": "AlarmTopic"}


def test_dead_letters_are_counted_by_what_is_visible(resources: dict[str, Any]) -> None:
    alarm = resources["DeadLettersAlarm"]["Properties"]

    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"


@pytest.mark.parametrize("topic", ["AlarmTopic", "OpsTopic"])
def test_only_this_account_s_alarms_may_publish(
    resources: dict[str, Any], topic: str
) -> None:
    policy = resources[f"{topic}Policy"]["Properties"]["PolicyDocument"]

    for statement in policy["Statement"]:
        assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        account = statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        assert account == {"Ref": "AWS::AccountId"}


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


def test_whatever_is_not_an_event_is_answered_by_the_api(
    resources: dict[str, Any],
) -> None:
    routes = {
        route["RouteKey"]: route["Target"]["Fn::Sub"]
        for route in of_type(resources, "AWS::ApiGatewayV2::Route").values()
    }

    assert routes["POST /v1/events"] == "integrations/${IngestIntegration}"
    for path in ("{adapter}", "{adapter}/{token}"):
        route = f"POST /v1/hooks/{path}"
        assert routes[route] == "integrations/${HooksIntegration}"
    for other in ("POST /v1/interactions/{channel}", "GET /v1/hooks/{adapter}/{token}"):
        assert routes[other] == routes[route]
    assert routes["$default"] == "integrations/${ApiIntegration}"


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


def test_alarms_are_enriched_by_who_takes_them_in_unless_told_otherwise(
    template: dict[str, Any],
) -> None:
    resources = template["Resources"]
    policy = resources["EnrichmentPolicy"]
    granted_on = {
        action: each["Resource"]
        for name, each in statements(resources)
        if name == "EnrichmentPolicy"
        for action in actions(each)
    }
    account = {"Fn::If": ["EnrichesAlarms", {"Ref": "AWS::AccountId"}, ""]}
    told = {
        name: function["Environment"]["Variables"]
        for name, function in of_type(resources, "AWS::Serverless::Function").items()
        if "TOCSIN_ENRICHED_ACCOUNT" in str(function.get("Environment"))
    }

    assert template["Parameters"]["EnrichAlarms"]["Default"] == "true"
    assert policy["Condition"] == "EnrichesAlarms"
    assert policy["Properties"]["Roles"] == [
        {"Ref": "IngestRole"},
        {"Ref": "HooksRole"},
    ]
    graphs = {"Fn::Sub": "${OriginalsBucket.Arn}/attachments/sns/*"}
    alarms = "arn:${AWS::Partition}:cloudwatch:*:${AWS::AccountId}:alarm:*"
    assert granted_on == {
        "cloudwatch:ListTagsForResource": {"Fn::Sub": alarms},
        "cloudwatch:GetMetricWidgetImage": "*",
        "s3:PutObject": graphs,
    }
    assert told.keys() == {"IngestFunction", "HooksFunction"}
    for variables in told.values():
        assert variables["TOCSIN_ENRICHED_ACCOUNT"] == account
        assert variables["TOCSIN_ORIGINALS_BUCKET"] == {"Ref": "OriginalsBucket"}


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
