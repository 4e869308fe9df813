"""AWS's workloads: ECS tasks and deployments, Auto Scaling, RDS, backups."""

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
_RDS = (
    ({"failure", "low storage"}, Severity.HIGH),
    ({"failover", "availability"}, Severity.MEDIUM),
    ({"recovery", "configuration change", "maintenance"}, Severity.LOW),
)
_JOBS = {"Backup": "backup", "Copy": "copy", "Restore": "restore"}
_BROKEN = {"FAILED", "EXPIRED", "ABORTED", "PARTIAL"}


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


def scaling(envelope: Envelope) -> list[Event]:
    """An instance that a group could, or could not, launch or terminate."""
    group = envelope.text("AutoScalingGroupName", 200) or "An Auto Scaling group"
    launch = " Launch " in envelope.kind
    failed = envelope.kind.endswith("Unsuccessful")
    deed = "launch" if launch else "terminate"
    done = "launched" if launch else "terminated"
    path = f"ec2/home?region={{region}}#AutoScalingGroupDetails:id={quote(group, '')}"
    event = draft(
        f"aws.autoscaling.{deed}",
        f"{group} could not {deed} an instance"
        if failed
        else f"{group} {done} an instance",
        message=envelope.text("StatusMessage", 1000) or envelope.text("Cause", 1000),
        severity=Severity.HIGH if failed else Severity.INFO,
        state="firing" if failed else "resolved",
        source=envelope.source,
        fingerprint=f"aws.autoscaling:{envelope.account}:{envelope.region}:{group}:{deed}",
        about={"group": group, **envelope.about},
        facts=[
            ("Instance", envelope.text("EC2InstanceId", 60)),
            ("What", envelope.text("Description", 300)),
            *envelope.place,
        ],
        links=[("Open group", page(envelope.region, path))],
        at=envelope.at,
    )
    return [event]


def rds(envelope: Envelope) -> list[Event]:
    """A message of a database, a cluster or a snapshot."""
    name = envelope.text("SourceIdentifier", 120) or envelope.subject or "RDS"
    told = sequence(envelope.detail.get("EventCategories"))
    kinds = {line(each, 60).lower() for each in told}
    said = envelope.text("Message", 1000)
    first, _, rest = said.partition(". ")
    first = first.rstrip(".")
    event = draft(
        "aws.rds.event",
        f"{name}: {first[:150] or 'an event'}",
        message=said if len(first) > 150 else rest,
        severity=next((s for words, s in _RDS if kinds & words), Severity.INFO),
        source=envelope.source,
        about={"database": name, **envelope.about},
        facts=[
            ("Kind", ", ".join(sorted(kinds))),
            ("Event", envelope.text("EventID", 40)),
            *envelope.place,
        ],
        links=[
            ("Open RDS", page(envelope.region, "rds/home?region={region}#databases:"))
        ],
        at=envelope.at,
    )
    return [event]


def backup(envelope: Envelope) -> list[Event]:
    """A job of AWS Backup: one that broke is a problem of its resource until the next
    one is complete."""
    job = _JOBS.get(envelope.kind.split(" ", 1)[0], "backup")
    arn = envelope.text("resourceArn") or envelope.text("sourceResourceArn")
    name = name_of(arn) or envelope.subject or "A resource"
    word = (envelope.text("state", 40) or envelope.text("status", 40)).upper()
    states: dict[str, State] = {"COMPLETED": "resolved"}
    broken = word in _BROKEN
    vault = envelope.text("backupVaultName", 120)
    size = number(envelope.detail.get("backupSizeInBytes"))
    event = draft(
        f"aws.backup.{job}",
        f"{name}: {job} {word.lower().replace('_', ' ') or 'changed'}",
        message=envelope.text("statusMessage", 1000),
        severity=Severity.HIGH if broken else Severity.INFO,
        state="firing" if broken else states.get(word),
        source=envelope.source,
        fingerprint=f"aws.backup:{job}:{envelope.account}:{arn or name}:{vault}",
        about={"resource": name, "vault": vault, **envelope.about},
        facts=[
            ("Resource", f"{envelope.text('resourceType', 60)} {name}".strip()),
            ("Vault", vault),
            ("Size", f"{size / 1e9:,.2f} GB" if size else ""),
            ("Job", envelope.text("backupJobId", 80)),
            *envelope.place,
        ],
        links=[
            ("Open jobs", page(envelope.region, "backup/home?region={region}#/jobs"))
        ],
        at=envelope.at,
    )
    return [event]


READERS: Mapping[str, Callable[[Envelope], list[Event]]] = {
    "ECS Task State Change": ecs_task,
    "ECS Deployment State Change": ecs_deployment,
    "EC2 Instance Launch Unsuccessful": scaling,
    "EC2 Instance Launch Successful": scaling,
    "EC2 Instance Terminate Unsuccessful": scaling,
    "EC2 Instance Terminate Successful": scaling,
    "RDS DB Instance Event": rds,
    "RDS DB Cluster Event": rds,
    "RDS DB Snapshot Event": rds,
    "RDS DB Cluster Snapshot Event": rds,
    "Backup Job State Change": backup,
    "Copy Job State Change": backup,
    "Restore Job State Change": backup,
}
