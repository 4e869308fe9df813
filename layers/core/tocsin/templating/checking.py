"""Checking: what is wrong with templates, before they are put live."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from tocsin.errors import Fault as Complaint
from tocsin.errors import Refused
from tocsin.routing_file import Document
from tocsin.rules.config import Config
from tocsin.templating.grammar import names_in, parsed
from tocsin.templating.language import compiled
from tocsin.templating.models import (
    Parts,
    Place,
    Template,
    blocks_of,
    sources_of,
)
from tocsin.templating.runtime import Fault
from tocsin.templating.view import NAMES
from tocsin.validation import FAULTS_TOLD, faults_of, invalid, path_of

LETTERS = 60_000
_BLOCK = re.compile(r"[:\-]\s+\|[-+\d]*\s*(#.*)?$")
_LINK = re.compile(r"\]\(\s*<?(?!https?://[^/{}\s?#)]+[/?#)>])", re.IGNORECASE)
_CHOSEN = (
    "a link in Markdown names its host: write https:// and the host, then the rest"
)


def require_templates(
    config: Config, document: Document, channels: Callable[[str], object]
) -> None:
    """Raises `Invalid`, naming field, line and reason of each thing that is wrong."""
    faults = list(_faults(config.templates, document, channels))[:FAULTS_TOLD]
    if faults:
        raise invalid(faults)


def _faults(
    templates: Mapping[str, Mapping[str, Any]],
    document: Document,
    channels: Callable[[str], object],
) -> Iterator[Complaint]:
    letters = 0
    for glob, given in templates.items():
        place: Place = ("templates", glob)
        try:
            template = Template.model_validate(given)
        except ValidationError as error:
            for told, each in zip(faults_of(error), error.errors(), strict=False):
                yield _fault((*place, *each["loc"]), 0, told.reason, document)
            continue
        for name in template.channels:
            yield from _unknown(channels, name, (*place, "channels", name), document)
        for inner, parts in blocks_of(template):
            for part, source in sources_of(parts):
                letters += len(source)
                markdown = _marked_up(template, parts, part)
                where = (*place, *inner, *part)
                yield from _broken(source, markdown, where, document)
    if letters > LETTERS:
        reason = f"hold more than {LETTERS:,} letters together"
        yield _fault(("templates",), 0, reason, document)


def _marked_up(template: Template, parts: Parts, part: Place) -> bool:
    wanted = parts.format or template.format
    return wanted == "markdown" and part[0] in ("body", "facts")


def _unknown(
    channels: Callable[[str], object], name: str, place: Place, document: Document
) -> Iterator[Complaint]:
    try:
        channels(name)
    except Refused as error:
        reason = error.faults[0].reason if error.faults else error.detail
        yield _fault(place, 0, reason, document)


def _broken(
    source: str, markdown: bool, place: Place, document: Document
) -> Iterator[Complaint]:
    try:
        unknown = names_in(parsed(source)) - NAMES
        compiled(source, markdown=markdown)
    except Fault as fault:
        yield _fault(place, fault.line, fault.reason, document)
        return
    for name in sorted(unknown):
        known = ", ".join(sorted(NAMES))
        reason = f"there is no {name[:40]!r}; there are: {known}"
        yield _fault(place, _line_of(source, name), reason, document)
    led = _LINK.search(source) if markdown else None
    if led:
        line = source.count("\n", 0, led.start()) + 1
        yield _fault(place, line, _CHOSEN, document)


def _fault(place: Place, line: int, reason: str, document: Document) -> Complaint:
    """`line` counts from the template's first, 0 = none in particular. In YAML it is
    the file's, where the template's lines are lines of the file."""
    if not document.lines:
        told = f"its line {line}: {reason}" if line else reason
        return Complaint(path_of(place), told)
    start = document.line_of(path_of(place))
    rows = document.text.splitlines()
    block = start <= len(rows) and _BLOCK.search(rows[start - 1])
    at = start + line if line and block else start
    return Complaint(path_of(place), f"line {at}: {reason}")


def _line_of(source: str, name: str) -> int:
    found = re.search(rf"\b{re.escape(name)}\b", source)
    return source.count("\n", 0, found.start()) + 1 if found else 1
