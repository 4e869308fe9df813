"""A threshold: what does not reach it is kept, not sent, and the trace says why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.catalog.dressed import dressed
from tocsin.rules.config import Config
from tocsin.rules.deciding import Decision, Rules, Verdict, decide
from tocsin.rules.policy import Upkeep
from tocsin.rules.recalling import NOTHING, Past


def decided(score: float, **more: Any) -> Decision:
    config = Config.model_validate({"routes": [{"name": "all", "to": "ops"}]})
    lead = dressed({"type": "lead.hot", "data": {"score": score}, **more})
    return decide(
        lead,
        "0" * 26,
        sender="crm",
        rules=Rules(config, {"ops": Upkeep()}),
        past=Past(NOTHING, None),
        now=1_795_249_883_000,
    )


@pytest.mark.parametrize("state", [None, "firing"])
def test_a_lead_at_79_is_kept_and_its_trace_says_why(state: str | None) -> None:
    found = decided(79, state=state)
    why = "score 79 is below 80, the threshold of lead.hot: kept, not sent"

    assert found.verdict is Verdict.KEEP
    assert found.deliveries == {}
    assert found.why_kept == why
    assert [(step.rule, step.verdict) for step in found.trace] == [("threshold", why)]


def test_a_lead_at_80_is_told() -> None:
    found = decided(80)

    assert found.verdict is Verdict.TELL
    assert list(found.deliveries) == ["ops"]
