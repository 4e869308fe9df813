"""The catalogue: event types that Tocsin knows, by domain.

    scene           an event and its moment
    kind            what a type is: the model of its `data`, and the words made of it
    conversations gaming operations marketing reports campaigns compliance aws
                    the types, one class each
    declared        types and links of the operator's own, out of `tocsin.yaml`
    templates       their `{data.x:money}` texts
    thresholds      what is too little to be sent
    dressing        fills in what a sender left empty, once, when the event comes in
    filling         part by part

Types that are not here are welcome: they look as their severity does.

To add a type: a class in its domain's module, and its name below, so that a domain is
imported only when something of it arrives.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.catalog.kind import Kind

TYPES = {
    "conversation.message_failed": "conversations",
    "conversation.event_failed": "conversations",
    "party.created": "gaming",
    "peer.joined": "gaming",
    "peer.left": "gaming",
    "game.started": "gaming",
    "game.ended": "gaming",
    "ops.alert": "operations",
    "app.error": "operations",
    "service.started": "operations",
    "deploy.finished": "operations",
    "user.signed_up": "operations",
    "trade.executed": "operations",
    "lead.hot": "marketing",
    "campaign.published": "marketing",
    "flow.error": "marketing",
    "report.daily": "reports",
    "report.retargeting": "reports",
    "campaign.started": "campaigns",
    "campaign.progress": "campaigns",
    "campaign.completed": "campaigns",
    "obligation_due": "compliance",
    "obligation_overdue": "compliance",
    "ssl_expiry": "compliance",
    "ssl_failure": "compliance",
    "digest": "compliance",
    "aws.cloudwatch.alarm": "aws",
    "aws.sns.message": "aws",
}


def kind_of(event_type: str) -> type[Kind] | None:
    """The class of a type, or None for one that is not in the catalogue."""
    domain = TYPES.get(event_type)
    if domain is None:
        return None
    return _kinds(domain)[event_type]


@cache
def _kinds(domain: str) -> dict[str, type[Kind]]:
    found: dict[str, type[Kind]] = import_module(f"tocsin.catalog.{domain}").KINDS
    return found
