"""Asymmetric signatures, by `cryptography`, which only the hooks function carries.

Imported when a signature is checked: every other function does without the package.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from datetime import UTC, datetime

KEY_LENGTH = 32


def is_ed25519_key(key: bytes) -> bool:
    """Whether these bytes can be a public key."""
    return len(key) == KEY_LENGTH


def ed25519_fits(key: bytes, signature: bytes, content: bytes) -> bool:
    """Whether the holder of the private key signed `content`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


class Certificate:
    """An X.509 certificate with an RSA key, out of PEM. Raises ValueError."""

    def __init__(self, pem: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.x509 import (
            DNSName,
            ExtensionNotFound,
            SubjectAlternativeName,
            load_pem_x509_certificate,
        )
        from cryptography.x509.oid import NameOID

        read = load_pem_x509_certificate(pem)
        key = read.public_key()
        if not isinstance(key, RSAPublicKey):
            raise ValueError("its key is not RSA")
        self._key = key
        self._from, self._until = read.not_valid_before_utc, read.not_valid_after_utc
        told = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        try:
            found = read.extensions.get_extension_for_class(SubjectAlternativeName)
            others = found.value.get_values_for_type(DNSName)
        except ExtensionNotFound:
            others = []
        self.names = (*(str(each.value) for each in told), *others)
        self.issuers = tuple(
            str(each.value)
            for each in read.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        )

    def is_valid(self, now: int) -> bool:
        """Whether `now` (ms) is within its time."""
        return self._from <= datetime.fromtimestamp(now / 1000, UTC) <= self._until

    def signed(self, signature: bytes, content: bytes, *, sha256: bool) -> bool:
        """Whether its owner signed `content` (PKCS #1 v1.5, SHA-256 or else SHA-1)."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA1, SHA256

        # SHA-1 is what SNS calls version 1, and what topics use unless told otherwise.
        digest = SHA256() if sha256 else SHA1()  # noqa: S303
        try:
            self._key.verify(signature, content, PKCS1v15(), digest)
        except InvalidSignature:
            return False
        return True
