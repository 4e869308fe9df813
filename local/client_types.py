"""The catalogue for Python senders: `tocsin_client/typed.py`, written from the code.

    python -m local.client_types

A function for each event type, with its data as typed keywords. Its tests say whether
the file is current.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tocsin.catalog import TYPES, kind_of
from tocsin.catalog.kind import Kind

FILE = Path(__file__).parent.parent / "client/src/tocsin_client/typed.py"
HEAD = '''\
"""Typed: the event types that Tocsin knows, as functions that type their data.

    tocsin.post(**typed.peer_joined(peer_name="Bo", party_name="Friday LAN"))

Written by `python -m local.client_types` from the server's catalogue; do not edit it.
Each returns the arguments of `post` and `notify`. What is left out is not sent; a title
is needed only where the data that it is made of is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Literal, Unpack

    from tocsin_client.events import Keys
'''
TAIL = '''\
def _event(
    type: str,
    title: str,
    message: str,
    data: Mapping[str, object],
    keys: Mapping[str, Any],
) -> dict[str, Any]:
    """Data of the caller's own stands beside that of the type."""
    told = {name: value for name, value in data.items() if value is not None}
    event = {"type": type, "title": title, "message": message, **keys}
    event["data"] = {**keys.get("data", {}), **told}
    return event
'''
_PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "object": "Mapping[str, object]",
    "boolean": "bool",
}
_FORMATS = {"date": "date | str", "date-time": "datetime | str"}


def module() -> str:
    """The whole file."""
    kinds = [kind for kind in map(kind_of, TYPES) if kind is not None]
    return "\n\n".join([HEAD, *map(_function, kinds), TAIL])


def _function(kind: type[Kind]) -> str:
    properties = kind.model_json_schema().get("properties", {})
    words = " ".join((kind.__doc__ or "").split())
    lines = [
        f"def {kind.type.replace('.', '_')}(",
        "    *,",
        *(
            f"    {name}: {_type(each)} | None = None,"
            for name, each in properties.items()
        ),
        '    title: str = "",',
        '    message: str = "",',
        "    **keys: Unpack[Keys],",
        ") -> dict[str, Any]:",
        *_docstring(words),
        *_data(list(properties)),
        f'    return _event("{kind.type}", title, message, data, keys)',
    ]
    return "\n".join(lines) + "\n"


def _docstring(words: str) -> Iterator[str]:
    """Broken like prose."""
    line = '    """'
    for word in words.split():
        if len(line) + len(word) + 4 > 88:
            yield line.rstrip()
            line = "    "
        line += f"{word} "
    yield f'{line.rstrip()}"""'


def _data(names: list[str]) -> list[str]:
    if not names:
        return ["    data: dict[str, object] = {}"]
    rows = [f'        "{name}": {name},' for name in names]
    return ["    data: dict[str, object] = {", *rows, "    }"]


def _type(schema: dict[str, Any]) -> str:
    """In Python's words; null, which every key may be, is left to the caller."""
    if "anyOf" in schema:
        told = [_type(one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " | ".join(told)
    if "enum" in schema:
        return "Literal[" + ", ".join(f'"{value}"' for value in schema["enum"]) + "]"
    if schema.get("type") == "array":
        items = schema["items"]
        nullable = {"type": "null"} in items.get("anyOf", ())
        return f"Sequence[{_type(items)}{' | None' * nullable}]"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"Mapping[str, {_type(schema['additionalProperties'])}]"
    if "$ref" in schema:
        return _PLAIN["object"]
    return _FORMATS.get(schema.get("format", "")) or _PLAIN[schema["type"]]


def main() -> None:
    """Write the file."""
    FILE.write_text(module(), encoding="utf-8")


if __name__ == "__main__":
    main()
