"""An API that people may sign in to, and the issuer they come from."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.fakes.api import ApiWorld, Reply, api_event
from tests.fakes.issuer import CLIENT, Issuer
from tests.fakes.settings import FakeFirstKeys
from tocsin.api.answering import Api
from tocsin.api.gateway import handler_of
from tocsin.config import Environment
from tocsin.gatekeeper import Gatekeeper
from tocsin.openid.people import People, people_of

LIST, SOURCES = "/v1/notifications", "/v1/sources"


class Desk:
    """Told of the issuer as a stack is; `told` is what its owner gives otherwise."""

    def __init__(self, issuer: Issuer, **told: str) -> None:
        self.issuer = issuer
        self.world = ApiWorld()
        given = {
            "oidc_issuer": issuer.name,
            "oidc_client_id": CLIENT,
            "oidc_claim": "groups",
            "oidc_operators": "oncall, support",
            "oidc_admins": "platform",
            **told,
        }
        bases = {"oidc": issuer.base}
        environment = Environment.model_validate(
            {"table": "t", **given, "bases": bases}
        )
        self.people: People = people_of(environment, self.world.clock)
        book = self.world.settings
        keeper = Gatekeeper(book, FakeFirstKeys(book), lambda: self.people)
        self.handler = handler_of(Api(self.world.operations, keeper))

    def token(self, **more: Any) -> str:
        """Of someone who has just signed in."""
        return self.issuer.token(self.claims(**more))

    def claims(self, **more: Any) -> dict[str, Any]:
        return self.issuer.claims(self.world.clock.now() // 1000, **more)

    def call(self, token: str, method: str = "GET", path: str = LIST) -> Reply:
        headers = {"authorization": f"Bearer {token}"}
        body = b"{}" if method == "POST" else b""
        event = api_event(method, path, headers=headers, body=body)
        said = self.handler(event, SimpleNamespace())
        return Reply(said["statusCode"], said["headers"], said["body"])
