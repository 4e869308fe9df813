"""SNS's own hand: certificates as it could have them, and messages that it signed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NOW = 1_800_000_000_000
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(
    name: str = "sns.amazonaws.com",
    days: int = 1,
    issuers: Sequence[str] = ("Amazon",),
    others: Sequence[str] = (),
    now: int = NOW,
) -> bytes:
    """A certificate of SNS as it could be, signed by its own key."""
    at = datetime.fromtimestamp(now / 1000, UTC)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issued = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in issuers]
    by = x509.NameAttribute(NameOID.COMMON_NAME, "Amazon RSA 2048 M01")
    builder = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(x509.Name([*issued, by]))
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(at - timedelta(days=9))
        .not_valid_after(at + timedelta(days=days))
    )
    if others:
        more = x509.SubjectAlternativeName([x509.DNSName(each) for each in others])
        builder = builder.add_extension(more, critical=False)
    return builder.sign(KEY, SHA256()).public_bytes(Encoding.PEM)


def stamp(ms: int = NOW) -> str:
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signed(told: Mapping[str, Any], version: str = "2") -> bytes:
    """As SNS signs: names and values in order of the names, each with its line end."""
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token"]
    content = "".join(
        f"{name}\n{told[name]}\n"
        for name in [*names, "TopicArn", "Type"]
        if told.get(name) is not None
    )
    digest = SHA256() if version == "2" else SHA1()
    made = KEY.sign(content.encode(), padding.PKCS1v15(), digest)
    envelope = {
        **told,
        "SignatureVersion": version,
        "Signature": base64.b64encode(made).decode(),
    }
    return json.dumps(envelope).encode()
