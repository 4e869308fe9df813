"""AWS's pipelines: CodePipeline and CodeBuild, failed and well again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from pydantic import JsonValue

from tocsin.events import Event, State
from tocsin.intake.aws_envelope import Envelope
from tocsin.intake.aws_places import name_of, page
from tocsin.intake.drafts import draft
from tocsin.intake.trimming import line, mapping, sequence
from tocsin.severity import Severity

_FAILED = {"FAILED", "FAULT", "TIMED_OUT"}
_WORDS = {
    "FAILED": "failed",
    "FAULT": "failed",
    "TIMED_OUT": "timed out",
    "SUCCEEDED": "succeeded",
    "CANCELED": "was cancelled",
    "STOPPED": "was stopped",
    "STOPPING": "is stopping",
    "SUPERSEDED": "was superseded",
    "STARTED": "has started",
    "IN_PROGRESS": "has started",
    "RESUMED": "goes on",
    "ABANDONED": "was abandoned",
}


def _state_of(word: str) -> tuple[State | None, Severity, str]:
    """(state, severity, what is said): a failure opens, a success closes."""
    said = _WORDS.get(word, f"is {word.lower().replace('_', ' ')}")
    if word in _FAILED:
        return "firing", Severity.HIGH, said
    return ("resolved" if word == "SUCCEEDED" else None), Severity.INFO, said


def pipeline(envelope: Envelope) -> list[Event]:
    """An execution of a pipeline, one of its stages, or an action in a stage."""
    name = envelope.text("pipeline", 120) or envelope.subject or "A pipeline"
    parts = [envelope.text("stage", 100), envelope.text("action", 100)]
    inner = " / ".join(part for part in parts if part)
    state, grade, said = _state_of(envelope.text("state", 40))
    result = mapping(envelope.detail.get("execution-result"))
    trigger = mapping(envelope.detail.get("execution-trigger"))
    path = f"codesuite/codepipeline/pipelines/{quote(name, safe='')}/view"
    event = draft(
        "aws.codepipeline.execution",
        f"{name}{f' ({inner})' if inner else ''} {said}",
        message=result.get("external-execution-summary") or _why(envelope),
        severity=grade,
        state=state,
        source=envelope.source,
        fingerprint=_named(envelope, "aws.codepipeline", name, inner),
        about={"pipeline": name, **envelope.about},
        facts=[
            ("Stage", parts[0]),
            ("Action", parts[1]),
            ("Error", result.get("error-code")),
            ("Trigger", line(trigger.get("trigger-type"), 60)),
            ("Execution", envelope.text("execution-id", 60)),
            *envelope.place,
        ],
        links=[
            ("Open pipeline", page(envelope.region, f"{path}?region={{region}}")),
            ("Open job", result.get("external-execution-url")),
        ],
        data={"execution": envelope.text("execution-id", 60)},
        at=envelope.at,
    )
    return [event]


def _why(envelope: Envelope) -> str:
    """Which actions failed, and with what, as newer events tell it."""
    extra = mapping(envelope.detail.get("additional-attributes"))
    told = [mapping(each) for each in sequence(extra.get("failedActions"))[:5]]
    said = [
        (line(each.get("action"), 100), line(each.get("additionalInformation"), 400))
        for each in told
    ]
    return "\n".join(f"{action}: {why}" for action, why in said)


def build(envelope: Envelope) -> list[Event]:
    """A build of a CodeBuild project."""
    name = envelope.text("project-name", 120) or "A build"
    state, grade, said = _state_of(envelope.text("build-status", 40))
    extra = mapping(envelope.detail.get("additional-information"))
    phase, why = _failed_phase(extra)
    logs = mapping(extra.get("logs")).get("deep-link")
    event = draft(
        "aws.codebuild.build",
        f"{name}: build {said}",
        message=why,
        severity=grade,
        state=state,
        source=envelope.source,
        fingerprint=_named(envelope, "aws.codebuild", name, ""),
        about={"project": name, **envelope.about},
        facts=[
            ("Phase", phase.replace("_", " ").lower()),
            ("Started by", name_of(line(extra.get("initiator"), 120))),
            ("Version", extra.get("source-version")),
            ("Build", line(extra.get("build-number"), 20).removesuffix(".0")),
            *envelope.place,
        ],
        links=[("Open log", logs)],
        data={"build": envelope.text("build-id", 300)},
        at=envelope.at,
    )
    return [event]


def _failed_phase(extra: Mapping[str, JsonValue]) -> tuple[str, str]:
    """(name, what was said) of the phase that went wrong."""
    for told in map(mapping, sequence(extra.get("phases"))):
        if line(told.get("phase-status"), 40) in _FAILED:
            said = (line(each, 500) for each in sequence(told.get("phase-context"))[:3])
            context = "\n".join(each for each in said if each.strip(": "))
            return line(told.get("phase-type"), 60), context
    return "", ""


def _named(envelope: Envelope, kind: str, name: str, inner: str) -> str:
    parts = (kind, envelope.account, envelope.region, name, inner)
    return ":".join(part for part in parts if part)


READERS: dict[str, Callable[[Envelope], list[Event]]] = {
    "CodePipeline Pipeline Execution State Change": pipeline,
    "CodePipeline Stage Execution State Change": pipeline,
    "CodePipeline Action Execution State Change": pipeline,
    "CodeBuild Build State Change": build,
}
