"""Sources that sign: whose call is taken, and that a replayed one counts once."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from tests.fakes.clock import FakeClock
from tests.integration.functions import Functions
from tests.integration.hooks.posting import NEWER, SECRET, message, signed


@pytest.mark.parametrize(("late_s", "status"), [(299, 202), (301, 401), (-301, 401)])
def test_what_was_signed_more_than_five_minutes_off_is_refused(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, late_s: int, status: int
) -> None:
    name, clock = f"timed{late_s}", FakeClock()
    clock.at = functions.hooks.ports.clock.now()
    monkeypatch.setattr(functions.hooks.ports, "clock", clock)
    functions.call("POST", "/v1/sources", {"name": name})
    wanted = {"scheme": "slack", "secret": SECRET}
    functions.call("PUT", f"/v1/sources/{name}/signature", wanted)
    at = str(clock.at // 1000 - late_s)
    body = json.dumps({"text": f"late by {late_s}"}).encode()
    digest = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256)
    sent = {
        "x-slack-signature": f"v0={digest.hexdigest()}",
        "x-slack-request-timestamp": at,
    }

    first, again = (functions.post(f"slack/{name}", body, sent) for _ in range(2))

    assert (first[0], again[0]) == (status, status)
    assert first[2].get("id") == again[2].get("id")  # It is remembered: it counts once.


@pytest.mark.parametrize("secret", [SECRET, NEWER])
def test_a_signed_call_is_taken_by_key_or_by_the_source_s_name(
    functions: Functions, signing: str, secret: str
) -> None:
    for path, headers in (
        ("standard", {"x-tocsin-key": signing}),
        (f"standard/{signing}", {}),
        ("standard/signing", {}),
    ):
        body = json.dumps(message(path=path, secret=secret)).encode()
        sent = {**headers, **signed(body, secret)}
        assert functions.post(path, body, sent)[0] == 202


@pytest.mark.parametrize("path", ["standard/signing", "standard/{key}"])
@pytest.mark.parametrize("given", ["nothing", "another secret", "another body"])
def test_an_unsigned_or_wrongly_signed_call_is_refused_counted_and_not_repeated(
    functions: Functions,
    signing: str,
    path: str,
    given: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = json.dumps(message(card="4242-4242")).encode()
    headers = {
        "nothing": {},
        "another secret": signed(body, "another-secret"),
        "another body": signed(body + b" "),
    }[given]
    before = functions.ids()

    status, _, told = functions.post(path.format(key=signing), body, headers)

    assert (status, functions.ids()) == (401, before)
    logged = capsys.readouterr().out + json.dumps(told)
    assert '"HookStrangers"' in logged
    given_away = [SECRET, NEWER, signing, "4242", *headers.values()]
    assert not [each for each in given_away if each in logged]


def test_a_call_that_is_replayed_counts_once_whatever_is_not_signed(
    functions: Functions, signing: str
) -> None:
    body = json.dumps(message(replayed=True)).encode()
    sent = signed(body)

    def post(more: dict[str, str]) -> str:
        status, _, told = functions.post("standard/signing", body, {**sent, **more})
        assert status == 202
        return str(told["id"])

    ids = {
        post({"webhook-id": "w3"}),
        post({"webhook-id": "w4"}),
        post({"idempotency-key": "k2"}),
        post({}),
    }

    assert len(ids) == 1
