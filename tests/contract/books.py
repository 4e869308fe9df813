"""Settings and health in one, and what is put into them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tocsin.desk import Edition
from tocsin.keys import kept_key
from tocsin.rules.config import Config
from tocsin.rules.criteria import Match
from tocsin.rules.policy import Upkeep
from tocsin.rules.silencing import Recurring, Silence
from tocsin.settings import Destination, Scope, Signature, SigningSecret, Source

OPS = Destination("ops", "fake", {"username": "Ü"}, "put/ops/1", 1, "x 1")
KEPT_UP = Upkeep.model_validate(
    {"audit_to": "feed", "window": "500ms", "storm": "off", "breaker": {"failures": 9}}
)
ADMIN = Source("admin", frozenset(Scope), (kept_key("a", 1), kept_key("b", 2)))
SHOP = Source("shop", frozenset({Scope.INGEST}), (kept_key("s", 1),))


@dataclass
class Books:
    """The settings under test, and the health beside them."""

    settings: Any
    health: Any


def file_of(name: str) -> tuple[Config, Edition]:
    config = Config.model_validate(
        {"timezone": "Europe/Zurich", "routes": [{"name": name, "to": []}]}
    )
    return config, Edition(f"# {name} ü", "yaml", "admin", 5)


SIGNED = replace(
    SHOP,
    types=("ci.*", "git?"),
    rate=60,
    signature=Signature("github", (SigningSecret("shop", "shop/1", 1),)),
    options={"grafana": {"severity": {"page": "critical"}}},
)
SILENCE = Silence(
    id="01j000000000000000000000s1",
    match=Match.model_validate({"severity": "<=low", "data.score": ">=80"}),
    starts_at=5,
    ends_at=86_400_000,
    author="ops",
    comment="Ümzug",
    kind="maintenance",
    created_at=4,
    recurring=Recurring.model_validate(
        {"from": "22:00", "to": "02:00", "days": "weekend", "timezone": "UTC"}
    ),
)
ENDLESS = replace(SILENCE, id="01j000000000000000000000s2", ends_at=None)


class Counting:
    """A client that counts its calls, and fails when told to."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.calls = 0
        self.table = ""

    def __getattr__(self, name: str) -> Any:
        self.calls += 1
        return getattr(self._inner, name)
