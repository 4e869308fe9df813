"""Hooks: takes in what tools and AWS itself tell in their own words. Wiring only."""

from __future__ import annotations

import gc

gc.disable()  # a full pass in the middle of the imports costs INIT up to 45 ms

import hashlib  # noqa: E402
import json  # noqa: E402
from dataclasses import replace  # noqa: E402
from typing import Any  # noqa: E402

from aws_lambda_powertools import Logger, Metrics  # noqa: E402
from aws_lambda_powertools.metrics import MetricUnit  # noqa: E402

from tocsin.accept import Sender  # noqa: E402
from tocsin.answers import Wish, answer, asked, response  # noqa: E402
from tocsin.bootstrap import Ports  # noqa: E402
from tocsin.entrance import Entrance  # noqa: E402
from tocsin.errors import Refused, Unavailable  # noqa: E402
from tocsin.intake import eventbridge, sns, sns_delivery  # noqa: E402
from tocsin.intake.batch import Batch, whole  # noqa: E402
from tocsin.intake.gateway import body_of  # noqa: E402
from tocsin.intake.sizing import KEPT_APART, LOOKED_AT, sized  # noqa: E402
from tocsin.intaking import Accepted  # noqa: E402
from tocsin.problems import problem_of  # noqa: E402
from tocsin.reception import Hook, Reception, receive  # noqa: E402
from tocsin.subscribing import settle  # noqa: E402

COUNTED = {401: "HookStrangers", 403: "HookForbidden", 429: "HookLimited"}
# Apart: Discord itself sends wrong signatures now and then, to see them refused.
STRANGERS_WHO_PRESS = {401: "InteractionStrangers"}
# As at the alarm topic: an alarm that comes on two ways is known by one key.
AWS = "sns"

logger = Logger()
metrics = Metrics()
ports = Ports()
entrance = Entrance(ports, logger)
ports.ledger, ports.outbox, ports.settings, ports.gatekeeper  # noqa: B018 - in INIT

gc.enable()
gc.freeze()
gc.set_threshold(20_000)  # As often as usual, it would be 7 % of a list of a hundred.


def handler(event: dict[str, Any], context: Any) -> Any:
    """An HTTP API request, an event of EventBridge, or an alarm's own action."""
    if "requestContext" not in event:
        return from_aws(event)
    pressed = (event.get("pathParameters") or {}).get("channel", "")
    counted = STRANGERS_WHO_PRESS if pressed else COUNTED
    try:
        if pressed:
            return from_person(pressed, event)
        hook = _hook(event)
        if hook.adapter == "whatsapp" or _is_read(event):
            return from_whatsapp(hook, asks=_is_read(event))
        return from_topic(hook) if hook.adapter == "sns" else from_tool(hook)
    except Exception as error:
        request = event["requestContext"].get("requestId", "")
        problem = problem_of(error, instance=request)
        if problem.status >= 500:
            logger.exception("refused", status=problem.status, request=request)
        elif problem.status in counted:
            metrics.add_metric(counted[problem.status], MetricUnit.Count, 1)
            metrics.flush_metrics()
            why = error.detail if isinstance(error, Refused) else ""
            logger.warning("refused", status=problem.status, why=why)
        return problem.response()


def from_tool(hook: Hook) -> dict[str, Any]:
    """POST /v1/hooks/{adapter}[/{token}]. Raises `Refused` or `Unavailable`."""
    dry_run = hook.query.get("dry_run")
    wish = asked(hook.headers, "" if dry_run is None else f"dry_run={dry_run}")
    came = receive(
        hook,
        gatekeeper=ports.gatekeeper,
        vault=ports.signing_vault,
        clock=ports.clock,
    )
    batch = entrance.dressed(came.batch)
    entrance.admit(batch, came.source, signed=True, counted=not wish.dry_run)
    came = replace(came, batch=whole(ports.claimed(batch, came.source)))
    name, kept = came.source.name, not wish.dry_run
    came = replace(came, batch=_sized(came.batch, name, hook.body, kept=kept))
    if wish.dry_run:
        results = entrance.rehearse(came.batch.received, name)
    else:
        results = _accepted(came, wish, hook.body)
    return answer(came.batch, results, dry_run=wish.dry_run)


def from_topic(hook: Hook) -> dict[str, Any]:
    """POST /v1/hooks/sns, whose key is a signature. Raises `Refused` or `Unavailable`.

    Content is not refused: behind SNS nobody listens.
    """
    delivery = sns_delivery.read_delivery(
        hook.headers,
        hook.body,
        allowed=ports.https_topics,
        fetch=ports.fetch_of_sns,
        now=ports.clock.now(),
    )
    done = settle(delivery, fetch=ports.fetch_of_sns, notice=ports.notice)
    if done:
        logger.info(done, topic=delivery.topic)
        return response(200, {"topic": delivery.topic, "done": done})
    batch = sns.read_notification(delivery.record)
    return answer(batch, entrance.accept_each(batch, AWS))


def from_whatsapp(hook: Hook, *, asks: bool) -> dict[str, Any]:
    """GET or POST /v1/hooks/whatsapp/{source}. Raises `Refused` or `Unavailable`."""
    # Imported when asked for, as above.
    from tocsin.hearing import challenge, hear  # noqa: PLC0415

    if asks:
        text = challenge(hook, gatekeeper=ports.gatekeeper)
        headers = {"content-type": "text/plain"}
        return {"statusCode": 200, "headers": headers, "body": text}
    heard = hear(
        hook,
        gatekeeper=ports.gatekeeper,
        vault=ports.signing_vault,
        settings=ports.settings,
        health=ports.health,
        ledger=ports.ledger,
        outbox=ports.outbox,
        clock=ports.clock,
        timing=ports.timing,
    )
    if heard.undelivered:
        logger.warning("undelivered", deliveries=heard.undelivered)
    if heard.again:
        logger.warning("sent again as a template", deliveries=heard.again)
    told = {"windows": heard.windows, "arrived": heard.arrived}
    told |= {"undelivered": len(heard.undelivered), "again": len(heard.again)}
    return response(200, told)


def _is_read(event: dict[str, Any]) -> bool:
    return str(event["requestContext"].get("http", {}).get("method", "")) == "GET"


def from_person(channel: str, event: dict[str, Any]) -> dict[str, Any]:
    """POST /v1/interactions/{channel}: a button or a command. Raises `Refused` or
    `Unavailable`."""
    # Few stacks have buttons that act; all others start without what these take.
    from tocsin.interacting import interact  # noqa: PLC0415

    answered = interact(
        channel,
        _lowered(event),
        body_of(event),
        settings=ports.settings,
        archive=ports.reading,
        vault=ports.signing_vault,
        channels=ports.channel,
        means=ports.means(),
    )
    if answered is None:
        return {"statusCode": 200, "headers": {}, "body": ""}
    return response(200, answered)


def from_aws(event: dict[str, Any]) -> None:
    """A rule's event, or an alarm's action. An exception makes Lambda try again, and
    keeps the event in the failure queue at last. EventBridge passes on more (1 MB) than
    a row can hold."""
    body = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
    batch = eventbridge.read_invocation(event)
    entrance.accept_each(_sized(batch, AWS, body, kept=True), AWS)


def _hook(event: dict[str, Any]) -> Hook:
    named = event.get("pathParameters") or {}
    return Hook(
        adapter=named.get("adapter", ""),
        token=named.get("token", ""),
        headers=_lowered(event),
        query=event.get("queryStringParameters") or {},
        body=body_of(event),
    )


def _lowered(event: dict[str, Any]) -> dict[str, str]:
    headers = event.get("headers") or {}
    return {name.lower(): value for name, value in headers.items()}


def _sized(batch: Batch, source: str, body: bytes, *, kept: bool) -> Batch:
    """An event is told even if what it was made of cannot be kept beside it."""
    if len(body) <= LOOKED_AT:
        return batch
    original = ""
    if kept and len(body) > KEPT_APART:
        try:
            original = ports.originals.keep(source, body)
        except Unavailable as error:
            logger.warning("an original was not kept", why=str(error))
    return sized(batch, original)


def _accepted(came: Reception, wish: Wish, body: bytes) -> list[Accepted]:
    """An event that names itself is a request of its own; else the call as a whole is,
    by what was signed, or by the key in a header, which nobody signs."""
    name, received = came.source.name, came.batch.received
    if not any(each.key for each in received) or (wish.key and not came.digest):
        key = came.digest or wish.key
        digest = hashlib.sha256(body).hexdigest()
        return entrance.accept(received, Sender(name, key, digest))
    results: list[Accepted] = []
    for index, each in enumerate(received):
        key = each.key or (came.digest and f"{came.digest}:{index}")
        results += entrance.accept([each], Sender(name, key, at=each.at))
    return results
