"""The e-mail channel with little patience, its destination, and one mail."""

from __future__ import annotations

from typing import Any

from tests.unit.channels.mail_server import GIVEN
from tests.unit.channels.messages import message
from tocsin.channels import channel
from tocsin.channels.email import Email
from tocsin.channels.email.pool import Pool
from tocsin.ports import Kind, Outcome, Target

OK, TRANSIENT, LIMITED = Kind.OK, Kind.TRANSIENT, Kind.LIMITED
PERMANENT, GONE, UNKNOWN = Kind.PERMANENT, Kind.GONE, Kind.UNKNOWN
SLACK = 2.5


def quick(base: str) -> Email:
    """The channel with a second in all."""
    host, _, port = base.partition(":")
    return Email(Pool((host, int(port)), total=1.0))


def target(**given: Any) -> Target:
    """A destination as the vault and the settings would give it."""
    kept, secret = channel("email").split({**GIVEN, **given})
    return Target("ops", kept, secret)


def send(base: str, **given: Any) -> Outcome:
    """One mail."""
    return quick(base).send([message()], target(**given))
