"""A restart: what was kept is there again, soon."""

from __future__ import annotations

import time

from local.lifecycle import down, up
from tests.e2e.conftest import surroundings
from tests.e2e.stack import Stack


def test_a_second_start_is_quick_and_keeps_the_data(stack: Stack) -> None:
    before, after = stack.mailbox(), stack.mailbox()
    sent = before.send("kept")
    before.wait()
    stack.settled(sent, status="sent")
    assert down(stack.place)

    began = time.monotonic()
    again = up(stack.place, surroundings())

    assert time.monotonic() - began < 40
    assert again == stack.described
    assert stack.read(sent)["status"] == "sent"
    assert len(before.messages()) == 1
    after.send("later")
    after.wait()


def test_a_restart_loses_no_retry_that_was_waiting(stack: Stack) -> None:
    box = stack.mailbox()
    box.behave("status", status=500)
    sent = box.send("waits")
    stack.settled(sent, status="failed", attempts=1)
    assert down(stack.place)

    up(stack.place, surroundings())

    # The inbox has forgotten that it was to answer 500.
    box.wait(seconds=60)
    stack.settled(sent, status="sent")
