"""Uptime Kuma: its webhook (JSON, or a form that holds it), a monitor down or up.

The shape is that of `server/notification-providers/webhook.js`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import JsonValue

from tocsin.intake.batch import Batch, lone, nothing
from tocsin.intake.demands import a_text, an_object, wrong
from tocsin.intake.drafts import draft, happened
from tocsin.intake.hooks import Call
from tocsin.intake.options import Options, read_options
from tocsin.intake.trimming import line, mapping, number, sequence
from tocsin.severity import Severity

TYPE = "uptime-kuma.monitor"
DOWN, UP, PENDING, MAINTENANCE = range(4)
# How Uptime Kuma names a monitor in a text: "[Shop][https://shop.example.com] …".
_NAMED = re.compile(r"^\[([^\]\n]{1,150})\](?:\[[^\]\n]{0,2000}\])?\s*")
_BLANK = {"", "https://", "http://"}


def read(call: Call) -> Batch:
    """One heartbeat. Raises `Invalid`, or `Malformed` for a form without its data."""
    value = an_object(call.form("data"))
    usual = read_options(Options, call.options).severity
    if value.get("heartbeat") is None:
        # A test, or what is told of a monitor without a heartbeat: certificates.
        return _told(value, usual)
    beat = an_object(value.get("heartbeat"), "heartbeat")
    status = number(beat.get("status"))
    if status in (PENDING, MAINTENANCE):
        return nothing("pending and maintenance are not told")
    if status not in (DOWN, UP):
        raise wrong("heartbeat.status", "should be 0 (down), 1 (up), 2 or 3")
    return _monitor(value, beat, usual, down=status == DOWN)


def _told(value: Mapping[str, JsonValue], usual: Severity | None) -> Batch:
    said = a_text(value.get("msg"), "msg")
    monitor = mapping(value.get("monitor"))
    event = draft(
        f"{TYPE}.message",
        _NAMED.sub(r"\1: ", said.strip()).split("\n", 1)[0],
        message=said if "\n" in said.strip() else "",
        severity=usual or (Severity.MEDIUM if monitor else Severity.INFO),
        source=monitor.get("name") or "uptime-kuma",
        links=[("Open site", monitor.get("url"))],
    )
    return lone(event)


def _monitor(
    value: Mapping[str, JsonValue],
    beat: Mapping[str, JsonValue],
    usual: Severity | None,
    *,
    down: bool,
) -> Batch:
    monitor = an_object(value.get("monitor"), "monitor")
    name = a_text(monitor.get("name"), "monitor.name")
    own = line(monitor.get("id"), 40) or line(beat.get("monitorID"), 40)
    ping = number(beat.get("ping"))
    tags = _tags(monitor.get("tags"))
    event = draft(
        TYPE,
        f"{line(name, 150)} is {'down' if down else 'up again'}",
        message=beat.get("msg"),
        severity=usual or Severity.HIGH,
        state="firing" if down else "resolved",
        source="uptime-kuma",
        # Every installation has a monitor 1: the name tells theirs apart.
        fingerprint=f"{TYPE}:{own}:{name}",
        about={"monitor": name, **tags},
        facts=[
            ("Target", _target(monitor)),
            ("Check", monitor.get("type")),
            ("Answered in", f"{ping:,.0f} ms" if ping is not None else ""),
            *tags.items(),
        ],
        links=[("Open site", monitor.get("url"))],
        at=happened(beat.get("time")),
    )
    return lone(event)


def _target(monitor: Mapping[str, JsonValue]) -> str:
    url = line(monitor.get("url"), 300)
    if url not in _BLANK:
        return url
    host, port = line(monitor.get("hostname"), 255), line(monitor.get("port"), 10)
    return f"{host}:{port}" if host and port else host


def _tags(value: JsonValue) -> dict[str, str]:
    told = [mapping(each) for each in sequence(value)[:10]]
    named = {line(tag.get("name"), 80): line(tag.get("value"), 200) for tag in told}
    return {name: value for name, value in named.items() if name}
