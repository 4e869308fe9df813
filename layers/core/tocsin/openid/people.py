"""People: from a token to who is calling, and what signs them in at the console."""

from __future__ import annotations

from urllib.parse import urlsplit

from tocsin.config import Environment
from tocsin.errors import Unauthorized
from tocsin.openid.claims import Terms, check, person
from tocsin.openid.cognito import leaving
from tocsin.openid.pages import IssuerPages
from tocsin.openid.provider import Provider
from tocsin.openid.signatures import ALGORITHMS, fits
from tocsin.openid.tokens import Token, read_token
from tocsin.ports import Clock
from tocsin.settings import Source
from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a browser needs to sign someone in: nothing of it is secret."""

    name: str
    client_id: str
    scope: str
    authorize: str
    token: str
    leave: str

    @property
    def origin(self) -> str:
        """The one place besides ours that the console may call."""
        parts = urlsplit(self.token)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def shown(self) -> dict[str, str]:
        """What the page is told."""
        return {
            "name": self.name,
            "client_id": self.client_id,
            "scope": self.scope,
            "authorize": self.authorize,
            "token": self.token,
            "leave": self.leave,
        }


@dataclass(frozen=True, slots=True)
class People:
    """Whoever the issuer vouches for. `client_id` and `scope` are the console's."""

    terms: Terms
    provider: Provider
    clock: Clock
    client_id: str
    scope: str

    def who(self, text: str) -> Source:
        """The one who calls with this token. Raises `Unauthorized`, `Unavailable`."""
        token = read_token(text)
        algorithm = _algorithm(token)
        # What is not for us is refused before the issuer is asked for anything.
        check(token.claims, self.terms, self.clock.now())
        key = self.provider.key(str(token.header.get("kid", "")))
        if key is None:
            raise Unauthorized("this token's key is not one that the issuer publishes")
        if not fits(key, algorithm, token.signature, token.signed):
            raise Unauthorized("this token's signature does not fit")
        return person(token.claims, self.terms)

    def sign_in(self) -> SignIn:
        """Where to sign in. Raises `Unavailable`."""
        found = self.provider.addresses()
        return SignIn(
            name=urlsplit(found.authorize).hostname or "",
            client_id=self.client_id,
            scope=self.scope,
            authorize=found.authorize,
            token=found.token,
            leave=leaving(self.terms.issuer, found.leave, self.client_id),
        )


def people_of(environment: Environment, clock: Clock) -> People:
    """Those whom the stack's parameters let in."""
    base = environment.bases.get("oidc")
    pages = IssuerPages(base)
    client_id = environment.oidc_client_id
    terms = Terms(
        issuer=environment.oidc_issuer,
        audiences=_words(environment.oidc_audience) or _words(client_id),
        claim=environment.oidc_claim,
        operators=_words(environment.oidc_operators),
        admins=_words(environment.oidc_admins),
    )
    provider = Provider(terms.issuer, pages.fetch, clock, loopback=bool(base))
    return People(terms, provider, clock, client_id, environment.oidc_scope)


def _words(told: str) -> frozenset[str]:
    return frozenset(each.strip() for each in told.split(",") if each.strip())


def _algorithm(token: Token) -> str:
    told = token.header.get("alg")
    if not isinstance(told, str) or told not in ALGORITHMS or "crit" in token.header:
        taken = " or ".join(ALGORITHMS)
        raise Unauthorized(f"this token is not signed as is asked for here: {taken}")
    return told
