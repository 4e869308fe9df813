"""The map of the core: `docs/modules.md`, written from its modules' own first lines.

    python -m local.module_map

Which subject a module belongs to is said here; what it holds, it says itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.place import ROOT

CORE: Final = ROOT / "layers" / "core" / "tocsin"
PAGE: Final = ROOT / "docs" / "modules.md"
HEAD: Final = """\
# Where things are

Written by `python -m local.module_map` from each module's own first line; do not edit
it.

The core is one package, `layers/core/tocsin/`. Its modules stand side by side, each
named for what it does; here they are by subject, in the order of the three sentences
that say what Tocsin is. Which of them may import which is in
[architecture.md](architecture.md), and `import-linter` holds it.
"""
SUBJECTS: Final = {
    "The nouns": "events severity identity look notification memory delivery message "
    "errors values",
    "An event comes in": "entrance gatekeeper credentials reception subscribing "
    "admission intake catalog enriching uploading attachments attic answers problems",
    "It is decided into deliveries": "accept folding intaking rehearsing ending rules "
    "worsening parcels",
    "A delivery is sent once": "deliver hand lane judging calling pacing attaching "
    "threads channels",
    "Its words": "rendering prose facts stating composing templating summary washing "
    "wording",
    "What stands is kept current": "carding showing superseding",
    "What waits, and what time brings": "sweep ticking gathering summing waiting watch",
    "What cannot be sent is kept, and can be sent again": "replay clearing",
    "What people do": "acknowledge passes interacting pressing press_secrets hearing "
    "openid",
    "What operators decide": "settings desk live validation configuring routing_file "
    "yaml_document explaining comparing phrasing destinations trying sources keys "
    "signing silences",
    "What operators see": "api shapes presenting searching metering outlook previewing "
    "reporting linting noise",
    "The outside": "ports config bootstrap aws",
}


def main() -> None:
    """Write the page."""
    PAGE.write_text(page())


def page() -> str:
    """The page. Raises ValueError for a module that no subject names, and for a name
    that is no module."""
    named = [name for names in SUBJECTS.values() for name in names.split()]
    if strays := set(named) ^ set(modules()):
        raise ValueError(f"mend SUBJECTS in local/module_map.py: {sorted(strays)}")
    return "\n".join([HEAD, *_sections()])


def modules() -> dict[str, Path]:
    """Every module and package directly in the core, by name."""
    files = {path.stem: path for path in CORE.glob("[!_]*.py")}
    return files | {path.parent.name: path for path in CORE.glob("*/__init__.py")}


def _sections() -> Iterator[str]:
    found = modules()
    for subject, names in SUBJECTS.items():
        yield f"## {subject}\n"
        for name in names.split():
            package = found[name].name == "__init__.py"
            place = f"{name}/" if package else f"{name}.py"
            link = f"[`{place}`](../layers/core/tocsin/{place})"
            yield f"- {link}: {_first_line(found[name])}"
        yield ""


def _first_line(path: Path) -> str:
    told = ast.get_docstring(ast.parse(path.read_text()))
    if told is None:
        raise ValueError(f"{path.name} does not say what lives there")
    return " ".join(told.split("\n\n")[0].split())


if __name__ == "__main__":
    main()
