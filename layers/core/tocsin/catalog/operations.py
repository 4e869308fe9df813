"""Operations: alerts, errors and good news of services, in the colours P0 to DEV."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field, HttpUrl

from tocsin.catalog.formats import count, money
from tocsin.catalog.kind import (
    Id,
    Kind,
    Number,
    Page,
    Prose,
    Scene,
    Text,
    fact,
    given,
    kinds,
)
from tocsin.events import Fact
from tocsin.look import COLOURS, Look
from tocsin.severity import Severity

_NEUTRAL = Look(icon="🔵", colour=COLOURS["blue"])
_LOOKS = {
    Severity.CRITICAL: Look(icon="🚨", colour=COLOURS["red"]),  # P0: page someone
    Severity.HIGH: Look(icon="🟠", colour=COLOURS["orange"]),  # P1: act soon
    Severity.MEDIUM: Look(icon="🟡", colour=COLOURS["yellow"]),  # P2: when free
    Severity.LOW: _NEUTRAL,  # P3
    Severity.INFO: _NEUTRAL,
    Severity.SUCCESS: Look(icon="🟢", colour=COLOURS["green"]),  # P3, positive
    Severity.DEBUG: Look(icon="🛠️", colour=0x808080),  # DEV
}


class Alert(Kind):
    """Something needs a look; P0 to P3 and DEV are severities with colours here."""

    type = "ops.alert"
    needs = ("summary",)
    severity = Severity.MEDIUM
    sample: ClassVar = {
        "type": "ops.alert",
        "severity": "P1",
        "data": {
            "summary": "Order book is 40 s behind",
            "details": "The feed reconnected twice in the last minute.",
            "service": "market-data",
            "environment": "production",
        },
    }

    summary: Text = ""
    details: Prose = ""
    service: Text = ""
    environment: Text = ""

    def title(self, scene: Scene) -> str:
        return self.summary

    def message(self, scene: Scene) -> str:
        return self.details

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return given(
            fact("Service", self.service), fact("Environment", self.environment)
        )

    def look(self, scene: Scene) -> Look:
        return _LOOKS[scene.severity]


class AppError(Kind):
    """An exception. The same exception in the same place is the same news."""

    type = "app.error"
    needs = ("exception",)
    severity = Severity.HIGH
    sample: ClassVar = {
        "type": "app.error",
        "message": "the broker did not answer within 5 s",
        "data": {
            "exception": "TimeoutError",
            "where": "place_order",
            "service": "orders",
            "environment": "production",
        },
    }

    exception: Text = ""
    where: Text = ""
    service: Text = ""
    environment: Text = ""

    def title(self, scene: Scene) -> str:
        if not self.exception:
            return ""
        return f"{self.exception} in {self.where}" if self.where else self.exception

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return given(
            fact("Service", self.service), fact("Environment", self.environment)
        )

    def fingerprint(self, scene: Scene) -> str:
        if not self.exception:
            return ""
        branch = scene.event.branch
        return f"app.error:{branch}:{self.service}:{self.where}:{self.exception}"

    def look(self, scene: Scene) -> Look:
        return _LOOKS[scene.severity]


class ServiceStarted(Kind):
    """A service came up: harmless, and the proof that it can notify."""

    type = "service.started"
    needs = ("service",)
    severity = Severity.DEBUG
    sample: ClassVar = {
        "type": "service.started",
        "data": {"service": "orders", "version": "1.4.2", "environment": "staging"},
    }

    service: Text = ""
    version: Id = ""
    environment: Text = ""
    host: Text = ""

    def title(self, scene: Scene) -> str:
        return f"{self.service} started" if self.service else ""

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return given(
            fact("Version", self.version),
            fact("Environment", self.environment),
            fact("Host", self.host),
        )


class DeployFinished(Kind):
    """A version is live."""

    type = "deploy.finished"
    needs = ("service",)
    severity = Severity.SUCCESS
    icon = "🚀"
    colour = COLOURS["green"]
    sample: ClassVar = {
        "type": "deploy.finished",
        "data": {
            "service": "orders",
            "version": "1.4.2",
            "environment": "production",
            "by": "ana",
            "run_url": "https://ci.example.com/runs/814",
        },
    }

    service: Text = ""
    version: Id = ""
    environment: Text = ""
    by: Text = ""
    run_url: Page | None = None

    def title(self, scene: Scene) -> str:
        if not self.service:
            return ""
        named = f"{self.service} {self.version}".rstrip()
        return f"{named} is live" + (f" in {self.environment}" * bool(self.environment))

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return given(
            fact("Version", self.version),
            fact("Environment", self.environment),
            fact("By", self.by),
        )

    def page(self) -> HttpUrl | None:
        return self.run_url


class UserSignedUp(Kind):
    """Someone new."""

    type = "user.signed_up"
    needs = ("name",)
    severity = Severity.SUCCESS
    icon = "🎉"
    colour = COLOURS["green"]
    sample: ClassVar = {
        "type": "user.signed_up",
        "data": {"name": "Min-Ji Park", "plan": "Team", "channel": "newsletter"},
    }

    name: Text = ""
    plan: Text = ""
    channel: Text = ""

    def title(self, scene: Scene) -> str:
        return f"{self.name} signed up" if self.name else ""

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return given(fact("Plan", self.plan), fact("Came by", self.channel))


class TradeExecuted(Kind):
    """A trade, or a fill of one."""

    type = "trade.executed"
    needs = ("symbol",)
    icon = "🔁"
    colour = COLOURS["blue"]
    sample: ClassVar = {
        "type": "trade.executed",
        "data": {
            "symbol": "ACME",
            "side": "buy",
            "quantity": 1200,
            "price": 12.5,
            "currency": "USD",
        },
    }

    symbol: Text = ""
    side: Literal["buy", "sell"] | None = None
    quantity: Number | None = None
    price: Number | None = None
    currency: Annotated[str, Field(max_length=8)] = "USD"

    def title(self, scene: Scene) -> str:
        if not self.symbol:
            return ""
        verb = {"buy": "Bought", "sell": "Sold", None: "Traded"}[self.side]
        amount = "" if self.quantity is None else f"{count(self.quantity)} "
        price = "" if self.price is None else f" at {money(self.price, self.currency)}"
        return f"{verb} {amount}{self.symbol}{price}"

    def facts(self, scene: Scene) -> Iterable[Fact]:
        if self.quantity is None or self.price is None:
            return ()
        return (fact("Value", money(self.quantity * self.price, self.currency)),)


KINDS = kinds(
    Alert, AppError, ServiceStarted, DeployFinished, UserSignedUp, TradeExecuted
)
