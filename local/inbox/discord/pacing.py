"""Rate limits as Discord keeps them, with the headers and bodies it answers with."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import Final

from local.inbox.discord.form import Json
from local.inbox.quotas import Grant, Quota, Windows

PER_WEBHOOK: Final = Quota(5, 2.0)
PER_CHANNEL: Final = Quota(30, 60.0)
PER_ADDRESS: Final = Quota(50, 1.0)
INVALID: Final = Quota(10_000, 600.0)

BAN_PAGE: Final = (
    "<!DOCTYPE html>\n<html><head><title>Access denied | discord.com used Cloudflare"
    " to restrict access</title></head>\n<body><h1>Error 1015</h1><p>You are being"
    " rate limited</p><p>error code: 1015</p></body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call passes; the headers of any answer; the body of a refusal."""

    allowed: bool
    headers: dict[str, str] = field(default_factory=dict)
    body: Json | str | None = None
    shared: bool = False
    retry_after: float | None = None


class Pacer:
    """Every limit, each switchable. The one per channel is real but told in no header;
    it starts off."""

    def __init__(self) -> None:
        self.limits: dict[str, Windows] = {
            "per_webhook": Windows(PER_WEBHOOK),
            "per_channel": Windows(None),
            "per_address": Windows(PER_ADDRESS),
            "invalid": Windows(INVALID),
        }

    def configure(self, name: str, quota: Quota | None) -> None:
        """Change one limit. Raises ValueError for a name that is none."""
        if name not in self.limits:
            raise ValueError(f"unknown limit {name!r}; known: {', '.join(self.limits)}")
        self.limits[name].configure(quota)

    def settings(self) -> Json:
        """The limits in force."""
        return {
            name: None if quota is None else [quota.limit, quota.seconds]
            for name, quota in ((n, w.quota) for n, w in self.limits.items())
        }

    def admit_address(self, address: str, now: float) -> Verdict:
        """The limits that come before a webhook is looked at."""
        ban = self.limits["invalid"].look(address, now)
        if ban is not None and not ban.allowed:
            return banned()
        grant = self.limits["per_address"].take(address, now)
        if grant is not None and not grant.allowed:
            return limited(grant.reset_after, "global")
        return Verdict(allowed=True)

    def admit_call(self, route: str, webhook: str, channel: str, now: float) -> Verdict:
        """The limits of one route of one webhook, and of its channel for posts."""
        grant = self.limits["per_webhook"].take((route, webhook), now)
        headers = _standing(route, grant) if grant else {}
        if grant is not None and not grant.allowed:
            return limited(grant.reset_after, "user", headers)
        if route.startswith("POST"):
            hidden = self.limits["per_channel"].take(channel, now)
            if hidden is not None and not hidden.allowed:
                return limited(hidden.reset_after, "shared", headers)
        return Verdict(allowed=True, headers=headers)

    def count_invalid(self, address: str, now: float) -> None:
        """Count an answer 401, 403 or 429 (shared ones excepted) towards the ban."""
        self.limits["invalid"].take(address, now)


def _standing(route: str, grant: Grant) -> dict[str, str]:
    # One bucket name serves all webhooks: clients key on it together with the webhook.
    bucket = hashlib.md5(route.encode(), usedforsecurity=False).hexdigest()
    return {
        "X-RateLimit-Limit": str(grant.limit),
        "X-RateLimit-Remaining": str(grant.remaining),
        "X-RateLimit-Reset": f"{grant.reset_at:.3f}",
        "X-RateLimit-Reset-After": f"{_up(grant.reset_after):.3f}",
        "X-RateLimit-Bucket": bucket,
    }


def limited(
    seconds: float, scope: str, standing: dict[str, str] | None = None
) -> Verdict:
    """A 429: the header in whole seconds rounded up, the body in fractions."""
    headers = dict(standing or {})
    headers["Retry-After"] = str(math.ceil(seconds))
    headers["X-RateLimit-Scope"] = scope
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    body = {
        "message": "You are being rate limited.",
        "retry_after": _up(seconds),
        "global": scope == "global",
    }
    shared = scope == "shared"
    if shared:
        body |= {"message": "The resource is being rate limited.", "code": 20028}
    return Verdict(False, headers, body, shared, _up(seconds))


def banned() -> Verdict:
    """Cloudflare's answer to an address: no Via, no rate-limit headers, no JSON."""
    return Verdict(False, {}, BAN_PAGE)


def _up(seconds: float) -> float:
    return math.ceil(seconds * 1000 - 1e-6) / 1000
