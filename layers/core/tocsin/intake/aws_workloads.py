"""AWS's workloads: Auto Scaling, RDS, backups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from tocsin.events import Event, State
from tocsin.intake.aws_envelope import Envelope
from tocsin.intake.aws_places import name_of, page
from tocsin.intake.drafts import draft
from tocsin.intake.trimming import line, number, sequence
from tocsin.severity import Severity

_RDS = (
    ({"failure", "low storage"}, Severity.HIGH),
    ({"failover", "availability"}, Severity.MEDIUM),
    ({"recovery", "configuration change", "maintenance"}, Severity.LOW),
)
_JOBS = {"Backup": "backup", "Copy": "copy", "Restore": "restore"}
_BROKEN = {"FAILED", "EXPIRED", "ABORTED", "PARTIAL"}


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
