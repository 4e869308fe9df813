"""What the operations reach, in one value that the composition root fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tocsin.acknowledge import Means
from tocsin.attic import Attic
from tocsin.configuring import Channels
from tocsin.delivery import Timing
from tocsin.desk import Desk
from tocsin.passes import Links
from tocsin.ports import (
    Archive,
    Calendar,
    Clock,
    DeadLetterQueue,
    HealthBook,
    Ledger,
    Outbox,
    SettingsBook,
    Vault,
)
from tocsin.values import dataclass


class SettingsDesk(SettingsBook, Desk, Protocol):
    """The settings, read and written."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The ports of the operate API. Operations pass on to a use case what it needs."""

    ledger: Ledger
    archive: Archive
    calendar: Calendar
    outbox: Outbox
    dead_letters: DeadLetterQueue
    settings: SettingsDesk
    health: HealthBook
    vault: Vault
    signing_vault: Vault
    channels: Channels
    links: Links
    clock: Clock
    timing: Timing
    attic: Callable[[], Attic]

    def means(self) -> Means:
        """What it takes to act on a notification, under the settings of now."""
        rules = self.settings.current().rules(self.timing.factor)
        return Means(self.ledger, self.outbox, rules, self.clock, self.timing)
