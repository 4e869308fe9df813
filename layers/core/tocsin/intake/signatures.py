"""Signatures: whether a tool's call was signed with the secret that its source has.

A scheme says where a signature stands and what it covers; what is compared is compared
in constant time. A time that is signed may be five minutes off. Schemes without one
(GitHub, Sentry, Grafana by default) cannot tell a replay: what is signed is returned,
so that the same content can count once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import NoReturn

from tocsin.errors import Fault, Invalid, Unauthorized
from tocsin.intake.asymmetric import ed25519_fits, is_ed25519_key
from tocsin.values import dataclass

TOLERANCE_S = 300
SECRET_LENGTH = 8, 512
SIGNATURES_LOOKED_AT = 8
# Where adapters find what a sender calls its call.
NAMES = frozenset({"idempotency-key", "request-id", "webhook-id", "x-github-delivery"})
_WHOLE = "whsec_"
_PUBLIC = "whpk_"

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a call says of itself: the signatures given, in hex or base64, over
    `content`; `public` ones are by a private key. `at` is the signed time in seconds,
    None where none is signed."""

    content: bytes = field(repr=False)
    given: tuple[str, ...] = field(repr=False)
    at: int | None = None
    public: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to sign: how its claim is read, and what it makes of a secret.

    `encode` writes a digest as the claim has it. `named` are the headers that name a
    call and are signed; by others nobody may be known.
    """

    read: Callable[[Headers, bytes], Claim]
    encode: Callable[[bytes], str] = bytes.hex
    key_of: Callable[[str], bytes] = str.encode
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Signed:
    """A call whose signature holds: the headers that may be believed, and a digest of
    what was signed."""

    headers: Headers
    digest: str


def verify(
    scheme: str, headers: Headers, body: bytes, secrets: Iterable[str], now: int
) -> Signed:
    """Check a call against all live secrets; header names are in lower case, `now` is
    in ms. Raises `Unauthorized`, saying what does not hold."""
    known = SCHEMES[scheme]
    claim = known.read(headers, body)
    if claim.at is not None and abs(now // 1000 - claim.at) > TOLERANCE_S:
        _refuse("the signed time is more than five minutes off; check the clock")
    fits = False
    for secret in secrets:
        fits |= _fits(known, claim, secret)
    if not fits:
        _refuse("the signature does not fit; check the secret on both sides")
    doubted = NAMES - known.named
    believed = {name: told for name, told in headers.items() if name not in doubted}
    return Signed(believed, hashlib.sha256(claim.content).hexdigest())


def check_secret(scheme: str, secret: str) -> None:
    """Refuse what this scheme cannot sign with. Raises `Invalid`."""
    least, most = SECRET_LENGTH
    if not least <= len(secret) <= most or not (secret.isascii() and _plain(secret)):
        reason = f"should be {least} to {most} printable characters without spaces"
        raise Invalid(f"secret: {reason}", [Fault("secret", reason)])
    if scheme != "standard":
        return
    reason = f"should be base64 after {_WHOLE}, or an Ed25519 key after {_PUBLIC}"
    try:
        fits = is_ed25519_key(_decoded(secret)) if _is_public(secret) else True
        fits = fits and bool(_decoded(secret))
    except ValueError:
        fits = False
    if not fits:
        raise Invalid(f"secret: {reason}", [Fault("secret", reason)])


def _fits(scheme: Scheme, claim: Claim, secret: str) -> bool:
    if _is_public(secret) and scheme is SCHEMES["standard"]:
        key = _decoded(secret)
        given = map(_signature, claim.public[:SIGNATURES_LOOKED_AT])
        return any(ed25519_fits(key, each, claim.content) for each in given)
    digest = hmac.digest(scheme.key_of(secret), claim.content, "sha256")
    wanted = scheme.encode(digest).encode()
    fits = False
    for told in claim.given[:SIGNATURES_LOOKED_AT]:
        fits |= hmac.compare_digest(wanted, _bytes(told))
    return fits


def _github(headers: Headers, body: bytes) -> Claim:
    """https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries"""
    kind, _, given = _header(headers, "x-hub-signature-256").partition("=")
    return Claim(body, (given,) if kind == "sha256" else ())


def _sentry(headers: Headers, body: bytes) -> Claim:
    """https://docs.sentry.io/integrations/integration-platform/webhooks/"""
    return Claim(body, (_header(headers, "sentry-hook-signature"),))


def _grafana(headers: Headers, body: bytes) -> Claim:
    """The body, or time and body where the contact point names a header for the time.

    https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
    """
    given = (_header(headers, "x-grafana-alerting-signature"),)
    for name in ("x-grafana-alerting-timestamp", f"{_GRAFANA}-timestamp"):
        if name in headers:
            told = headers[name]
            return Claim(_bytes(told) + b":" + body, given, _seconds(told))
    return Claim(body, given)


def _slack(headers: Headers, body: bytes) -> Claim:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    version, _, given = _header(headers, "x-slack-signature").partition("=")
    told = _header(headers, "x-slack-request-timestamp")
    content = b"v0:" + _bytes(told) + b":" + body
    return Claim(content, (given,) if version == "v0" else (), _seconds(told))


def _stripe(headers: Headers, body: bytes) -> Claim:
    """https://docs.stripe.com/webhooks#verify-manually"""
    pairs = [
        part.strip().partition("=")
        for part in _header(headers, "stripe-signature").split(",")
    ]
    told = next((value for name, _, value in pairs if name == "t"), "")
    given = tuple(value for name, _, value in pairs if name == "v1")
    return Claim(_bytes(told) + b"." + body, given, _seconds(told))


def _standard(headers: Headers, body: bytes) -> Claim:
    """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""
    name = _header(headers, "webhook-id")
    told = _header(headers, "webhook-timestamp")
    pairs = [
        part.partition(",") for part in _header(headers, "webhook-signature").split()
    ]
    return Claim(
        _bytes(f"{name}.{told}.") + body,
        tuple(value for version, _, value in pairs if version == "v1"),
        _seconds(told),
        tuple(value for version, _, value in pairs if version == "v1a"),
    )


def _header(headers: Headers, name: str) -> str:
    found = headers.get(name, "").strip()
    if not found:
        _refuse(f"such calls are signed; the header {name} is missing")
    return found


def _seconds(told: str) -> int:
    if not (told.isascii() and told.isdigit() and len(told) <= 12):
        _refuse("the signed time is not a number of seconds")
    return int(told)


def _bytes(told: str) -> bytes:
    """A header's text, whatever a gateway made of strange bytes."""
    return told.encode("utf-8", "replace")


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _decoded(secret: str) -> bytes:
    """What stands after the prefix. Raises ValueError."""
    text = secret.removeprefix(_WHOLE).removeprefix(_PUBLIC)
    return base64.b64decode(text, validate=True)


def _signature(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_public(secret: str) -> bool:
    return secret.startswith(_PUBLIC)


def _plain(text: str) -> bool:
    return text.isprintable() and " " not in text


def _refuse(reason: str) -> NoReturn:
    raise Unauthorized(reason)


_GRAFANA = "x-grafana-alerting-signature"
SCHEMES: dict[str, Scheme] = {
    "github": Scheme(_github),
    "grafana": Scheme(_grafana),
    "sentry": Scheme(_sentry),
    "slack": Scheme(_slack),
    "standard": Scheme(_standard, _base64, _decoded, frozenset({"webhook-id"})),
    "stripe": Scheme(_stripe),
    # Meta signs as GitHub does; the secret is the app's.
    "whatsapp": Scheme(_github),
}
