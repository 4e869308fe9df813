"""Runs: Prefect's flows and Lambda's invocations, which end soon after they fail."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from client.tests import loopback
from client.tests.conftest import Make
from client.tests.loopback import Loopback
from tocsin.events import Event
from tocsin_client import Tocsin
from tocsin_client.aws_lambda import watch
from tocsin_client.prefect import notify_task, on_completion, on_failure

Captured = list[dict[str, Any]]


@dataclass
class Flow:
    """What a hook is given first: see `docs.prefect.io/v3/how-to-guides/workflows`."""

    name: str = "daily-report"


@dataclass
class FlowRun:
    """What it is given second."""

    id: str = "00000000-0000-0000-0000-000000000007"
    name: str = "brave-otter"
    run_count: int = 3
    total_run_time: timedelta = timedelta(seconds=12.34)
    parameters: dict[str, Any] = field(default_factory=lambda: {"token": "a-secret"})


@dataclass
class State:
    """What it is given last."""

    name: str = "Failed"
    message: str = "Flow run encountered an exception: ValueError: no leads"


def facts(event: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in event["fields"]}


@pytest.fixture
def quiet(tocsin_outbox: Captured) -> Tocsin:
    return Tocsin("http://127.0.0.1:9", "key")


# -- Prefect ----------------------------------------------------------------------


def test_a_failed_flow_is_told(quiet: Tocsin, tocsin_outbox: Captured) -> None:
    on_failure(quiet, labels={"team": "growth"})(Flow(), FlowRun(), State())

    (event,) = tocsin_outbox
    Event.model_validate(event)
    assert event["type"] == "flow.error"
    assert event["title"] == "daily-report failed"
    assert event["severity"] == "high"
    assert event["message"].endswith("no leads")
    assert event["fingerprint"] == "flow.error:daily-report"
    assert event["labels"] == {"flow": "daily-report", "team": "growth"}
    assert facts(event) == {
        "Run": "brave-otter",
        "State": "Failed",
        "Tries": "3",
        "Took": "12.3 s",
        "Parameters": "token",
    }
    assert "a-secret" not in str(event)


def test_a_completed_flow_is_told(quiet: Tocsin, tocsin_outbox: Captured) -> None:
    run = FlowRun(run_count=1, parameters={})

    on_completion(quiet, severity="info")(Flow(), run, State("Completed", ""))

    (event,) = tocsin_outbox
    Event.model_validate(event)
    assert (event["type"], event["severity"]) == ("flow.completed", "info")
    assert event["title"] == "daily-report completed"
    assert facts(event) == {
        "Run": "brave-otter",
        "State": "Completed",
        "Took": "12.3 s",
    }


def fake_task(**options: Any) -> Any:
    """As `prefect.task`: a decorator that keeps the function callable."""

    def decorated(function: Any) -> Any:
        function.options = options
        return function

    return decorated


@pytest.mark.parametrize("raising", [False, True])
def test_the_task_tells_and_never_fails(
    server: Loopback, make: Make, monkeypatch: pytest.MonkeyPatch, raising: bool
) -> None:
    """With Prefect's own `task` replaced: it is too heavy for every run."""
    monkeypatch.setitem(sys.modules, "prefect", SimpleNamespace(task=fake_task))
    tell = notify_task(make(raise_errors=raising), retries=2)

    assert tell.options == {"name": "tocsin-notify", "retries": 2}
    assert tell("lead.hot", "Hot lead", severity="high") is True
    server.always = loopback.problem(401, "Key missing or unknown")
    assert tell("lead.hot", "Hot lead") is False

    assert server.events[0]["severity"] == "high"


def test_hooks_have_names_as_prefect_wants_them() -> None:
    assert on_failure().__name__ == "tocsin_on_failure"
    assert on_completion().__name__ == "tocsin_on_completion"


@pytest.mark.parametrize("raising", [False, True])
def test_a_failure_to_notify_fails_no_flow(
    server: Loopback, make: Make, caplog: pytest.LogCaptureFixture, raising: bool
) -> None:
    server.always = loopback.problem(401, "Key missing or unknown")
    tocsin = make(raise_errors=raising)

    with caplog.at_level(logging.WARNING, "tocsin_client"):
        on_failure(tocsin)(Flow(), FlowRun(), State())

    assert "the flow's end could not be told: HTTP 401" in caplog.text


def test_a_hook_bears_whatever_it_is_given(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    on_failure(quiet)(None, None, None)
    on_completion(quiet)(object(), 7, "state")

    assert [event["title"] for event in tocsin_outbox] == [
        "flow failed",
        "flow completed",
    ]


# -- Lambda -----------------------------------------------------------------------


@dataclass
class Context:
    """What Lambda gives beside the event."""

    function_name: str = "bill"
    function_version: str = "7"
    aws_request_id: str = "req-7"
    log_stream_name: str = "2026/11/21/[7]abc"
    left: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left


def test_what_a_handler_raises_is_sent_before_it_ends(
    server: Loopback, tocsin: Tocsin
) -> None:
    @watch(tocsin, severity="critical")
    def handler(event: Any, context: Any) -> None:
        raise KeyError("order")

    with pytest.raises(KeyError):
        handler({"token": "a-secret"}, Context())

    (event,) = server.events
    Event.model_validate(event)
    assert event["type"] == "lambda.error"
    assert event["title"] == "KeyError in bill"
    assert event["severity"] == "critical"
    assert facts(event)["Request id"] == "req-7"
    assert "a-secret" not in str(event)


def test_what_a_handler_posts_is_sent_before_it_returns(
    server: Loopback, tocsin: Tocsin
) -> None:
    @watch(tocsin)
    def handler(event: Any, context: Any) -> str:
        tocsin.post("a", "b")
        return "done"

    assert handler({}, Context()) == "done"

    assert [event["title"] for event in server.events] == ["b"]


@pytest.mark.parametrize("left", [0, 400, 700])
def test_the_handlers_last_half_second_is_its_own(
    tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    given: list[float] = []

    def flush(timeout: float) -> bool:
        given.append(timeout)
        return False

    monkeypatch.setattr(tocsin, "flush", flush)

    watch(tocsin)(lambda event, context: None)({}, Context(left=left))

    assert given == [pytest.approx(max(0.0, left / 1000 - 0.5))]


def test_a_handler_without_a_context_is_watched_too(
    server: Loopback, make: Make
) -> None:
    server.down()
    tocsin = make(raise_errors=True, queue_size=0)

    @watch(tocsin, patience=0.1)
    def handler(event: Any, context: Any = None) -> None:
        raise KeyError("order")

    with pytest.raises(KeyError):
        handler({})
    server.up()
