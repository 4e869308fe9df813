"""What every email destination says, whichever way its mails go: from whom, to whom.

https://www.rfc-editor.org/rfc/rfc2369
https://www.rfc-editor.org/rfc/rfc8058
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from tocsin.channels import _complaints
from tocsin.channels.email import limits
from tocsin.channels.email.addresses import Mailbox, mailbox_of
from tocsin.errors import Fault
from tocsin.events import Frozen


def plain(value: str) -> str:
    """One line. Raises ValueError."""
    text = value.strip()
    if not text.isprintable():
        raise ValueError("holds line ends or control characters")
    return text


def _prefix(value: str) -> str:
    if "=?" in value:
        raise ValueError("holds =?, which mail programs decode")
    return plain(value)


def _address(value: str) -> str:
    return mailbox_of(value).text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Nobody gets it twice."""
    found: dict[str, str] = {}
    for value in values:
        found.setdefault(mailbox_of(value).address.lower(), value)
    return tuple(found.values())


def _unsubscribe(value: str) -> str:
    """Nothing in it may end the angle brackets in which it stands."""
    text = value.strip()
    if not text.isascii() or not text.isprintable() or set(text) & set(" <>,"):
        raise ValueError("holds spaces, commas, brackets or letters beyond ASCII")
    parts = urlsplit(text)
    if (
        parts.scheme == "mailto"
        and "@" in parts.path
        and len(text) <= limits.UNSUBSCRIBE
    ):
        return text
    if parts.scheme != "https" or not parts.hostname or len(text) > limits.UNSUBSCRIBE:
        raise ValueError("neither an https address nor mailto:name@example.com")
    return text


Address = Annotated[str, Field(max_length=400), AfterValidator(_address)]


class Letter(Frozen):
    """Sender, recipients, and what stands in every head. `unsubscribe` is where who no
    longer wants these mails is taken off: an https address that a mail program posts
    to, or mailto:."""

    sender: Address = Field(alias="from")
    to: Annotated[
        tuple[Address, ...],
        BeforeValidator(_listed),
        Field(min_length=1, max_length=limits.RECIPIENTS),
        AfterValidator(_once),
    ]
    reply_to: Address | None = None
    subject_prefix: Annotated[
        str, Field(max_length=limits.PREFIX), AfterValidator(_prefix)
    ] = ""
    unsubscribe: Annotated[str, AfterValidator(_unsubscribe)] | None = None

    @property
    def mailbox(self) -> Mailbox:
        """Who sends."""
        return mailbox_of(self.sender)

    @property
    def recipients(self) -> list[Mailbox]:
        """Who receives."""
        return [mailbox_of(each) for each in self.to]


def faults_of(error: ValidationError) -> list[Fault]:
    """Field and reason of each, without the values that were given."""
    words = {
        "extra_forbidden": "not a setting of email destinations",
        "missing": "is missing",
    }
    return _complaints.faults_of(error, words, whole="security")
