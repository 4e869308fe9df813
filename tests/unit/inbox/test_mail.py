"""The mail server of the inbox, as a sender and as a mail program see it."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest

from local.inbox.app import listen_mail
from tests.unit.channels.messages import HOSTILE, message
from tests.unit.inbox.talk import Talk, talk
from tocsin.channels import channel
from tocsin.channels.email import Email
from tocsin.channels.email.pool import Pool
from tocsin.message import Message
from tocsin.ports import Kind, Outcome, Target

OPS = "ops@example.org"
GIVEN: dict[str, Any] = {
    "host": "smtp.example.com",
    "username": "alerts@example.com",
    "password": "app-password",
    "from": "Tocsin <alerts@example.com>",
    "to": [OPS, "oncall@example.org"],
}


BOTH = {"mode": "gone", "method": "RCPT"}


@dataclass
class Post:
    """The channel, towards the inbox."""

    talk: Talk
    port: int

    async def send(
        self, one: Message, *, patience: float = 30.0, **given: Any
    ) -> Outcome:
        """A mail, over a connection of its own; `patience` in seconds."""
        kept, secret = channel("email").split({**GIVEN, **given})
        opened = Email(Pool(("127.0.0.1", self.port), total=patience))
        target = Target("ops", kept, secret)
        return await asyncio.to_thread(opened.send, [one], target)

    async def order(self, **fault: Any) -> None:
        """Let something go wrong."""
        await self.talk.control("POST", "/behaviour", fault)


def posting(scenario: Callable[[Post], Awaitable[None]]) -> None:
    """Run a scenario against an inbox that takes mail."""

    async def run(t: Talk) -> None:
        server = await listen_mail(t.inbox, 0)
        try:
            await scenario(Post(t, server.sockets[0].getsockname()[1]))
        finally:
            server.close()

    talk(run)


def test_a_mail_is_shown_as_a_mail_program_shows_it() -> None:
    async def scenario(post: Post) -> None:
        outcome = await post.send(message("checkout-5xx is in ALARM"))
        (arrival,) = await post.talk.messages()
        shown = arrival["message"]

        assert outcome.kind is Kind.OK
        assert arrival["provider"] == "email"
        assert arrival["webhook"] == OPS
        assert f"<{arrival['id']}>" == outcome.message_id
        assert shown["subject"] == "🚨 checkout-5xx is in ALARM"
        assert shown["from"] == "Tocsin <alerts@example.com>"
        assert shown["to"] == f"{OPS}, oncall@example.org"
        assert shown["author"] == {"username": "Tocsin"}
        assert shown["snippet"].startswith("checkout-5xx is in ALARM")
        assert arrival["payload"]["envelope"]["to"] == [OPS, "oncall@example.org"]
        assert arrival["warnings"] == []
        assert "checkout-5xx" in arrival["text"]

    posting(scenario)


def test_its_html_stands_in_a_frame_where_nothing_runs() -> None:
    async def scenario(post: Post) -> None:
        await post.send(message())
        (arrival,) = await post.talk.messages()
        answer = await post.talk.call("GET", f"/mail/{arrival['seq']}")
        policy = answer.headers["Content-Security-Policy"]

        assert answer.status == 200
        assert answer.text == arrival["payload"]["html"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "sandbox" in policy
        assert "allow-scripts" not in policy
        assert "frame-ancestors 'self'" in policy
        assert (await post.talk.call("GET", "/mail/99")).status == 404
        page = await post.talk.call("GET", "/")
        assert "frame-src 'self'" in page.headers["Content-Security-Policy"]

    posting(scenario)


def test_a_frame_shows_mails_only() -> None:
    async def scenario(post: Post) -> None:
        await post.talk.post({"content": "<script>"})

        assert (await post.talk.call("GET", "/mail/1")).status == 404

    posting(scenario)


def test_hostile_text_arrives_and_nothing_is_to_be_forgiven() -> None:
    async def scenario(post: Post) -> None:
        for text in HOSTILE:
            assert (await post.send(message(text))).kind is Kind.OK
        arrivals = await post.talk.messages()

        assert len(arrivals) == len(HOSTILE)
        assert {w for each in arrivals for w in each["warnings"]} <= {
            "the same Message-ID again: some mail programs show it once"
        }

    posting(scenario)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"mode": "gone"}, Kind.PERMANENT),
        ({"mode": "unauthorized"}, Kind.GONE),
        ({"mode": "limited"}, Kind.LIMITED),
        ({"mode": "html"}, Kind.UNKNOWN),
        ({"mode": "drop"}, Kind.UNKNOWN),
        ({"mode": "hang", "seconds": 2.0}, Kind.UNKNOWN),
        ({"mode": "slow", "seconds": 0.1}, Kind.OK),
        ({"mode": "status", "status": 500}, Kind.TRANSIENT),
        ({"mode": "status", "status": 503}, Kind.TRANSIENT),
        ({"mode": "status", "status": 429}, Kind.LIMITED),
        ({"mode": "status", "status": 404}, Kind.PERMANENT),
        ({"mode": "status", "status": 401}, Kind.GONE),
        ({"mode": "status", "status": 421}, Kind.TRANSIENT),
        ({"mode": "status", "status": 452}, Kind.TRANSIENT),
        ({"mode": "status", "status": 552}, Kind.PERMANENT),
        ({"mode": "status", "status": 554, "body": "5.7.1 spam"}, Kind.PERMANENT),
        ({"mode": "status", "status": 451, "method": "MAIL"}, Kind.TRANSIENT),
        ({"mode": "drop", "method": "MAIL"}, Kind.TRANSIENT),
        ({"mode": "drop", "method": "RCPT"}, Kind.TRANSIENT),
        ({"mode": "slow", "seconds": 0.1, "method": "RCPT"}, Kind.OK),
        (BOTH, Kind.PERMANENT),
        ({"mode": "unauthorized", "method": "AUTH"}, Kind.GONE),
    ],
)
def test_mail_goes_wrong_as_ordered_and_then_right_again(
    fault: dict[str, Any], kind: Kind
) -> None:
    async def scenario(post: Post) -> None:
        await post.order(times=2 if fault == BOTH else 1, **fault)
        patience = 1.5 if fault["mode"] == "hang" else 30.0
        outcome = await post.send(message(), patience=patience)

        assert outcome.kind is kind, outcome
        assert (await post.send(message())).kind is Kind.OK
        assert len(await post.talk.messages()) == 1 + (kind is Kind.OK)

    posting(scenario)


def test_a_lost_answer_after_the_mail_was_taken_makes_it_come_twice() -> None:
    async def scenario(post: Post) -> None:
        await post.order(mode="drop", when="after_store", times=1)
        first, second = await post.send(message()), await post.send(message())
        arrivals = await post.talk.messages()

        assert (first.kind, second.kind) == (Kind.UNKNOWN, Kind.OK)
        assert [arrival["id"] for arrival in arrivals] == [arrivals[0]["id"]] * 2
        assert "the same Message-ID again" in arrivals[1]["warnings"][0]

    posting(scenario)


def test_one_of_the_recipients_may_be_refused() -> None:
    async def scenario(post: Post) -> None:
        await post.order(mode="gone", method="RCPT", webhook="oncall@example.org")
        outcome = await post.send(message())

        assert outcome.kind is Kind.OK
        assert "1 of 2 recipients were refused" in outcome.reason

    posting(scenario)


def test_what_failed_is_listed_with_its_reason() -> None:
    async def scenario(post: Post) -> None:
        await post.order(mode="gone", webhook=OPS, times=1)
        await post.send(message())
        (call,) = (await post.talk.control("GET", "/calls"))["calls"]

        assert call["status"] == 550
        assert call["method"] == "DATA"
        assert "ordered: 550 5.1.1" in call["reason"]

    posting(scenario)


def test_a_limit_holds_back_and_a_reset_lifts_it() -> None:
    async def scenario(post: Post) -> None:
        await post.talk.control("POST", "/limits", {"email": [1, 60]})
        kinds = [(await post.send(message())).kind for _ in range(2)]
        await post.talk.control("POST", "/reset")
        kinds.append((await post.send(message())).kind)

        assert kinds == [Kind.OK, Kind.LIMITED, Kind.OK]

    posting(scenario)


def test_what_filters_would_count_is_told() -> None:
    async def scenario(post: Post) -> None:
        mail = EmailMessage()
        mail["From"] = "Somebody <else@example.com>"
        mail.set_content("<p>hi</p>", subtype="html")

        def hand_over() -> None:
            with smtplib.SMTP("127.0.0.1", post.port) as server:
                server.sendmail("a@example.com", [OPS], mail.as_bytes())

        await asyncio.to_thread(hand_over)
        (arrival,) = await post.talk.messages()

        assert set(arrival["warnings"]) == {
            "the mail has no Message-ID",
            "the mail has no Date",
            "the mail has no To",
            "the mail has no Subject",
            "the address under From is not the sender's",
            "not marked Auto-Submitted: holiday notices would answer it",
            "no text beside the HTML",
        }

    posting(scenario)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"no header at all",
        b"Subject: \xff\xfe\r\n\r\n\xff",
        b"Content-Type: text/plain; charset=no-such\r\n\r\nhi",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
        b"From: <<>>\r\nTo: ,,,\r\nDate: never\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
    ],
)
def test_mails_that_are_broken_are_taken_all_the_same(content: bytes) -> None:
    async def scenario(post: Post) -> None:
        def hand_over() -> None:
            with smtplib.SMTP("127.0.0.1", post.port) as server:
                server.sendmail("a@example.com", [OPS], content)

        await asyncio.to_thread(hand_over)

        assert len(await post.talk.messages()) == 1

    posting(scenario)
