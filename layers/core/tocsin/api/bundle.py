"""The console's modules, bundled: one script in the place of thirty.

Each file that a browser asks for is a call of the api function, and several at a time
are several cold starts. A module becomes a function that returns what it exports, in
the order in which a browser would run them. Only the forms that ours are written in
are understood: anything else raises, and a test bundles what there is.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Final

_IMPORT: Final = re.compile(
    r'^import \{ (\w+(?:, \w+)*) \} from "(\.[\w./]+)";$', re.MULTILINE
)
_EXPORT: Final = re.compile(
    r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE
)
_ELSE: Final = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def bundled(modules: Mapping[str, str], entry: str) -> str:
    """`entry`, a path among `modules`, behind all that it imports. Raises ValueError
    or KeyError."""
    names: dict[str, str] = {}
    _name(entry, modules, names, ())
    return "\n".join(_part(path, modules[path], names) for path in names)


def _name(
    path: str, modules: Mapping[str, str], names: dict[str, str], above: tuple[str, ...]
) -> None:
    """Name what it imports, and then itself."""
    if path in above:
        raise ValueError(f"{path} imports itself by way of {', '.join(above)}")
    if path in names:
        return
    for found in _IMPORT.finditer(modules[path]):
        _name(_from(path, found[2]), modules, names, (*above, path))
    names[path] = f"m{len(names)}"


def _from(path: str, named: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), named))


def _part(path: str, text: str, names: Mapping[str, str]) -> str:
    """A module as a function; its lines are where they were."""
    exported = ", ".join(found[1] for found in _EXPORT.finditer(text))
    body = _IMPORT.sub(
        lambda found: f"const {{ {found[1]} }} = {names[_from(path, found[2])]};",
        _EXPORT.sub("", text),
    )
    left = _ELSE.search(body)
    if left:
        raise ValueError(f"{path}: cannot be bundled: {left[0]}")
    opened = f"// {path}\nconst {names[path]} = (() => {{ "
    return f"{opened}{body}return {{ {exported} }};\n}})();\n"
