"""Dead letters that go to another destination, on the running stack."""

from __future__ import annotations

import time

from tests.e2e.stack import Stack, until
from tests.e2e.test_dead_letters import in_dlq

PATH = "/v1/dead-letters/replay"
PATIENCE = 150


def test_a_letter_is_told_elsewhere_and_leaves_the_queue_of_the_dead(
    stack: Stack,
) -> None:
    box = stack.mailbox()
    box.behave("status", status=400, times=1)
    sent = box.send("Told elsewhere")
    stack.settled(sent, status="dead_letter", seconds=PATIENCE)
    until(lambda: in_dlq(stack, sent), "the message in the DLQ", PATIENCE)
    other = stack.mailbox()
    asked = {"filter": {"destination": box.name}, "to": other.name}

    status, counted = stack.operate("POST", PATH, {**asked, "dry_run": True})
    assert (status, counted["matched"], counted["replayed"]) == (200, 1, 0)
    status, done = stack.operate("POST", PATH, asked)
    assert (status, done["replayed"], done["already"]) == (200, 1, 0)

    until(lambda: other.embeds() or None, "the message elsewhere", PATIENCE)
    assert len(other.embeds()) == 1
    assert box.messages() == []
    found = stack.operate("GET", f"/v1/notifications/{sent}")[1]
    ends = {each["destination"]: each["status"] for each in found["deliveries"]}
    assert ends == {box.name: "cancelled", other.name: "sent"}
    assert found["actions"][-1]["what"] == f"replayed to {other.name}"
    assert in_dlq(stack, sent) is None

    again = stack.operate("POST", PATH, asked)[1]
    time.sleep(1)
    assert (again["matched"], len(other.embeds())) == (0, 1)
