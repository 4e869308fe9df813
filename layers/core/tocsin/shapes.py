"""Shapes: what the operate API answers, as types. The OpenAPI document reads them."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict


class AttemptShape(TypedDict):
    """One line of a delivery's history."""

    at: str
    what: str
    reason: str


class DeliveryBrief(TypedDict):
    """Where a delivery stands."""

    destination: str
    status: str
    reason: str


class DeliveryShape(DeliveryBrief):
    """A delivery with its history. `receipt` is the furthest that the provider told of
    its message later: `failed`, `delivered`, `read` or `played`; "" = nothing.
    `held_back`: how many others like it this destination was not told since, for its
    route's throttle; besides those that the notification counts in `occurrences`."""

    attempts: int
    generation: int
    possibly_sent: bool
    route: str
    due_at: str | None
    message_id: str | None
    receipt: str
    held_back: int
    log: list[AttemptShape]


class StepShape(TypedDict):
    """One line of the decision trace."""

    rule: str
    verdict: str


class ActionShape(TypedDict):
    """One line of the audit trail."""

    at: str
    actor: str
    what: str
    note: str


class NotificationHead(TypedDict):
    """What a notification is, and where it stands. Times are RFC 3339 in UTC."""

    id: str
    status: str
    state: str
    type: str
    severity: str
    title: str
    message: str
    source: str
    branch: str
    sender: str
    fingerprint: str
    occurrences: int
    accepted_at: str
    last_at: str
    ack_by: str
    ack_at: str | None
    ack_note: str
    ack_until: str | None
    resolved_at: str | None


class NotificationBrief(NotificationHead):
    """A notification as it is listed."""

    deliveries: list[DeliveryBrief]


class NotificationShape(NotificationHead):
    """A notification with all that happened to it."""

    deliveries: list[DeliveryShape]
    resolves: str
    suppressed: str
    trace: list[StepShape]
    actions: list[ActionShape]
    event: dict[str, Any]


class NotificationPage(TypedDict):
    """A page may be short or even empty: while there is a `next`, there may be more.
    Everything back to `reached` was looked at."""

    notifications: list[NotificationBrief]
    next: str
    reached: str


class DeadShape(TypedDict):
    """A dead letter, and what is needed to judge it. `open`: its problem still is."""

    notification_id: str
    destination: str
    dead_at: str
    reason: str
    attempts: int
    type: str
    severity: str
    title: str
    open: bool


class DeadPage(TypedDict):
    """Oldest first."""

    dead_letters: list[DeadShape]
    next: str


class ReplayShape(TypedDict):
    """`matched` letters fit, `open` of these are of a problem that is still open;
    `replayed` are not dead any more, `already` of these needed no message, since the
    destination was told. `more`: there are others beyond those looked at. Go on with
    `next` as cursor and `until` in the filter, which leaves out what dies meanwhile."""

    matched: int
    open: int
    replayed: int
    already: int
    dry_run: bool
    more: bool
    next: str
    until: str
    by_destination: dict[str, int]


class EditionShape(TypedDict):
    """One version of the routing file."""

    etag: str
    at: str
    actor: str
    media: str


class EditionList(TypedDict):
    """Newest first."""

    editions: list[EditionShape]


class ConfigReport(TypedDict):
    """What a routing file says, and what looks wrong in it."""

    etag: str
    explanation: list[str]
    warnings: list[str]


class ChangeShape(TypedDict):
    """A recent notification that the new file would have told elsewhere; `kind` is
    "added", "dropped" or "moved"."""

    kind: str
    id: str
    type: str
    severity: str
    title: str
    before: list[str]
    after: list[str]


class ChangeCounts(TypedDict):
    """Of the recent notifications: told in more places, in fewer, in others."""

    added: int
    dropped: int
    moved: int


class CheckReport(ConfigReport):
    """`etag` is of the file that is live; nothing was changed. `changes` are the first
    few of each kind."""

    recent_checked: int
    would: ChangeCounts
    changes: list[ChangeShape]


class HealthShape(TypedDict):
    """What the sender last learned of a destination."""

    disabled: bool
    disabled_reason: str
    blocked_until: str | None
    last_ok_at: str | None
    last_error_at: str | None
    last_error: str


class DestinationList(TypedDict):
    """Each with its name, channel, settings and `secret_hint`; never with a secret."""

    destinations: list[dict[str, Any]]


class TrialShape(TypedDict):
    """What became of the test message."""

    ok: bool
    outcome: str
    reason: str
    advice: str
    message_id: str | None


class StatusShape(TypedDict):
    """What the provider says now, and what the sender saw last."""

    ok: bool
    reason: str
    details: dict[str, str]
    health: HealthShape


class KeyShape(TypedDict):
    """A live key, by its first characters."""

    hint: str
    made_at: str


class SecretShape(TypedDict):
    """A live signing secret: all that is told of it."""

    made_at: str


class SignatureShape(TypedDict):
    """How calls must be signed."""

    scheme: str
    secrets: list[SecretShape]


class PressSecretsShape(TypedDict):
    """With what presses of a destination's buttons are signed; none: links only."""

    name: str
    secrets: list[SecretShape]


class SourceShape(TypedDict):
    """A source without its keys and secrets. No `types`: any; `rate` 0: no limit."""

    name: str
    scopes: list[str]
    keys: list[KeyShape]
    types: list[str]
    rate: int
    signature: SignatureShape | None
    options: dict[str, Any]


class SourceWithKey(SourceShape):
    """`key` is shown this once."""

    key: str


class SourceList(TypedDict):
    """In order of name."""

    sources: list[SourceShape]


class SilenceShape(TypedDict):
    """`state` is `waiting`, `active` (until `active_until`) or `ended`."""

    id: str
    kind: str
    match: dict[str, Any]
    starts_at: str
    ends_at: str | None
    recurring: dict[str, Any] | None
    author: str
    comment: str
    created_at: str
    state: str
    active_until: str | None


class SilenceList(TypedDict):
    """The latest first."""

    silences: list[SilenceShape]


class TimeShape(TypedDict):
    """A time in which somebody is not told at once. `kind` is `silence`, `maintenance`
    (with the silence's `id`), `quiet` or `digest` (a moment, of a route). `ends_at` is
    None where nothing ends it; what began or ends beyond the days shown is cut."""

    kind: str
    name: str
    id: str
    starts_at: str
    ends_at: str | None
    except_for: list[str]


class Outlook(TypedDict):
    """The days to come, in order."""

    since: str
    until: str
    timezone: str
    times: list[TimeShape]
    more: bool


class SlotShape(TypedDict):
    """Deliveries of what came in from `at` until the next slot, by their state."""

    at: str
    states: dict[str, int]


class LatencyShape(TypedDict):
    """Ms from accepted to sent, of those that were to be told at once."""

    count: int
    p50_ms: int | None
    p95_ms: int | None
    longest_ms: int | None


class QueueShape(TypedDict):
    """What waits to be sent now, since when the first does, and since when the first
    of what the sweep is to do is due."""

    waiting: int
    oldest_since: str | None
    overdue_since: str | None


class TallyShape(TypedDict):
    """Deliveries to a destination by their state, and when it last took one."""

    states: dict[str, int]
    last_sent_at: str | None


class MetricsShape(TypedDict):
    """How it went since `since`; unless `complete`, that is later than was asked for,
    since more came in than is counted. `success` is the share of `sent` among what was
    sent, has failed or is dead, None = nothing was."""

    since: str
    until: str
    complete: bool
    notifications: int
    states: dict[str, int]
    success: float | None
    latency: LatencyShape
    queue: QueueShape
    slots: list[SlotShape]
    destinations: dict[str, TallyShape]


class ServiceHealth(TypedDict):
    """`degraded` when a destination is disabled or blocked."""

    status: str
    version: str
    dead_letters: int
    more_dead_letters: bool
    destinations: dict[str, HealthShape]


class Liveness(TypedDict):
    """What anyone may know."""

    status: str
