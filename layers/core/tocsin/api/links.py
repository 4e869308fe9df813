"""Links: what a link in a message shows, and does when its button is pressed."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import parse_qs

from tocsin.acknowledge import acknowledge, resolve
from tocsin.api import link_page
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.errors import Conflict, NotFound, Refused
from tocsin.notification import Notification
from tocsin.passes import Act, Pass

_HTML = ("text/html",)
_NAME, _NOTE = 60, 300
_FORM = 4_096
_DO = {Act.ACKNOWLEDGE: acknowledge, Act.RESOLVE: resolve}


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """Both need no key: the link itself is one, for one thing."""
    path = "/a/{link}"
    return [
        Operation(
            "GET",
            path,
            "Show what a link in a message is about. Changes nothing.",
            partial(_show, reach),
            None,
            Nothing,
            Nothing,
            str,
            media=_HTML,
        ),
        Operation(
            "POST",
            path,
            "Do what the link is for, under the name given in the form.",
            partial(_act, reach),
            None,
            Nothing,
            None,
            str,
            media=_HTML,
        ),
    ]


def _show(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    try:
        wanted, row = _found(reach, call.params["link"])
    except Refused as error:
        return link_page.refused(error.title, error.detail, error.status)
    now, zone = reach.clock.now(), reach.settings.current().config.timezone
    return link_page.asking(row, wanted.act, zone=zone, now=now)


def _act(reach: Reach, call: Call[Nothing, Any]) -> Answer:
    now, zone = reach.clock.now(), reach.settings.current().config.timezone
    try:
        wanted, row = _found(reach, call.params["link"])
        name, note = _form(call.request.body)
        if not name:
            return link_page.asking(row, wanted.act, zone=zone, now=now)
        # A link is held by whoever reads the channel: the trail says so.
        actor = f"{name} (by link in {wanted.destination})"
        done = _DO[wanted.act](row.id, actor=actor, note=note, means=reach.means())
    except Conflict as error:
        return link_page.refused("Nothing to do", error.detail, error.status)
    except Refused as error:
        return link_page.refused(error.title, error.detail, error.status)
    return link_page.done(done, wanted.act, zone=zone, now=now)


def _found(reach: Reach, text: str) -> tuple[Pass, Notification]:
    wanted = reach.links.read(text, reach.clock.now())
    if wanted.act not in _DO:
        raise NotFound("this link does nothing")
    row = reach.ledger.load([wanted.notification_id]).get(wanted.notification_id)
    if row is None:
        raise NotFound("this notification is not kept any more")
    return wanted, row


def _form(body: bytes) -> tuple[str, str]:
    """(name, note) of what the page's form sends."""
    fields = parse_qs(body[:_FORM].decode("utf-8", "replace"), max_num_fields=10)
    name = " ".join(fields.get("name", [""])[0].split())[:_NAME]
    note = " ".join(fields.get("note", [""])[0].split())[:_NOTE]
    return name, note
