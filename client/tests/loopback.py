"""A server on loopback: the API's answers, and every way to give none."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

PATIENCE = 10.0


@dataclass(frozen=True)
class Request:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """What to answer instead of what the API would."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[["_Handler", Request], None]


def reply(status: int, document: Any = None, **headers: str) -> Answer:
    """A status, with JSON (or bytes)."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()

    def answer(handler: _Handler, _: Request) -> None:
        named = {name.replace("_", "-"): each for name, each in headers.items()}
        handler.give(Reply(status, body, named))

    return answer


def problem(status: int, title: str, *faults: tuple[str, str]) -> Answer:
    """A refusal as the API words it."""
    errors = [{"field": name, "reason": reason} for name, reason in faults]
    detail = f"{title} in detail"
    told = {"title": title, "status": status, "detail": detail, "errors": errors}
    return reply(status, told, content_type="application/problem+json")


def hang(handler: _Handler, _: Request) -> None:
    """Say nothing until the client has gone."""
    handler.server_gone.wait(PATIENCE)
    handler.close_connection = True


def half(handler: _Handler, _: Request) -> None:
    """Promise more than comes."""
    handler.wfile.write(b'HTTP/1.1 202 OK\r\nContent-Length: 500\r\n\r\n{"id": ')
    handler.close_connection = True


def garbage(handler: _Handler, _: Request) -> None:
    """Speak something else."""
    handler.wfile.write(b"\x16\x03\x01 SSH-2.0-what?\r\n\r\n")
    handler.close_connection = True


def reset(handler: _Handler, _: Request) -> None:
    """Take the request and cut the line."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True


def accepted_then_reset(handler: _Handler, request: Request) -> None:
    """Accept it, and cut the line before the answer: the client cannot know."""
    handler.loopback.accept(request)
    reset(handler, request)


class Loopback(socketserver.ThreadingTCPServer):
    """Answers as the API does; the first of `answers` is used up by each request.

    `requests` is all that came, `events` what was accepted, each key once, as the API
    counts. It can be `down` (no connection) and come back on its port.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.events: list[dict[str, Any]] = []
        self.uploads: list[Request] = []
        self.answers: deque[Answer] = deque()
        self.always: Answer | None = None
        self.refuses: Callable[[dict[str, Any]], bool] = lambda _: False
        self.gone = threading.Event()
        self._keys: set[str] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._serve()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def _serve(self) -> None:
        serve = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        serve.start()

    def down(self) -> None:
        """Take no connection, and end those there are."""
        self.gone.set()
        self.shutdown()
        self.server_close()

    def up(self) -> None:
        """Come back, on the same port."""
        address = self.server_address
        self.gone.clear()
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.server_address = address
        self.server_bind()
        self.server_activate()
        self._serve()

    def until(self, true: Callable[[], Any]) -> None:
        """Wait for something that will come true; fail if it does not."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.005)

    def answer_to(self, request: Request) -> Answer:
        """What to do with this one."""
        with self._guard:
            self.requests.append(request)
            if self.answers:
                return self.answers.popleft()
        return self.always or api

    def accept(self, request: Request) -> dict[str, Any]:
        """Store what is new, and say what the API would."""
        key = request.headers.get("idempotency-key", "")
        many = isinstance(request.body, list)
        told = request.body if many else [request.body]
        bad = [event for event in told if self.refuses(event)]
        with self._guard:
            if key not in self._keys and "dry_run" not in request.path:
                self._keys.add(key)
                self.events += [event for event in told if event not in bad]
        results = [_refused(n) if e in bad else _taken(n) for n, e in enumerate(told)]
        counts = {"accepted": len(told) - len(bad), "rejected": len(bad)}
        return {**counts, "results": results} if many else results[0]


def _taken(number: int) -> dict[str, Any]:
    deliveries = [{"destination": "ops", "status": "queued"}]
    return {"id": f"n{number}", "status": "queued", "deliveries": deliveries}


def _refused(number: int) -> dict[str, Any]:
    errors = [{"field": "title", "reason": "is a bad one"}]
    return {"status": "rejected", "index": number, "errors": errors}


def api(handler: _Handler, request: Request) -> None:
    """As the API answers."""
    if request.path.startswith("/v1/attachments"):
        number = len(handler.loopback.uploads)
        handler.loopback.uploads.append(request)
        body = json.dumps({"id": f"file{number}"}).encode()
        handler.give(Reply(201, body))
        return
    told = handler.loopback.accept(request)
    if told.get("status") == "rejected":
        problem(422, "Invalid request", ("title", "is a bad one"))(handler, request)
        return
    status = 200 if "dry_run" in request.path else 202
    if told.get("accepted") == 0:
        status = 422
    handler.give(Reply(status, json.dumps(told).encode()))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def loopback(self) -> Loopback:
        assert isinstance(self.server, Loopback)
        return self.server

    @property
    def server_gone(self) -> threading.Event:
        return self.loopback.gone

    def _take(self) -> None:
        if self.server_gone.is_set():
            self.close_connection = True
            return
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            told = json.loads(body) if body else None
        except ValueError:
            told = body
        request = Request(self.command, self.path, headers, told)
        self.loopback.answer_to(request)(self, request)

    do_GET = do_POST = _take  # noqa: N815 - the name that http.server calls

    def give(self, answer: Reply) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: Any) -> None:
        pass
