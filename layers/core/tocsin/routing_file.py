"""The routing file: read from YAML or JSON, with faults that name line and key."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any

import yaml
from pydantic import ValidationError

from tocsin.desk import Edition, Media
from tocsin.errors import Fault
from tocsin.rules.config import Config
from tocsin.validation import FAULTS_TOLD, faults_of, invalid, path_of
from tocsin.values import dataclass
from tocsin.yaml_document import Path

LARGEST = 200_000
TOLD = 20


@dataclass(frozen=True)
class Document:
    """A routing file as it came: its words, its values, and the line of each value
    (JSON has none)."""

    text: str
    media: Media
    value: Any
    lines: Mapping[Path, int] = field(default_factory=dict)

    @cached_property
    def named_lines(self) -> Mapping[str, int]:
        """By dotted path, as faults name it: a key may hold dots itself."""
        return {path_of(path): line for path, line in self.lines.items()}

    def line_of(self, path: str) -> int:
        """The line of the value, or of the nearest one around it."""
        while path and path not in self.named_lines:
            path = path.rpartition(".")[0]
        return self.named_lines.get(path, 1)


def read(document: Document) -> Config:
    """The file as a model. Raises `Invalid` with field, line and reason."""
    nothing = document.value is None and document.media == "yaml"
    value = {} if nothing else document.value
    try:
        return Config.model_validate(value)
    except ValidationError as error:
        faults = faults_of(error)
    raise invalid(located(faults, document))


def require_destinations(
    config: Config, names: Collection[str], document: Document
) -> None:
    """Raises `Invalid` for each destination that is named and is not there."""
    faults = list(_unknown(config, names))[:FAULTS_TOLD]
    if faults:
        raise invalid(located(faults, document))


def located(faults: Collection[Fault], document: Document) -> list[Fault]:
    """The faults with the line of the file, where it has lines."""
    if not document.lines:
        return list(faults)
    return [
        Fault(fault.field, f"line {document.line_of(fault.field)}: {fault.reason}")
        for fault in faults
    ]


def words_of(config: Config, edition: Edition | None, media: Media) -> str:
    """The file as text: its own words where they are in that language."""
    if edition is not None and edition.media == media:
        return edition.text
    if media == "json":
        return json.dumps(config.dump(), indent=2)
    return yaml.safe_dump(config.dump(), sort_keys=False, allow_unicode=True)


def _unknown(config: Config, names: Collection[str]) -> Iterator[Fault]:
    listed = sorted(names)
    more = f" and {len(names) - TOLD:,} more" if len(names) > TOLD else ""
    known = f"{', '.join(listed[:TOLD])}{more}" if listed else "none yet"
    for place, name in config.named_destinations():
        if name not in names:
            reason = f"no destination is named {name!r}; there are: {known}"
            yield Fault(path_of(place), reason)
        elif place == ("destinations", name, "audit_to"):
            yield Fault(path_of(place), "a destination cannot be its own audit")
