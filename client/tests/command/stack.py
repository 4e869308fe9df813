"""The real API over fakes, served on loopback: what the command talks to in tests.

Every answer comes from the server's own code and shapes, so none can be wrong here and
right there. One request at a time, since the fakes are not made for more.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.api import KEYS, ApiWorld, api_event
from tests.fakes.clock import FakeClock
from tests.fakes.world import World
from tocsin.answers import answer, asked
from tocsin.delivery import State
from tocsin.errors import TocsinError, Unauthorized
from tocsin.intake.claiming import claimed
from tocsin.intake.http import read_request
from tocsin.keys import bearer, find, require
from tocsin.ports import Dead, Kind, Move, Outcome
from tocsin.problems import problem_of
from tocsin.settings import Scope
from tocsin.uploading import upload


class Stack:
    """An API with its provider. `answers` are given first, instead of the API's own;
    `shift` (ms) is how far its clock is ahead of ours."""

    def __init__(self) -> None:
        self.world = ApiWorld(FakeClock(_now()))
        self.calls: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}
        self.answers: list[tuple[int, bytes]] = []
        self.shift = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(
            target=lambda: self._server.serve_forever(poll_interval=0.01), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def furnish(self, *names: str, **route: Any) -> None:
        """Destinations of the fake channel, and a route that takes all to them."""
        for name in names:
            self.call("PUT", f"/v1/destinations/{name}", _fake(name))
        file = {"routes": [{"name": "all", "to": list(names), **route}]}
        self.call("PUT", "/v1/config", file)

    def accept(self, title: str, **event: Any) -> str:
        """An event as a sender would give it; the id it got."""
        document = {"type": "test", "title": title, **event}
        return str(self.call("POST", "/v1/events", document)["id"])

    def deliver(self) -> None:
        """Everything queued goes out."""
        with self._lock:
            self._sender().send_all()

    def tell(self, notification_id: str, receipt: str) -> None:
        """The provider says how far its messages have come."""
        with self._lock:
            ledger = self.world.ledger
            row = ledger.load([notification_id])[notification_id]
            for old in row.deliveries.values():
                new = old.arrived(self.world.clock.now(), receipt)
                ledger.move([Move(notification_id, old, new)])

    def kill(self, reason: str = "the webhook was deleted") -> None:
        """Everything queued dies, since the provider refuses it."""
        with self._lock:
            outcome = Outcome(Kind.PERMANENT, reason=reason)
            self.world.provider.behaviour = lambda *_: outcome
            self._sender().send_all()
            self.world.provider.behaviour = None

    @property
    def dead(self) -> list[Dead]:
        return self.world.ledger.dead(limit=1_000, cursor="")[0]

    def states(self, notification_id: str) -> dict[str, State]:
        """Where each of its deliveries stands."""
        kept = self.world.ledger.kept[notification_id]
        return {name: each.state for name, each in kept.deliveries.items()}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Straight to the API, past HTTP."""
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {
            "authorization": f"Bearer {KEYS['admin']}",
            "content-type": "application/json",
        }
        status, _, answered = self.respond(method, path, headers, raw)
        assert status < 300, answered
        return json.loads(answered or b"null")

    def respond(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body) of a request."""
        parts = urlsplit(target)
        with self._lock:
            # A step each: ids of one millisecond have no order.
            self.world.clock.at = max(self.world.clock.at + 1, _now() + self.shift)
            if parts.path == "/v1/events":
                answered = self._events(headers, body, parts.query)
            elif parts.path == "/v1/attachments":
                answered = self._uploaded(headers, body, parts.query)
            else:
                event = api_event(
                    method,
                    parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers=dict(headers),
                    body=body,
                )
                answered = self.world.handler(event, SimpleNamespace())
        text = str(answered.get("body") or "")
        return answered["statusCode"], answered["headers"], text.encode()

    def _events(
        self, headers: Mapping[str, str], body: bytes, query: str
    ) -> dict[str, Any]:
        """What the ingest function does."""
        try:
            source = find(
                self.world.settings.settings.sources.values(), bearer(headers)
            )
            if source is None:
                raise Unauthorized("this key is not known")
            require(source, Scope.INGEST)
            wish = asked(headers, query)
            batch = claimed(
                read_request(headers, body),
                source=source.name,
                attic=self.world.attic,
            )
        except TocsinError as error:
            return problem_of(error).response()
        events = [received.event for received in batch.received]
        sender = self._sender()
        if wish.dry_run:
            return answer(batch, sender.rehearse(*events), dry_run=True)
        results = sender.accept(*events, key=wish.key, sender=source.name)
        return answer(batch, results)

    def _uploaded(
        self, headers: Mapping[str, str], body: bytes, query: str
    ) -> dict[str, Any]:
        """What the ingest function does with a file."""
        world = self.world
        try:
            source = world.gatekeeper.admit(headers, Scope.INGEST)
            kept = upload(
                body,
                headers,
                query,
                source=source.name,
                attic=world.attic,
                clock=world.clock,
            )
        except TocsinError as error:
            return problem_of(error).response()
        return {"statusCode": 201, "headers": {}, "body": json.dumps(kept)}

    def _sender(self) -> World:
        """Intake and sender over the same fakes."""
        api = self.world
        world = World(settings=api.settings.settings, clock=api.clock)
        world.ledger, world.queue, world.health = api.ledger, api.queue, api.health
        world.provider = api.provider
        world.restart()
        return world


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A command that ended before its answer came is no news."""


def _handler_of(stack: Stack) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(size)
            headers = {name.lower(): value for name, value in self.headers.items()}
            stack.calls.append((self.command, self.path))
            if stack.answers:
                status, told = stack.answers.pop(0)
                more: dict[str, str] = {}
            else:
                status, more, told = stack.respond(
                    self.command, self.path, headers, body
                )
            self.send_response(status)
            for name, value in {**more, **stack.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *args: Any) -> None:
            """Nobody reads it."""

    return Handler


def _fake(name: str) -> dict[str, str]:
    return {"channel": "fake", "url": f"https://chat.example/{name}/t0ken"}


def _now() -> int:
    return time.time_ns() // 1_000_000
