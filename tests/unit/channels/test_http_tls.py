"""The HTTP seam over TLS: certificates are checked, connections kept."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.unit.channels import loopback
from tocsin.channels import _http
from tocsin.channels._http import Http, NetworkFault, Response
from tocsin.ports import Kind

URL = "https://example.com/x"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for `localhost`, made for this test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "localhost.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def tls_provider(certificate: Path) -> Iterator[loopback.Provider]:
    """The stand-in, behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    told = loopback.Provider([loopback.answer(200, {"id": "1"})])
    listener = socket.create_server(("127.0.0.1", 0))
    told.port = listener.getsockname()[1]

    def listen() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                told.connections += 1
                with suppress(OSError), plain:
                    loopback.serve(context.wrap_socket(plain, server_side=True), told)

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield told
    finally:
        listener.close()


def test_a_trusted_certificate_is_taken_and_the_connection_kept(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(_http, "_tls", lambda: context)
    with tls_provider(certificate) as told:
        http = Http({"example.com"}, f"https://localhost:{told.port}")
        for _ in range(3):
            answer = http.call("POST", URL, body=b"{}")

            assert isinstance(answer, Response)
            assert answer.json() == {"id": "1"}
        assert told.connections == 1


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_nobody_vouches_for_stops_the_call(
    certificate: Path, host: str
) -> None:
    with tls_provider(certificate) as told:
        http = Http({"example.com"}, f"https://{host}:{told.port}")
        answer = http.call("POST", URL, body=b"{}")

    assert answer == NetworkFault(
        Kind.TRANSIENT, "no connection: the certificate is not trusted"
    )
    assert told.requests == []


def test_a_certificate_for_another_name_stops_the_call(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(_http, "_tls", lambda: context)
    with tls_provider(certificate) as told:
        http = Http({"example.com"}, f"https://127.0.0.1:{told.port}")
        answer = http.call("POST", URL, body=b"{}")

    assert isinstance(answer, NetworkFault)
    assert answer.kind is Kind.TRANSIENT
