"""Hushing: what is shown anew by an edit calls nobody, whoever was called at first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tocsin.message import Message


def hushed(messages: Iterable[Message]) -> list[Message]:
    """The same without pings."""
    return [replace(one, pings=()) if one.pings else one for one in messages]
