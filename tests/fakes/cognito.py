"""A user pool of Cognito, as its tokens and its own document look.

After AWS's developer guide: "Understanding the identity (ID) token", "Understanding the
access token", "Logout endpoint", and the reference of its endpoints. There is a key for
each kind of token, and both are published.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.issuer import CLIENT, HOUR, Issuer, public_rsa

POOL = "eu-central-1_AbCdEfGhI"
NAME = f"https://cognito-idp.eu-central-1.amazonaws.com/{POOL}"
SUBJECT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
ID_KEY, ACCESS_KEY = "1234example/+id=", "1234example/+access="
DOMAIN = "https://tocsin-acme.auth.eu-central-1.amazoncognito.com"


def _published() -> list[dict[str, Any]]:
    return [public_rsa(ID_KEY, 0), public_rsa(ACCESS_KEY, 1)]


@dataclass
class UserPool(Issuer):
    """Its document names the pages of its domain, where nobody goes in tests."""

    name: str = NAME
    keys_at: str = "/.well-known/jwks.json"
    keys: list[dict[str, Any]] = field(default_factory=_published)

    def claims(self, now: int | None = None, **more: Any) -> dict[str, Any]:
        """Of an ID token."""
        cognito = {
            "sub": SUBJECT,
            "groups": None,
            "cognito:groups": ["operators"],
            "cognito:username": SUBJECT,
            "token_use": "id",
            **self._same(),
        }
        return super().claims(now, **{**cognito, **more})

    def access(self, now: int) -> dict[str, Any]:
        """Of an access token of the same sign-in: neither `aud` nor an address."""
        return {
            "sub": SUBJECT,
            "cognito:groups": ["operators"],
            "iss": self.name,
            "version": 2,
            "client_id": CLIENT,
            "token_use": "access",
            "scope": "openid email",
            "auth_time": now,
            "exp": now + HOUR,
            "iat": now,
            "username": SUBJECT,
            **self._same(),
        }

    def discovered(self) -> dict[str, Any]:
        return {
            "authorization_endpoint": f"{DOMAIN}/oauth2/authorize",
            "end_session_endpoint": f"{DOMAIN}/logout",
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": self.name,
            "jwks_uri": f"{self.name}{self.keys_at}",
            "response_types_supported": ["code", "token"],
            "revocation_endpoint": f"{DOMAIN}/oauth2/revoke",
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint": f"{DOMAIN}/oauth2/token",
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
            ],
            "userinfo_endpoint": f"{DOMAIN}/oauth2/userInfo",
        }

    def _same(self) -> dict[str, Any]:
        """What both tokens of a sign-in have."""
        return {"origin_jti": "o1", "event_id": "e1", "jti": "j1"}
