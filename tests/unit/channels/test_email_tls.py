"""Email over TLS: from the start, and after STARTTLS, which nobody can talk away."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.unit.channels import mail_server
from tests.unit.channels.mail_server import GIVEN
from tests.unit.channels.messages import message
from tests.unit.channels.test_http_tls import certificate
from tocsin.channels import channel
from tocsin.channels.email import Email, pool
from tocsin.channels.email.pool import Pool
from tocsin.ports import Kind, Outcome, Target

__all__ = ["certificate"]
OFFERS = b"250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    """The server's side."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


def send(
    monkeypatch: pytest.MonkeyPatch, port: int, trust: Path | None, **given: Any
) -> Outcome:
    """One mail to `mail.example.com`, which is found on loopback."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    monkeypatch.setattr(pool, "is_public", lambda _address: True)
    trusted = ssl.create_default_context(cafile=str(trust) if trust else None)
    trusted.check_hostname = False  # the certificate is for localhost
    monkeypatch.setattr(pool, "_tls", lambda: trusted)
    kept, secret = channel("email").split({**GIVEN, "port": port, **given})
    return Email(Pool(total=2.0)).send([message()], Target("ops", kept, secret))


def test_tls_from_the_start(
    certificate: Path, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server.told(tls=context, wrapped=True) as one:
        outcome = send(monkeypatch, one.port, certificate, security="tls")

    assert outcome.kind is Kind.OK
    assert len(one.contents) == 1


def test_tls_after_starttls_and_the_login_only_then(
    certificate: Path, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server.told({"EHLO": OFFERS}, tls=context) as one:
        outcome = send(monkeypatch, one.port, certificate, security="starttls")

    words = [line.split()[0] for line in one.lines]
    assert outcome.kind is Kind.OK
    assert words[:4] == [b"EHLO", b"STARTTLS", b"EHLO", b"AUTH"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_nobody_vouches_for_gets_no_password(
    security: str, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapped = security == "tls"
    with mail_server.told({"EHLO": OFFERS}, tls=context, wrapped=wrapped) as one:
        outcome = send(monkeypatch, one.port, None, security=security)

    assert outcome == Outcome(
        Kind.TRANSIENT, "the mail server: the certificate is not trusted"
    )
    assert not [line for line in one.lines if line.startswith(b"AUTH")]


@pytest.mark.parametrize(
    "table",
    [{}, {"EHLO": OFFERS, "STARTTLS": b"502 no\r\n"}],
    ids=["silent", "refuses"],
)
def test_a_server_without_starttls_gets_no_password(
    table: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server.told(table) as one:
        outcome = send(monkeypatch, one.port, None, security="starttls")

    assert outcome.kind is Kind.GONE
    assert "465" in outcome.reason
    assert not [line for line in one.lines if line.startswith(b"AUTH")]


def test_what_was_slipped_in_before_tls_counts_for_nothing(
    certificate: Path, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    slipped = b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n235 in\r\n250 ok\r\n"
    with mail_server.told({"EHLO": OFFERS, "STARTTLS": slipped}, tls=context) as one:
        outcome = send(monkeypatch, one.port, certificate, security="starttls")

    # Read as TLS, it is none; read as answers, it would have been a login.
    assert outcome.kind in (Kind.OK, Kind.TRANSIENT)
    assert (outcome.kind is Kind.OK) == (len(one.contents) == 1)
