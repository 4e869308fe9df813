"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Limit = Annotated[int, typer.Option("--limit", "-l", help="At most so many.", min=1)]
Until = Annotated[
    str,
    typer.Option(
        "--until",
        help="The end, as --since has it.",
        rich_help_panel="Which ones",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
SecretEnv = Annotated[
    str,
    typer.Option("--secret-env", metavar="VAR", help="The secret is in this variable."),
]
SecretStdin = Annotated[
    bool,
    typer.Option(
        "--secret-stdin", help='The secret, or {"name": "value"}, is piped in.'
    ),
]
