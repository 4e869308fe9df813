"""Examination: what can be wrong with a set-up, looked at point by point."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from tocsin_client.answers import Answer
from tocsin_client.command.api import Api, part, value_of
from tocsin_client.command.destinations import standing
from tocsin_client.command.routing import check_live
from tocsin_client.command.session import Session
from tocsin_client.command.trouble import Trouble
from tocsin_client.command.wording import counted, duration

GOOD, POOR, BAD = "good", "poor", "bad"
SKEW_TOLD = 10.0
LOOKED_AT = 100


@dataclass(frozen=True)
class Finding:
    """One point: how it is, and where it is not good, what to do next."""

    level: str
    about: str
    told: str
    advice: str = ""


def examine(session: Session) -> Iterator[Finding]:
    """Findings from the outside in; what cannot be looked at any more is left out."""
    address = session.address
    yield Finding(GOOD, "set-up", f"{address.url}, from {address.origin}")
    if address.exposed:
        told = "the key travels in the clear: this is not https"
        yield Finding(BAD, "set-up", told, "use the https address of the stack")
    try:
        before = time.time()
        answer = session.api.call("GET", "/health", admits=(401, 403))
        value_of(answer)
    except Trouble as trouble:
        yield Finding(BAD, "address", trouble.told, _first_step(session))
        return
    yield Finding(
        GOOD, "address", f"it answers in {(time.time() - before) * 1000:.0f} ms"
    )
    yield from _clock(answer, before)
    if answer.status == 401:
        told = "the key is not known there"
        advice = f"get a live one (tocsin sources rotate …); this one: {address.origin}"
        yield Finding(BAD, "key", told, advice)
        return
    yield from _inside(session, answer)


def _first_step(session: Session) -> str:
    if "stack.json" in session.address.origin:
        return "start the local stack: make up"
    return "compare it with the stack's ApiUrl output, and look at network and proxy"


def _clock(answer: Answer, before: float) -> Iterator[Finding]:
    told = answer.headers.get("date", "")
    try:
        theirs = parsedate_to_datetime(told).timestamp()
    except (TypeError, ValueError):
        return
    # Theirs has whole seconds, and stands between question and answer.
    apart = max(before - theirs - 1.0, theirs - time.time(), 0.0)
    if apart <= SKEW_TOLD:
        yield Finding(GOOD, "clock", "this machine's clock agrees")
        return
    yield Finding(
        POOR,
        "clock",
        f"this machine's clock is {duration(apart)} off",
        "switch time synchronisation on; signatures and --since rely on it",
    )


def _inside(session: Session, health: Answer) -> Iterator[Finding]:
    may = _scopes(session.api, health)
    if not may:
        yield Finding(BAD, "key", "the key may do nothing here", "use another key")
        return
    yield Finding(GOOD, "key", f"the key may {', '.join(may)}")
    if "read and act" not in may:
        advice = "to see the rest, use a key with the scope operate or admin"
        yield Finding(
            POOR, "key", "with this key nothing else can be looked at", advice
        )
        return
    yield from _healthy(value_of(health), session.clock())
    yield from _recent(session.api)
    if "administer" in may:
        yield from _destinations(session.api)
        yield from _routing(session)


def _scopes(api: Api, health: Answer) -> list[str]:
    """What the key may do, found out by calls that change nothing."""
    event = {"type": "tocsin.doctor", "title": "May this key send?"}
    query = {"dry_run": "true"}
    sends = api.call("POST", "/events", event, query=query, admits=(403,))
    rules = api.call("GET", "/destinations", admits=(403,))
    found = [
        (sends.ok, "send"),
        (health.ok, "read and act"),
        (rules.ok, "administer"),
    ]
    return [word for may, word in found if may]


def _healthy(health: Mapping[str, Any], now: float) -> Iterator[Finding]:
    for name, each in health["destinations"].items():
        seen = standing(each, now).plain
        if each["disabled"]:
            advice = (
                f"put it again with a working secret: tocsin destinations put {name}"
            )
            yield Finding(BAD, f"sending to {name}", seen, advice)
        elif each["blocked_until"]:
            advice = (
                "the provider asked to wait; nothing is lost, and it goes on by itself"
            )
            yield Finding(POOR, f"sending to {name}", seen, advice)
    dead = health["dead_letters"]
    if dead:
        more = "more than " if health["more_dead_letters"] else ""
        told = f"{more}{counted(dead, 'notification')} could not be delivered"
        advice = "see why: tocsin dead-letters; then: tocsin dead-letters replay"
        yield Finding(BAD, "dead letters", told, advice)
    else:
        yield Finding(GOOD, "dead letters", "none")


def _recent(api: Api) -> Iterator[Finding]:
    """What was kept and told to nobody, and what has been waiting too long."""
    suppressed = _some(api, status="suppressed", since="24h")
    # With deliveries it was silenced, or held back: someone wanted that.
    unrouted = [each for each in suppressed if not each["deliveries"]]
    if unrouted:
        kinds = sorted({str(each["type"]) for each in unrouted})
        told = f"{counted(len(unrouted), 'notification')} of 24 hours sent nowhere: "
        advice = "see them: tocsin list --status suppressed; then add a route for them"
        yield Finding(POOR, "routes", told + ", ".join(kinds[:6]), advice)
    stuck = _some(api, status="queued,processing", since="24h", until="10m")
    if stuck:
        told = f"{counted(len(stuck), 'notification')} waiting for more than 10 minutes"
        advice = "a busy provider, or a sender that does not run: docs/runbook.md"
        yield Finding(POOR, "queue", told, advice)
    else:
        yield Finding(GOOD, "queue", "nothing waits for long")


def _some(api: Api, **query: str) -> list[dict[str, Any]]:
    return api.items("/notifications", "notifications", query, LOOKED_AT)


def _destinations(api: Api) -> Iterator[Finding]:
    known = api.read("/destinations")["destinations"]
    if not known:
        advice = "make one: tocsin destinations add ops discord"
        yield Finding(
            BAD, "destinations", "there are none: nobody hears anything", advice
        )
    for each in known:
        name = str(each["name"])
        answer = api.call(
            "GET", f"/destinations/{part(name)}/status", admits=(404, 409, 503)
        )
        about = f"destination {name}"
        if not answer.ok:
            advice = f"put its secret: tocsin destinations put {name} {each['channel']}"
            yield Finding(BAD, about, str(answer.problem), advice)
            continue
        found = value_of(answer)
        told = found["reason"] or each["channel"]
        if found["ok"]:
            yield Finding(GOOD, about, told)
        else:
            advice = f"try it: tocsin destinations test {name}; then put it again"
            yield Finding(BAD, about, told, advice)


def _routing(session: Session) -> Iterator[Finding]:
    try:
        report = check_live(session)
    except Trouble as trouble:
        told = "; ".join((trouble.told, *trouble.details))
        advice = "repair it: tocsin config > tocsin.yaml, then tocsin apply tocsin.yaml"
        yield Finding(BAD, "routing file", told, advice)
        return
    for warning in report["warnings"]:
        advice = "tocsin config > tocsin.yaml, change it, tocsin check, tocsin apply"
        yield Finding(POOR, "routing file", warning, advice)
    if not report["warnings"]:
        routes = counted(len(report["explanation"]), "route")
        yield Finding(GOOD, "routing file", f"{routes}, nothing to find fault with")
