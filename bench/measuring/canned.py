"""Canned AWS and Discord on loopback, in a process of its own: answers, keeps nothing.

What a handler's own process then spends is the handler's, AWS client and sockets
included. `python -m bench.measuring.canned` reads the items to serve from stdin, prints
its port, and ends when stdin does.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from bench.measuring.beside import beside
from bench.measuring.discord import ANSWER

Item = Mapping[str, Any]


@contextmanager
def canned(items: Sequence[Item], secret: str) -> Iterator[str]:
    """Serve these items of one table, and one secret; yields the address."""
    told = json.dumps({"items": list(items), "secret": secret}, default=_plain)
    with beside("bench.measuring.canned", told) as port:
        yield f"http://127.0.0.1:{port}"


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)


class Answers:
    """What each AWS operation is answered."""

    def __init__(self, items: Sequence[Item], secret: str) -> None:
        self._secret = secret
        self._items = {_key(item): item for item in items}
        self._partitions: dict[str, list[Item]] = {}
        for item in items:
            self._partitions.setdefault(item["pk"]["S"], []).append(item)

    def to(self, operation: str, asked: dict[str, Any]) -> Any:
        """The answer's body."""
        if operation.endswith("MessageBatch"):
            return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]]}
        if operation == "SendMessage":
            return {"MessageId": "0" * 36, "MD5OfMessageBody": "0" * 32}
        if operation == "GetParameter":
            return {"Parameter": {"Name": asked["Name"], "Value": self._secret}}
        return self._found(operation, asked)

    def _found(self, operation: str, asked: dict[str, Any]) -> Any:
        if operation == "GetItem":
            found = self._items.get(_key(asked["Key"]))
            return {"Item": found} if found else {}
        if operation == "BatchGetItem":
            table, wish = next(iter(asked["RequestItems"].items()))
            found_all = [self._items.get(_key(key)) for key in wish["Keys"]]
            return {"Responses": {table: [item for item in found_all if item]}}
        if operation == "Query":
            wanted = asked["ExpressionAttributeValues"][":pk"]["S"]
            return {"Items": self._partitions.get(wanted, [])}
        return {}


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def main() -> None:
    """Serve until stdin ends."""
    told = json.loads(sys.stdin.readline())
    answers = Answers(told["items"], told["secret"])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers.get("X-Amz-Target", "")
            answer = ANSWER
            if target:
                operation = target.rpartition(".")[2]
                answer = json.dumps(answers.to(operation, json.loads(body))).encode()
            self.send_response(200)
            kind = "application/x-amz-json-1.0" if target else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
