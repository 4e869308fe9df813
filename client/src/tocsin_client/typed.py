"""Typed: the event types that Tocsin knows, as functions that type their data.

    tocsin.post(**typed.peer_joined(peer_name="Bo", party_name="Friday LAN"))

Written by `python -m local.client_types` from the server's catalogue; do not edit it.
Each returns the arguments of `post` and `notify`. What is left out is not sent; a title
is needed only where the data that it is made of is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Literal, Unpack

    from tocsin_client.events import Keys


def conversation_message_failed(
    *,
    store_name: str | None = None,
    conversation_id: str | None = None,
    customer_name: str | None = None,
    customer_phone: str | None = None,
    customer_orders_count: int | None = None,
    environment: str | None = None,
    trace_url: str | None = None,
    linear_url: str | None = None,
    linear_identifier: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A message in a conversation could not be processed."""
    data: dict[str, object] = {
        "store_name": store_name,
        "conversation_id": conversation_id,
        "customer_name": customer_name,
        "customer_phone": customer_phone,
        "customer_orders_count": customer_orders_count,
        "environment": environment,
        "trace_url": trace_url,
        "linear_url": linear_url,
        "linear_identifier": linear_identifier,
    }
    return _event("conversation.message_failed", title, message, data, keys)


def conversation_event_failed(
    *,
    store_name: str | None = None,
    conversation_id: str | None = None,
    customer_name: str | None = None,
    customer_phone: str | None = None,
    customer_orders_count: int | None = None,
    environment: str | None = None,
    trace_url: str | None = None,
    linear_url: str | None = None,
    linear_identifier: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """An event around a conversation (a webhook, a status) could not be processed."""
    data: dict[str, object] = {
        "store_name": store_name,
        "conversation_id": conversation_id,
        "customer_name": customer_name,
        "customer_phone": customer_phone,
        "customer_orders_count": customer_orders_count,
        "environment": environment,
        "trace_url": trace_url,
        "linear_url": linear_url,
        "linear_identifier": linear_identifier,
    }
    return _event("conversation.event_failed", title, message, data, keys)


def party_created(
    *,
    party_name: str | None = None,
    party_id: str | None = None,
    host: str | None = None,
    voice_invite: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """Someone opened a party, perhaps with a voice channel."""
    data: dict[str, object] = {
        "party_name": party_name,
        "party_id": party_id,
        "host": host,
        "voice_invite": voice_invite,
    }
    return _event("party.created", title, message, data, keys)


def peer_joined(
    *,
    peer_name: str | None = None,
    party_name: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A player came into a party."""
    data: dict[str, object] = {
        "peer_name": peer_name,
        "party_name": party_name,
    }
    return _event("peer.joined", title, message, data, keys)


def peer_left(
    *,
    peer_name: str | None = None,
    party_name: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A player left a party."""
    data: dict[str, object] = {
        "peer_name": peer_name,
        "party_name": party_name,
    }
    return _event("peer.left", title, message, data, keys)


def game_started(
    *,
    game_name: str | None = None,
    players: Sequence[str] | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A game began."""
    data: dict[str, object] = {
        "game_name": game_name,
        "players": players,
    }
    return _event("game.started", title, message, data, keys)


def game_ended(
    *,
    game_name: str | None = None,
    duration: float | None = None,
    average_latency: float | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A game is over. `duration` in seconds, `average_latency` in ms."""
    data: dict[str, object] = {
        "game_name": game_name,
        "duration": duration,
        "average_latency": average_latency,
    }
    return _event("game.ended", title, message, data, keys)


def ops_alert(
    *,
    summary: str | None = None,
    details: str | None = None,
    service: str | None = None,
    environment: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """Something needs a look; P0 to P3 and DEV are severities with colours here."""
    data: dict[str, object] = {
        "summary": summary,
        "details": details,
        "service": service,
        "environment": environment,
    }
    return _event("ops.alert", title, message, data, keys)


def app_error(
    *,
    exception: str | None = None,
    where: str | None = None,
    service: str | None = None,
    environment: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """An exception. The same exception in the same place is the same news."""
    data: dict[str, object] = {
        "exception": exception,
        "where": where,
        "service": service,
        "environment": environment,
    }
    return _event("app.error", title, message, data, keys)


def service_started(
    *,
    service: str | None = None,
    version: str | None = None,
    environment: str | None = None,
    host: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A service came up: harmless, and the proof that it can notify."""
    data: dict[str, object] = {
        "service": service,
        "version": version,
        "environment": environment,
        "host": host,
    }
    return _event("service.started", title, message, data, keys)


def deploy_finished(
    *,
    service: str | None = None,
    version: str | None = None,
    environment: str | None = None,
    by: str | None = None,
    run_url: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A version is live."""
    data: dict[str, object] = {
        "service": service,
        "version": version,
        "environment": environment,
        "by": by,
        "run_url": run_url,
    }
    return _event("deploy.finished", title, message, data, keys)


def user_signed_up(
    *,
    name: str | None = None,
    plan: str | None = None,
    channel: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """Someone new."""
    data: dict[str, object] = {
        "name": name,
        "plan": plan,
        "channel": channel,
    }
    return _event("user.signed_up", title, message, data, keys)


def trade_executed(
    *,
    symbol: str | None = None,
    side: Literal["buy", "sell"] | None = None,
    quantity: float | None = None,
    price: float | None = None,
    currency: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A trade, or a fill of one."""
    data: dict[str, object] = {
        "symbol": symbol,
        "side": side,
        "quantity": quantity,
        "price": price,
        "currency": currency,
    }
    return _event("trade.executed", title, message, data, keys)


def lead_hot(
    *,
    first_name: str | None = None,
    email: str | None = None,
    score: float | None = None,
    stage: str | None = None,
    notion_id: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A lead whose score reaches the threshold; others are kept and not sent."""
    data: dict[str, object] = {
        "first_name": first_name,
        "email": email,
        "score": score,
        "stage": stage,
        "notion_id": notion_id,
    }
    return _event("lead.hot", title, message, data, keys)


def campaign_published(
    *,
    post_content: str | None = None,
    platforms: Sequence[str] | None = None,
    urls: Sequence[str | None] | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A post is out; `urls` stand in the order of `platforms`, null = not there."""
    data: dict[str, object] = {
        "post_content": post_content,
        "platforms": platforms,
        "urls": urls,
    }
    return _event("campaign.published", title, message, data, keys)


def flow_error(
    *,
    flow_name: str | None = None,
    error_message: str | None = None,
    details: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A flow failed."""
    data: dict[str, object] = {
        "flow_name": flow_name,
        "error_message": error_message,
        "details": details,
    }
    return _event("flow.error", title, message, data, keys)


def report_daily(
    *,
    total_spend: float | None = None,
    total_conversions: int | None = None,
    cost_per_lead: float | None = None,
    ctr: float | None = None,
    optin_rate: float | None = None,
    close_rate: float | None = None,
    currency: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """The day's figures. Rates are percentages: 2.34 is 2.34 %."""
    data: dict[str, object] = {
        "total_spend": total_spend,
        "total_conversions": total_conversions,
        "cost_per_lead": cost_per_lead,
        "ctr": ctr,
        "optin_rate": optin_rate,
        "close_rate": close_rate,
        "currency": currency,
    }
    return _event("report.daily", title, message, data, keys)


def report_retargeting(
    *,
    audiences: Sequence[Mapping[str, object]] | None = None,
    total_visitors: int | None = None,
    currency: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """Audiences with their users and daily budgets."""
    data: dict[str, object] = {
        "audiences": audiences,
        "total_visitors": total_visitors,
        "currency": currency,
    }
    return _event("report.retargeting", title, message, data, keys)


def campaign_started(
    *,
    campaign: str | None = None,
    run_id: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A campaign run began. One run's messages share `run_id`."""
    data: dict[str, object] = {
        "campaign": campaign,
        "run_id": run_id,
    }
    return _event("campaign.started", title, message, data, keys)


def campaign_progress(
    *,
    campaign: str | None = None,
    run_id: str | None = None,
    percent: int | None = None,
    step: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """How far a run is: `percent` here, or the event's own `progress`. All steps of
    a run are one piece of news."""
    data: dict[str, object] = {
        "campaign": campaign,
        "run_id": run_id,
        "percent": percent,
        "step": step,
    }
    return _event("campaign.progress", title, message, data, keys)


def campaign_completed(
    *,
    campaign: str | None = None,
    run_id: str | None = None,
    total: int | None = None,
    success: int | None = None,
    failed: int | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A run is through, with what it made and missed."""
    data: dict[str, object] = {
        "campaign": campaign,
        "run_id": run_id,
        "total": total,
        "success": success,
        "failed": failed,
    }
    return _event("campaign.completed", title, message, data, keys)


def obligation_due(
    *,
    obligation: str | None = None,
    obligation_id: str | None = None,
    due_date: date | str | None = None,
    owner: str | None = None,
    record_url: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """An obligation approaches its due date."""
    data: dict[str, object] = {
        "obligation": obligation,
        "obligation_id": obligation_id,
        "due_date": due_date,
        "owner": owner,
        "record_url": record_url,
    }
    return _event("obligation_due", title, message, data, keys)


def obligation_overdue(
    *,
    obligation: str | None = None,
    obligation_id: str | None = None,
    due_date: date | str | None = None,
    owner: str | None = None,
    record_url: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """An obligation is past its due date."""
    data: dict[str, object] = {
        "obligation": obligation,
        "obligation_id": obligation_id,
        "due_date": due_date,
        "owner": owner,
        "record_url": record_url,
    }
    return _event("obligation_overdue", title, message, data, keys)


def ssl_expiry(
    *,
    domain: str | None = None,
    expires_at: datetime | str | None = None,
    days_left: int | None = None,
    issuer: str | None = None,
    owner: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A certificate expires soon."""
    data: dict[str, object] = {
        "domain": domain,
        "expires_at": expires_at,
        "days_left": days_left,
        "issuer": issuer,
        "owner": owner,
    }
    return _event("ssl_expiry", title, message, data, keys)


def ssl_failure(
    *,
    domain: str | None = None,
    port: int | None = None,
    error: str | None = None,
    issuer: str | None = None,
    owner: str | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A check of a certificate failed."""
    data: dict[str, object] = {
        "domain": domain,
        "port": port,
        "error": error,
        "issuer": issuer,
        "owner": owner,
    }
    return _event("ssl_failure", title, message, data, keys)


def digest(
    *,
    period: Literal["daily", "weekly"] | None = None,
    total: int | None = None,
    counts: Mapping[str, int] | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A summary of a day or a week, made by the sender."""
    data: dict[str, object] = {
        "period": period,
        "total": total,
        "counts": counts,
    }
    return _event("digest", title, message, data, keys)


def aws_cloudwatch_alarm(
    *,
    previous_state: str | None = None,
    value: float | None = None,
    threshold: float | None = None,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """An alarm changed its state. `state` firing opens it, resolved ends it."""
    data: dict[str, object] = {
        "previous_state": previous_state,
        "value": value,
        "threshold": threshold,
    }
    return _event("aws.cloudwatch.alarm", title, message, data, keys)


def aws_sns_message(
    *,
    title: str = "",
    message: str = "",
    **keys: Unpack[Keys],
) -> dict[str, Any]:
    """A message on the topic that no adapter knows; `data` is whatever it held."""
    data: dict[str, object] = {}
    return _event("aws.sns.message", title, message, data, keys)


def _event(
    type: str,
    title: str,
    message: str,
    data: Mapping[str, object],
    keys: Mapping[str, Any],
) -> dict[str, Any]:
    """Data of the caller's own stands beside that of the type."""
    told = {name: value for name, value in data.items() if value is not None}
    event = {"type": type, "title": title, "message": message, **keys}
    event["data"] = {**keys.get("data", {}), **told}
    return event
