"""Rules: what it takes to decide on an event, with 200 routes and 50 silences.

    python -m bench.rules [--events 400]

No route but the last takes the events, so that every one is asked; a fifth each asks
for severity, types, a branch, a label by expression, and data. Process time, without
AWS. Beside it the first time, when the conditions are made ready.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from bench.measuring.figures import Results, middle, spread
from tocsin.events import Event
from tocsin.rules.config import Config
from tocsin.rules.criteria import Match
from tocsin.rules.deciding import Rules, Verdict, decide
from tocsin.rules.policy import PLAIN_UPKEEP
from tocsin.rules.recalling import Past
from tocsin.rules.silencing import Recurring, Silence

ROUTES = 200
SILENCES = 50
ROUNDS = 9
NOW = 1_795_176_000_000
DAY = 86_400_000
NOBODY = "0" * 26


def main() -> None:
    """Ready, then from the beginning."""
    parser = argparse.ArgumentParser(prog="python -m bench.rules")
    parser.add_argument("--events", type=int, default=400)
    options = parser.parse_args()
    results = Results(f"rules: {ROUTES} routes and {SILENCES} silences, per event")
    events = [event(number) for number in range(options.events)]
    rules = Rules(routes(), {"ops": PLAIN_UPKEEP}, silenced())
    first = timed(rules, events[:1])
    rounds = [timed(rules, events) for _ in range(ROUNDS)]
    results.say("made ready, µs", spread(rounds, 1))
    results.at_most("made ready, median", middle(rounds), 200, "µs")
    results.say("the first event after a change of the rules, µs", f"{first:,.0f}")
    results.say("the first over the others", f"{first / middle(rounds):.1f} x")
    results.finish()


def timed(rules: Rules, events: list[Event]) -> float:
    """Microseconds for each event."""
    begin = time.process_time()
    for each in events:
        decision = decide(each, NOBODY, sender="s", rules=rules, past=Past(), now=NOW)
        if decision.verdict is not Verdict.TELL or len(decision.trace) != ROUTES + 1:
            raise AssertionError("a route or a silence that should not match")
    return (time.process_time() - begin) / len(events) * 1e6


def asked(number: int) -> dict[str, Any]:
    """What one route or silence asks for; no event here is like it."""
    kinds: list[dict[str, Any]] = [
        {"type": [f"billing.{number}.*", f"invoice_{number}"], "severity": ">=low"},
        {"severity": "critical", "type": f"db.{number}"},
        {"branch": f"release-{number}-*"},
        {"labels": {"zone": f"/^eu-{number}[ab]$/"}},
        {"data": {"score": ">=1000", "user.plan": f"pro-{number}*"}},
    ]
    return kinds[number % len(kinds)]


def routes() -> Config:
    """All but the last ask in vain."""
    listed = [
        {"name": f"r{number}", "match": asked(number), "to": [], "continue": True}
        for number in range(ROUTES - 1)
    ]
    return Config.model_validate({"routes": [*listed, {"name": "last", "to": ["ops"]}]})


def silenced() -> tuple[Silence, ...]:
    """Every fifth comes again each night."""
    nights = Recurring.model_validate(
        {"from": "22:00", "to": "07:00", "timezone": "Europe/Zurich"}
    )
    return tuple(
        Silence(
            id=f"s{number}",
            match=Match.model_validate(asked(number)),
            starts_at=NOW - DAY,
            ends_at=NOW + DAY,
            recurring=nights if number % 5 == 0 else None,
        )
        for number in range(SILENCES)
    )


def event(number: int) -> Event:
    """Of a dozen types, from as many branches as there are events."""
    return Event.model_validate(
        {
            "type": f"job.{number % 12}",
            "title": "Job",
            "severity": ["low", "medium", "high"][number % 3],
            "branch": f"feature-{number}",
            "labels": {"zone": f"us-{number % 7}", "team": "ops"},
            "data": {"score": number % 100, "user": {"plan": "free", "id": number}},
        }
    )


if __name__ == "__main__":
    main()
