"""Support: alerts of conversations that failed, with all that helps to answer them.

Severity gives the look: error 🚨 red, warning ⚠️ orange, info ℹ️ blue. The links to the
application and to Railway's logs stand in `support.yaml`; the trace and the issue come
with the event.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from tocsin_client import Tocsin, typed


@dataclass(frozen=True)
class Conversation:
    """What is known of it when something fails."""

    store_name: str
    conversation_id: str
    environment: str = "production"
    customer_name: str | None = None
    customer_phone: str | None = None
    customer_orders_count: int | None = None


def message_failed(
    tocsin: Tocsin,
    where: Conversation,
    error: Exception,
    *,
    trace_url: str,
    linear_url: str,
    linear_identifier: str,
) -> bool:
    """The message route's error; false if even the queue was full."""
    event = typed.conversation_message_failed(
        **asdict(where),
        message=str(error),
        severity="error",
        trace_url=trace_url,
        linear_url=linear_url,
        linear_identifier=linear_identifier,
    )
    return tocsin.post(**event)


def event_failed(
    tocsin: Tocsin, where: Conversation, why: str, *, severity: str = "warning"
) -> bool:
    """The event route's trouble: a webhook, a status."""
    event = typed.conversation_event_failed(
        **asdict(where), message=why, severity=severity
    )
    return tocsin.post(**event)


def main() -> None:
    """One of each severity."""
    tocsin = Tocsin()
    customer = Conversation(
        store_name="Chez Ana",
        conversation_id="cv-817",
        customer_name="Jo Weber",
        customer_phone="+41 79 555 01 02",
        customer_orders_count=12,
    )
    message_failed(
        tocsin,
        customer,
        ValueError("The model's answer could not be parsed."),
        trace_url="https://cloud.langfuse.com/project/p1/traces/t-81",
        linear_url="https://linear.app/example/issue/SUP-214",
        linear_identifier="SUP-214",
    )
    stranger = Conversation(store_name="Chez Ana", conversation_id="cv-818")
    event_failed(tocsin, stranger, "The webhook came without a phone number.")
    late = Conversation(
        store_name="Chez Bo", conversation_id="cv-819", environment="demo"
    )
    event_failed(tocsin, late, "The status came twice.", severity="info")
    tocsin.flush(10)


if __name__ == "__main__":
    main()
