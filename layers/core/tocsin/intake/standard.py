"""Standard Webhooks: `{type, timestamp, data}`, as any sender of them posts it.

The envelope is told in `spec/standard-webhooks.md`; its id makes a repeat harmless.
"""

from __future__ import annotations

from tocsin.intake.batch import Batch, lone
from tocsin.intake.demands import a_text, an_object, wrong
from tocsin.intake.drafts import happened
from tocsin.intake.hooks import Call
from tocsin.intake.options import Options, read_options
from tocsin.intake.payload import Envelope, event_of, guessed_from
from tocsin.intake.trimming import line


def read(call: Call) -> Batch:
    """One message; data made of our own keys is an event of ours. Raises `Invalid`."""
    value = an_object(call.value)
    usual = read_options(Options, call.options).severity
    kind = a_text(value.get("type"), "type")
    at = happened(value.get("timestamp"))
    if at is None and value.get("timestamp") is not None:
        raise wrong("timestamp", "should be a time like 2026-11-21T08:31:23Z")
    if "data" not in value:
        raise wrong("data", "is missing")
    event = event_of(Envelope(kind, "", "", at, {}, {}), value["data"])
    if usual is not None and "severity" not in event.model_fields_set:
        event = event.model_copy(update={"severity": usual})
    key = line(call.headers.get("webhook-id"), 200)
    return lone(event, key, guessed=guessed_from(value["data"]))
