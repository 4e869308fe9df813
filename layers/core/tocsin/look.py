"""Looks: an icon, a colour and a footer of its own, where severity's are not meant."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

COLOURS = {
    "red": 0xFF0000,
    "orange": 0xFF8800,
    "yellow": 0xFFCC00,
    "green": 0x00CC66,
    "blue": 0x3399FF,
    "purple": 0x9B59B6,
    "gray": 0x95A5A6,
    "white": 0xFFFFFF,
}


def parse_colour(value: object) -> int:
    """24 bits of RGB out of a name, "#rrggbb" or a number. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in COLOURS:
        return COLOURS[word]
    digits = word.removeprefix("#").removeprefix("0x")
    if len(digits) == 6 and set(digits) <= set("0123456789abcdef"):
        return int(digits, 16)
    raise ValueError(f'not a colour; write "#ff8800" or {", ".join(COLOURS)}')


def parse_icon(value: str) -> str:
    """An emoji stands before the title, unescaped: so it may be nothing else. Raises
    ValueError."""
    icon = value.strip()
    if any(letter.isascii() and not letter.isdigit() for letter in icon):
        raise ValueError("should be an emoji")
    return icon


Icon = Annotated[str, Field(max_length=16), AfterValidator(parse_icon)]
Colour = Annotated[int, BeforeValidator(parse_colour), Field(ge=0, le=0xFFFFFF)]


class Look(BaseModel):
    """What an event looks like. What is left out follows from its severity; `banner`
    is the line above the title: "HOT LEAD ALERT"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    icon: Icon = ""
    colour: Colour | None = None
    footer: Annotated[str, Field(max_length=100)] = ""
    banner: Annotated[str, Field(max_length=100)] = ""

    @property
    def said(self) -> bool:
        """Whether it says anything."""
        return self.colour is not None or bool(self.icon or self.footer or self.banner)
