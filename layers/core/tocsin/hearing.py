"""Hearing: what WhatsApp tells later, of windows opened and messages not delivered."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.channels.whatsapp import WINDOW, inbound
from tocsin.channels.whatsapp.inbound import Report, Window
from tocsin.delivery import Delivery, State
from tocsin.errors import Forbidden, NotFound, Stale, Unauthorized, Unavailable
from tocsin.gatekeeper import Gatekeeper
from tocsin.identity import is_id
from tocsin.notification import Notification
from tocsin.ports import Clock, HealthBook, Ledger, Move, SettingsBook, Vault
from tocsin.reception import Hook, identify
from tocsin.settings import Destination, Settings, Source
from tocsin.values import dataclass

SCHEME = "whatsapp"
TRIES = 5
_WHAT = "undelivered"
_WRONG = "this address is WhatsApp's, for a source that signs with the scheme whatsapp"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a webhook: how many windows are open by it, and which deliveries
    (notification and destination) did not arrive."""

    windows: int
    undelivered: tuple[str, ...]


def challenge(hook: Hook, *, gatekeeper: Gatekeeper) -> str:
    """What Meta wants to read before it posts here: its verify token must be a key of
    the source that the path names. Raises `NotFound`, `Unauthorized` or `Unavailable`.
    """
    if hook.adapter != SCHEME:
        raise NotFound("there is nothing to read here; post to it")
    given = hook.query.get("hub.verify_token", "")
    found = gatekeeper.known(given) if given else None
    named = found is not None and found.name == hook.token and _is_ours(found)
    answer = inbound.challenged(hook.query, given) if named else None
    if answer is None:
        raise Unauthorized("the verify token is no key of this source")
    return answer


def hear(
    hook: Hook,
    *,
    gatekeeper: Gatekeeper,
    vault: Vault,
    settings: SettingsBook,
    health: HealthBook,
    ledger: Ledger,
    clock: Clock,
) -> Heard:
    """Read a signed webhook and remember it; the same one again changes nothing.

    Raises `Unauthorized`, `Forbidden`, `Malformed` or `Unavailable`.
    """
    source, _ = identify(hook, gatekeeper=gatekeeper, vault=vault, clock=clock)
    if not _is_ours(source):
        raise Forbidden(_WRONG)
    told, current = inbound.read(hook.body), settings.current()
    windows = 0
    for window in told.windows:
        for name in _reached(window, current):
            health.learn(name, WINDOW, window.until)
            windows += 1
    undelivered = [
        f"{notification_id} {name}"
        for report in told.reports
        for notification_id, name in _meant(report, current)
        if _noted(report, notification_id, name, ledger, clock)
    ]
    return Heard(windows, tuple(undelivered))


def _is_ours(source: Source) -> bool:
    return source.signature is not None and source.signature.scheme == SCHEME


def _reached(window: Window, settings: Settings) -> Iterator[str]:
    """The destinations that write to this person from this number."""
    for name, each in settings.destinations.items():
        theirs = each.settings.get("to") == window.recipient
        if theirs and _posts_from(each, window.phone_number_id):
            yield name


def _meant(report: Report, settings: Settings) -> Iterator[tuple[str, str]]:
    """(notification, destination) of each delivery that was in a failed message."""
    if report.status != "failed":
        return
    for one in report.correlation.split(","):
        notification_id, _, name = one.partition("-")
        destination = settings.destinations.get(name)
        if destination is None or not is_id(notification_id):
            continue
        if _posts_from(destination, report.phone_number_id):
            yield notification_id, name


def _posts_from(destination: Destination, phone_number_id: str) -> bool:
    ours = destination.channel == "whatsapp"
    return ours and destination.settings.get("phone_number_id") == phone_number_id


def _noted(
    report: Report, notification_id: str, name: str, ledger: Ledger, clock: Clock
) -> bool:
    """Whether the delivery's log says so only now."""
    outcome = report.outcome(name)
    reason = f"WhatsApp took it, then: {outcome.reason}" if outcome else ""
    for _ in range(TRIES):
        row = ledger.load([notification_id]).get(notification_id)
        old = _told_by(report, row, name)
        if old is None:
            return False
        try:
            new = old.undelivered(clock.now(), reason)
            ledger.move([Move(notification_id, old, new)])
        except Stale:
            continue
        return True
    raise Unavailable("others keep changing this delivery")


def _told_by(report: Report, row: Notification | None, name: str) -> Delivery | None:
    """The delivery as it stands, if that very message told it and it is news."""
    delivery = row.deliveries.get(name) if row else None
    if delivery is None or delivery.state is not State.SENT:
        return None
    known = any(line.what == _WHAT for line in delivery.log)
    return delivery if delivery.message_id == report.message_id and not known else None
