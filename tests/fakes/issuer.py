"""An issuer of OpenID Connect on loopback: people sign in there without being asked, and
it signs whatever a test wants to have signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import urllib3
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

ISSUER = "https://id.example.com"
CLIENT = "tocsin-console"
_A_POOL = re.compile(r"/[\w-]+_\w+/\.well-known/")
HOUR = 3600


def packed(raw: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """Always the same one for a number: making one takes a moment."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _sized(number: int, size: int = 0) -> str:
    return packed(number.to_bytes(size or (number.bit_length() + 7) // 8))


def public_rsa(kid: str, number: int = 0) -> dict[str, Any]:
    found = rsa_key(number).public_key().public_numbers()
    told = {"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256"}
    return {**told, "n": _sized(found.n), "e": _sized(found.e)}


def public_ec(kid: str) -> dict[str, Any]:
    found = ec_key().public_key().public_numbers()
    told = {"kty": "EC", "kid": kid, "use": "sig", "crv": "P-256"}
    return {**told, "x": _sized(found.x, 32), "y": _sized(found.y, 32)}


@dataclass
class Issuer:
    """Serves until it is closed. `keys` are those it publishes; `person` the claims of
    whoever signs in next; `down` makes it answer 503; a `port` of 0 is any free one.
    `name` is what it calls itself; its keys stand below that, at `keys_at`. Pages of
    user pools it fetches from the emulator at `pools`, where that is given."""

    name: str = ISSUER
    keys_at: str = "/keys"
    pools: str = ""
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public_rsa("k0")])
    person: dict[str, Any] = field(default_factory=dict)
    down: bool = False
    calls: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._asked: dict[str, dict[str, str]] = {}
        where = ("127.0.0.1", self.port)
        self._server = ThreadingHTTPServer(where, self._answering())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def claims(self, now: int | None = None, **more: Any) -> dict[str, Any]:
        """What it says of someone, from `now` (s) on for an hour; None leaves out."""
        at = int(time.time()) if now is None else now
        told = {
            "iss": self.name,
            "aud": CLIENT,
            "sub": "8b1f7c",
            "iat": at,
            "exp": at + HOUR,
            "email": "Ann@example.com",
            "email_verified": True,
            "groups": ["oncall"],
            **self.person,
            **more,
        }
        return {name: value for name, value in told.items() if value is not None}

    def token(
        self,
        claims: dict[str, Any],
        *,
        alg: str = "RS256",
        kid: str = "k0",
        key: int = 0,
    ) -> str:
        """Signed by its key of that number, or as `alg` says."""
        parts = ({"alg": alg, "kid": kid, "typ": "JWT"}, claims)
        content = ".".join(packed(json.dumps(part).encode()) for part in parts)
        return f"{content}.{packed(_signature(alg, content.encode(), key))}"

    def redeem(self, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """A code for a token, once, for whoever knows what the code was asked with."""
        if given.get("grant_type") != "authorization_code":
            return 400, {"error": "unsupported_grant_type"}
        asked = self._asked.pop(given.get("code", ""), None)
        proof = packed(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != proof:
            return 400, {"error": "invalid_grant"}
        for name in ("client_id", "redirect_uri"):
            if asked[name] != given.get(name):
                return 400, {"error": "invalid_client"}
        told = self.claims(nonce=asked["nonce"])
        return 200, {"id_token": self.token(told), "token_type": "Bearer"}

    def authorized(self, asked: dict[str, str]) -> str:
        """Where the browser goes next: back, with a code or what is wrong."""
        wrong = self.refused[:1] or [
            error
            for right, error in (
                (asked["client_id"] == CLIENT, "unauthorized_client"),
                (asked["response_type"] == "code", "unsupported_response_type"),
                ("openid" in asked["scope"].split(), "invalid_scope"),
                (asked.get("code_challenge_method") == "S256", "invalid_request"),
            )
            if not right
        ]
        back = {"state": asked["state"]}
        if wrong:
            back["error"] = wrong[0]
        else:
            back["code"] = uuid4().hex
            self._asked[back["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def discovered(self) -> dict[str, Any]:
        """What OpenID Connect Discovery 1.0 asks for, section 3."""
        return {
            "issuer": self.name,
            "jwks_uri": f"{self.name}{self.keys_at}",
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "end_session_endpoint": f"{self.base}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["openid", "email"],
        }

    def relayed(self, path: str) -> dict[str, Any]:
        """A page of a pool. The emulator says that its keys are with itself, where
        Cognito names its own address: we call nobody's in the clear."""
        told: dict[str, Any] = urllib3.request("GET", f"{self.pools}{path}").json()
        keys = {"jwks_uri": f"{told.get('issuer')}/.well-known/jwks.json"}
        return {**told, **keys} if "issuer" in told else told

    def _answering(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                issuer.calls.append(parts.path)
                if issuer.down:
                    self._say(503, {})
                elif parts.path == "/authorize":
                    where = issuer.authorized(dict(parse_qsl(parts.query)))
                    self._say(302, {}, location=where)
                elif issuer.pools and _A_POOL.match(parts.path):
                    self._say(200, issuer.relayed(parts.path))
                elif parts.path.endswith(issuer.keys_at):
                    self._say(200, {"keys": issuer.keys})
                else:
                    self._say(200, issuer.discovered())

            def do_POST(self) -> None:
                issuer.calls.append(self.path)
                size = int(self.headers.get("content-length") or 0)
                given = dict(parse_qsl(self.rfile.read(size).decode()))
                self._say(*issuer.redeem(given))

            def _say(self, status: int, told: Any, **headers: str) -> None:
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("access-control-allow-origin", "*")
                self.send_header("content-length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Keep the test's output to itself."""

        return Answering


def _signature(alg: str, content: bytes, number: int) -> bytes:
    if alg == "RS256":
        return rsa_key(number).sign(content, padding.PKCS1v15(), SHA256())
    if alg == "ES256":
        halves = decode_dss_signature(ec_key().sign(content, ec.ECDSA(SHA256())))
        return b"".join(each.to_bytes(32) for each in halves)
    if alg == "HS256":
        # The public key, taken for a shared secret: the classic confusion.
        secret = json.dumps(public_rsa("k0", number)).encode()
        return hmac.new(secret, content, hashlib.sha256).digest()
    return b"\0" * 256
