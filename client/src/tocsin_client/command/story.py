"""Story: all that is known of one notification, from what was said to why it went
where it went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.rows import standing
from tocsin_client.command.screen import Cell, Screen
from tocsin_client.command.washing import block, line
from tocsin_client.command.wording import ago, clock, counted, duration, moment, short

BODY_LINES = 30
PASSED_OVER = 6
Found = Mapping[str, Any]


def tell(screen: Screen, found: Found, now: float) -> None:
    """Head, words, deliveries, timeline, why, and what can be done."""
    _head(screen, found, now)
    _body(screen, found["event"])
    _deliveries(screen, found, now)
    _section(screen, "Timeline")
    screen.pairs(_timeline(found, now))
    tell_why(screen, found["trace"])
    for hint in _hints(found):
        screen.hint(hint)


def tell_why(screen: Screen, trace: list[dict[str, str]]) -> None:
    """The rules that decided, in their order; of many passed over, the first few."""
    if not trace:
        return
    _section(screen, "Why")
    passed = [step for step in trace if step["verdict"].startswith("passed over")]
    folded = passed[PASSED_OVER:] if len(passed) > PASSED_OVER + 1 else []
    screen.pairs(
        (line(step["rule"]), Text(line(step["verdict"]), "dim" * (step in passed)))
        for step in trace
        if step not in folded
    )
    if folded:
        more = counted(len(folded), "more route")
        screen.show(looks.dim(f"  … {more} passed over; --json shows all"))


def _head(screen: Screen, found: Found, now: float) -> None:
    event = found["event"]
    resolved = found["state"] == "resolved"
    title = line(found["title"] or found["type"])
    screen.show(
        looks.severity(found["severity"], resolved=resolved),
        "  ",
        Text(title, style="bold"),
    )
    said = [found["id"], found["type"], found["source"], found["branch"]]
    screen.show(looks.dim("  " + " · ".join(line(each) for each in said if each)))
    accepted = f"accepted {ago(found['accepted_at'], now)} from {found['sender']}"
    screen.show("  ", standing(found), looks.dim(f" · {line(accepted)}"))
    for told in _states(found, now):
        screen.show("  ", line(told))
    if event.get("url"):
        screen.show("  ", line(event["url"]))


def _states(found: Found, now: float) -> Iterator[str]:
    if found["occurrences"] > 1:
        yield f"seen {found['occurrences']:,} ×, last {ago(found['last_at'], now)}"
    if found["ack_at"]:
        note = f": {found['ack_note']}" if found["ack_note"] else ""
        yield f"acknowledged by {found['ack_by']} {ago(found['ack_at'], now)}{note}"
    if found["resolved_at"]:
        opened, over = moment(found["accepted_at"]), moment(found["resolved_at"])
        yield f"resolved after {duration((over - opened).total_seconds())}"
    if found["suppressed"]:
        yield str(found["suppressed"])
    if found["resolves"]:
        yield f"resolves {short(found['resolves'])}"


def _body(screen: Screen, event: Found) -> None:
    rows = block(event.get("message", "")).split("\n")
    if rows != [""]:
        screen.show("")
    for row in rows[:BODY_LINES]:
        if rows != [""]:
            screen.show("  ", row)
    if len(rows) > BODY_LINES:
        screen.show(looks.dim(f"  … {len(rows) - BODY_LINES:,} more lines (--json)"))
    facts = [(line(each["name"]), line(each["value"])) for each in _facts(event)]
    if facts:
        screen.show("")
        screen.pairs(facts)


def _facts(event: Found) -> Iterator[dict[str, str]]:
    yield from event.get("fields", ())
    for name, value in event.get("labels", {}).items():
        yield {"name": name, "value": value}
    for name, value in event.get("data", {}).items():
        yield {"name": f"data.{name}", "value": str(value)}
    for each in event.get("links", ()):
        yield {"name": each["label"], "value": each["url"]}


def _deliveries(screen: Screen, found: Found, now: float) -> None:
    if not found["deliveries"]:
        return
    _section(screen, "Deliveries")
    screen.pairs(
        (
            Text(line(each["destination"]), style="not dim"),
            Text.assemble(looks.status(each["status"]), *_how(each, now)),
        )
        for each in found["deliveries"]
    )


def _how(delivery: Found, now: float) -> Iterator[Cell]:
    told = [f"route {delivery['route']}"] if delivery["route"] else []
    if delivery["attempts"]:
        told.append(f"failed attempts: {delivery['attempts']}")
    if delivery["generation"]:
        told.append(f"replayed {delivery['generation']} ×")
    if delivery["due_at"] and delivery["status"] == "failed":
        told.append(f"again {ago(delivery['due_at'], now)}")
    if delivery["message_id"]:
        told.append(f"message {delivery['message_id']}")
    if delivery.get("receipt"):  # of servers that tell how far a message came
        told.append(str(delivery["receipt"]))
    yield Text("".join(f" · {line(each)}" for each in told), style="dim")
    if delivery["possibly_sent"]:
        yield Text(" · possibly sent twice", style="orange1")
    if delivery["reason"]:
        yield f"\n{line(delivery['reason'])}"


def _timeline(found: Found, now: float) -> Iterator[tuple[Cell, Cell]]:
    """Every attempt and every act of a person, as they happened."""
    happened: list[tuple[str, Text]] = [
        (found["accepted_at"], Text(f"· accepted from {line(found['sender'])}"))
    ]
    for delivery in found["deliveries"]:
        name = line(delivery["destination"])
        happened += [
            (each["at"], _event(each["what"], f" → {name}", each["reason"]))
            for each in delivery["log"]
        ]
    happened += [
        (each["at"], _event(each["what"], f" by {line(each['actor'])}", each["note"]))
        for each in found["actions"]
    ]
    for at, told in sorted(happened, key=lambda each: each[0]):
        yield clock(at, now, seconds=True), told


def _event(what: str, whom: str, why: str) -> Text:
    told = looks.status(what)
    told.append(whom)
    if why:
        told.append(f": {line(why)}", style="dim")
    return told


def _hints(found: Found) -> Iterator[str]:
    end = short(found["id"])
    if any(each["status"] == "dead_letter" for each in found["deliveries"]):
        yield f"once the cause is gone: tocsin replay {end}"
    if found["state"] == "firing":
        if not found["ack_at"]:
            yield f'say that you are on it: tocsin ack {end} --note "…"'
        yield f"say that it is over: tocsin resolve {end}"
    elif found["status"] == "suppressed":
        yield "to have such events sent, add a route: tocsin config > tocsin.yaml"


def _section(screen: Screen, name: str) -> None:
    screen.show("")
    screen.show(Text(name, style="bold"))
