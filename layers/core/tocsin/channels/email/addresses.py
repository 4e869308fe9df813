"""Mail addresses: strict in what is taken, so that none can carry a second header.

https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2
"""

from __future__ import annotations

import re
from email.utils import formataddr

from tocsin.channels.email import limits
from tocsin.values import dataclass

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_FORM = "write it as name@example.com or Name <name@example.com>"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address in ASCII, and the name shown beside it ("" = none)."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]

    @property
    def text(self) -> str:
        """The one form in which it is stored."""
        return f"{self.name} <{self.address}>" if self.name else self.address

    @property
    def header(self) -> str:
        """As a header shows it: quoted or encoded where that is needed."""
        return formataddr((self.name, self.address), "utf-8")


def mailbox_of(text: str) -> Mailbox:
    """Read an address. Raises ValueError, whose text does not repeat it."""
    if not text.strip().isprintable():
        raise ValueError(f"holds line ends or control characters; {_FORM}")
    match = _NAMED.fullmatch(text.strip())
    if match is None:
        return Mailbox(_address(text.strip()))
    return Mailbox(_address(match["address"].strip()), _name(match["name"]))


def _address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at or not local:
        raise ValueError(f"not a mail address; {_FORM}")
    if not local.isascii():
        raise ValueError("has letters before the @ that few mail servers take")
    if len(local) > limits.LOCAL_PART or _LOCAL.fullmatch(local) is None:
        raise ValueError(f"what stands before the @ is not plain; {_FORM}")
    domain = _domain(domain)
    if len(local) + 1 + len(domain) > limits.ADDRESS:
        raise ValueError(f"is longer than {limits.ADDRESS} characters")
    return f"{local}@{domain}"


def _domain(text: str) -> str:
    """In lower case, an international one in its ASCII form."""
    try:
        plain = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        plain = ""
    if _DOMAIN.fullmatch(plain) is None or len(plain) > 253:
        raise ValueError(f"what stands behind the @ is not a domain; {_FORM}")
    return plain.lower()


def _name(text: str) -> str:
    name = " ".join(text.strip().strip('"').split())
    if len(name) > limits.NAME:
        raise ValueError(f"the name is longer than {limits.NAME} characters")
    if any(mark in name for mark in ('"', "\\", "=?", "@")):
        raise ValueError('the name holds one of " \\ @ or =?, which may deceive')
    return name
