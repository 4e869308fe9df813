"""Anything at any hook: an answer, and never our fault."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.sns import signed as signed_by_sns
from tests.integration.functions import EVENTS, Functions
from tests.integration.hooks.posting import BEARER, RECORDED
from tests.unit.intake import test_sns_delivery as sns
from tocsin.errors import Invalid
from tocsin.intake.hooks import ADAPTERS

values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner)
    ),
    max_leaves=8,
)
POSTED = [
    (case, json.loads((EVENTS / f"{case}.json").read_text()))
    for case in RECORDED
    if case.startswith("hooks-")
]


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, dict[str, str], Any]:
    """A recorded call of which one value, somewhere, is any JSON at all."""
    _, event = draw(st.sampled_from(POSTED))
    try:
        body = json.loads(event["body"])
    except ValueError:
        body = {}
    body = copy.deepcopy(body)
    place: Any = body
    while isinstance(place, dict | list) and place:
        names = list(place) if isinstance(place, dict) else range(len(place))
        name = draw(st.sampled_from(list(names)))
        if not isinstance(place[name], dict | list) or draw(st.booleans()):
            place[name] = draw(values)
            break
        place = place[name]
    headers = {
        name: told
        for name, told in event["headers"].items()
        if name.startswith(("x-github", "sentry"))
    }
    return event["pathParameters"]["adapter"], headers, body


ANYTHING = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
KINDS = {
    "github": ["ping", "workflow_run", "release", "dependabot_alert", "push"],
    "sentry": ["event_alert", "metric_alert", "issue", "error"],
}


@pytest.mark.parametrize("adapter", [*sorted(ADAPTERS), "sns", "whatsapp"])
@settings(ANYTHING, max_examples=15)
@given(data=st.data(), body=values)
def test_any_json_at_any_hook_is_answered_and_never_with_our_fault(
    functions: Functions, adapter: str, data: st.DataObject, body: Any
) -> None:
    kind = data.draw(st.sampled_from(KINDS.get(adapter, [""])))
    said = {"x-github-event": kind, "sentry-hook-resource": kind}

    status, _, told = functions.post(adapter, body, {**BEARER, **said})

    assert 200 <= status < 500, told


@settings(ANYTHING, max_examples=30)
@given(body=values)
def test_any_json_that_sns_signed_is_told(
    functions: Functions, at_sns: sns.Pages, body: Any
) -> None:
    """Behind a topic nobody reads a refusal."""
    message = json.dumps(body)
    told = signed_by_sns(sns.notification(Message=message, MessageId=message[:100]))

    status, _, told = functions.post("sns", told)

    assert status == 202, told


@ANYTHING
@given(call=broken())
def test_a_recorded_call_with_anything_in_it_is_never_our_fault(
    functions: Functions, call: tuple[str, dict[str, str], Any]
) -> None:
    adapter, headers, body = call

    status, _, told = functions.post(adapter, body, {**BEARER, **headers})

    assert 200 <= status < 500, told


@ANYTHING
@given(adapter=st.sampled_from([*ADAPTERS, "sns"]), body=st.binary(max_size=40))
def test_any_bytes_at_any_hook_are_refused(
    functions: Functions, adapter: str, body: bytes
) -> None:
    status, _, told = functions.post(adapter, body, BEARER)

    assert status < 500, told


def test_what_nobody_can_read_is_raised_so_that_lambda_keeps_it(
    functions: Functions,
) -> None:
    with pytest.raises(Invalid):
        functions.hooks.handler({"strange": True}, None)
