"""Hooks: takes in what tools post in their own words. Wiring only."""

from __future__ import annotations

import gc

gc.disable()  # a full pass in the middle of the imports costs INIT up to 45 ms

import hashlib  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from dataclasses import replace  # noqa: E402
from typing import Any  # noqa: E402

from aws_lambda_powertools import Logger, Metrics  # noqa: E402
from aws_lambda_powertools.metrics import MetricUnit  # noqa: E402

from tocsin.accept import Sender, accept, rehearse  # noqa: E402
from tocsin.answers import Wish, answer, asked  # noqa: E402
from tocsin.bootstrap import Ports  # noqa: E402
from tocsin.errors import Refused  # noqa: E402
from tocsin.intake.batch import Received  # noqa: E402
from tocsin.intake.dressing import dressed  # noqa: E402
from tocsin.intake.gateway import body_of  # noqa: E402
from tocsin.intaking import Accepted  # noqa: E402
from tocsin.problems import problem_of  # noqa: E402
from tocsin.reception import Hook, Reception, receive  # noqa: E402

COUNTED = {401: "HookStrangers", 403: "HookForbidden", 429: "HookLimited"}

logger = Logger()
metrics = Metrics()
ports = Ports()
ports.ledger, ports.outbox, ports.settings, ports.gatekeeper  # noqa: B018 - in INIT

gc.enable()
gc.freeze()


def handler(event: dict[str, Any], context: Any) -> Any:
    """An HTTP API request."""
    try:
        return from_http(event)
    except Exception as error:
        request = event.get("requestContext", {}).get("requestId", "")
        problem = problem_of(error, instance=request)
        if problem.status >= 500:
            logger.exception("refused", status=problem.status, request=request)
        elif problem.status in COUNTED:
            metrics.add_metric(COUNTED[problem.status], MetricUnit.Count, 1)
            metrics.flush_metrics()
            logger.warning("refused", status=problem.status, why=_why(error))
        return problem.response()


def from_http(event: dict[str, Any]) -> dict[str, Any]:
    """POST /v1/hooks/{adapter}[/{token}]. Raises `Refused` or `Unavailable`."""
    hook = _hook(event)
    dry_run = hook.query.get("dry_run")
    wish = asked(hook.headers, "" if dry_run is None else f"dry_run={dry_run}")
    came = receive(
        hook,
        gatekeeper=ports.gatekeeper,
        vault=ports.signing_vault,
        clock=ports.clock,
    )
    config, now = ports.settings.current().config, ports.clock.now()
    came = replace(came, batch=dressed(came.batch, config, now))
    events = [received.event for received in came.batch.received]
    if came.source.bounded:
        ports.admit(events, came.source, signed=True, counted=not wish.dry_run)
    if wish.dry_run:
        sender = Sender(came.source.name)
        results = rehearse(events, sender=sender, **_wired())
    else:
        results = _accepted(came, wish, hook.body)
    return answer(came.batch, results, dry_run=wish.dry_run)


def _hook(event: dict[str, Any]) -> Hook:
    named = event.get("pathParameters") or {}
    headers = event.get("headers") or {}
    return Hook(
        adapter=named.get("adapter", ""),
        token=named.get("token", ""),
        headers={name.lower(): value for name, value in headers.items()},
        query=event.get("queryStringParameters") or {},
        body=body_of(event),
    )


def _accepted(came: Reception, wish: Wish, body: bytes) -> list[Accepted]:
    """An event that names itself is a request of its own; else the call as a whole is,
    by what was signed, or by the key in a header, which nobody signs."""
    name, received = came.source.name, came.batch.received
    if not any(each.key for each in received) or (wish.key and not came.digest):
        key = came.digest or wish.key
        return _accept(received, Sender(name, key, hashlib.sha256(body).hexdigest()))
    results: list[Accepted] = []
    for index, each in enumerate(received):
        key = each.key or (came.digest and f"{came.digest}:{index}")
        results += _accept([each], Sender(name, key, at=each.at))
    return results


def _accept(received: Sequence[Received], sender: Sender) -> list[Accepted]:
    events = [each.event for each in received]
    results = accept(events, sender=sender, outbox=ports.outbox, **_wired())
    ids = [result.notification.id for result in results]
    logger.info("accepted", source=sender.name, ids=ids)
    return results


def _why(error: Exception) -> str:
    return error.detail if isinstance(error, Refused) else ""


def _wired() -> dict[str, Any]:
    return {
        "settings": ports.settings.current(),
        "ledger": ports.ledger,
        "clock": ports.clock,
        "timing": ports.timing,
    }
