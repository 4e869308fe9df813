"""GitHub: which webhook event is told, by the header `X-GitHub-Event`.

Shapes: "Webhook events and payloads" of GitHub's documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import JsonValue

from tocsin.errors import Malformed
from tocsin.events import Event
from tocsin.intake import github_alerts, github_work
from tocsin.intake.batch import Batch, Received, nothing
from tocsin.intake.demands import an_object, wrong
from tocsin.intake.hooks import Call
from tocsin.intake.options import Options as Shared
from tocsin.intake.options import read_options
from tocsin.intake.trimming import line
from tocsin.severity import Severity

HEADER = "x-github-event"
Wanted = Literal["push", "deployment"]


class Options(Shared):
    """`also` tells what is not told by default: pushes to the default branch, and
    deployments that went well. `branches` keeps workflows to the default branch."""

    also: tuple[Wanted, ...] = ()
    branches: Literal["all", "default"] = "all"


Reader = Callable[[Mapping[str, JsonValue], Severity], list[Event] | str]


def read(call: Call) -> Batch:
    """The events of one delivery, whose GUID makes a repeat harmless. GitHub sends all
    kinds to one address: those not told are ignored. Raises `Invalid`, `Malformed`."""
    name = call.headers.get(HEADER, "").strip().lower()
    if not name:
        reason = "the header X-GitHub-Event is missing"
        raise Malformed(reason, wrong("X-GitHub-Event", "is missing").faults)
    options = read_options(Options, call.options)
    reader = _READERS.get(name)
    if reader is None or (name == "push" and "push" not in options.also):
        return nothing(f"{line(name, 60)} is not told")
    value = an_object(call.form("payload"))
    told = reader(value, options.severity or Severity.HIGH)
    if isinstance(told, str):
        return nothing(told)
    if name == "workflow_run" and options.branches == "default":
        home = github_work.default_branch(value)
        told = [event for event in told if event.branch == home]
    if "deployment" not in options.also:
        told = [event for event in told if event.is_problem or name != _DEPLOYMENT]
    if not told:
        return nothing(f"this {name} is not told with the options of this source")
    key = line(call.headers.get("x-github-delivery"), 200)
    return Batch(
        tuple(
            Received(event, _numbered(key, place)) for place, event in enumerate(told)
        ),
        many=len(told) > 1,
    )


def _numbered(key: str, place: int) -> str:
    return f"{key}:{place}" if key and place else key


_DEPLOYMENT = "deployment_status"
_READERS: dict[str, Reader] = {
    "ping": github_work.ping,
    "workflow_run": github_work.workflow_run,
    _DEPLOYMENT: github_work.deployment_status,
    "release": github_work.release,
    "push": github_work.push,
    "dependabot_alert": github_alerts.dependabot,
    "code_scanning_alert": github_alerts.code_scanning,
    "secret_scanning_alert": github_alerts.secret_scanning,
}
