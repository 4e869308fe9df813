"""Looks: every severity and state as people see it, as pictures in `docs/looks/`.

    python -m local.looks [--into docs/looks] [--browser /usr/bin/chromium]

Starts an inbox of its own, sends it samples through the real rendering and the real
channel, and photographs its page: wide and phone, dark and light.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from playwright.async_api import async_playwright

from local.event_types import CONFIG
from local.inbox.app import build, listen
from tocsin.catalog import kind_of
from tocsin.catalog.describing import shown
from tocsin.channels import channel
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.identity import fingerprint_of, new_id
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Channel, Target
from tocsin.rendering import render
from tocsin.severity import Severity

ZONE = "Europe/Zurich"
SEVERITIES = "1100000000000000001"
STATES = "1100000000000000002"
DIGEST = "1100000000000000003"
TYPES = "1100000000000000004"
SLACK = "B0SAMPLES01"
CHAT = "-1001100000001"
BOT = f"110201543:{'s' * 35}"
PERSON = "+41790000000"
TOPIC = "samples"
NAMES = {
    SEVERITIES: "severities",
    STATES: "states",
    DIGEST: "several",
    TYPES: "types",
    SLACK: "slack",
    CHAT: "telegram",
    PERSON: "whatsapp",
    f"ntfy-{TOPIC}": "apprise",
}
# Pictures need no patience.
UNLIMITED = {
    "slack_per_channel": None,
    "telegram_per_chat": None,
    "telegram_per_group": None,
    "whatsapp": None,
}
TYPES_SHOWN = (
    "party.created",
    "game.ended",
    "conversation.message_failed",
    "report.daily",
    "campaign.published",
    "lead.hot",
)
SIZES = {"wide": (1180, 1500), "phone": (390, 844)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MINUTE = 60_000
SETTLED = 400

SAMPLES: dict[Severity, dict[str, Any]] = {
    Severity.CRITICAL: {
        "title": "checkout-5xx is in ALARM",
        "message": "3 of the last 3 datapoints were greater than the threshold (5).",
        "fields": [
            {"name": "Value", "value": "7.25 > 5 %"},
            {"name": "Service", "value": "checkout"},
            {"name": "Region", "value": "eu-central-1"},
        ],
        "links": [
            {"label": "Open alarm", "url": "https://console.aws.amazon.com/"},
            {"label": "Runbook", "url": "https://example.com/runbook"},
        ],
    },
    Severity.HIGH: {
        "title": "Certificate of shop.example.com expires in 3 days",
        "message": "Renewal has failed twice.",
        "fields": [{"name": "Owner", "value": "platform"}],
    },
    Severity.MEDIUM: {
        "title": "Disk of db-main is 87 % full",
        "message": "It grows by 2.1 GB a day and is full on Friday.",
    },
    Severity.LOW: {"title": "12 packages have updates", "branch": "staging"},
    Severity.INFO: {
        "title": "Import of customers",
        "message": "12,450 of 18,800 rows",
        "progress": 66,
    },
    Severity.SUCCESS: {
        "title": "v2.4.1 is live",
        "message": "**12 commits** by [ann](https://example.com/ann)",
        "format": "markdown",
    },
    Severity.DEBUG: {
        "title": "Probe answered",
        "message": "Traceback (most recent call last):\n  File 'probe.py', line 7",
    },
}


def notification(number: int, severity: Severity, **more: Any) -> Notification:
    """A sample as the ledger would hold it."""
    now = int(time.time() * 1000)
    values = {"type": "sample", "severity": severity, "source": "shop"}
    event = Event.model_validate(
        {**values, "branch": "production", **SAMPLES[severity], **more}
    )
    return Notification(
        id=new_id(now, number.to_bytes(10, "big")),
        event=event,
        fingerprint=fingerprint_of(event),
        state="notice",
        sender="shop",
        accepted_at=now,
        last_at=now,
    )


def states() -> Iterator[tuple[Notification, Delivery]]:
    """What may have become of a problem, and of its delivery."""
    delivery = Delivery("states")
    fresh = replace(notification(1, Severity.CRITICAL), state="firing")
    opened = fresh.accepted_at - 12 * MINUTE
    yield replace(fresh, occurrences=412), delivery
    acknowledged: dict[str, Any] = {
        "ack_by": "ann",
        "ack_at": fresh.accepted_at - 2 * MINUTE,
    }
    yield replace(fresh, **acknowledged, ack_note="will renew this week"), delivery
    yield fresh, replace(delivery, possibly_sent=True)
    yield fresh, replace(delivery, generation=1)
    over: dict[str, Any] = {"resolved_at": fresh.accepted_at, "opened_at": opened}
    yield replace(fresh, state="resolved", **over), delivery


async def show(base: str) -> None:
    """Send all samples, as the sender would."""
    discord = channel("discord", base)
    few = [notification(n, severity) for n, severity in enumerate(SAMPLES)]
    pairs = [(each, Delivery("severities")) for each in few]
    calls = [(SEVERITIES, [pair]) for pair in pairs]
    calls += [(STATES, [pair]) for pair in states()]
    calls += [(DIGEST, pairs)]
    for hook, group in calls:
        secret = f"https://discord.com/api/webhooks/{hook}/sample"
        target = Target(NAMES[hook], {}, secret)
        outcome = await asyncio.to_thread(discord.send, rendered(group), target)
        await asyncio.sleep(max(outcome.pause_ms, 50) / 1000)


async def show_types(base: str) -> None:
    """One event type of each kind of look, as the catalogue's samples."""
    discord = channel("discord", base)
    secret = f"https://discord.com/api/webhooks/{TYPES}/sample"
    target = Target(NAMES[TYPES], {}, secret)
    now = int(time.time() * 1000)
    for name in TYPES_SHOWN:
        kind = kind_of(name)
        if kind is not None:
            message = shown(kind.sample, CONFIG, now)
            outcome = await asyncio.to_thread(discord.send, [message], target)
            await asyncio.sleep(max(outcome.pause_ms, 50) / 1000)


async def show_on_slack(base: str) -> None:
    """The same as on Telegram."""
    url = f"https://hooks.slack.com/services/T0SAMPLES01/{SLACK}/sample"
    await show_some(channel("slack", base), Target(NAMES[SLACK], {}, url))


async def show_on_telegram(base: str) -> None:
    """The worst of each kind, and one message that holds several."""
    target = Target(NAMES[CHAT], {"chat": CHAT}, BOT)
    await show_some(channel("telegram", base), target)


async def show_on_whatsapp(base: str) -> None:
    """A template, then texts in an open window."""
    number = "106540352242922"
    given = {
        "phone_number_id": number,
        "to": PERSON,
        "template": {"name": "tocsin_alert"},
    }
    opened, token = channel("whatsapp", base), "s" * 40
    sample = rendered([(notification(0, Severity.CRITICAL), Delivery("whatsapp"))])
    await asyncio.to_thread(opened.send, sample, Target(PERSON, given, token))
    async with ClientSession() as session:
        said = {"phone_number_id": number, "text": "On it"}
        await session.post(f"{base}/people/{PERSON}/messages", json=said)
    state = {"window_until": int(time.time() * 1000) + 60 * MINUTE}
    await show_some(opened, Target("whatsapp", given, token, state))


async def show_on_apprise(base: str) -> None:
    """One at a time: a telephone's list of push messages."""
    opened = channel("apprise", base)
    target = Target("apprise", {}, f"ntfys://ntfy.example.com/{TOPIC}")
    for number, severity in enumerate(SAMPLES):
        pair = (notification(number, severity), Delivery(target.name))
        await asyncio.to_thread(opened.send, rendered([pair]), target)


async def show_some(opened: Channel, target: Target) -> None:
    """Several in one message, then those that say most."""
    few = [notification(n, severity) for n, severity in enumerate(SAMPLES)]
    pairs = [(each, Delivery(target.name)) for each in few]
    for group in (*([pair] for pair in (pairs[5], *states())), pairs):
        await asyncio.to_thread(opened.send, rendered(group), target)


def rendered(group: list[tuple[Notification, Delivery]]) -> list[Message]:
    """As the sender renders them."""
    now = int(time.time() * 1000)
    return [
        render(each, delivery, zone=ZONE, application="Tocsin", now=now)
        for each, delivery in group
    ]


async def photograph(url: str, into: Path, browser_path: str) -> None:
    """One picture for each channel, size and theme."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path, args=FLAGS
        )
        for theme in ("dark", "light"):
            for size, (width, height) in SIZES.items():
                context = await browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if theme == "dark" else "light",
                )
                page = await context.new_page()
                await page.goto(url)
                for hook, name in NAMES.items():
                    if await page.is_visible("#menu"):
                        await page.click("#menu")
                    await page.click(f'button.channel[title="{hook}"]')
                    await page.wait_for_timeout(SETTLED)
                    await page.screenshot(path=into / f"{name}-{size}-{theme}.png")
                await context.close()
        await browser.close()


async def take(into: Path, browser_path: str) -> None:
    """The whole, against an inbox that lives only for this."""
    runner = await listen(build(), 0)
    host, port = runner.addresses[0][:2]
    url = f"http://{host}:{port}/"
    try:
        async with ClientSession() as session:
            await session.post(f"{url}_control/names", json=NAMES)
            await session.post(f"{url}_control/limits", json=UNLIMITED)
        await show(f"{url}discord")
        await show_types(f"{url}discord")
        await show_on_slack(f"{url}slack")
        await show_on_telegram(f"{url}telegram")
        await show_on_whatsapp(f"{url}whatsapp")
        await show_on_apprise(f"{url}apprise")
        await asyncio.to_thread(into.mkdir, parents=True, exist_ok=True)
        await photograph(url, into, browser_path)
    finally:
        await runner.cleanup()


def main() -> None:
    """Read the arguments, take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--into", type=Path, default=Path("docs/looks"))
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    asyncio.run(take(options.into, options.browser))


if __name__ == "__main__":
    main()
