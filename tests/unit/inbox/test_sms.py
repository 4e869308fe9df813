"""SNS's stand-in for texts; and what the channel says to it."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from local.inbox.app import build
from local.inbox.sms import form
from tests.unit.channels.messages import HOSTILE as HOSTILE_WORDS
from tests.unit.channels.messages import message
from tests.unit.inbox.talk import Answer, Talk, talk
from tests.unit.inbox.test_page import CHROMIUM, HOSTILE
from tests.unit.inbox.test_pagerduty import read
from tests.unit.inbox.test_webhook_receiver import look
from tocsin.aws.signing import sign
from tocsin.channels import channel
from tocsin.ports import Aws, Kind, Target

NUMBER = "+41791234567"
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=local/20261103/us-east-1/sns/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
TEXT = {
    "Action": "Publish",
    "Version": "2010-03-31",
    "PhoneNumber": NUMBER,
    "Message": "db is down",
    "MessageAttributes.entry.1.Name": "AWS.SNS.SMS.SMSType",
    "MessageAttributes.entry.1.Value.DataType": "String",
    "MessageAttributes.entry.1.Value.StringValue": "Transactional",
}


async def publish(t: Talk, signature: str = SIGNED, **changed: str) -> Answer:
    """One call."""
    kind = "application/x-www-form-urlencoded"
    told = {"Content_Type": kind, "Authorization": signature}
    return await t.call("POST", "/sms/", urlencode(TEXT | changed).encode(), **told)


def test_a_text_is_shown_by_its_number() -> None:
    async def scenario(t: Talk) -> None:
        answer = await publish(t)

        assert answer.status == 200
        assert "<MessageId>sms" in answer.text
        (arrived,) = await t.messages()
        assert (arrived["provider"], arrived["webhook"]) == ("sms", NUMBER)
        assert arrived["text"] == "db is down"
        assert arrived["message"]["parts"] == 1

    talk(scenario)


@pytest.mark.parametrize(
    "changed",
    [
        {"PhoneNumber": "0791234567"},
        {"PhoneNumber": "", "TopicArn": "arn:aws:sns:us-east-1:000000000000:x"},
        {"Message": " "},
        {"Message": "x" * 1_601},
        {"MessageAttributes.entry.1.Value.StringValue": "Loud"},
        {"Action": "CreateTopic"},
        {
            "MessageAttributes.entry.2.Name": "AWS.SNS.SMS.SenderID",
            "MessageAttributes.entry.2.Value.StringValue": "123",
        },
    ],
)
def test_what_sns_refuses_is_refused(changed: dict[str, str]) -> None:
    async def scenario(t: Talk) -> None:
        answer = await publish(t, **changed)

        assert answer.status == 400
        assert "<Code>Invalid" in answer.text
        assert await t.messages() == []

    talk(scenario)


def test_what_is_not_signed_for_sns_is_refused() -> None:
    async def scenario(t: Talk) -> None:
        answer = await publish(t, SIGNED.replace("/sns/", "/ses/"))

        assert (answer.status, await t.messages()) == (400, [])

    talk(scenario)


@pytest.mark.parametrize(
    ("mode", "status"),
    [("gone", 400), ("unauthorized", 403), ("limited", 400), ("html", 502)],
)
def test_it_misbehaves_as_ordered(mode: str, status: int) -> None:
    async def scenario(t: Talk) -> None:
        await t.control("POST", "/behaviour", {"webhook": NUMBER, "mode": mode})

        assert (await publish(t)).status == status

    talk(scenario)


def test_more_than_twenty_texts_a_second_are_held_back() -> None:
    async def scenario(t: Talk) -> None:
        statuses = [(await publish(t)).status for _ in range(21)]

        assert statuses == [200] * 20 + [400]
        t.clock.now += 1
        assert (await publish(t)).status == 200

    talk(scenario)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("x" * 160, 1), ("x" * 161, 2), ("ж" * 70, 1), ("ж" * 71, 2), ("🚨" * 36, 2)],
)
def test_one_sign_of_another_alphabet_makes_parts_shorter(
    text: str, parts: int
) -> None:
    assert form.parts_of(text) == parts


def test_the_channel_is_taken_whatever_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")

    async def scenario() -> None:
        inbox = build()
        async with TestServer(inbox.app, host="127.0.0.1") as server:
            base = str(server.make_url("/sms"))
            opened = channel("sms", base, Aws(sign, None, "us-east-1"))
            for at, text in enumerate(HOSTILE_WORDS):
                number = f"+4179000{at:04d}"
                kept, secret = opened.split({"number": number, "sender_id": "Tocsin"})
                target = Target("oncall", kept, secret)
                told = await asyncio.to_thread(opened.send, [message(text)], target)
                assert (told.kind, told.message_id is None) == (Kind.OK, False), told
            assert (await asyncio.to_thread(opened.probe, target)).ok
        assert inbox.store.tally.total.accepted == len(HOSTILE_WORDS)
        assert not inbox.store.tally.warnings

    asyncio.run(scenario())


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
def test_a_text_is_shown_and_hostile_words_stay_words() -> None:
    async def scenario() -> dict[str, Any]:
        inbox = build()
        async with TestServer(inbox.app, host="127.0.0.1") as server:
            body = urlencode(TEXT | {"Message": HOSTILE[:900]})
            headers = {"Authorization": SIGNED}
            async with (
                aiohttp.ClientSession(server.make_url("/"), headers=headers) as session,
                session.post("/sms/", data=body) as response,
            ):
                assert response.status == 200
            return await asyncio.to_thread(look, str(server.make_url("/")), read)

    seen = asyncio.run(scenario())

    assert seen["owned"] is None
    assert seen["foreign"] == 0
    assert seen["groups"] == ["SMS", "Provider"]
    assert seen["links"] == []
