"""Kinds: a type of event is the model of its data, and the words made of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
)

from tocsin.catalog.scene import Scene as Scene
from tocsin.catalog.scene import link as link
from tocsin.events import Fact, Link
from tocsin.look import Look
from tocsin.severity import Severity

_VALUE = 4000
LARGEST = 10**15


def _as_text(value: object) -> object:
    """Ids and versions are often numbers where they come from."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if plain else value


def _speakable(moment: datetime) -> datetime:
    """A time that every zone has."""
    if not 1900 <= moment.year < 9999:
        raise ValueError("should be a time between the years 1900 and 9998")
    return moment


Text = Annotated[str, Field(max_length=1000)]
Id = Annotated[str, BeforeValidator(_as_text), Field(max_length=200)]
Prose = Annotated[str, Field(max_length=20_000)]
Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Day = Annotated[date, Field(strict=False)]
Moment = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_speakable)]
Page = Annotated[HttpUrl, Field(max_length=1500)]


class Kind(BaseModel):
    """One type of event. Known keys of `data` are typed, others are kept.

    No key is required by itself: whoever writes a title has said enough. `needs` are
    the keys without which there is no title.
    """

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    type: ClassVar[str]
    sample: ClassVar[dict[str, Any]]
    needs: ClassVar[tuple[str, ...]] = ()
    severity: ClassVar[Severity] = Severity.INFO
    icon: ClassVar[str] = ""
    colour: ClassVar[int | None] = None
    banner: ClassVar[str] = ""
    ttl: ClassVar[int | None] = None
    # The key whose number must reach the bound, or the event is kept and not sent.
    at_least: ClassVar[tuple[str, float] | None] = None
    # The name of the configured link to which the title leads.
    title_link: ClassVar[str] = ""

    @property
    def said(self) -> bool:
        """Whether the data holds any key of ours."""
        return bool(self.model_fields_set - (self.model_extra or {}).keys())

    def title(self, scene: Scene) -> str:
        """The title when the sender wrote none; "" when data does not suffice."""
        return ""

    def message(self, scene: Scene) -> str:
        """The body when the sender wrote none."""
        return ""

    def facts(self, scene: Scene) -> Iterable[Fact]:
        """In order of use; empty ones are left out."""
        return ()

    def links(self, scene: Scene) -> Iterable[Link | None]:
        """Where to go next."""
        return ()

    def page(self) -> HttpUrl | None:
        """Where the title leads."""
        return None

    def fingerprint(self, scene: Scene) -> str:
        """What tells this problem or news from others; "" = type and title do."""
        return ""

    def progress(self) -> int | None:
        """0 to 100, where the data tells it."""
        return None

    def look(self, scene: Scene) -> Look:
        """Its own icon and colour."""
        return _look(self.icon, self.colour, self.banner)


@lru_cache(maxsize=64)
def _look(icon: str, colour: int | None, banner: str) -> Look:
    """Kinds are few, and their events many."""
    return Look(icon=icon, colour=colour, banner=banner)


def kinds(*classes: type[Kind]) -> dict[str, type[Kind]]:
    """The classes of a module by the name of their type."""
    return {each.type: each for each in classes}


def fact(
    name: str, value: object, *, inline: bool = True, markdown: bool = False
) -> Fact:
    """A fact cut to size; whole numbers are grouped."""
    told = f"{value:,}" if isinstance(value, int) else str(value)
    return Fact(
        name=name[:200],
        value=told[:_VALUE],
        inline=inline,
        format="markdown" if markdown else "text",
    )


def given(*facts: Fact) -> Iterable[Fact]:
    """Those that say something."""
    return (each for each in facts if each.value)


def markdown_link(label: str, url: str) -> str:
    """Markdown for a link that its address cannot break out of."""
    words = label.replace("[", "(").replace("]", ")")
    return f"[{words}]({url.replace('(', '%28').replace(')', '%29')})"
