"""A stand-in for the API, in a process of its own: it stores what it accepts.

    python -m bench.measuring.loopback PORT FILE

Each accepted event is a line of FILE, written before the answer; a key that is known
from there counts once, as with the API. It may be killed at any moment.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    known: set[str]
    store: Any
    lock = Lock()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        events = body if isinstance(body, list) else [body]
        key = self.headers["Idempotency-Key"]
        with self.lock:
            if key not in self.known:
                self.known.add(key)
                lines = [
                    f"{key} {event['type']} {event['title']}\n" for event in events
                ]
                self.store.write("".join(lines))
                self.store.flush()
        each = {"id": "n", "status": "queued", "deliveries": []}
        told: Any = each
        if isinstance(body, list):
            told = {"accepted": len(body), "rejected": 0, "results": [each] * len(body)}
        answer = json.dumps(told).encode()
        self.send_response(202)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        pass


def main() -> None:
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    file.touch()
    Handler.known = {line.split(" ")[0] for line in file.read_text().splitlines()}
    with file.open("a") as Handler.store:
        ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
