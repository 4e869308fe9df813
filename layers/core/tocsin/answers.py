"""Answers: what a sender of events asked for, and what it is told. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from tocsin.errors import Fault, Invalid
from tocsin.intake.batch import Batch, Rejection
from tocsin.intaking import Accepted
from tocsin.rules.deciding import Verdict
from tocsin.values import dataclass

KEY_LIMIT = 200
_TRUTH = {"true": True, "1": True, "": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Wish:
    """How a request wants to be treated, besides its body."""

    key: str = ""
    dry_run: bool = False


def asked(headers: Mapping[str, str], query: str) -> Wish:
    """Read `Idempotency-Key` and `?dry_run=true`. Raises `Invalid`."""
    dry_run = False
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name != "dry_run":
            raise _invalid("query", f"unknown parameter {name[:60]!r}; known: dry_run")
        if value.lower() not in _TRUTH:
            raise _invalid("dry_run", "write true or false")
        dry_run = _TRUTH[value.lower()]
    key = headers.get("idempotency-key", "").strip()
    if "idempotency-key" in headers and not key:
        raise _invalid("Idempotency-Key", "is empty; leave it out or fill it")
    if len(key) > KEY_LIMIT or not key.isprintable():
        reason = f"should be at most {KEY_LIMIT} printable characters"
        raise _invalid("Idempotency-Key", reason)
    return Wish(key, dry_run)


def answer(
    batch: Batch, results: Sequence[Accepted], *, dry_run: bool = False
) -> dict[str, Any]:
    """The HTTP answer: one result, or one per element of a list in its order.

    202 once something is durable; 200 for a dry run; 422 if nothing was accepted.
    """
    told = iter(results)
    each = [
        _rejected(item) if isinstance(item, Rejection) else _told(next(told), dry_run)
        for item in batch.items
    ]
    status = 200 if dry_run else 202
    if not batch.many:
        return response(status, each[0])
    rejected = len(batch.rejections)
    document: dict[str, Any] = {
        "accepted": len(results),
        "rejected": rejected,
        "results": each,
    }
    if batch.ignored:
        document["ignored"] = batch.ignored
    return response(422 if rejected and not results else status, document)


def response(status: int, document: object) -> dict[str, Any]:
    """A JSON answer as Lambda gives it to an HTTP API (payload 2.0)."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(document, separators=(",", ":")),
    }


def _told(result: Accepted, dry_run: bool) -> dict[str, Any]:
    notification = result.notification
    document: dict[str, Any] = {
        "id": notification.id,
        "status": notification.status,
        "deliveries": [
            {"destination": name, "status": delivery.state.value}
            for name, delivery in notification.deliveries.items()
        ],
    }
    if result.verdict == Verdict.REPEAT:
        document |= {"repeat": True, "occurrences": notification.occurrences}
    if notification.suppressed:
        document["reason"] = notification.suppressed
    if dry_run:
        if result.verdict != Verdict.REPEAT:
            del document["id"]  # Nothing was written: there is nothing to look up.
        document["dry_run"] = True
        document["verdict"] = str(result.verdict)
        document["trace"] = [
            {"rule": step.rule, "verdict": step.verdict} for step in result.trace
        ]
    return document


def _rejected(item: Rejection) -> dict[str, Any]:
    faults = [{"field": each.field, "reason": each.reason} for each in item.faults]
    return {"status": "rejected", "index": item.index, "errors": faults}


def _invalid(field: str, reason: str) -> Invalid:
    return Invalid(f"{field}: {reason}", [Fault(field, reason)])
