"""Conversations: a customer's message, or an event around it, was not processed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from tocsin.catalog.kind import (
    Count,
    Id,
    Kind,
    Page,
    Scene,
    Text,
    fact,
    given,
    kinds,
    link,
)
from tocsin.events import Fact, Link
from tocsin.look import COLOURS, Look
from tocsin.severity import Severity

ERROR = Look(icon="🚨", colour=COLOURS["red"])
WARNING = Look(icon="⚠️", colour=COLOURS["orange"])
INFO = Look(icon="ℹ️", colour=COLOURS["blue"])


class MessageFailed(Kind):
    """A message in a conversation could not be processed."""

    type = "conversation.message_failed"
    severity = Severity.HIGH
    title_link = "conversation"
    sample: ClassVar = {
        "type": "conversation.message_failed",
        "severity": "error",
        "message": "The model's answer could not be parsed: Unterminated string.",
        "data": {
            "store_name": "Chez Ana",
            "conversation_id": "cv 8/17",
            "customer_name": "Jo Weber",
            "customer_phone": "+41 79 555 01 02",
            "customer_orders_count": 12,
            "environment": "production",
            "trace_url": "https://cloud.langfuse.com/project/p1/traces/t-81",
            "linear_url": "https://linear.app/example/issue/SUP-214",
            "linear_identifier": "SUP-214",
        },
    }
    what: ClassVar[str] = "A message could not be processed"

    store_name: Text = ""
    conversation_id: Id = ""
    customer_name: Text = ""
    customer_phone: Id = ""
    customer_orders_count: Count | None = None
    environment: Text = ""
    trace_url: Page | None = None
    linear_url: Page | None = None
    linear_identifier: Id = ""

    def title(self, scene: Scene) -> str:
        return f"{self.what} at {self.store_name}" if self.store_name else self.what

    def facts(self, scene: Scene) -> Iterable[Fact]:
        orders = self.customer_orders_count
        return given(
            fact("Store", self.store_name),
            fact("Customer", self.customer_name),
            fact("Phone", self.customer_phone),
            fact("Orders", "" if orders is None else orders),
            fact("Conversation", self.conversation_id),
            fact("Environment", self.environment),
        )

    def links(self, scene: Scene) -> Iterable[Link | None]:
        issue = f"Linear {self.linear_identifier or 'issue'}"
        return (link("Langfuse trace", self.trace_url), link(issue, self.linear_url))

    def look(self, scene: Scene) -> Look:
        if scene.severity.urgent:
            return ERROR
        return WARNING if scene.severity.rank > Severity.INFO.rank else INFO


class EventFailed(MessageFailed):
    """An event around a conversation (a webhook, a status) could not be processed."""

    type = "conversation.event_failed"
    what = "An event could not be processed"
    sample: ClassVar = {
        "type": "conversation.event_failed",
        "severity": "warning",
        "message": "The webhook came without a phone number.",
        "data": {"store_name": "Chez Ana", "conversation_id": "cv-818"},
    }


KINDS = kinds(MessageFailed, EventFailed)
