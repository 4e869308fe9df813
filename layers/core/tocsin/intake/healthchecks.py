"""Healthchecks: its webhook, whose body people write themselves.

`docs/sources.md` has the body to paste; the placeholders are those of Healthchecks.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from tocsin.intake.batch import Batch, lone
from tocsin.intake.demands import a_text, an_object, wrong
from tocsin.intake.drafts import clock, draft, happened
from tocsin.intake.hooks import Call
from tocsin.intake.measurement import duration
from tocsin.intake.options import Options, read_options
from tocsin.intake.trimming import line, mapping, number, text
from tocsin.severity import Severity

TYPE = "healthchecks.check"
_UNKNOWN = {"", "-1"}


def read(call: Call) -> Batch:
    """A check that went down or up. Raises `Invalid`."""
    value = an_object(call.value)
    usual = read_options(Options, call.options).severity
    status = a_text(value.get("status"), "status").strip().lower()
    if status not in ("up", "down"):
        raise wrong("status", "should be up or down; write $STATUS in the body")
    code = a_text(value.get("code"), "code")
    check = mapping(value.get("check"))
    name = line(value.get("name"), 150) or line(check.get("name"), 150)
    down = status == "down"
    event = draft(
        TYPE,
        f"{name or f'Check {code}'} is {'down' if down else 'up again'}",
        message=value.get("body"),
        severity=usual or Severity.HIGH,
        state="firing" if down else "resolved",
        source="healthchecks",
        fingerprint=f"{TYPE}:{code}",
        about={"check": name, "tags": _tags(value, check)},
        facts=_facts(value, check),
        links=[("Open check", value.get("url"))],
        data={"code": line(code, 100)},
        at=happened(value.get("at")),
    )
    return lone(event)


def _tags(value: Mapping[str, JsonValue], check: Mapping[str, JsonValue]) -> str:
    return line(value.get("tags"), 300) or line(check.get("tags"), 300)


def _facts(
    value: Mapping[str, JsonValue], check: Mapping[str, JsonValue]
) -> list[tuple[str, str]]:
    status = line(value.get("exit_status"), 20)
    return [
        ("Exit status", "" if status in _UNKNOWN else status),
        ("Last ping", clock(happened(check.get("last_ping")))),
        ("Expected every", duration(number(check.get("timeout")) or 0)),
        ("Schedule", line(check.get("schedule"), 100)),
        ("Grace", duration(number(check.get("grace")) or 0)),
        ("Tags", _tags(value, check)),
        ("About", text(check.get("desc"), 500)),
    ]
