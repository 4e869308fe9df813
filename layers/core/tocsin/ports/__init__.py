"""What the use cases need from outside, by subject: each port named by its role."""

from __future__ import annotations

from tocsin.ports.alarms import Enricher as Enricher
from tocsin.ports.alarms import Picture as Picture
from tocsin.ports.channel import Aws as Aws
from tocsin.ports.channel import Channel as Channel
from tocsin.ports.channel import Editor as Editor
from tocsin.ports.channel import Kind as Kind
from tocsin.ports.channel import Outcome as Outcome
from tocsin.ports.channel import Presser as Presser
from tocsin.ports.channel import Probe as Probe
from tocsin.ports.channel import Sign as Sign
from tocsin.ports.channel import Target as Target
from tocsin.ports.channel import Threader as Threader
from tocsin.ports.health import Health as Health
from tocsin.ports.health import HealthBook as HealthBook
from tocsin.ports.health import Notice as Notice
from tocsin.ports.ledger import Commit as Commit
from tocsin.ports.ledger import Ledger as Ledger
from tocsin.ports.ledger import Missed as Missed
from tocsin.ports.ledger import Move as Move
from tocsin.ports.ledger import Receipt as Receipt
from tocsin.ports.ledger import Repeat as Repeat
from tocsin.ports.queue import DeadLetterQueue as DeadLetterQueue
from tocsin.ports.queue import Inflight as Inflight
from tocsin.ports.queue import Outbox as Outbox
from tocsin.ports.queue import Parcel as Parcel
from tocsin.ports.queue import Record as Record
from tocsin.ports.reading import TIMER as TIMER
from tocsin.ports.reading import Archive as Archive
from tocsin.ports.reading import Calendar as Calendar
from tocsin.ports.reading import Dead as Dead
from tocsin.ports.reading import Due as Due
from tocsin.ports.surroundings import Clock as Clock
from tocsin.ports.surroundings import Holder as Holder
from tocsin.ports.surroundings import SettingsBook as SettingsBook
from tocsin.ports.surroundings import Vault as Vault
