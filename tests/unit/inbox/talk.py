"""A conversation with a running inbox whose clock stands still until it is moved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDictProxy

from local.inbox.app import Inbox, build
from local.inbox.store import Journal

AGENT = "DiscordBot (https://example.com, 1.0)"
HOOK = "123456789012345678"
START = 1_700_000_000.25


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)

    @property
    def codes(self) -> dict[str, str]:
        """The form errors: path to code."""
        return dict(_leaves(self.json.get("errors", {}), ""))


def _leaves(tree: dict[str, Any], path: str) -> list[tuple[str, str]]:
    found = []
    for key, branch in tree.items():
        if key == "_errors":
            found.append((path, branch[0]["code"]))
        else:
            found += _leaves(branch, f"{path}.{key}".strip("."))
    return found


class StillClock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        """The present moment."""
        return self.now


class Talk:
    """Requests in short form."""

    def __init__(
        self, inbox: Inbox, client: TestClient[Any, Any], clock: StillClock
    ) -> None:
        self.inbox = inbox
        self.client = client
        self.clock = clock

    async def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> Answer:
        """One request with a JSON body; `raw` bytes go as they are."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body)
        defaults = {"User-Agent": AGENT}
        if data is not None:
            defaults["Content-Type"] = "application/json"
        async with self.client.request(
            method, path, data=data, headers={**defaults, **named}
        ) as response:
            text = await response.text()
            return Answer(response.status, response.headers, text)

    async def post(
        self, body: Any, hook: str = HOOK, query: str = "wait=true", **headers: str
    ) -> Answer:
        """Execute a webhook."""
        return await self.call("POST", f"{path_of(hook)}?{query}", body, **headers)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API and expect it to agree."""
        answer = await self.call(method, f"/_control{path}", body)
        assert answer.status == 200, answer.text
        return answer.json

    async def messages(self) -> list[dict[str, Any]]:
        """Everything that arrived."""
        found: list[dict[str, Any]] = (await self.control("GET", "/messages"))[
            "messages"
        ]
        return found


def path_of(hook: str = HOOK, message: str = "") -> str:
    """The address of a webhook, or of one of its messages."""
    base = f"/discord/api/v10/webhooks/{hook}/token"
    return f"{base}/messages/{message}" if message else base


def talk(
    scenario: Callable[[Talk], Awaitable[None]], journal: Journal | None = None
) -> None:
    """Run a scenario against a fresh inbox without rate limits per second."""

    async def run() -> None:
        clock = StillClock()
        inbox = build(clock, journal)
        inbox.discord.pacer.configure("per_address", None)
        async with TestClient(TestServer(inbox.app)) as client:
            await scenario(Talk(inbox, client, clock))

    asyncio.run(run())
