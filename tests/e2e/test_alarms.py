"""CloudWatch alarms and plain text come in through the real topic."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from local.place import ROOT
from tests.e2e.stack import Mailbox, Stack, embeds_of, shown_in, until


def alarm(case: str, box: Mailbox, state: str = "", *, ago: int = 0) -> tuple[str, str]:
    """(message, subject) of a recorded alarm, under a name of the mailbox's own and
    changed so many seconds ago: one change, told twice, is one alarm."""
    record = json.loads((ROOT / "events" / f"sns-alarm-{case}.json").read_text())
    told: dict[str, Any] = json.loads(record["Records"][0]["Sns"]["Message"])
    told["AlarmName"] = box.name
    changed = datetime.now(UTC) - timedelta(seconds=ago)
    told["StateChangeTime"] = changed.isoformat()
    if "AlarmArn" in told:
        told["AlarmArn"] = told["AlarmArn"].rpartition(":")[0] + f":{box.name}"
    if state:
        told["OldStateValue"], told["NewStateValue"] = told["NewStateValue"], state
    return json.dumps(told), f'{told["NewStateValue"]}: "{box.name}" in EU (Frankfurt)'


def told_of(stack: Stack, box: Mailbox) -> list[dict[str, Any]]:
    """The notifications that went to this mailbox, oldest first."""
    return stack.listed(f"destination={box.name}")[::-1]


def test_an_alarm_opens_repeats_count_and_ok_resolves(stack: Stack) -> None:
    box = stack.mailbox()

    stack.publish(*alarm("metric", box, ago=9))
    (opening,) = box.wait()
    for ago in (6, 3):
        stack.publish(*alarm("metric", box, ago=ago))

    def counted() -> bool:
        (found,) = told_of(stack, box)
        return bool(found["occurrences"] == 3)

    until(counted, "three occurrences")
    assert len(box.messages()) == 1
    (found,) = told_of(stack, box)
    assert (found["state"], found["severity"]) == ("firing", "critical")
    (shown,) = embeds_of(opening)
    assert box.name in shown["title"]
    assert shown["color"] == 0xFF0000

    stack.publish(*alarm("ok", box))
    (card,) = box.wait(contains="Resolved after")

    (shown,) = shown_in(card)
    assert card["id"] == opening["id"]
    assert "✅" in shown["title"]
    assert shown["color"] == 0x00CC66
    assert card["edited_at"] is not None
    opened, resolved = told_of(stack, box)
    assert (opened["state"], resolved["state"]) == ("resolved", "resolved")
    assert opened["resolved_at"] is not None
    assert opened["fingerprint"] == resolved["fingerprint"]


def test_a_repeat_that_is_delivered_again_counts_once_and_opens_nothing(
    stack: Stack,
) -> None:
    """Neither after another one, nor after somebody has ended the problem by hand."""
    box = stack.mailbox()
    stack.publish(*alarm("metric", box, ago=9))
    box.wait()
    repeat = alarm("metric", box, ago=6)
    for each in (repeat, alarm("metric", box, ago=4), repeat):
        stack.publish(*each)
    until(lambda: told_of(stack, box)[0]["occurrences"] == 3, "three occurrences")
    (opened,) = told_of(stack, box)
    stack.operate("POST", f"/v1/notifications/{opened['id']}/resolve", {})
    stack.publish(*repeat)
    stack.publish(*alarm("metric", box))
    until(lambda: len(told_of(stack, box)) == 2, "the next problem")

    rows = told_of(stack, box)
    assert [row["state"] for row in rows] == ["resolved", "firing"]
    assert [row["occurrences"] for row in rows] == [3, 1]


def test_insufficient_data_is_information(stack: Stack) -> None:
    box = stack.mailbox()

    stack.publish(*alarm("insufficient", box))
    box.wait()

    (found,) = told_of(stack, box)
    assert (found["state"], found["severity"]) == ("notice", "info")


def test_every_kind_of_alarm_is_seen(stack: Stack) -> None:
    kinds = ("composite", "metric-math", "anomaly", "log")
    boxes = {kind: stack.mailbox() for kind in kinds}

    for kind, box in boxes.items():
        stack.publish(*alarm(kind, box, "ALARM"))

    for kind, box in boxes.items():
        box.wait(contains=box.name)
        (found,) = told_of(stack, box)
        assert found["state"] == "firing", kind


def test_plain_text_is_seen_with_its_subject_and_severity(stack: Stack) -> None:
    box = stack.mailbox()
    text = f"Free storage of {box.name} is low.\nIt is used up in 6 h."

    stack.publish(text, "RDS Notification Message", alarm=box.name, severity="high")

    (message,) = box.wait(contains=f"{box.name} is low")
    assert "RDS Notification Message" in message["text"]
    (found,) = told_of(stack, box)
    assert found["severity"] == "high"


def test_an_event_in_our_own_form_may_come_by_the_topic(stack: Stack) -> None:
    box = stack.mailbox()

    stack.publish(json.dumps(box.event("By the topic", severity="low")))

    box.wait(contains="By the topic")
