"""Hearing: what WhatsApp tells later, of windows and of how far messages came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

from tocsin.channels.whatsapp import WINDOW, inbound
from tocsin.channels.whatsapp.inbound import WINDOW_MS, Report, Window
from tocsin.delivery import Delivery, State, Timing
from tocsin.errors import Forbidden, NotFound, Stale, Unauthorized, Unavailable
from tocsin.gatekeeper import Gatekeeper
from tocsin.identity import is_id
from tocsin.intake.options import read_options
from tocsin.intake.whatsapp import Options
from tocsin.notification import Notification
from tocsin.parcels import hand_over
from tocsin.ports import Clock, HealthBook, Ledger, Move, Outbox, SettingsBook, Vault
from tocsin.reception import Hook, identify
from tocsin.settings import Destination, Settings, Source
from tocsin.values import dataclass

SCHEME = "whatsapp"
TRIES = 5
# That a message was sent is known: its id was the answer.
_NEWS = frozenset({"failed", "delivered", "read", "played"})
_WRONG = "this address is WhatsApp's, for a source that signs with the scheme whatsapp"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a webhook: how many windows are open by it, how many deliveries
    are known to have come further, and which (notification and destination) did not
    arrive, or are sent again as what may be sent at any time."""

    windows: int
    arrived: int
    undelivered: tuple[str, ...]
    again: tuple[str, ...]


class News(StrEnum):
    """What a report comes to for one delivery."""

    NONE = "none"
    ARRIVED = "arrived"
    UNDELIVERED = "undelivered"
    AGAIN = "again"


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


@dataclass(frozen=True, slots=True)
class Ears:
    """What it takes to remember what is heard."""

    settings: Settings
    health: HealthBook
    ledger: Ledger
    outbox: Outbox
    clock: Clock
    timing: Timing


def hear(
    hook: Hook,
    *,
    gatekeeper: Gatekeeper,
    vault: Vault,
    settings: SettingsBook,
    health: HealthBook,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    timing: Timing,
) -> Heard:
    """Read a signed webhook and remember it; the same one again changes nothing.

    Raises `Unauthorized`, `Forbidden`, `Malformed` or `Unavailable`.
    """
    source, _ = identify(hook, gatekeeper=gatekeeper, vault=vault, clock=clock)
    if not _is_ours(source):
        raise Forbidden(_WRONG)
    told = inbound.read(hook.body)
    ears = Ears(settings.current(), health, ledger, outbox, clock, timing)
    its_own = _numbers(source)
    windows = sum(_opened(each, ears) for each in told.windows if its_own(each))
    found: dict[News, list[str]] = {news: [] for news in News}
    for report in filter(its_own, told.reports):
        for notification_id, name in _meant(report, ears.settings):
            news = _noted(report, notification_id, name, ears)
            found[news].append(f"{notification_id} {name}")
    undelivered, again = found[News.UNDELIVERED], found[News.AGAIN]
    return Heard(windows, len(found[News.ARRIVED]), tuple(undelivered), tuple(again))


def _is_ours(source: Source) -> bool:
    return source.signature is not None and source.signature.scheme == SCHEME


def _numbers(source: Source) -> Callable[[Window | Report], bool]:
    """Whether it is about a number of ours that this source may tell about."""
    options = read_options(Options, source.options.get(SCHEME, {}))
    numbers = options.phone_number_ids
    return lambda told: not numbers or told.phone_number_id in numbers


def _opened(window: Window, ears: Ears) -> int:
    """How many destinations write to this person from this number."""
    reached = [
        name
        for name, each in ears.settings.destinations.items()
        if each.settings.get("to") == window.recipient
        and _posts_from(each, window.phone_number_id)
    ]
    for name in reached:
        ears.health.learn(name, WINDOW, window.until)
    return len(reached)


def _meant(report: Report, settings: Settings) -> Iterator[tuple[str, str]]:
    """(notification, destination) of each delivery that was in the message."""
    if report.status not in _NEWS:
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


def _noted(report: Report, notification_id: str, name: str, ears: Ears) -> News:
    """What is known of the delivery only now, and written in one row."""
    for _ in range(TRIES):
        row = ears.ledger.load([notification_id]).get(notification_id)
        if _is_under_way(row, name):
            raise Unavailable("what was just said is not written yet; tell it again")
        old = _told_by(report, row, name)
        if old is None:
            return News.NONE
        news, new = _changed(old, report, name, ears)
        if news is News.AGAIN:
            _close(name, report, ears.health)
        try:
            ears.ledger.move([Move(notification_id, old, new)])
        except Stale:
            continue
        if news is News.AGAIN:
            hand_over([(notification_id, new)], ears.outbox)
        return news
    raise Unavailable("others keep changing this delivery")


def _changed(
    old: Delivery, report: Report, name: str, ears: Ears
) -> tuple[News, Delivery]:
    now, outcome = ears.clock.now(), report.outcome(name)
    if outcome is None:
        return News.ARRIVED, old.arrived(now, report.status)
    why = f"WhatsApp took it, then: {outcome.reason}"
    if report.window_closed:
        return News.AGAIN, old.replayed(now, why, ears.timing)
    return News.UNDELIVERED, old.undelivered(now, why)


def _close(name: str, report: Report, health: HealthBook) -> None:
    """The window is not open, unless they have written since that message failed."""
    until = health.health([name])[name].learnt.get(WINDOW, 0)
    if until and until - WINDOW_MS <= report.at:
        health.forget(name, WINDOW, until)


def _is_under_way(row: Notification | None, name: str) -> bool:
    """Whether a sender may be about to write which message told it: WhatsApp is quick,
    and repeats what is answered with an error."""
    delivery = row.deliveries.get(name) if row else None
    return delivery is not None and delivery.state is State.PROCESSING


def _told_by(report: Report, row: Notification | None, name: str) -> Delivery | None:
    """The delivery as it stands, if that very message told it and it is news."""
    delivery = row.deliveries.get(name) if row else None
    if delivery is None or delivery.state is not State.SENT:
        return None
    ours = delivery.message_id == report.message_id
    news = inbound.advanced(delivery.receipt, report.status)
    return delivery if ours and news else None
