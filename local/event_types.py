"""The event types as a page: `docs/event-types.md`, written from the code.

    python -m local.event_types [--check]

`--check` writes nothing, and fails when the page is not what the code says.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from tocsin.catalog.describing import described
from tocsin.rules.config import Config
from tocsin.wording import duration

PAGE = Path(__file__).parent.parent / "docs" / "event-types.md"
NOW = 1_795_249_883_000  # 2026-11-21 08:31:23 UTC
CONFIG = Config.model_validate(
    {
        "timezone": "Europe/Zurich",
        "links": {
            "conversation": "https://app.example.com/messages"
            "?conversationId={data.conversation_id}"
        },
    }
)
HEAD = """\
# Event types

Written by `python -m local.event_types` from `layers/core/tocsin/catalog/`; do not edit
it.

An event needs a `type`, and a title or a message. For the types below both can be made
of `data`, and so can facts, links, icon and colour. What the sender writes wins, part
by part. Every key of `data` is optional and may be null. A key that is known must have
its kind, or the event is refused with the field (`data.score: should be a number, got
text`); one that is not known is kept and not shown. Where a type *needs* a key, an
event with neither title nor message must have it. The end of a problem (`"state":
"resolved"`, with the same data) says so in its title and finds its problem. Any other
type is welcome, and looks as its severity does.

The same list, with JSON Schemas, and with samples as your own routing file shows them:
`GET /v1/event-types`. To declare your own: [own types and links](own-types.md). From
Python, each is a function: `tocsin.post(**typed.peer_joined(peer_name="Bo"))`, with
`from tocsin_client import typed`.
"""
_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "object": "object",
    "boolean": "true or false",
}
_FORMATS = {"date": "day", "date-time": "moment with its zone", "uri": "web address"}


def page() -> str:
    """The whole page."""
    types = described(CONFIG, NOW)
    parts = [HEAD]
    for domain, each in groupby(types, lambda told: told["domain"]):
        name = "AWS" if domain == "aws" else str(domain).capitalize()
        parts += [f"## {name}\n", *map(_section, each)]
    return "\n".join(parts)


def _section(told: dict[str, Any]) -> str:
    sample = json.dumps(told["sample"], indent=2, ensure_ascii=False)
    parts = [
        f"### `{told['type']}`\n",
        f"{told['does']}\n",
        f"{_defaults(told)}\n",
        _keys(told["data"]),
        f"```json\n{sample}\n```\n",
        "is shown as\n",
        "```text\n" + "\n".join(_shown(told["shown"])) + "\n```\n",
    ]
    return "\n".join(part for part in parts if part)


def _defaults(told: dict[str, Any]) -> str:
    parts = [f"Severity {told['severity']}"]
    parts += [f"needs `{key}`" for key in told["needs"]]
    parts += [
        f"sent from {key} {bound:g} on" for key, bound in told["threshold"].items()
    ]
    if told["ttl"]:
        parts.append(f"not sent after {duration(told['ttl'] * 1000)}")
    return " · ".join(parts)


def _keys(schema: dict[str, Any]) -> str:
    rows = [
        f"| `{name}` | {_kind(each, schema)} |"
        for name, each in schema.get("properties", {}).items()
    ]
    return "\n".join(["| data | |", "|---|---|", *rows, ""]) if rows else ""


def _kind(each: dict[str, Any], whole: dict[str, Any]) -> str:
    if "$ref" in each:
        inner = whole["$defs"][each["$ref"].rsplit("/", 1)[1]]["properties"]
        return ", ".join(
            f"{name} ({_kind(told, whole)})" for name, told in inner.items()
        )
    if "anyOf" in each:
        told = [_kind(one, whole) for one in each["anyOf"] if one.get("type") != "null"]
        return " or ".join(told)
    if "enum" in each:
        return " or ".join(f'"{value}"' for value in each["enum"])
    if each.get("type") == "array":
        return f"list of {_kind(each['items'], whole)}"
    if each.get("type") == "object" and "additionalProperties" in each:
        return f"object of {_kind(each['additionalProperties'], whole)}"
    return _FORMATS.get(each.get("format", "")) or _KINDS[each["type"]]


def _shown(told: dict[str, Any]) -> Iterator[str]:
    if "preview" in told:
        yield f"({told['preview']})"
    leads = f"  → {told['url']}" if "url" in told else ""
    yield f"{told['icon']} {told['title']}   {told['colour']}{leads}"
    yield from told.get("body", "").splitlines()
    yield from (f"{each['name']}: {each['value']}" for each in told.get("facts", ()))
    yield from (f"[{each['label']}] {each['url']}" for each in told.get("links", ()))
    yield told["footer"]


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or with `--check` compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="fail if it is not current"
    )
    wanted = page()
    if not parser.parse_args(arguments).check:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{PAGE.name} is not current: python -m local.event_types", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
