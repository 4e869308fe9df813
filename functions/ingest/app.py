"""Ingest: takes events in, over HTTPS and from the alarm topic. Wiring only."""

from __future__ import annotations

import gc

gc.disable()  # a full pass in the middle of the imports costs INIT up to 45 ms

import hashlib  # noqa: E402
from typing import Any  # noqa: E402

from aws_lambda_powertools import Logger  # noqa: E402

from tocsin.accept import Sender  # noqa: E402
from tocsin.answers import answer, asked, response  # noqa: E402
from tocsin.bootstrap import Ports  # noqa: E402
from tocsin.entrance import Entrance  # noqa: E402
from tocsin.intake.gateway import body_of  # noqa: E402
from tocsin.intake.http import read_request  # noqa: E402
from tocsin.intake.sns import read_notification  # noqa: E402
from tocsin.problems import problem_of  # noqa: E402
from tocsin.settings import Scope  # noqa: E402

UPLOADS = "POST /v1/attachments"

logger = Logger()
ports = Ports()
entrance = Entrance(ports, logger)
ports.ledger, ports.outbox, ports.settings, ports.gatekeeper  # noqa: B018 - in INIT

gc.enable()
gc.freeze()
gc.set_threshold(20_000)  # As often as usual, it would be 7 % of a list of a hundred.


def handler(event: dict[str, Any], context: Any) -> Any:
    """An HTTP API request, or a record of the alarm topic."""
    if "Records" in event:
        return from_topic(event)
    try:
        if event.get("routeKey") == UPLOADS:
            return from_file(event)
        return from_http(event)
    except Exception as error:
        request = event.get("requestContext", {}).get("requestId", "")
        problem = problem_of(error, instance=request)
        if problem.status >= 500:
            logger.exception("refused", status=problem.status, request=request)
        return problem.response()


def from_http(event: dict[str, Any]) -> dict[str, Any]:
    """POST /v1/events. Raises `Refused` or `Unavailable`."""
    headers = event.get("headers") or {}
    source = ports.gatekeeper.admit(headers, Scope.INGEST)
    body = body_of(event)
    wish = asked(headers, event.get("rawQueryString") or "")
    batch = entrance.dressed(read_request(headers, body))
    entrance.admit(batch, source, signed=False, counted=not wish.dry_run)
    batch = ports.claimed(batch, source)
    if wish.dry_run:
        results = entrance.rehearse(batch.received, source.name)
        return answer(batch, results, dry_run=True)
    if wish.key or not any(received.key for received in batch.received):
        digest = hashlib.sha256(body).hexdigest()
        results = entrance.accept(batch.received, Sender(source.name, wish.key, digest))
    else:
        # Each names itself (CloudEvents): each is its own request.
        results = [
            result
            for received in batch.received
            for result in entrance.accept([received], Sender(source.name, received.key))
        ]
    return answer(batch, results)


def from_file(event: dict[str, Any]) -> dict[str, Any]:
    """POST /v1/attachments. Raises `Refused` or `Unavailable`."""
    # Most senders send no files: imported when the first one comes.
    from tocsin.uploading import upload  # noqa: PLC0415

    headers = event.get("headers") or {}
    source = ports.gatekeeper.admit(headers, Scope.INGEST)
    ports.admit([], source, signed=False, counted=True, uploads=1)
    kept = upload(
        body_of(event),
        headers,
        event.get("rawQueryString") or "",
        source=source.name,
        attic=ports.attic(),
        clock=ports.clock,
    )
    logger.info("kept", source=source.name, media=kept["media"], size=kept["size"])
    return response(201, kept)


def from_topic(event: dict[str, Any]) -> None:
    """SNS delivers at least once: its message id is the idempotency key. An exception
    makes Lambda try again, and keeps the record in the failure queue at last."""
    entrance.accept_each(read_notification(event), "sns")
