"""Colours: how bad a message is that says so by the colour of its edge."""

from __future__ import annotations

import colorsys
import re

from tocsin.intake.trimming import line
from tocsin.severity import Severity

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_NAMED = {
    "danger": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "good": Severity.SUCCESS,
}
# Up to which hue (a full turn is 360) what is meant.
_HUES = (
    (20, Severity.HIGH),
    (46, Severity.MEDIUM),
    (68, Severity.LOW),
    (170, Severity.SUCCESS),
    (335, Severity.INFO),
    (361, Severity.HIGH),
)
PALE = 0.2


def severity_of(colour: object) -> Severity | None:
    """Red is high, orange medium, yellow low, green a success, the rest news. Numbers
    (Discord), hex and Slack's three names; None for greys and for no colour."""
    if isinstance(colour, int) and not isinstance(colour, bool):
        value = colour if 0 <= colour <= 0xFFFFFF else None
    else:
        word = line(colour, 20).lower()
        if word in _NAMED:
            return _NAMED[word]
        found = _HEX.fullmatch(word)
        value = int(found[1], 16) if found else None
    if value is None:
        return None
    red, green, blue = value >> 16 & 255, value >> 8 & 255, value & 255
    hue, saturation, light = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if saturation < PALE or light < PALE:
        return None
    return next(grade for most, grade in _HUES if hue * 360 < most)


def worst(grades: list[Severity | None]) -> Severity | None:
    """The worst of several; None when none says anything."""
    told = [grade for grade in grades if grade is not None]
    return max(told, key=lambda grade: grade.rank) if told else None
