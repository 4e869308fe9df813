"""Event: what can be said of one, as options of a command."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as filled
from typing import Annotated, Any

import typer

from tocsin_client.command.documents import pairs, read_text, typed_pairs

TYPE = "message"


def _option(*names: str, told: str, **more: Any) -> Any:
    return typer.Option(
        *names, help=told, rich_help_panel="The event", show_default=False, **more
    )


def _many(name: str, *, told: str) -> Any:
    return _option(name, told=told, default_factory=list)


@dataclass(frozen=True)
class EventOptions:
    """Everything but the title, which is an argument. Empty = not said."""

    type: Annotated[
        str, _option("--type", "-t", told="What kind, like backup.failed (message).")
    ] = ""
    message: Annotated[
        str,
        _option(
            "--message", "-m", told="More words; - reads them from standard input."
        ),
    ] = ""
    severity: Annotated[
        str,
        _option("--severity", "-s", told="critical, high, medium, low, info, success."),
    ] = ""
    state: Annotated[
        str, _option("--state", told="firing opens a problem, resolved closes it.")
    ] = ""
    source: Annotated[str, _option("--source", told="What it comes from.")] = ""
    branch: Annotated[
        str, _option("--branch", told="production, staging, a store ...")
    ] = ""
    fingerprint: Annotated[
        str,
        _option("--fingerprint", told="Names the problem, where the title varies."),
    ] = ""
    label: Annotated[list[str], _many("--label", told="NAME=VALUE, for routes.")] = (
        filled(default_factory=list)
    )
    field: Annotated[list[str], _many("--field", told="NAME=VALUE, shown.")] = filled(
        default_factory=list
    )
    link: Annotated[list[str], _many("--link", told="LABEL=URL, a button.")] = filled(
        default_factory=list
    )
    data: Annotated[
        list[str], _many("--data", told="NAME=VALUE for the type; JSON is understood.")
    ] = filled(default_factory=list)
    title_url: Annotated[str, _option("--title-url", told="Where the title leads.")] = (
        ""
    )
    occurred_at: Annotated[
        str, _option("--occurred-at", told="When, as 2026-11-21T08:00:00Z.")
    ] = ""
    thread: Annotated[str, _option("--thread", told="A thread to post into.")] = ""
    progress: Annotated[int, _option("--progress", told="0 to 100.", max=100)] = -1
    mention: Annotated[
        list[str],
        _many("--mention", told="@everyone, user:ID, role:ID, if the route allows."),
    ] = filled(default_factory=list)
    attachment: Annotated[
        list[str], _many("--attachment", told="NAME=URL, a file on the web.")
    ] = filled(default_factory=list)
    attach: Annotated[
        list[str], _many("--attach", told="FILE, uploaded and sent along.")
    ] = filled(default_factory=list)
    ack_required: Annotated[
        bool, _option("--ack-required", told="Someone must acknowledge it.")
    ] = False
    ttl: Annotated[
        str, _option("--ttl", told="Not worth telling after 15m, 2h, 7d.")
    ] = ""
    format: Annotated[str, _option("--format", told="text (default) or markdown.")] = ""

    def document(self, title: str = "") -> dict[str, Any]:
        """What was said, in the keys of the API. Raises `Trouble`."""
        piped = self.message == "-"
        said = {
            "type": self.type,
            "title": title,
            "message": read_text("-").strip() if piped else self.message,
            "severity": self.severity,
            "state": self.state,
            "source": self.source,
            "branch": self.branch,
            "fingerprint": self.fingerprint,
            "labels": pairs(self.label, "--label"),
            "fields": _named(self.field, "--field", "name", "value"),
            "links": _named(self.link, "--link", "label", "url"),
            "data": typed_pairs(self.data, "--data"),
            "url": self.title_url,
            "occurred_at": self.occurred_at,
            "thread": self.thread,
            "progress": self.progress if self.progress >= 0 else "",
            "mentions": self.mention,
            "attachments": _named(self.attachment, "--attachment", "name", "url"),
            "ack_required": self.ack_required or "",
            "ttl": self.ttl,
            "format": self.format,
        }
        return {
            name: value for name, value in said.items() if value not in ("", [], {})
        }


def _named(
    given: list[str], option: str, name: str, value: str
) -> list[dict[str, str]]:
    found = pairs(given, option)
    return [{name: each, value: told} for each, told in found.items()]
