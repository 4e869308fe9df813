"""The Slack app whose bot posts: it signs presses with its Signing Secret.

https://docs.slack.dev/authentication/verifying-requests-from-slack
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from local.inbox.pressing import FAILED, NoSuchButton, Pressed, post, shown
from local.inbox.slack.actions import TEAM
from local.inbox.slack.refusal import Json
from local.inbox.store import Arrival

USER: Final = "U0LOCAL0YOU"
INTERACTIONS: Final = "/v1/interactions/slack"
RESPOND: Final = "/slack/actions/{team}/{number}/{key}"
# The same after every restart, and of no use anywhere else.
SIGNING_SECRET: Final = hashlib.sha256(b"the app of the local inbox").hexdigest()[:32]
_USES: Final = 5


class App:
    """The one app there is. `api` gives where the stack's API answers."""

    def __init__(self, api: Callable[[], str]) -> None:
        self._api = api
        self._said: dict[str, list[str]] = {}

    @property
    def told(self) -> dict[str, str]:
        """What its page Basic Information shows."""
        return {"signing_secret": SIGNING_SECRET}

    def routes(self) -> list[web.RouteDef]:
        """Where words for who pressed are taken."""
        return [web.post(RESPOND, self._respond)]

    async def press(self, arrival: Arrival, button: str, user: str) -> Pressed:
        """Tell the API, signed; what it says on its own comes before it answers."""
        every = (one for message in shown(arrival) for one in _buttons(message))
        element = next((one for one in every if one.get("value") == button), None)
        if element is None:
            raise NoSuchButton
        number = str(time.time_ns())
        self._said[number] = []
        payload = _payload(arrival, element, user, number)
        body = urlencode({"payload": json.dumps(payload)}).encode()
        at = str(int(time.time()))
        content = f"v0:{at}:".encode() + body
        digest = hmac.new(SIGNING_SECRET.encode(), content, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={digest}",
        }
        status, _ = await post(self._api() + INTERACTIONS, body, headers)
        said = "\n".join(self._said.pop(number))
        return Pressed(status, said if status == 200 else FAILED)

    async def _respond(self, request: web.Request) -> web.Response:
        """Five messages at most, and in this inbox only while the press lasts."""
        said = self._said.get(request.match_info["number"])
        try:
            told = json.loads(await request.read())
            text, kind = str(told["text"]), told.get("response_type")
        except (ValueError, KeyError, TypeError, AttributeError):
            return web.json_response({"ok": False, "error": "invalid_payload"})
        if said is None or len(said) >= _USES:
            body = {"ok": False, "error": "expired_url"}
            return web.json_response(body, status=404)
        if kind == "ephemeral" and not told.get("replace_original"):
            said.append(text)
        return web.json_response({"ok": True})


def _buttons(message: Json) -> Iterator[Json]:
    inner = [one.get("blocks", []) for one in message["attachments"]]
    for block in [*message["blocks"], *(b for blocks in inner for b in blocks)]:
        if block["type"] == "actions":
            yield from block["elements"]


def _payload(arrival: Arrival, element: Json, user: str, number: str) -> Json:
    team = TEAM["team_id"]
    place = {"channel_id": arrival.webhook, "message_ts": arrival.id}
    respond = RESPOND.format(team=team, number=number, key="key-of-a-press")
    return {
        "type": "block_actions",
        "user": {"id": USER, "username": user, "name": user, "team_id": team},
        "api_app_id": "A0LOCAL000",
        "container": {"type": "message_attachment", "is_ephemeral": False, **place},
        "team": {"id": team, "domain": "local"},
        "channel": {"id": arrival.webhook, "name": arrival.webhook.lower()},
        "response_url": f"https://hooks.slack.com{respond.removeprefix('/slack')}",
        "actions": [
            {
                "type": "button",
                "action_id": element.get("action_id", ""),
                "block_id": "b",
                "text": element["text"],
                "value": element["value"],
                "action_ts": f"{time.time():.6f}",
            }
        ],
    }
