"""The console and the API over fakes, behind a loopback HTTP server."""

from __future__ import annotations

import base64
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes.api import ApiWorld, api_event
from tests.fakes.settings import FakeFirstKeys
from tocsin.accept import Sender, accept, rehearse
from tocsin.answers import answer, asked
from tocsin.api.answering import Api
from tocsin.api.console import Console
from tocsin.api.gateway import handler_of
from tocsin.delivery import Timing
from tocsin.errors import TocsinError
from tocsin.gatekeeper import Gatekeeper
from tocsin.intake.http import read_request
from tocsin.openid.people import People
from tocsin.problems import problem_of
from tocsin.settings import Scope

FILES = Path(__file__).parents[2] / "functions" / "api" / "console"


@dataclass
class Site:
    """One world, served until it is closed. `refusing` makes every call fail; `people`
    may sign in besides those who have a key."""

    world: ApiWorld
    people: People | None = None
    calls: list[tuple[str, str]] = field(default_factory=list)
    refusing: bool = False

    def __post_init__(self) -> None:
        settings = self.world.settings
        first, people = FakeFirstKeys(settings), self.people
        asked = (lambda: people) if people else None
        self.gatekeeper = Gatekeeper(settings, first, asked)
        console = Console(FILES, people.sign_in) if people else Console(FILES)
        operations = [*self.world.operations, *console.operations()]
        self.handler = handler_of(Api(operations, self.gatekeeper))
        self._turn = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._answering())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"{self.root}/console/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def respond(self, event: dict[str, Any]) -> dict[str, Any]:
        """What the stack answers: the ingest function on its path, else the API's."""
        path, method = event["rawPath"], event["requestContext"]["http"]["method"]
        self.calls.append((method, path))
        if self.refusing and path.startswith("/v1"):
            return {"statusCode": 503, "headers": {}, "body": "<html>no</html>"}
        with self._turn:
            if (method, path) == ("POST", "/v1/events"):
                return self._ingested(event)
            return self.handler(event, SimpleNamespace())

    def _ingested(self, event: dict[str, Any]) -> dict[str, Any]:
        try:
            source = self.gatekeeper.admit(event["headers"], Scope.INGEST)
            body = base64.b64decode(event["body"])
            batch = read_request(event["headers"], body)
            wish = asked(event["headers"], event["rawQueryString"])
            events = [each.event for each in batch.received]
            wired: dict[str, Any] = {
                "sender": Sender(source.name),
                "settings": self.world.settings.current(),
                "ledger": self.world.ledger,
                "clock": self.world.clock,
                "timing": Timing(),
            }
            if wish.dry_run:
                return answer(batch, rehearse(events, **wired), dry_run=True)
            return answer(batch, accept(events, outbox=self.world.queue, **wired))
        except TocsinError as error:
            return problem_of(error).response()

    def _answering(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Answering(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                parts = urlsplit(self.path)
                size = int(self.headers.get("content-length") or 0)
                event = api_event(
                    self.command,
                    unquote(parts.path),
                    query=dict(parse_qsl(parts.query)),
                    headers={k.lower(): v for k, v in self.headers.items()},
                    body=self.rfile.read(size),
                )
                event["rawQueryString"] = parts.query
                answered = site.respond(event)
                content = answered.get("body") or ""
                body = content if isinstance(content, str) else json.dumps(content)
                raw = body.encode()
                if answered.get("isBase64Encoded"):
                    raw = base64.b64decode(body)
                # A page that is left does not wait for its answers.
                with suppress(ConnectionError):
                    self._write(answered["statusCode"], answered["headers"], raw)

            def _write(self, status: int, headers: dict[str, str], raw: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, str(value))
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Keep the test's output to itself."""

        return Answering
