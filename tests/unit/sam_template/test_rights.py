"""What each function may do, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sam_template.reading import (
    FUNCTIONS,
    NO_TOPIC,
    actions,
    granted,
    of_type,
    statements,
)
from tocsin.aws.settings_items import HISTORY, PARTITION


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_its_own_role_and_a_log_that_ends(
    resources: dict[str, Any], name: str
) -> None:
    function = resources[name]["Properties"]
    group = resources[function["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
    roles = [resources[each]["Properties"]["Role"]["Fn::GetAtt"] for each in FUNCTIONS]

    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert len(set(roles)) == len(FUNCTIONS)


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


def test_who_serves_no_operator_cannot_write_settings(
    resources: dict[str, Any],
) -> None:
    policy = resources["SettingsPolicy"]["Properties"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    (keys,) = statement["Condition"]["ForAnyValue:StringEquals"].values()

    assert [each["Ref"] for each in policy["Roles"]] == [
        "SenderRole",
        "SweepRole",
        "DigestRole",
    ]
    assert statement["Effect"] == "Deny"
    assert keys == [PARTITION, HISTORY]
    written = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    assert written == set(statement["Action"])


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


def test_whoever_may_invoke_a_function_is_named_closely(
    resources: dict[str, Any],
) -> None:
    for permission in of_type(resources, "AWS::Lambda::Permission").values():
        assert permission["Action"] == "lambda:InvokeFunction"
        assert permission.keys() & {"SourceArn", "SourceAccount"}


@pytest.mark.parametrize("topic", ["AlarmTopic", "OpsTopic"])
def test_only_this_account_s_alarms_may_publish(
    resources: dict[str, Any], topic: str
) -> None:
    policy = resources[f"{topic}Policy"]["Properties"]["PolicyDocument"]

    for statement in policy["Statement"]:
        assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        account = statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        assert account == {"Ref": "AWS::AccountId"}
