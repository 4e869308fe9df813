"""Telephone numbers: written as people write them, kept in the one form of E.164.

https://www.itu.int/rec/T-REC-E.164
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_SPACING = re.compile(r"[\s().-]")


def telephone(value: str) -> str:
    """The number, as +41791234567. Raises ValueError for one without its country."""
    number = _SPACING.sub("", value)
    if _NUMBER.fullmatch(number) is None:
        raise ValueError("not a number with its country, as +41791234567")
    return number
