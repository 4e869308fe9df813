"""The template's functions, ways in and alarms: which there are, and which only if asked for."""

from __future__ import annotations

from typing import Any

import pytest

from local.place import ROOT
from tests.unit.sam_template.reading import actions, flattened, of_type, statements


def test_there_is_a_function_for_each_folder(resources: dict[str, Any]) -> None:
    functions = of_type(resources, "AWS::Serverless::Function")

    folders = {function["CodeUri"] for function in functions.values()}

    assert folders == {
        f"functions/{path.parent.name}" for path in ROOT.glob("functions/*/app.py")
    }


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
