"""The HTTP seam: which addresses are called, and how long anything may take."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.unit.channels import loopback
from tocsin.channels import _http, _wire
from tocsin.channels._http import (
    ONE_PIECE,
    Connection,
    Http,
    NetworkFault,
    Response,
    retry_after_ms,
)
from tocsin.ports import Kind

SECRET = "s3cr3t-path"
URL = f"https://example.com/{SECRET}?key={SECRET}"


def call(base: str, **limits: Any) -> Response | NetworkFault:
    """One call to a stand-in."""
    return Http({"example.com"}, base, **limits).call("POST", URL, body=b"{}")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://evil.example/",
        "https://example.com.evil.example/",
        "https://example.com@evil.example/",
        "https://user@example.com/",
        "https://example.com:8443/",
        "https://example.com:x/",
        "https://127.0.0.1/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://example.com/\r\nHost: evil.example",
        "https://example.com/ä",
        "",
    ],
)
def test_no_other_address_is_called(url: str) -> None:
    with loopback.provider(loopback.answer(200)) as told:
        answer = Http({"example.com"}, told.base).call("GET", url)

    assert isinstance(answer, NetworkFault)
    assert answer.kind is Kind.PERMANENT
    assert told.requests == []


def test_a_base_takes_the_place_of_scheme_and_host_only() -> None:
    with loopback.provider(loopback.answer(200)) as told:
        answer = Http({"example.com"}, f"{told.base}/stand/in/").call("GET", URL)

    assert isinstance(answer, Response)
    assert told.requests[0].path == f"/stand/in/{SECRET}?key={SECRET}"


def test_without_a_base_the_host_itself_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int, bool]] = []

    def connect(host: str, port: int, within: float, tls: object) -> _wire.Wire:
        asked.append((host, port, tls is not None))
        raise TimeoutError

    monkeypatch.setattr(_http, "connect", connect)
    answer = Http({"example.com"}).call("GET", URL)

    assert asked == [("example.com", 443, True)]
    assert answer == NetworkFault(Kind.TRANSIENT, "no connection: no answer in time")


def test_a_name_that_is_not_found_is_transient(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    answer = call("http://nowhere.invalid")

    assert answer == NetworkFault(
        Kind.TRANSIENT, "no connection: the host name was not found"
    )


def test_a_name_server_that_hangs_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(*_: object, **__: object) -> list[object]:
        time.sleep(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    began = time.monotonic()
    answer = call("http://nowhere.invalid", connect_within=0.1)

    assert time.monotonic() - began < 3
    assert answer == NetworkFault(Kind.TRANSIENT, "no connection: no answer in time")


@contextmanager
def deaf() -> Iterator[tuple[str, int]]:
    """An address that neither takes nor refuses a connection."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        yield full.getsockname()


def found(*addresses: tuple[str, int]) -> Callable[..., list[object]]:
    """A name server that knows these."""
    return lambda *_, **__: [(socket.AF_INET, 1, 6, "", one) for one in addresses]


def test_many_deaf_addresses_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    with deaf() as address:
        monkeypatch.setattr(socket, "getaddrinfo", found(*[address] * 5))
        began = time.monotonic()
        answer = call("http://many.invalid", connect_within=0.3)

    assert time.monotonic() - began < 1.2
    assert isinstance(answer, NetworkFault)
    assert answer.kind is Kind.TRANSIENT


def test_a_deaf_address_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with deaf() as address, loopback.provider(loopback.answer(200)) as told:
        good = ("127.0.0.1", told.port)
        monkeypatch.setattr(socket, "getaddrinfo", found(address, good))
        answer = call("http://two.invalid", connect_within=0.4)

    assert isinstance(answer, Response)


def test_a_tls_handshake_that_fails_is_transient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with loopback.provider(loopback.answer(200)) as told:
        answer = call(told.base.replace("http", "https"), connect_within=0.3)

    assert isinstance(answer, NetworkFault)
    assert answer.kind is Kind.TRANSIENT
    assert told.requests == []


def test_a_request_that_did_not_leave_whole_is_transient() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        http = Http({"example.com"}, base, total=0.3)
        answer = http.call("POST", URL, body=b"x" * 50_000_000)

    assert isinstance(answer, NetworkFault)
    assert answer.kind is Kind.TRANSIENT


def test_no_fault_names_the_path() -> None:
    with loopback.deaf_port() as base:
        faults = [call(base)]
    for behaviour in (
        loopback.hang_up,
        loopback.reset,
        loopback.raw(SECRET.encode()),
        loopback.raw(f"HTTP/1.1 {SECRET}\r\n\r\n".encode()),
    ):
        with loopback.provider(behaviour) as told:
            faults.append(call(told.base))

    assert all(isinstance(fault, NetworkFault) for fault in faults)
    assert SECRET not in repr(faults)


BIG = b"x" * (_http.BODY_KEPT * 4)
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "behaviour",
    [
        loopback.answer(200, BIG),
        lambda sock: sock.sendall(HEAD + f"{len(BIG):x}\r\n".encode() + BIG + b"\r\n"),
    ],
)
def test_a_body_is_read_only_so_far(behaviour: loopback.Behaviour) -> None:
    with loopback.provider(behaviour) as told:
        http = Http({"example.com"}, told.base)
        for _ in range(2):
            answer = http.call("GET", URL)

            assert isinstance(answer, Response)
            assert len(answer.body) == _http.BODY_KEPT
        assert told.connections == 2


def test_a_chunked_answer_is_read() -> None:
    raw = HEAD + b"2\r\n{}\r\n0\r\n\r\n"
    with loopback.provider(lambda sock: sock.sendall(raw)) as told:
        http = Http({"example.com"}, told.base)
        for _ in range(2):
            answer = http.call("GET", URL)

            assert isinstance(answer, Response)
            assert answer.json() == {}
        assert told.connections == 1


def late(sock: socket.socket) -> None:
    """Say that this is the last answer; its body comes a moment after its head."""
    sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n")
    time.sleep(0.05)
    sock.sendall(b"{}")


def test_the_last_answer_of_a_connection_is_read_whole() -> None:
    with loopback.provider(late) as told:
        http = Http({"example.com"}, told.base)
        for _ in range(2):
            answer = http.call("GET", URL)

            assert isinstance(answer, Response)
            assert answer.json() == {}
        assert told.connections == 2


def test_a_connection_that_waited_long_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with loopback.provider(loopback.answer(200)) as told:
        http = Http({"example.com"}, told.base)
        http.call("GET", URL)
        monkeypatch.setattr(_http, "IDLE_KEPT", 0.0)
        http.call("GET", URL)

        assert told.connections == 2


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 0),
        ({"retry-after": "2"}, 2_000),
        ({"retry-after": "0.5"}, 500),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "nan"}, 0),
        ({"retry-after": "inf"}, 86_400_000),
        ({"retry-after": "soon"}, 0),
        (
            {
                "retry-after": "Tue, 03 Nov 2026 12:01:00 GMT",
                "date": "Tue, 03 Nov 2026 12:00:00 GMT",
            },
            60_000,
        ),
        ({"retry-after": "Tue, 03 Nov 2026 12:01:00 GMT"}, 0),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], wait: int) -> None:
    assert retry_after_ms(Response(429, headers)) == wait


class Pieces:
    """A socket that keeps what it is given."""

    def __init__(self) -> None:
        self.given: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.given.append(data)


@pytest.mark.parametrize(("size", "pieces"), [(0, 1), (1000, 1), (ONE_PIECE + 1, 2)])
def test_head_and_body_leave_in_one_piece_unless_the_body_is_large(
    size: int, pieces: int
) -> None:
    connection, sock = Connection("chat.example"), Pieces()
    connection.sock = sock
    body = b"x" * size

    connection.request("POST", "/hook", body=body, headers={"A": "b"})

    assert len(sock.given) == pieces
    head, _, sent = b"".join(sock.given).partition(b"\r\n\r\n")
    assert sent == body
    assert head.startswith(b"POST /hook HTTP/1.1\r\n")
    assert f"Content-Length: {size}".encode() in head.splitlines()
