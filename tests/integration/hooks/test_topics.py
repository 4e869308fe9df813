"""SNS topics that post by HTTPS, and alarms that come on two ways."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.sns import NOW, stamp
from tests.fakes.sns import signed as signed_by_sns
from tests.integration.functions import EVENTS, TOPIC, Functions
from tests.integration.hooks.posting import BEARER
from tests.unit.channels.loopback import answer, provider
from tests.unit.intake import test_sns_delivery as sns


def test_a_topic_is_confirmed_then_told_then_missed(
    functions: Functions, at_sns: sns.Pages
) -> None:
    assert sns.TOPIC == TOPIC
    status, _, told = functions.post("sns", signed_by_sns(sns.confirmation()))
    assert (status, told["done"]) == (200, "subscribed")
    assert at_sns.asked[-1].startswith(f"https://{sns.HOST}/?Action=ConfirmSub")

    body = signed_by_sns(sns.notification())
    first, again = functions.post("sns", body), functions.post("sns", body)
    assert first[0] == again[0] == 202
    (result,) = first[2]["results"]
    assert again[2]["results"][0]["id"] == result["id"]
    _, found = functions.call("GET", f"/v1/notifications/{result['id']}")
    assert (found["sender"], found["title"]) == ("sns", "Größe")

    end = signed_by_sns(sns.confirmation("UnsubscribeConfirmation"))
    assert functions.post("sns", end)[2]["done"] == "unsubscribed"


@pytest.mark.parametrize(
    "body",
    [
        signed_by_sns(sns.notification(TopicArn=f"{TOPIC}-other")),
        signed_by_sns(sns.notification(SigningCertURL="https://evil.example/x.pem")),
        signed_by_sns(sns.confirmation(SubscribeURL="https://evil.example/")),
        json.dumps(
            json.loads(signed_by_sns(sns.notification())) | {"Message": "x"}
        ).encode(),
    ],
)
def test_what_is_not_of_an_allowed_topic_is_refused(
    functions: Functions, at_sns: sns.Pages, body: bytes
) -> None:
    before = functions.ids()

    assert functions.post("sns", body, BEARER)[0] in (401, 403)
    assert functions.ids() == before
    assert set(at_sns.asked) <= {sns.CERT}


@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation"])
@pytest.mark.parametrize("field", ["SigningCertURL", "SubscribeURL"])
def test_no_address_in_a_message_is_called_by_the_function_itself(
    functions: Functions,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    field: str,
) -> None:
    """With its real means of fetching, and someone who listens."""
    clock = FakeClock()
    clock.at = NOW
    monkeypatch.setattr(functions.hooks.ports, "clock", clock)
    make = sns.notification if kind == "Notification" else sns.confirmation
    with provider(answer(200, {})) as listener:
        for address in (
            f"{listener.base}/SimpleNotificationService-ab.pem",
            f"{listener.base}/latest/meta-data/".replace("127.0.0.1", "localhost"),
            f"https://127.0.0.1:{listener.port}/SimpleNotificationService-ab.pem",
            f"http://{sns.HOST}@127.0.0.1:{listener.port}/x.pem",
        ):
            # Whose certificate is at SNS's own address cannot be fetched from here.
            told = {"SigningCertURL": "https://sns.invalid/x.pem", field: address}
            status = functions.post("sns", signed_by_sns(make(**told)), BEARER)[0]
            assert status == 401

        assert (listener.requests, listener.connections) == ([], 0)
    logged = capsys.readouterr().out
    assert logged.count('"HookStrangers":[1.0]') == 4
    assert "meta-data" not in logged


WAYS = {
    "topic": "sns-alarm-metric",
    "https": "sns-alarm-metric",
    "rule": "eventbridge-alarm-metric",
    "action": "lambda-alarm-action",
}


def comes(functions: Functions, way: str, name: str, change: str) -> None:
    """One change of one alarm, as AWS tells it on this way."""
    text = (EVENTS / f"{WAYS[way]}.json").read_text()
    text = text.replace("checkout-5xx", name)
    event = json.loads(text.replace("2026-11-21T08:31:23.000+0000", change))
    if way == "topic":
        functions.ingest.handler(event, None)
    elif way == "https":
        message = event["Records"][0]["Sns"]["Message"]
        body = signed_by_sns(sns.notification(Message=message, MessageId=name))
        assert functions.post("sns", body)[0] == 202
    else:
        functions.hooks.handler(event, None)


@pytest.mark.parametrize(("first", "then"), list(permutations(WAYS, 2)))
def test_an_alarm_that_comes_on_two_ways_is_told_once(
    functions: Functions,
    at_sns: sns.Pages,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    then: str,
) -> None:
    monkeypatch.setattr(functions.ingest.ports, "clock", functions.hooks.ports.clock)
    name, before = f"{first}-then-{then}", set(functions.ids())

    comes(functions, first, name, stamp(NOW - 5000))
    (told,) = set(functions.ids()) - before
    comes(functions, then, name, stamp(NOW - 5000))

    assert set(functions.ids()) - before == {told}
    _, found = functions.call("GET", f"/v1/notifications/{told}")
    assert (found["occurrences"], found["state"]) == (1, "firing")
    comes(functions, then, name, stamp(NOW - 4000))
    _, found = functions.call("GET", f"/v1/notifications/{told}")
    assert found["occurrences"] == 2  # Another change is another occurrence.
