"""Our own reading and writing of DynamoDB's JSON agrees with botocore's."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from tests.contract.conftest import TABLE
from tocsin.aws.calls import client, code_of

ITEM = {
    "pk": {"S": "ä\ud83d\ude00"},
    "sk": {"S": "a"},
    "doc": {"B": bytes(range(256))},
    "dl": {"M": {"ops": {"M": {"r": {"N": "0"}, "j": {"S": '{"s":"sent"}'}}}}},
    "td": {"BOOL": True},
}
KEY = {"pk": ITEM["pk"], "sk": ITEM["sk"]}
PUT = {"TableName": TABLE, "Item": ITEM}
ONCE = {**PUT, "ConditionExpression": "attribute_not_exists(pk)"}
ALL_OF_IT = {
    "TableName": TABLE,
    "KeyConditionExpression": "pk = :pk",
    "ExpressionAttributeValues": {":pk": ITEM["pk"]},
}
COUNTED = {
    "TableName": TABLE,
    "Key": KEY,
    "UpdateExpression": "ADD oc :one",
    "ExpressionAttributeValues": {":one": {"N": "1"}},
    "ReturnValues": "ALL_NEW",
}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("put_item", PUT),
    ("get_item", {"TableName": TABLE, "Key": KEY, "ConsistentRead": True}),
    ("get_item", {"TableName": TABLE, "Key": {**KEY, "sk": {"S": "none"}}}),
    ("batch_get_item", {"RequestItems": {TABLE: {"Keys": [KEY]}}}),
    ("query", ALL_OF_IT),
    ("query", {**ALL_OF_IT, "Limit": 1}),
    ("update_item", COUNTED),
    ("transact_write_items", {"TransactItems": [{"Put": PUT}]}),
]


@pytest.fixture
def ours(aws: Session) -> Any:
    return client(aws, "dynamodb")


@pytest.fixture
def theirs(aws: Session) -> Any:
    return aws.create_client("dynamodb", config=Config(parameter_validation=False))


def heard(
    caller: Any, call: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the body that was sent, the answer)."""
    bodies: list[dict[str, Any]] = []

    def listen(request: AWSRequest, **_: object) -> None:
        bodies.append(json.loads(request.data or b""))

    caller.meta.events.register("request-created.dynamodb", listen)
    answer = call()
    return bodies[-1], answer


@pytest.mark.parametrize(("name", "asked"), CALLS)
def test_the_same_is_asked_and_answered(
    ours: Any, theirs: Any, name: str, asked: dict[str, Any]
) -> None:
    theirs.put_item(**PUT)
    theirs.put_item(TableName=TABLE, Item={**ITEM, "sk": {"S": "b"}})
    answers: list[dict[str, Any]] = []
    bodies = []
    for caller in (theirs, ours):
        call = partial(getattr(caller, name), **asked)
        body, answer = heard(caller, call)
        bodies.append(body)
        answers.append(answer)
    tokens = [body.pop("ClientRequestToken", "") for body in bodies]
    metadata = [answer.pop("ResponseMetadata") for answer in answers]
    if name == "update_item":
        assert [each["Attributes"].pop("oc") for each in answers] == [
            {"N": "1"},
            {"N": "2"},
        ]

    assert bodies[0] == bodies[1]
    assert answers[0] == answers[1]
    assert [len(token) for token in tokens] in ([0, 0], [36, 36])
    assert [each["HTTPStatusCode"] for each in metadata] == [200, 200]


def test_what_is_given_is_left_alone(ours: Any) -> None:
    asked = {"RequestItems": {TABLE: {"Keys": [KEY]}}}
    ours.batch_get_item(**asked)
    assert asked == {"RequestItems": {TABLE: {"Keys": [KEY]}}}


def test_a_condition_that_fails_is_told_by_name(ours: Any) -> None:
    ours.put_item(**ONCE)
    with pytest.raises(ClientError) as raised:
        ours.put_item(**ONCE)
    assert code_of(raised.value) == "ConditionalCheckFailedException"


def test_a_cancelled_transaction_tells_which_write_lost(ours: Any) -> None:
    ours.put_item(**ONCE)
    fine = {**PUT, "Item": {**ITEM, "sk": {"S": "b"}}}
    with pytest.raises(ClientError) as raised:
        ours.transact_write_items(TransactItems=[{"Put": fine}, {"Put": ONCE}])
    reasons: Any = raised.value.response.get("CancellationReasons")
    assert [each["Code"] for each in reasons] == ["None", "ConditionalCheckFailed"]


def test_an_answer_that_is_no_json_is_an_answer_without_items(ours: Any) -> None:
    class Raw:
        def stream(self, **_: object) -> list[bytes]:
            return [b"<html>"]

    def answer(request: Any, **_: object) -> AWSResponse:
        return AWSResponse(request.url, 200, HTTPHeaders(), Raw())

    ours.meta.events.register_first("before-send.dynamodb", answer)
    found = ours.get_item(TableName=TABLE, Key=KEY)
    found.pop("ResponseMetadata")
    assert found == {}
