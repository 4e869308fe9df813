"""Pressing: a button in a shown message is pressed, and told to the stack's API signed,
as the provider itself would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from local.inbox.store import Arrival, Json, Store

PATH: Final = "/_control/presses"
APPLICATIONS: Final = "/_control/applications"
FAILED: Final = "This interaction failed"
_PATIENCE: Final = ClientTimeout(total=15.0)


class NoSuchButton(Exception):
    """The message has never shown this button."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of it: the status that the API answered, 0 for none, and the words that
    only who pressed is shown."""

    status: int
    words: str = ""


class Pressable(Protocol):
    """A stand-in whose messages have buttons that act."""

    @property
    def application(self) -> Mapping[str, str]:
        """What an operator would copy from the application's page."""

    async def press(self, arrival: Arrival, button: str, user: str) -> Pressed:
        """Tell the API, and read its answer. Raises NoSuchButton."""


def shown(arrival: Arrival) -> list[Json]:
    """The message as it is, and as it was: a slow client may still show that."""
    return [arrival.message, *(edit["before"] for edit in arrival.edits)]


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    """(status, JSON or None); status 0 where nobody answers."""
    try:
        async with (
            ClientSession(timeout=_PATIENCE) as session,
            session.post(url, data=body, headers=dict(headers)) as answer,
        ):
            raw = await answer.read()
    except (ClientError, TimeoutError, ValueError):
        return 0, None
    try:
        return answer.status, json.loads(raw)
    except ValueError:
        return answer.status, None


class Presses:
    """Where the page and programs press."""

    def __init__(self, store: Store, stand_ins: Mapping[str, Pressable]) -> None:
        self._store = store
        self._stand_ins = stand_ins

    def routes(self) -> list[web.RouteDef]:
        """To press, and to read what signs."""
        return [
            web.get(APPLICATIONS, self._applications),
            web.post(PATH, self._press),
        ]

    async def _applications(self, _request: web.Request) -> web.Response:
        told = {name: dict(one.application) for name, one in self._stand_ins.items()}
        return web.json_response(told)

    async def _press(self, request: web.Request) -> web.Response:
        """`{"message": id, "button": name, "user"?, "webhook"?}`."""
        try:
            told = json.loads(await request.read())
            message, button = str(told["message"]), str(told["button"])
        except (ValueError, KeyError, TypeError):
            return _refused(400, "give message and button")
        arrival = self._find(message, str(told.get("webhook", "")))
        stand_in = self._stand_ins.get(arrival.provider) if arrival else None
        if arrival is None or stand_in is None:
            return _refused(404, "no message with buttons has this id")
        try:
            done = await stand_in.press(arrival, button, str(told.get("user", "you")))
        except NoSuchButton:
            return _refused(404, "the message has never shown this button")
        return web.json_response({"status": done.status, "words": done.words})

    def _find(self, message: str, webhook: str) -> Arrival | None:
        found = [each for each in self._store.select(webhook) if each.id == message]
        return found[-1] if found and found[-1].deleted_at is None else None


def _refused(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
