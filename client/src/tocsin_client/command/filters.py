"""Filters: the options that pick notifications and dead letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer


def _option(*names: str, told: str) -> Any:
    return typer.Option(
        *names, help=told, rich_help_panel="Which ones", show_default=False
    )


@dataclass(frozen=True)
class Wanted:
    """What dead letters can be picked by."""

    type: Annotated[str, _option("--type", "-t", told="Globs: aws.*,ssl_*")] = ""
    severity: Annotated[
        str, _option("--severity", "-s", told="high, high,critical or '>=medium'.")
    ] = ""
    source: Annotated[str, _option("--source", told="Globs.")] = ""
    branch: Annotated[str, _option("--branch", told="Globs.")] = ""
    destination: Annotated[
        str, _option("--destination", "-d", told="A destination's name.")
    ] = ""
    since: Annotated[
        str, _option("--since", told="15m, 24h, 7d or 2026-11-21T08:00:00Z.")
    ] = ""

    @property
    def query(self) -> dict[str, str]:
        """What was asked for, as the API calls it."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class WantedNotifications(Wanted):
    """Notifications have a standing, too."""

    status: Annotated[
        str,
        _option(
            "--status", told="sent, failed, dead_letter, acknowledged, suppressed ..."
        ),
    ] = ""
    state: Annotated[str, _option("--state", told="firing, resolved, notice.")] = ""
