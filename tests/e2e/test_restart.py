"""A restart: what was kept is there again, soon, and what was waiting goes on."""

from __future__ import annotations

import time

from local.deployment import digest
from local.lifecycle import down, up
from local.place import read_json
from tests.e2e.conftest import surroundings
from tests.e2e.stack import Stack
from tests.fakes.issuer import Issuer


def test_a_second_start_is_quick_and_keeps_the_data(
    stack: Stack, issuer: Issuer
) -> None:
    before, after, failing = stack.mailbox(), stack.mailbox(), stack.mailbox()
    failing.behave("status", status=500)
    sent, waits = before.send("kept"), failing.send("waits")
    before.wait()
    stack.settled(sent, status="sent")
    stack.settled(waits, status="failed")
    assert down(stack.place)
    same = read_json(stack.place.folder / "built.json").get("digest") == digest()

    began = time.monotonic()
    again = up(stack.place, surroundings(issuer))

    # Whoever edits the sources meanwhile gets them built, which takes its time.
    assert time.monotonic() - began < 40 or not same
    assert again == stack.described
    assert stack.read(sent)["status"] == "sent"
    assert len(before.messages()) == 1
    after.send("later")
    after.wait()
    # The inbox has forgotten that it was to answer 500; the retry is not forgotten.
    failing.wait(seconds=60)
    stack.settled(waits, status="sent")
