"""The open HTTP seam: whatever a name resolves to, only public addresses are called."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.channels import loopback
from tocsin.channels import _public, _wire
from tocsin.channels._http import NetworkFault, Response
from tocsin.channels._public import KEPT_IN_ALL, PublicHttp
from tocsin.ports import Kind

URL = "https://hooks.example.com/in?key=s3cr3t"
PUBLIC = "93.184.216.34"
PUBLIC_6 = "2606:4700::1111"
REFUSED = NetworkFault(Kind.PERMANENT, "the host's address is not a public one")


def resolver(*answers: list[str]) -> Callable[..., list[object]]:
    """A name server that gives these answers one after the other, the last for ever."""
    left = list(answers)

    def answer(host: str, port: int, **_: object) -> list[object]:
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [
            (socket.AF_INET6, 1, 6, "", (one, port, 0, 0))
            if ":" in one
            else (socket.AF_INET, 1, 6, "", (one, port))
            for one in addresses
        ]

    return answer


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that a socket was told to connect to; nobody answers there."""
    asked: list[str] = []

    class Deaf:
        def __init__(self, *_: object) -> None: ...
        def setsockopt(self, *_: object) -> None: ...
        def settimeout(self, _: float) -> None: ...
        def close(self) -> None: ...

        def connect(self, address: tuple[Any, ...]) -> None:
            asked.append(address[0])
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "socket", Deaf)
    return asked


def call(url: str = URL) -> Response | NetworkFault:
    """One call without a stand-in."""
    return PublicHttp(connect_within=0.5, total=1.0).call("POST", url, body=b"{}")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.100.0.1",
        "0.0.0.0",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:0:1::",
        "fd00:ec2::254",
        "fe80::1%2",
    ],
)
def test_a_name_that_means_a_private_address_is_not_called(
    address: str, dialled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver([address]))

    assert call() == REFUSED
    assert dialled == []


def test_among_several_addresses_only_the_public_ones_are_called(
    dialled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = ["10.0.0.1", PUBLIC, "::1", PUBLIC_6, "127.0.0.1"]
    monkeypatch.setattr(socket, "getaddrinfo", resolver(mixed))
    answer = call()

    assert isinstance(answer, NetworkFault)
    assert answer.kind is Kind.TRANSIENT
    assert dialled == [PUBLIC, PUBLIC_6]


def test_a_name_server_that_changes_its_answer_gains_nothing(
    dialled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Public when asked first, private ever after: what was judged is what is called.
    monkeypatch.setattr(socket, "getaddrinfo", resolver([PUBLIC], ["127.0.0.1"]))
    first, second = call(), call()

    assert isinstance(first, NetworkFault)
    assert first.kind is Kind.TRANSIENT
    assert second == REFUSED
    assert dialled == [PUBLIC]


def test_a_server_on_loopback_is_never_reached_through_a_rebound_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with loopback.provider(loopback.answer(200)) as told:
        monkeypatch.setattr(_public, "PORTS", frozenset({443, told.port}))
        monkeypatch.setattr(socket, "getaddrinfo", resolver(["127.0.0.1"]))
        answer = call(f"https://hooks.example.com:{told.port}/in")

    assert answer == REFUSED
    assert told.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "//hooks.example.com/",
        "https:///in",
        "https://",
        "https://hooks.example.com:80/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:/",
        "https://hooks.example.com:x/",
        "https://hooks.example.com:99999/",
        "https://user@hooks.example.com/",
        "https://user:word@hooks.example.com/",
        "https://@hooks.example.com/",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com./",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25eth0]/",
        "https://[2606:4700::1111%251]/",
        "https://[",
        "https://169.254.169.254/latest/meta-data/",
        "https://hooks.example.com/\r\nHost: evil.example",
        "https://hooks.example.com/ä",
        "https://hooks.ехample.com/",
        "",
    ],
)
def test_no_odd_address_is_called_with_a_stand_in_or_without(
    url: str, dialled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver([PUBLIC]))
    for http in (PublicHttp(), PublicHttp("http://127.0.0.1:1")):
        answer = http.call("GET", url)

        assert isinstance(answer, NetworkFault)
        assert answer.kind is Kind.PERMANENT
    assert dialled == []


@pytest.mark.parametrize("port", ["", ":443", ":8443"])
def test_https_ports_are_called(
    port: str, dialled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver([PUBLIC]))
    call(f"https://hooks.example.com{port}/in")

    assert dialled == [PUBLIC]


def test_a_stand_in_is_told_host_and_path() -> None:
    with loopback.provider(loopback.answer(200)) as told:
        http = PublicHttp(f"{told.base}/webhook/")
        for url in (URL, "https://Other.example:8443", "https://x.example?a=/b#c"):
            assert isinstance(http.call("POST", url, body=b"{}"), Response)

    assert [request.path for request in told.requests] == [
        "/webhook/hooks.example.com/in?key=s3cr3t",
        "/webhook/other.example:8443/",
        "/webhook/x.example/?a=/b",
    ]


def test_connections_are_kept_to_many_hosts_but_not_to_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with loopback.provider(loopback.answer(200)) as told:
        good = socket.create_connection

        def dial(host: str, *_: object) -> _wire.Wire:
            return _wire.Wire(good(("127.0.0.1", told.port)))

        http = PublicHttp()
        monkeypatch.setattr(PublicHttp, "_dial", lambda _, *given: dial(*given))
        for number in range(KEPT_IN_ALL + 5):
            http.call("GET", f"https://h{number}.example.com/")
        for number in (0, KEPT_IN_ALL + 4):
            http.call("GET", f"https://h{number}.example.com/")

    assert told.connections == KEPT_IN_ALL + 6
