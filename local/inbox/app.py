"""Puts the inbox together: the store, the stand-ins, the control API and the page."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiohttp import web

from local.inbox.apprise.routes import AppriseStandIn
from local.inbox.control import Control, StandIn
from local.inbox.discord.files import REQUEST_BYTES
from local.inbox.discord.routes import DiscordStandIn
from local.inbox.faults import FaultBook
from local.inbox.front_door import BODY_LIMIT, FrontDoor
from local.inbox.mail.server import MailStandIn
from local.inbox.page import Page, safe_headers
from local.inbox.pagerduty.routes import PagerDutyStandIn
from local.inbox.pressing import Pressable, Presses
from local.inbox.shelf import Shelf
from local.inbox.slack.routes import SlackStandIn
from local.inbox.sms.routes import SmsStandIn
from local.inbox.store import Clock, Journal, Store
from local.inbox.teams.routes import TeamsStandIn
from local.inbox.telegram.routes import TelegramStandIn
from local.inbox.webhook.routes import WebhookStandIn
from local.inbox.whatsapp.routes import WhatsAppStandIn

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Inbox:
    """The whole, with its parts in reach for tests."""

    app: web.Application
    store: Store
    faults: FaultBook
    discord: DiscordStandIn
    slack: SlackStandIn
    telegram: TelegramStandIn
    mail: MailStandIn
    door: FrontDoor


def build(
    clock: Clock = time.time,
    journal: Journal | None = None,
    door: FrontDoor | None = None,
) -> Inbox:
    """Wire the parts. `clock` gives seconds since the epoch."""
    store = Store(clock, journal)
    faults = FaultBook()
    door = door or FrontDoor()
    api = partial(getattr, door, "upstream")
    shelf = Shelf()
    discord = DiscordStandIn(store, faults, api)
    slack = SlackStandIn(store, faults, api, shelf)
    telegram = TelegramStandIn(store, faults, shelf)
    webhook = WebhookStandIn(store, faults)
    app = web.Application(middlewares=[safe_headers], client_max_size=REQUEST_BYTES)
    pagerduty = PagerDutyStandIn(store, faults)
    teams = TeamsStandIn(store, faults)
    mail = MailStandIn(store, faults, shelf)
    whatsapp = WhatsAppStandIn(store, faults)
    apprise = AppriseStandIn(store, faults)
    others: list[StandIn] = [slack, telegram, webhook, pagerduty, teams, mail]
    sms = SmsStandIn(store, faults)
    others += [whatsapp, apprise, sms]
    app.add_routes(Control(store, faults, discord, door, others).routes())
    pressable: dict[str, Pressable] = {
        "discord": discord,
        "slack": slack,
        "telegram": telegram,
    }
    app.add_routes(Presses(store, pressable).routes())
    app.add_routes(Page(store).routes())
    app.add_routes(shelf.routes())
    app.add_routes(discord.routes())
    app.add_routes(slack.routes())
    app.add_routes(telegram.routes())
    app.add_routes(webhook.routes())
    app.add_routes(pagerduty.routes())
    app.add_routes(teams.routes())
    app.add_routes(mail.routes())
    app.add_routes(whatsapp.routes())
    app.add_routes(apprise.routes())
    app.add_routes(sms.routes())
    return Inbox(app, store, faults, discord, slack, telegram, mail, door)


async def listen(inbox: Inbox, port: int) -> web.AppRunner:
    """Serve the inbox on the loopback address; port 0 takes any free one."""
    return await _serve(inbox.app, port)


async def listen_mail(inbox: Inbox, port: int) -> asyncio.Server:
    """Take mail on the loopback address; port 0 takes any free one."""
    return await inbox.mail.listen(HOST, port)


async def listen_front(door: FrontDoor, port: int) -> web.AppRunner:
    """Serve the front door on the loopback address."""
    await door.start()
    # As API Gateway does, it leaves a compressed body as it is.
    return await _serve(front_app(door), port, auto_decompress=False)


def front_app(door: FrontDoor) -> web.Application:
    """Everything goes through the door."""
    app = web.Application(client_max_size=BODY_LIMIT)
    app.router.add_route("*", "/{rest:.*}", door.handle)
    return app


async def _serve(
    app: web.Application, port: int, *, auto_decompress: bool = True
) -> web.AppRunner:
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=1.0,
        auto_decompress=auto_decompress,
    )
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    return runner
