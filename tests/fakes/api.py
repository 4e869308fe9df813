"""The operate API over fakes, called as an HTTP API would call it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.fakes.attic import FakeAttic
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeHealthBook, FakeLedger
from tests.fakes.provider import Provider
from tests.fakes.queue import FakeDeadLetters, FakeQueue
from tests.fakes.settings import FakeFirstKeys, FakeSettings, FakeVault
from tocsin.accept import Sender, accept
from tocsin.api.answering import Api
from tocsin.api.gateway import handler_of
from tocsin.api.reach import Reach
from tocsin.api.resources import all_operations
from tocsin.channels import channel
from tocsin.delivery import Timing
from tocsin.events import Event
from tocsin.gatekeeper import Gatekeeper
from tocsin.keys import kept_key
from tocsin.passes import Links
from tocsin.ports import Channel
from tocsin.rules.config import Config
from tocsin.settings import Scope, Settings, Source

KEYS = {
    "admin": "toc_admin-key-of-the-tests",
    "ops": "toc_operate-key-of-the-tests",
    "shop": "toc_ingest-key-of-the-tests",
}
_SCOPES = {
    "admin": frozenset(Scope),
    "ops": frozenset({Scope.OPERATE}),
    "shop": frozenset({Scope.INGEST}),
}


@dataclass
class Reply:
    """A response, with its JSON read."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def fields(self) -> list[str]:
        """The fields that a problem names."""
        return [fault["field"] for fault in self.json.get("errors", [])]


def api_event(
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> dict[str, Any]:
    """An HTTP API's event, payload 2.0."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers or {},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
            "requestId": "r1",
            "stage": "$default",
        },
        "isBase64Encoded": bool(body),
    }
    if query:
        event["queryStringParameters"] = query
    if body:
        event["body"] = base64.b64encode(body).decode()
    return event


@dataclass
class ApiWorld:
    """All fakes, and the handler over them. Channels: `fake`, and the real `discord`."""

    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        sources = {
            name: Source(name, _SCOPES[name], (kept_key(key, self.clock.now()),))
            for name, key in KEYS.items()
        }
        self.health = FakeHealthBook()
        self.settings = FakeSettings(Settings(Config(), "0", {}, sources), self.health)
        self.ledger = FakeLedger(self.clock)
        self.queue = FakeQueue(self.clock)
        self.vault = FakeVault()
        self.signing_vault = FakeVault()
        self.provider = Provider(self.clock)
        self.attic = FakeAttic()
        self.reach = Reach(
            ledger=self.ledger,
            archive=self.ledger,
            calendar=self.ledger,
            outbox=self.queue,
            dead_letters=FakeDeadLetters(self.queue),
            settings=self.settings,
            health=self.health,
            vault=self.vault,
            signing_vault=self.signing_vault,
            channels=self.channel,
            links=Links("https://tocsin.example.com", lambda: "key"),
            clock=self.clock,
            timing=Timing(),
            attic=lambda: self.attic,
        )
        self.operations = all_operations(self.reach)
        self.gatekeeper = Gatekeeper(self.settings, FakeFirstKeys(self.settings))
        self.handler = handler_of(Api(self.operations, self.gatekeeper))

    def channel(self, name: str) -> Channel:
        return self.provider if name == "fake" else channel(name)

    def accept(self, *events: Event, sender: str = "shop") -> list[str]:
        """Take them in; the ids of their notifications."""
        results = accept(
            events,
            sender=Sender(sender),
            settings=self.settings.current(),
            ledger=self.ledger,
            outbox=self.queue,
            clock=self.clock,
            timing=self.reach.timing,
        )
        return [result.notification.id for result in results]

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = "admin",
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Call it; a body that is not bytes is sent as JSON."""
        sent = {"content-type": "application/json"} if body is not None else {}
        if key is not None:
            sent["authorization"] = f"Bearer {KEYS.get(key, key)}"
        raw = b"" if body is None else body
        if not isinstance(raw, bytes):
            raw = json.dumps(raw).encode()
        event = api_event(
            method, path, query=query, headers={**sent, **(headers or {})}, body=raw
        )
        answered = self.handler(event, SimpleNamespace())
        return Reply(answered["statusCode"], answered["headers"], answered["body"])
