"""Signatures: whether a published key (RFC 7517) made one, by `cryptography`.

Which algorithm is used follows from the kind of key, never from the token alone: so
nothing can be signed with a public key taken for a shared secret.
"""

# ruff: noqa: PLC0415 - functions that never meet a token carry no `cryptography`

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tocsin.openid.tokens import unpacked

ALGORITHMS: Final = {"RS256": "RSA", "ES256": "EC"}
_HALF: Final = 32
_SHORTEST_RSA: Final = 2048


def is_for(key: Mapping[str, Any], algorithm: str) -> bool:
    """Whether the key may sign so."""
    if key.get("kty") != ALGORITHMS.get(algorithm) or key.get("use", "sig") != "sig":
        return False
    return bool(key.get("alg", algorithm) == algorithm)


def fits(
    key: Mapping[str, Any], algorithm: str, signature: bytes, content: bytes
) -> bool:
    """Whether the holder of this key signed `content`. A key that cannot be read
    has signed nothing."""
    from cryptography.exceptions import InvalidSignature

    if not is_for(key, algorithm):
        return False
    verify = _rsa if algorithm == "RS256" else _ec
    try:
        verify(key, signature, content)
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def _rsa(key: Mapping[str, Any], signature: bytes, content: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    from cryptography.hazmat.primitives.hashes import SHA256

    public = RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
    if public.key_size < _SHORTEST_RSA:
        raise ValueError("the key is too short")
    public.verify(signature, content, PKCS1v15(), SHA256())


def _ec(key: Mapping[str, Any], signature: bytes, content: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import (
        ECDSA,
        SECP256R1,
        EllipticCurvePublicNumbers,
    )
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    if key["crv"] != "P-256" or len(signature) != 2 * _HALF:
        raise ValueError("not a signature of this curve")
    numbers = EllipticCurvePublicNumbers(
        _number(key["x"]), _number(key["y"]), SECP256R1()
    )
    halves = signature[:_HALF], signature[_HALF:]
    encoded = encode_dss_signature(*(int.from_bytes(each) for each in halves))
    numbers.public_key().verify(encoded, content, ECDSA(SHA256()))


def _number(text: str) -> int:
    return int.from_bytes(unpacked(text))
