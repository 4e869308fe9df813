"""What becomes of what is posted: once, whole, kept where it is large, or refused."""

from __future__ import annotations

import json
import os
from typing import Any

import boto3
import pytest
from urllib3 import encode_multipart_formdata

from tests.integration.functions import EVENTS, ORIGINALS, Functions
from tests.integration.hooks.posting import BEARER, RECORDED, message
from tocsin.intake.hooks import ADAPTERS


def test_an_adapter_that_is_not_there_is_not_found(functions: Functions) -> None:
    status, _, told = functions.post("nothing", message(), BEARER)

    assert status == 404
    assert "standard" in told["detail"]


def test_a_form_in_parts_is_read_where_a_tool_sends_one_and_else_refused(
    functions: Functions,
) -> None:
    fields: list[tuple[str, Any]] = [
        ("payload_json", '{"content": "With a file"}'),
        ("files[0]", b"\xff\x00"),
    ]
    body, told = encode_multipart_formdata(fields)
    headers = {**BEARER, "content-type": told}

    taken = functions.post("discord", body, headers)
    before = functions.ids()
    status, _, refused = functions.post("grafana", body, headers)

    assert taken[0] == 202
    assert (status, refused["errors"][0]["field"]) == (415, "content-type")
    assert "multipart/form-data" in refused["detail"]
    assert functions.ids() == before


def test_what_the_sender_repeats_counts_once(functions: Functions) -> None:
    first = functions.post("standard", message(), {**BEARER, "webhook-id": "w1"})
    again = functions.post("standard", message(), {**BEARER, "webhook-id": "w1"})
    other = functions.post("standard", message(), {**BEARER, "webhook-id": "w2"})

    assert first[2]["id"] == again[2]["id"] != other[2]["id"]


def test_an_idempotency_key_is_honoured(functions: Functions) -> None:
    sent = {**BEARER, "idempotency-key": "k1"}
    first = functions.post("standard", message(), sent)
    again = functions.post("standard", message(), sent)

    assert first[2]["id"] == again[2]["id"]
    assert functions.post("standard", message(other=1), sent)[0] == 409


def test_a_dry_run_tells_and_stores_nothing(functions: Functions) -> None:
    before = functions.ids()

    dry_run = {"dry_run": "true"}
    status, _, told = functions.post("standard", message(), BEARER, dry_run)

    assert (status, told["dry_run"]) == (200, True)
    assert functions.ids() == before


LISTS = {"each": "all", "map": {"type": "k", "title": "t", "state": "s", "data": "d"}}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"t": "b", "s": "perhaps"}, "1.state"),
        ({"s": "up"}, "1.title"),
        ({"k": "ssl_expiry", "d": {"days_left": "soon"}}, "1.data.days_left"),
    ],
)
@pytest.mark.parametrize("query", [{}, {"dry_run": "true"}])
def test_a_list_is_taken_whole_or_not_at_all(
    functions: Functions, wrong: dict[str, Any], field: str, query: dict[str, str]
) -> None:
    """Nobody reads what a tool is answered."""
    functions.call("POST", "/v1/sources", {"name": "lister"})
    _, made = functions.call("POST", "/v1/sources/lister/rotate")
    options = {"options": {"generic": LISTS}}
    assert functions.call("PATCH", "/v1/sources/lister", options)[0] == 200
    before, key = functions.ids(), {"x-tocsin-key": made["key"]}
    good = {"t": "a", "s": "down"}

    body = {"all": [good, wrong, good]}
    status, _, told = functions.post("generic", body, key, query)

    assert (status, functions.ids()) == (422, before)
    assert field in [each["field"] for each in told["errors"]]
    assert "nothing is taken" in told["detail"]
    functions.call("DELETE", "/v1/sources/lister")


def test_there_is_something_recorded_of_every_adapter() -> None:
    told = {case.split("-", 1)[1] for case in RECORDED if case.startswith("hooks-")}

    assert not [
        adapter
        for adapter in ADAPTERS
        if not any(case.startswith(f"{adapter}-") for case in told)
    ]


@pytest.mark.parametrize("case", RECORDED)
def test_every_recorded_call_is_taken(functions: Functions, case: str) -> None:
    if case.startswith("hooks-"):
        answered = functions.take_in(case)

        assert answered["statusCode"] == 202, answered
        told = json.loads(answered["body"])
        assert told.get("ignored") or told.get("accepted") or told["id"]
    else:
        before = set(functions.ids())

        functions.take_in(case)

        new = set(functions.ids()) - before
        assert new or functions.take_in(case) is None


def originals() -> dict[str, bytes]:
    s3 = boto3.client("s3")
    listed = s3.list_objects_v2(Bucket=ORIGINALS).get("Contents", [])
    return {
        f"s3://{ORIGINALS}/{each['Key']}": s3.get_object(
            Bucket=ORIGINALS, Key=each["Key"]
        )["Body"].read()
        for each in listed
    }


def test_a_large_body_is_kept_as_it_came_and_its_event_says_where(
    functions: Functions,
) -> None:
    large = json.dumps(message(text="Größe", log=os.urandom(1_000_000).hex())).encode()

    before = originals()
    dry_run = functions.post("standard", large, BEARER, {"dry_run": "true"})
    assert (dry_run[0], originals()) == (200, before)
    status, _, told = functions.post("standard", large, BEARER)

    assert status == 202
    _, found = functions.call("GET", f"/v1/notifications/{told['id']}")
    where = found["event"]["labels"]["original"]
    assert originals()[where] == large
    assert "data" not in found["event"]
    assert found["event"]["fields"][-1]["name"] == "Left out"


def test_an_event_is_told_even_if_its_original_cannot_be_kept(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions.hooks.ports.originals, "_bucket", "elsewhere")
    large = json.dumps(message(log="x" * 300_000)).encode()

    assert functions.post("standard", large, BEARER)[0] == 202


def test_a_large_event_of_a_bus_is_told_and_kept_as_it_came(
    functions: Functions,
) -> None:
    """EventBridge passes on 1 MB; a row of DynamoDB holds 400 KB."""
    event = json.loads((EVENTS / "eventbridge-own.json").read_text())
    event |= {"id": "large", "detail": {"log": os.urandom(450_000).hex()}}
    before = set(functions.ids())

    functions.hooks.handler(event, None)

    (new,) = set(functions.ids()) - before
    _, found = functions.call("GET", f"/v1/notifications/{new}")
    kept = originals()[found["event"]["labels"]["original"]]
    assert json.loads(kept) == event
    assert found["event"]["fields"][-1]["name"] == "Left out"


def test_more_than_lambda_takes_is_too_large(functions: Functions) -> None:
    large = json.dumps(message(log="x" * 5 * 1024 * 1024)).encode()

    assert functions.post("standard", large, BEARER)[0] == 413
