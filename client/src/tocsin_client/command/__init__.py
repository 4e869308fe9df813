"""The `tocsin` command: sends, follows, explains, repairs. `main` is its entry point.

Every command is a function that gets a `Session` (who to call, where to print) and ends
by returning, or by raising `Trouble`, which carries the exit code.
"""

from __future__ import annotations

import sys

MISSING = """\
tocsin: the command line needs an extra that is not installed ({name} is missing).
  pip install 'tocsin-client[cli]'"""


def main() -> None:
    """Run the command line on `sys.argv`."""
    try:
        # Here: whoever installed the library alone gets a sentence, not a traceback.
        from tocsin_client.command.app import app  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tocsin_client"):
            raise
        print(MISSING.format(name=error.name), file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A terminal that lacks a sign shows "?"; that must not end the command.
            reconfigure(errors="replace")
    app()
