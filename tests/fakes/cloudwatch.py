"""CloudWatch on loopback, in the words in which botocore asks and it answers.

AWS JSON 1.0, as its service description has it: the operation in `X-Amz-Target`, a
picture as base64. Whatever else is asked, or not signed, is refused.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
TARGET = "GraniteServiceVersion20100801."


@dataclass
class CloudWatch:
    """`answers` are (status, body) by operation. What is `held` is answered when
    `release` is set; `answered` counts what was."""

    answers: dict[str, tuple[int, bytes]]
    held: str = ""
    release: Event = field(default_factory=Event)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    signed: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    base: str = ""

    def widgets(self) -> list[dict[str, Any]]:
        """The graphs that were asked for."""
        return [
            json.loads(told["MetricWidget"])
            for name, told in self.asked
            if name == "GetMetricWidgetImage"
        ]


def picture(image: bytes = PNG) -> tuple[int, bytes]:
    """What CloudWatch answers when it has drawn."""
    told = {"MetricWidgetImage": base64.b64encode(image).decode()}
    return 200, json.dumps(told).encode()


def tags(told: Mapping[str, str]) -> tuple[int, bytes]:
    """What it answers when asked for an alarm's tags."""
    listed = [{"Key": name, "Value": value} for name, value in told.items()]
    return 200, json.dumps({"Tags": listed}).encode()


def refusal(status: int, code: str) -> tuple[int, bytes]:
    """An error of AWS JSON 1.0."""
    told = {"__type": f"com.amazonaws.cloudwatch#{code}", "message": "no"}
    return status, json.dumps(told).encode()


@contextmanager
def cloudwatch(graph: tuple[int, bytes] | None = None) -> Iterator[CloudWatch]:
    """Run one for the length of a test."""
    told = CloudWatch(
        {
            "GetMetricWidgetImage": graph or picture(),
            "ListTagsForResource": tags({"owner": "ada"}),
        }
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(told))
    server.daemon_threads = True
    told.base = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield told
    finally:
        told.release.set()
        server.shutdown()
        server.server_close()


def _handler(told: CloudWatch) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers.get("X-Amz-Target", "")
            name = target.removeprefix(TARGET)
            scope = self.headers.get("Authorization", "").partition("/")[2]
            if name not in told.answers or "/monitoring/aws4_request" not in scope:
                self._answer(*refusal(400, "UnknownOperationException"))
                return
            told.asked.append((name, json.loads(body)))
            told.signed.append(scope.split(",")[0])
            if name == told.held:
                told.release.wait(30)
            self._answer(*told.answers[name])
            told.answered.append(name)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return  # Who asked has given up.

    return Handler
