"""AWS's findings: GuardDuty and Security Hub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from pydantic import JsonValue

from tocsin.events import Event
from tocsin.intake.aws_envelope import Envelope
from tocsin.intake.aws_places import name_of, page
from tocsin.intake.demands import a_list, an_object
from tocsin.intake.drafts import Named, clock, draft, happened
from tocsin.intake.trimming import line, mapping, number, sequence
from tocsin.severity import Severity

# "Severity levels of GuardDuty findings": the lowest number of each.
_STEPS = (
    (9.0, Severity.CRITICAL),
    (7.0, Severity.HIGH),
    (4.0, Severity.MEDIUM),
    (0.0, Severity.LOW),
)
_LABELS = {"INFORMATIONAL": Severity.INFO}
_WHERE = {
    "instanceDetails": "instanceId",
    "accessKeyDetails": "userName",
    "eksClusterDetails": "name",
    "ecsClusterDetails": "name",
    "lambdaDetails": "functionName",
    "rdsDbInstanceDetails": "dbInstanceIdentifier",
}
MOST = 100


def guard_duty(envelope: Envelope) -> list[Event]:
    """A finding is open until someone archives it."""
    detail = envelope.detail
    service = mapping(detail.get("service"))
    seen = number(service.get("count"))
    own = envelope.text("id", 200)
    known = own or envelope.text("arn", 500)
    over = service.get("archived") is True
    kind = envelope.text("type", 150)
    path = f"guardduty/home?region={{region}}#/findings?search=id%3D{quote(own, '')}"
    event = draft(
        "aws.guardduty.finding",
        envelope.text("title", 200).rstrip(".") or kind or "A GuardDuty finding",
        message=envelope.text("description", 2000),
        severity=_graded(detail.get("severity")),
        state="resolved" if over else "firing",
        source=envelope.source,
        fingerprint=f"aws.guardduty:{known or kind}",
        about={"finding": kind, **envelope.about},
        facts=[
            ("Resource", _resource(mapping(detail.get("resource")))),
            ("Finding", kind),
            ("Seen", f"{seen:,.0f} ×" if seen else ""),
            ("First seen", clock(happened(service.get("eventFirstSeen")))),
            *envelope.place,
        ],
        links=[("Open finding", page(envelope.region, path) if own else "")],
        data={"finding": own},
        at=happened(detail.get("updatedAt")) or envelope.at,
    )
    return [event]


def _graded(value: JsonValue) -> Severity:
    told = number(value)
    if told is None:
        return Severity.HIGH
    return next((grade for least, grade in _STEPS if told >= least), Severity.LOW)


def _resource(resource: Mapping[str, JsonValue]) -> str:
    kind = line(resource.get("resourceType"), 60)
    for part, name in _WHERE.items():
        own = line(mapping(resource.get(part)).get(name), 200)
        if own:
            return f"{kind} {own}".strip()
    bucket = next(map(mapping, sequence(resource.get("s3BucketDetails"))), {})
    return f"{kind} {line(bucket.get('name'), 200)}".strip()


def security_hub(envelope: Envelope) -> list[Event]:
    """Each finding of an import by itself, in AWS's own format (ASFF)."""
    found = a_list(envelope.detail.get("findings"), "detail.findings")[:MOST]
    return [
        _finding(envelope, an_object(told, f"detail.findings.{index}"))
        for index, told in enumerate(found)
    ]


def _finding(envelope: Envelope, told: Mapping[str, JsonValue]) -> Event:
    grade = line(mapping(told.get("Severity")).get("Label"), 20).upper()
    own = line(told.get("Id"), 500)
    advice = mapping(mapping(told.get("Remediation")).get("Recommendation"))
    product = line(told.get("ProductName"), 60)
    title = line(told.get("Title"), 200) or "A Security Hub finding"
    return draft(
        "aws.securityhub.finding",
        title,
        message=told.get("Description"),
        severity=_LABELS.get(grade) or _severity(grade),
        state="resolved" if _is_over(told) else "firing",
        source=envelope.source,
        fingerprint=f"aws.securityhub:{own or title}",
        about={"product": product, **envelope.about},
        facts=[
            *_resources(told),
            ("Product", product),
            ("Control", mapping(told.get("Compliance")).get("SecurityControlId")),
            ("Advice", advice.get("Text")),
            ("Region", told.get("Region") or envelope.region),
            ("Account", told.get("AwsAccountId") or envelope.account),
        ],
        links=[
            ("Remediation", advice.get("Url")),
            ("Open", page(envelope.region, _FINDINGS)),
        ],
        data={"finding": own},
        at=happened(told.get("UpdatedAt")) or envelope.at,
    )


_FINDINGS = "securityhub/home?region={region}#/findings"


def _severity(label: str) -> Severity:
    known: Any = Severity.__members__.get(label)
    return known if isinstance(known, Severity) else Severity.MEDIUM


def _is_over(told: Mapping[str, JsonValue]) -> bool:
    return (
        told.get("RecordState") == "ARCHIVED"
        or mapping(told.get("Workflow")).get("Status") in ("RESOLVED", "SUPPRESSED")
        or mapping(told.get("Compliance")).get("Status") in ("PASSED", "NOT_AVAILABLE")
    )


def _resources(told: Mapping[str, JsonValue]) -> list[Named]:
    names = [
        name_of(line(mapping(each).get("Id"), 500))
        for each in sequence(told.get("Resources"))[:3]
    ]
    return [("Resource", ", ".join(name for name in names if name))]


READERS: Mapping[str, Callable[[Envelope], list[Event]]] = {
    "GuardDuty Finding": guard_duty,
    "Security Hub Findings - Imported": security_hub,
}
