"""Asking AWS: what is asked again, how long that waits, and what it then says."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.loopback import Behaviour, Provider, answer, hang_up, raw
from tocsin.aws import role
from tocsin.aws.calls import available, code_of
from tocsin.aws.json_service import (
    ATTEMPTS,
    LONGEST_PAUSE,
    JsonService,
    Refusal,
    Unreached,
)
from tocsin.errors import Unavailable

DONE = answer(200, {"MessageId": "m"})
BUSY = answer(400, {"__type": "com.amazonaws.dynamodb#ThrottlingException"})
REFUSED = answer(
    400, {"__type": "com.amazonaws#AccessDeniedException", "message": "no"}
)
FOUND = answer(200, {"Item": {"doc": {"B": "AAH/"}, "pk": {"S": "a"}}})
# Taken for an answer, it would say that there is no such row.
BROKEN_OFF = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n")
UNDER_WAY = answer(400, {"__type": "a#TransactionInProgressException"})


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)


def service(base: str, pauses: list[float], name: str = "sqs") -> Any:
    environ = {"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": base}
    return JsonService(name, environ=environ, pause=pauses.append)


def refused(call: Callable[..., Any]) -> tuple[str, str]:
    """(AWS's code or the kind of error, its words), and nothing that holds the call."""
    try:
        call(MessageBody="b")
    except (Refusal, Unreached) as error:
        return code_of(error) or type(error).__name__, str(error)
    return "", ""


def asked(told: Provider) -> list[Any]:
    return [json.loads(request.body) for request in told.requests]


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(BUSY, id="throttled"),
        pytest.param(hang_up, id="no answer"),
        pytest.param(answer(500, {"__type": "InternalFailure"}), id="its own fault"),
        pytest.param(answer(503, b"<html>"), id="a gateway's page"),
        pytest.param(answer(200, b"<html>"), id="a page that says it is well"),
        pytest.param(answer(400, {"__type": "RequestTimeout"}), id="too slow"),
        pytest.param(raw(b"nonsense\r\n\r\n"), id="no HTTP"),
        pytest.param(BROKEN_OFF, id="broken off before its body"),
        pytest.param(UNDER_WAY, id="a transaction that is under way"),
    ],
)
def test_what_may_pass_is_asked_again_with_the_same_words(trouble: Behaviour) -> None:
    pauses: list[float] = []
    with loopback.provider(trouble, trouble, DONE) as told:
        found = service(told.base, pauses).send_message(MessageBody="b")

    assert found == {"MessageId": "m"}
    assert asked(told) == [{"MessageBody": "b"}] * 3
    assert len(pauses) == 2
    assert all(0 <= pause <= LONGEST_PAUSE for pause in pauses)


def test_an_answer_without_words_is_one() -> None:
    with loopback.provider(answer(200)) as told:
        assert service(told.base, []).delete_message(ReceiptHandle="r") == {}

    assert len(told.requests) == 1


def test_a_transaction_that_is_asked_again_keeps_its_token() -> None:
    with loopback.provider(hang_up, answer(200, {})) as told:
        service(told.base, [], "dynamodb").transact_write_items(TransactItems=[])

    tokens = [each["ClientRequestToken"] for each in asked(told)]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1


def test_it_gives_up_in_the_end_and_says_why() -> None:
    pauses: list[float] = []
    with loopback.provider(hang_up) as told:
        kind, words = refused(service(told.base, pauses).send_message)

    assert len(told.requests) == ATTEMPTS
    assert len(pauses) == ATTEMPTS - 1
    assert kind == "Unreached"
    assert words.startswith("SendMessage: sent, but no answer")


def test_throttling_that_lasts_is_told_by_its_name() -> None:
    with loopback.provider(BUSY) as told:
        code, _ = refused(service(told.base, []).send_message)

    assert len(told.requests) == ATTEMPTS
    assert code == "ThrottlingException"


def test_a_refusal_is_final() -> None:
    pauses: list[float] = []
    with loopback.provider(REFUSED) as told:
        code, words = refused(service(told.base, pauses).send_message)

    assert len(told.requests) == 1
    assert pauses == []
    assert code == "AccessDeniedException"
    assert words == "SendMessage: AccessDeniedException"


def test_nobody_there_is_unavailable() -> None:
    @available
    def send(caller: Any) -> None:
        caller.send_message(MessageBody="b")

    with loopback.deaf_port() as base, pytest.raises(Unavailable) as raised:
        send(service(base, []))

    told = "send: SendMessage: no connection: the connection was refused"
    assert str(raised.value) == told


def test_one_connection_serves_many_calls() -> None:
    with loopback.provider(DONE) as told:
        caller = service(told.base, [])
        for _ in range(5):
            caller.send_message(MessageBody="b")

    assert told.connections == 1
    assert {each.headers["x-amz-target"] for each in told.requests} == {
        "AmazonSQS.SendMessage"
    }


def test_binary_values_are_bytes_both_ways() -> None:
    with loopback.provider(FOUND) as told:
        caller = service(told.base, [], "dynamodb")
        found = caller.get_item(Key={"pk": {"B": b"\x00\x01\xff"}})

    assert found == {"Item": {"doc": {"B": b"\x00\x01\xff"}, "pk": {"S": "a"}}}
    assert asked(told) == [{"Key": {"pk": {"B": "AAH/"}}}]


@pytest.mark.parametrize("text", ['{"B":"-_"}', "\U0001f600", "half of \ud83d"])
def test_texts_and_binary_values_arrive_as_what_they_are(text: str) -> None:
    item = {"pk": {"S": text}, "doc": {"B": bytes(range(256))}}
    with loopback.provider(DONE) as told:
        service(told.base, [], "dynamodb").put_item(Item=item)

    (sent,) = asked(told)
    assert sent["Item"]["pk"] == {"S": text}
    assert b64decode(sent["Item"]["doc"]["B"], validate=True) == bytes(range(256))


def test_a_megabyte_is_read_whole() -> None:
    rows = [{"pk": {"S": "x" * 1000}} for _ in range(1100)]
    with loopback.provider(answer(200, {"Items": rows})) as told:
        found = service(told.base, [], "dynamodb").query(TableName="t")

    assert found == {"Items": rows}


ELSEWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("environ", "base"),
    [
        ({}, None),
        ({"AWS_ENDPOINT_URL": ELSEWHERE}, ELSEWHERE),
        ({"AWS_ENDPOINT_URL_SQS": ELSEWHERE, "AWS_ENDPOINT_URL": "x"}, ELSEWHERE),
        ({"AWS_ENDPOINT_URL_SSM": ELSEWHERE}, None),
        (
            {
                "AWS_ENDPOINT_URL": ELSEWHERE,
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            },
            None,
        ),
    ],
)
def test_an_address_in_place_of_aws_s_is_honoured(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], base: str | None
) -> None:
    bases: list[str | None] = []
    monkeypatch.setattr(
        "tocsin.aws.json_service.Http", lambda _, base, **__: bases.append(base)
    )
    JsonService("sqs", environ={"AWS_DEFAULT_REGION": "eu-central-1", **environ})

    assert bases == [base]


class Session:
    """botocore's, where Lambda's variables are not set."""

    def __init__(self, found: Callable[[], Any]) -> None:
        self.get_credentials = found


def test_without_variables_botocore_is_asked_for_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Found:
        def get_frozen_credentials(self) -> tuple[str, str, None]:
            return "AKIDOTHER", "s", None

    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setattr(role, "session", lambda: Session(Found))
    assert role.credentials() == role.Credentials("AKIDOTHER", "s", "")


def test_no_credentials_at_all_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setattr(role, "session", lambda: Session(lambda: None))
    with pytest.raises(Unavailable, match="no AWS credentials"):
        role.credentials()
