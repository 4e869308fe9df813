"""Documents: JSON and YAML out of files, standard input and `name=value` options."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tocsin_client.command.trouble import misused

LARGEST = 6 * 1024 * 1024


def read_text(path: str) -> str:
    """A file's text, or that of standard input for "-". Raises `Trouble`."""
    try:
        if path == "-":
            return sys.stdin.read()
        if Path(path).stat().st_size > LARGEST:
            raise misused(f"{path} is larger than any request may be")
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise misused(f"{path} cannot be read: {reason}") from None


def read_document(path: str) -> Any:
    """A JSON or YAML document as plain JSON values. Raises `Trouble`."""
    text = read_text(path)
    try:
        return json.loads(text)
    except ValueError as error:
        if path.endswith(".json"):
            raise misused(f"{path} is not JSON: {error}") from None
    # Here: YAML takes as long to import as everything else, and few sends need it.
    import yaml  # noqa: PLC0415

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise misused(f"{_shown(path)} is neither JSON nor YAML: {error}") from None
    return json.loads(json.dumps(value, default=_plain))


def pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """`name=value` options. Raises `Trouble`."""
    found = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            raise misused(f"{option} {each!r} is not NAME=VALUE")
        found[name.strip()] = value
    return found


def typed_pairs(given: Sequence[str], option: str) -> dict[str, Any]:
    """The same; a value that reads as JSON is one: 412, true, [1, 2], "412"."""
    return {name: _typed(value) for name, value in pairs(given, option).items()}


def _typed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _plain(value: object) -> str:
    """YAML knows dates; JSON writes them as ISO 8601."""
    if isinstance(value, date):
        return value.isoformat()
    raise misused(f"the document holds a {type(value).__name__}, which JSON cannot say")


def _shown(path: str) -> str:
    return "standard input" if path == "-" else path
