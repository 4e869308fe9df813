"""Stripe: its events as notices, with amounts in their currency.

Shapes: "The Event object" of Stripe's API reference; thin events (`v2.core.event`) say
only what they are about.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from tocsin.intake.batch import Batch, lone
from tocsin.intake.demands import a_text, an_object
from tocsin.intake.drafts import Named, draft, happened, milliseconds
from tocsin.intake.hooks import Call
from tocsin.intake.options import Options, read_options
from tocsin.intake.trimming import line, mapping, number
from tocsin.severity import Severity

DASHBOARD = "https://dashboard.stripe.com"
# "Zero-decimal currencies" and "Three-decimal currencies" in Stripe's documentation.
_WHOLE = {
    *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
    *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
}
_THOUSANDTHS = {"BHD", "JOD", "KWD", "OMR", "TND"}
_AMOUNTS = (
    "amount",
    "amount_due",
    "amount_total",
    "amount_paid",
    "amount_remaining",
    "total",
)
_BAD = ("failed", "dispute.created", "fraud", "past_due", "uncollectible")
_WORST = ("dispute.created", "payout.failed", "early_fraud_warning.created")
_GOOD = ("succeeded", "paid", "won", "reinstated")


def read(call: Call) -> Batch:
    """One event; its id makes a repeat harmless. Raises `Invalid`."""
    value = an_object(call.value)
    kind = a_text(value.get("type"), "type")
    own = a_text(value.get("id"), "id")
    usual = read_options(Options, call.options).severity
    thing = mapping(mapping(value.get("data")).get("object"))
    related = mapping(value.get("related_object"))
    live = value.get("livemode") is not False
    mode = "" if live else "test/"
    at = happened(value.get("created"))
    about = line(thing.get("id"), 100) or line(related.get("id"), 100)
    event = draft(
        f"stripe.{kind}",
        _title(kind, thing, live=live),
        message=_reason(thing),
        severity=_severity(kind, usual),
        source="stripe" if live else "stripe (test mode)",
        about={"livemode": "yes" if live else "no", "account": value.get("account")},
        facts=[*_facts(thing), ("Id", about), ("Account", value.get("account"))],
        links=[
            ("Open in Stripe", f"{DASHBOARD}/{mode}events/{line(own, 100)}"),
            ("Invoice", thing.get("hosted_invoice_url")),
            ("Receipt", thing.get("receipt_url")),
        ],
        data={"id": line(own, 100), "object": about, "livemode": live},
        at=at,
    )
    return lone(event, line(own, 200), milliseconds(at))


def money(thing: Mapping[str, JsonValue]) -> str:
    """An amount like 1,290.00 EUR, or "": they come in the currency's smallest unit."""
    currency = line(thing.get("currency"), 10).upper()
    refunded = thing.get("refunded") is True or number(thing.get("amount_refunded"))
    names = ("amount_refunded", *_AMOUNTS) if refunded else _AMOUNTS
    told = (number(thing.get(name)) for name in names)
    amount = next((each for each in told if each is not None), None)
    if amount is None or not currency:
        return ""
    if currency in _WHOLE:
        return f"{amount:,.0f} {currency}"
    if currency in _THOUSANDTHS:
        return f"{amount / 1000:,.3f} {currency}"
    return f"{amount / 100:,.2f} {currency}"


def _facts(thing: Mapping[str, JsonValue]) -> list[Named]:
    return [
        ("Amount", money(thing)),
        ("Customer", _customer(thing)),
        ("Description", thing.get("description")),
        ("Status", thing.get("status")),
        ("Invoice", thing.get("number")),
    ]


def _title(kind: str, thing: Mapping[str, JsonValue], *, live: bool) -> str:
    """Like "Invoice payment failed: 49.00 EUR, jenny@example.com"."""
    said = kind.replace("v1.", "").replace("v2.", "").replace(".", " ")
    said = said.replace("_", " ").strip()
    rest = ", ".join(part for part in (money(thing), _customer(thing)) if part)
    told = f"{said[:1].upper()}{said[1:]}" + (f": {rest}" if rest else "")
    return told if live else f"{told} (test mode)"


def _customer(thing: Mapping[str, JsonValue]) -> str:
    billing = mapping(thing.get("billing_details"))
    details = mapping(thing.get("customer_details"))
    told = (
        thing.get("customer_email"),
        thing.get("receipt_email"),
        details.get("email"),
        billing.get("email"),
        thing.get("customer_name"),
        thing.get("customer"),
    )
    return next((name for name in (line(each, 100) for each in told) if name), "")


def _reason(thing: Mapping[str, JsonValue]) -> str:
    """Why it failed, in Stripe's words to people."""
    error = mapping(thing.get("last_payment_error"))
    outcome = mapping(thing.get("outcome"))
    told = (
        thing.get("failure_message"),
        error.get("message"),
        mapping(thing.get("last_finalization_error")).get("message"),
        outcome.get("seller_message") if thing.get("failure_code") else None,
    )
    said = next((text for text in (line(each, 500) for each in told) if text), "")
    reason = line(thing.get("reason"), 100).replace("_", " ")
    return said or (f"Reason: {reason}." if reason else "")


def _severity(kind: str, usual: Severity | None) -> Severity:
    if kind.endswith(_WORST):
        return Severity.HIGH
    if any(word in kind for word in _BAD):
        return Severity.MEDIUM
    if kind.endswith(_GOOD):
        return Severity.SUCCESS
    return usual or Severity.INFO
