"""AWS's containers: tasks of ECS that stop, deployments that fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from pydantic import JsonValue

from tocsin.events import Event, State
from tocsin.intake.aws_envelope import Envelope
from tocsin.intake.aws_places import name_of, page
from tocsin.intake.drafts import draft
from tocsin.intake.trimming import line, mapping, number, sequence
from tocsin.severity import Severity

_MEANT = {"ServiceSchedulerInitiated", "UserInitiated", "SpotInterruption"}
_DONE = {"", "EssentialContainerExited"}  # with 0, a job that has done its work
_SIGNALS = {137: "killed, often out of memory", 139: "crashed", 143: "terminated"}


def ecs_task(envelope: Envelope) -> list[Event]:
    """A task that stopped by itself is trouble, one that was stopped is news."""
    detail = envelope.detail
    group = envelope.text("group", 200)
    name = group.removeprefix("service:").removeprefix("family:") or envelope.subject
    cluster = name_of(envelope.text("clusterArn"))
    status = envelope.text("lastStatus", 40)
    stopped, code = status == "STOPPED", envelope.text("stopCode", 60)
    exits = [mapping(each) for each in sequence(detail.get("containers"))]
    codes = [(line(each.get("name"), 80), _exit(each)) for each in exits]
    bad = [(who, said) for who, said in codes if said and not said.startswith("0")]
    trouble = stopped and code not in _MEANT and (bool(bad) or code not in _DONE)
    said = "stopped" if stopped else f"is {status.lower() or 'changing'}"
    path = f"ecs/v2/clusters/{quote(cluster, safe='')}/tasks?region={{region}}"
    event = draft(
        "aws.ecs.task",
        f"{name or 'A task'} on {cluster or 'ECS'}: task {said}",
        message=envelope.text("stoppedReason", 1000),
        severity=Severity.HIGH if trouble else Severity.INFO,
        source=envelope.source,
        fingerprint=f"aws.ecs.task:{envelope.account}:{cluster}:{name}:{status}:{code}",
        about={"cluster": cluster, "group": group, **envelope.about},
        facts=[
            *((f"{who} exited", said) for who, said in (bad or codes)[:3]),
            ("Cause", code),
            *_reasons(exits),
            ("Task", name_of(envelope.text("taskArn"))),
            ("Definition", envelope.text("taskDefinitionArn").rsplit("/", 1)[-1]),
            *envelope.place,
        ],
        links=[("Open tasks", page(envelope.region, path if cluster else ""))],
        data={"task": envelope.text("taskArn"), "cause": code},
        at=envelope.at,
    )
    return [event]


def _exit(container: Mapping[str, JsonValue]) -> str:
    code = number(container.get("exitCode"))
    if code is None:
        return ""
    meaning = _SIGNALS.get(int(code), "")
    return f"{code:.0f} ({meaning})" if meaning else f"{code:.0f}"


def _reasons(containers: list[Mapping[str, JsonValue]]) -> list[tuple[str, str]]:
    told = [line(each.get("reason"), 300) for each in containers[:10]]
    return [("Reason", reason) for reason in dict.fromkeys(told) if reason]


def ecs_deployment(envelope: Envelope) -> list[Event]:
    """A service's deployment: a failure is a problem until one completes."""
    name = envelope.text("eventName", 80)
    failed = name == "SERVICE_DEPLOYMENT_FAILED"
    states: dict[str, State] = {"SERVICE_DEPLOYMENT_COMPLETED": "resolved"}
    said = name.removeprefix("SERVICE_DEPLOYMENT_").lower().replace("_", " ")
    arn = envelope.resources[0] if envelope.resources else ""
    event = draft(
        "aws.ecs.deployment",
        f"{envelope.subject or 'A service'}: deployment {said or 'changed'}",
        message=envelope.text("reason", 1000),
        severity=Severity.HIGH if failed else Severity.INFO,
        state="firing" if failed else states.get(name),
        source=envelope.source,
        fingerprint=f"aws.ecs.deployment:{arn}" if arn else "",
        about=envelope.about,
        facts=[("Deployment", envelope.text("deploymentId", 100)), *envelope.place],
        at=envelope.at,
    )
    return [event]


READERS: Mapping[str, Callable[[Envelope], list[Event]]] = {
    "ECS Task State Change": ecs_task,
    "ECS Deployment State Change": ecs_deployment,
}
