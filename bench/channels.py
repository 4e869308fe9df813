"""Channels: messages a second and CPU a message, beside the best-known client library.

    python -m bench.channels [--messages 200]

Both post the same content, one message a call, to the same stand-ins on loopback, in
turns; each keeps its connection if it can. Without TLS, which who keeps no connection
would pay for at every call. Process time, the least of several rounds: what else the
machine does only adds to it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.measuring.events import notice
from bench.measuring.figures import Results
from bench.measuring.provider import Providers, providers
from bench.measuring.rivals import (
    MissingError,
    apprise_discord,
    apprise_mail,
    slack_bot,
    slack_finished,
    slack_webhook,
    telegram_bot,
)
from tocsin.channels import channel
from tocsin.channels._http import Http, NetworkFault
from tocsin.channels.email.encoding import encoded as mail_of
from tocsin.channels.email.settings import account_of
from tocsin.channels.slack.encoding import encoded as slack_body
from tocsin.channels.slack.settings import HOOK_HOST
from tocsin.channels.slack.settings import Settings as SlackSettings
from tocsin.channels.telegram.encoding import encoded as telegram_letter
from tocsin.channels.telegram.settings import Settings as TelegramSettings
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.identity import fingerprint_of, new_id
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Kind, Target
from tocsin.rendering import render

ROUNDS = 7
MOST = 0.7
AT = 1_795_176_000_000
HOOK = f"https://discord.com/api/webhooks/{'1' * 18}/{'t' * 68}"
SLACK_HOOK = f"https://hooks.slack.com/services/T01234567/B01234567/{'x' * 24}"
BOT = {"token": "xoxb-1-2-abcdefghij", "channel_id": "C0123456789"}
TELEGRAM = {"token": f"123456789:{'A' * 35}", "chat": "-1001234567890"}
MAIL = {"host": "smtp.example.com", "from": "a@example.com", "to": ["b@example.com"]}
Send = Callable[[], None]


@dataclass(frozen=True)
class Pair:
    """Two ways to send the same messages."""

    name: str
    library: str
    ours: Send
    theirs: Send


@dataclass(frozen=True)
class Cost:
    """Of one message: microseconds of CPU, and how many go in a second."""

    cpu: float
    a_second: float


def main() -> None:
    """One pair after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench.channels")
    parser.add_argument("--messages", type=int, default=200)
    options = parser.parse_args()
    results = Results("channels: one message a call, beside a client library")
    messages = [message(number) for number in range(options.messages)]
    with providers() as stand_ins:
        try:
            pairs = pairs_of(messages, stand_ins)
        except MissingError as missing:
            sys.exit(str(missing))
        for pair in pairs:
            measure(results, pair, len(messages))
        folded(results, messages, stand_ins)
    results.finish()


def measure(results: Results, pair: Pair, count: int) -> None:
    """Both in turns."""
    ours, theirs = in_turns([pair.ours, pair.theirs], count)
    results.say(pair.name, f"{ours.a_second:,.0f} a second, {ours.cpu:,.0f} us of CPU")
    told = f"{theirs.a_second:,.0f} a second, {theirs.cpu:,.0f} us of CPU"
    results.say(f"  {pair.library}", told)
    results.at_most(f"  {pair.name}, CPU", ours.cpu / theirs.cpu, MOST, "x")


def folded(results: Results, messages: Sequence[Message], to: Providers) -> None:
    """What a backlog costs us, as many in a call as it holds."""
    for name, given in (("discord", {"url": HOOK}), ("slack", {"url": SLACK_HOOK})):
        (cost,) = in_turns([sender(name, given, messages, to, most=10)], len(messages))
        told = f"{cost.a_second:,.0f} a second, {cost.cpu:,.0f} us of CPU"
        results.say(f"{name}, ten in a call", told)


def in_turns(sends: Sequence[Send], count: int) -> list[Cost]:
    """Each a few times; the first time does not count."""
    spent: list[list[tuple[float, float]]] = [[] for _ in sends]
    for turn in range(ROUNDS + 1):
        for send, seen in zip(sends, spent, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            send()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            if turn:
                seen.append((cpu / count * 1e6, count / wall))
    return [
        Cost(min(cpu for cpu, _ in seen), median(pace for _, pace in seen))
        for seen in spent
    ]


def pairs_of(messages: Sequence[Message], to: Providers) -> list[Pair]:
    """Every channel that a known library serves."""

    def ours(name: str, given: Mapping[str, Any]) -> Send:
        return sender(name, given, messages, to)

    settings, secret = channel("email").split(MAIL)
    own, _ = account_of(settings, secret)
    mails = [mail_of(each, own).content for each in messages]
    hooks = [json.loads(slack_body([x], SlackSettings(), bot=False)) for x in messages]
    chat = TelegramSettings(chat=TELEGRAM["chat"])
    letters = [json.loads(telegram_letter([x], chat).body()) for x in messages]
    return [
        Pair(
            "discord",
            "Apprise",
            ours("discord", {"url": HOOK}),
            apprise_discord(messages, to),
        ),
        Pair(
            "slack, webhook",
            "slack-sdk",
            ours("slack", {"url": SLACK_HOOK}),
            slack_webhook(messages, to),
        ),
        Pair(
            "slack, finished JSON",
            "slack-sdk",
            written_out(hooks, to),
            slack_finished(hooks, to),
        ),
        Pair("slack, bot", "slack-sdk", ours("slack", BOT), slack_bot(messages, to)),
        Pair(
            "telegram",
            "python-telegram-bot",
            ours("telegram", TELEGRAM),
            telegram_bot(letters, to),
        ),
        Pair("email", "Apprise", ours("email", MAIL), apprise_mail(mails, to)),
    ]


def sender(
    name: str,
    given: Mapping[str, Any],
    messages: Sequence[Message],
    to: Providers,
    most: int = 1,
) -> Send:
    """Our channel, with up to `most` messages in a call."""
    base = f"127.0.0.1:{to.smtp}" if name == "email" else to.url
    opened = channel(name, base)
    settings, secret = opened.split(given)
    target = Target("bench", settings, secret)

    def send() -> None:
        place = 0
        while place < len(messages):
            room = messages[place : place + most]
            part = room[: opened.fits(room)] if most > 1 else room
            outcome = opened.send(part, target)
            if outcome.kind is not Kind.OK:
                raise RuntimeError(f"{name}: {outcome.reason}")
            place += len(part)

    return send


def written_out(bodies: Sequence[Mapping[str, Any]], to: Providers) -> Send:
    """Our seam alone, for what needs no more than to be written out."""
    http = Http({HOOK_HOST}, to.url)
    headers = {"Content-Type": "application/json", "User-Agent": "Tocsin"}

    def send() -> None:
        for each in bodies:
            body = json.dumps(each).encode()
            answer = http.call("POST", SLACK_HOOK, body=body, headers=headers)
            if isinstance(answer, NetworkFault) or answer.status != 200:
                raise RuntimeError("a message was not taken")

    return send


def message(number: int) -> Message:
    """A notice of 1 KB, as it is about to be sent."""
    event = Event.model_validate(notice(number))
    one = Notification(
        id=new_id(AT, number.to_bytes(10, "big")),
        event=event,
        fingerprint=fingerprint_of(event),
        state="notice",
        sender="bench",
        accepted_at=AT,
        last_at=AT,
        deliveries={},
        trace=(),
    )
    delivery = Delivery("ops", route="all", updated_at=AT)
    return render(one, delivery, zone="UTC", application="", now=AT)


if __name__ == "__main__":
    main()
