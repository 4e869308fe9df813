"""Webhook: the channel as a whole, against a receiver on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shutil
import subprocess
import time
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract
from tests.unit.channels.messages import AT, message
from tocsin.channels import channel
from tocsin.channels._public import PublicHttp
from tocsin.channels.webhook import Webhook, body, signing
from tocsin.message import Fact, Link, Message, Text
from tocsin.ports import Channel, Kind, Outcome, Target

GUIDE = Path(__file__).parents[3] / "docs" / "channels" / "webhook.md"
HOST = "hooks.example.com"
PATH = "/in/t0ken-in-path?key=t0ken-in-query"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_" + b64encode(bytes(range(64))).decode()
GIVEN: dict[str, Any] = {
    "url": f"https://{HOST}{PATH}",
    "secret": SECRET,
    "old_secrets": [OLD],
    "headers": {"Authorization": 'Bearer "s3cr3t-value"'},
}
NOW = 1_793_707_200.75


def opened(base: str, clock: float = NOW) -> Webhook:
    """The channel with a second in all, at a moment that stands still."""
    http = PublicHttp(base, connect_within=0.7, total=1.0)
    return Webhook(http, clock=lambda: clock)


def target(**more: Any) -> Target:
    """A destination as the vault and the settings would give it."""
    kept, secret = channel("webhook").split({**GIVEN, **more})
    return Target("crm", kept, secret)


def called(*behaviours: loopback.Behaviour, **more: Any) -> Outcome:
    """One message, to a receiver that behaves so."""
    with loopback.provider(*behaviours) as told:
        return opened(told.base).send([message()], target(**more))


def verified(request: loopback.Seen, secret: str) -> bool:
    """What a receiver does, written down apart from what is tested."""
    head = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    key = b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, head.encode() + request.body, hashlib.sha256).digest()
    expected = "v1," + b64encode(digest).decode()
    return expected in request.headers["webhook-signature"].split(" ")


class TestWebhookKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "webhook"
    given = GIVEN
    secret_parts = (
        "t0ken-in-path",
        "t0ken-in-query",
        SECRET.removeprefix("whsec_"),
        OLD.removeprefix("whsec_"),
        "s3cr3t-value",
    )
    answers = (
        *((status, None, {}, Kind.OK) for status in (200, 201, 202, 204, 299)),
        *((status, None, {}, Kind.TRANSIENT) for status in (300, 301, 302, 307, 308)),
        *((status, {}, {}, Kind.TRANSIENT) for status in (400, 401, 403, 404, 405)),
        *((status, {}, {}, Kind.TRANSIENT) for status in (408, 409, 413, 418, 422)),
        (410, None, {}, Kind.GONE),
        (410, b"moved on", {"Retry-After": "1"}, Kind.GONE),
        (429, None, {}, Kind.LIMITED),
        (429, None, {"Retry-After": "7"}, Kind.LIMITED),
        (503, None, {"Retry-After": "7"}, Kind.LIMITED),
        (502, None, {"Retry-After": "7"}, Kind.LIMITED),
        (404, None, {"Retry-After": "7"}, Kind.TRANSIENT),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504, 599)),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return opened(base)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        assert len(request.body) <= body.LIMIT
        assert json.loads(request.body)["data"]["version"] == 1
        assert verified(request, SECRET)


# --- signing ----------------------------------------------------------------


def test_the_published_example_is_signed_as_published() -> None:
    signed = signing.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        [signing.key_of(SECRET)],
    )

    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_while_secrets_change_each_of_them_verifies(secret: str) -> None:
    with loopback.provider(loopback.answer(204)) as told:
        opened(told.base).send([message()], target())

    (request,) = told.requests
    assert verified(request, secret)
    assert len(request.headers["webhook-signature"].split(" ")) == 2


def test_a_secret_that_was_taken_away_signs_no_more() -> None:
    with loopback.provider(loopback.answer(204)) as told:
        opened(told.base).send([message()], target(old_secrets=[]))

    (request,) = told.requests
    assert verified(request, SECRET)
    assert not verified(request, OLD)


def test_a_retry_keeps_its_id_and_has_its_own_time() -> None:
    one = replace(message(), id="01jd8zq3k4m5n6p7q8r9s0t1v2-crm")
    with loopback.provider(loopback.answer(500), loopback.answer(200)) as told:
        opened(told.base, NOW).send([one], target())
        opened(told.base, NOW + 60).send([one], target())

    first, second = told.requests
    assert {each.headers["webhook-id"] for each in told.requests} == {one.id}
    assert first.headers["webhook-timestamp"] == "1793707200"
    assert second.headers["webhook-timestamp"] == "1793707260"
    assert first.body == second.body
    assert verified(first, SECRET)
    assert verified(second, SECRET)


def test_a_message_without_an_id_is_named_by_its_content() -> None:
    with loopback.provider(loopback.answer(200)) as told:
        for text in ("a", "a", "b"):
            opened(told.base).send([message(text)], target())

    ids = [each.headers["webhook-id"] for each in told.requests]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("test-")
    assert "." not in ids[0]


SNIPPETS = re.findall(r"```(python|js)\n(.*?)```", GUIDE.read_text(), re.DOTALL)
OWN = {kind: code for kind, code in SNIPPETS if "verified(" in code}
MOMENT = {"secret": SECRET, "id": "a-b", "body": '{"é": 1}'}


def signed_now(**changed: str) -> dict[str, Any]:
    """What a receiver gets to see, signed with the real time."""
    told = MOMENT | changed
    keys = map(signing.key_of, (OLD, SECRET))
    headers = signing.headers("a-b", int(time.time()), MOMENT["body"].encode(), keys)
    return {**told, "headers": headers | {"webhook-id": told["id"]}}


@pytest.mark.parametrize(
    ("changed", "genuine"),
    [
        ({}, True),
        ({"secret": OLD}, True),
        ({"id": "a-c"}, False),
        ({"body": '{"é": 2}'}, False),
        ({"secret": "whsec_" + "A" * 32}, False),
    ],
)
def test_the_guide_s_code_tells_the_genuine_from_the_forged(
    changed: dict[str, str], genuine: bool
) -> None:
    told = signed_now(**changed)
    room: dict[str, Any] = {}
    exec(OWN["python"], room)

    body = told["body"].encode()
    assert room["verified"](told["secret"], told["headers"], body) is genuine


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_the_guide_s_code_for_node_says_the_same() -> None:
    cases = [signed_now(), signed_now(id="a-c"), signed_now(secret=OLD)]
    code = (
        f"{OWN['js']}\nconst cases = JSON.parse(process.argv[1]);"
        "console.log(JSON.stringify(cases.map((c) => verified(c.secret, c.headers, c.body))))"
    )
    command = ["node", "--input-type=module", "-e", code, json.dumps(cases)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)

    assert json.loads(told.stdout) == [True, False, True]


# --- the call ---------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_call_goes_where_it_should_with_the_headers_it_should(method: str) -> None:
    with loopback.provider(loopback.answer(204)) as told:
        assert opened(told.base).send([message()], target(method=method)) == Outcome(
            Kind.OK
        )

    (request,) = told.requests
    assert (request.method, request.path) == (method, f"/{HOST}{PATH}")
    assert request.headers["authorization"] == 'Bearer "s3cr3t-value"'
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("Tocsin/")


def test_more_than_one_message_is_not_sent() -> None:
    with loopback.provider(loopback.answer(204)) as told:
        assert opened(told.base).fits([message()] * 5) == 1
        outcome = opened(told.base).send([message()] * 2, target())

    assert outcome.kind is Kind.PERMANENT
    assert told.requests == []


@pytest.mark.parametrize(
    ("status", "headers", "wait", "pause"),
    [
        (429, {}, 30_000, 0),
        (429, {"Retry-After": "0.1"}, 1_000, 0),
        (429, {"Retry-After": "120"}, 120_000, 0),
        (429, {"Retry-After": "soon"}, 30_000, 0),
        (503, {"Retry-After": "9"}, 9_000, 0),
        (503, {}, 0, 0),
        (502, {}, 0, 5_000),
        (504, {}, 0, 5_000),
        (500, {"Retry-After": "9"}, 0, 0),
    ],
)
def test_a_receiver_that_is_overloaded_is_called_less_often(
    status: int, headers: dict[str, str], wait: int, pause: int
) -> None:
    outcome = called(loopback.answer(status, None, headers))

    assert (outcome.wait_ms, outcome.pause_ms) == (wait, pause)


def test_a_reason_shows_what_the_receiver_said_on_one_short_line() -> None:
    outcome = called(loopback.answer(500, b"no\n\x1b[31mdatabase\x00 " + b"x" * 60_000))

    assert outcome.reason.startswith("the receiver answered 500: no [31mdatabase xxx")
    assert len(outcome.reason.encode()) < 4_096
    assert outcome.reason.isprintable()


def test_a_long_answer_of_wide_letters_stays_under_4_kb() -> None:
    outcome = called(loopback.answer(500, "🧨".encode() * 9_000))

    assert len(outcome.reason.encode()) < 4_096


@pytest.mark.parametrize(
    "echo",
    [
        'key = "t0ken-in-query"',
        f"https://{HOST}{PATH}",
        f"got {SECRET} and {OLD.removeprefix('whsec_')}",
        json.dumps({"authorization": 'Bearer "s3cr3t-value"'}),
        'Bearer  "s3cr3t-value"',
        "x" * (16 * 1024 - 8) + "t0ken-in-query",
        "t0ken-in-path" * 5_000,
        SECRET * 3_000,
    ],
)
def test_no_echo_of_a_secret_is_shown(echo: str) -> None:
    reason = called(loopback.answer(400, echo.encode())).reason

    for part in ("t0ken", SECRET[6:], OLD[6:], "s3cr3t", "whsec_M"):
        assert part not in reason


@pytest.mark.parametrize(
    ("status", "headers", "ok"),
    [
        (204, {}, True),
        (200, {"Allow": "POST, OPTIONS"}, True),
        (200, {"Allow": "GET, HEAD"}, False),
        (405, {"Allow": "POST"}, True),
        (501, {}, True),
        (302, {}, False),
        (403, {}, False),
        (404, {}, False),
        (410, {}, False),
    ],
)
def test_a_probe_asks_for_methods_and_posts_nothing(
    status: int, headers: dict[str, str], ok: bool
) -> None:
    with loopback.provider(loopback.answer(status, None, headers)) as told:
        probe = opened(told.base).probe(target())

    assert [each.method for each in told.requests] == ["OPTIONS"]
    assert told.requests[0].body == b""
    assert probe.ok is ok
    assert probe.details == {"host": HOST, "method": "POST"}


# --- the body ---------------------------------------------------------------

WHOLE = Message(
    icon="🔴",
    title="checkout-5xx is in ALARM",
    colour=0xFF4D00,
    at=AT,
    url="https://example.com/alarm",
    preview="🔴 checkout-5xx is in ALARM · shop",
    body=Text("4.2 % of calls fail"),
    code='{"a": 1}',
    facts=(Fact("Value", Text("4.2 %")), Fact("Threshold", Text("1 %"))),
    state_line="Seen 3 ×",
    links=(Link("Runbook", "https://example.com/r"),),
    footer="Shop · aws · s0t1v2",
    picture="https://example.com/p.png",
    thread="checkout",
    id="01jd8zq3k4m5n6p7q8r9s0t1v2-crm",
    key="9f86d081884c7d659a2feaa0c55ad015",
    state="firing",
    type="aws.cloudwatch.alarm",
    severity="high",
)


def test_the_shape_is_the_documented_one() -> None:
    assert json.loads(body.encoded(WHOLE)) == {
        "type": "notification.firing",
        "timestamp": "2026-11-03T14:05:00Z",
        "data": {
            "version": 1,
            "event_type": "aws.cloudwatch.alarm",
            "key": "9f86d081884c7d659a2feaa0c55ad015",
            "severity": "high",
            "title": "checkout-5xx is in ALARM",
            "icon": "🔴",
            "colour": "#FF4D00",
            "url": "https://example.com/alarm",
            "preview": "🔴 checkout-5xx is in ALARM · shop",
            "state_line": "Seen 3 ×",
            "text": "4.2 % of calls fail",
            "text_format": "plain",
            "code": '{"a": 1}',
            "facts": [
                {"name": "Value", "value": "4.2 %"},
                {"name": "Threshold", "value": "1 %"},
            ],
            "links": [{"label": "Runbook", "url": "https://example.com/r"}],
            "picture": "https://example.com/p.png",
            "thread": "checkout",
            "footer": "Shop · aws · s0t1v2",
        },
    }


def test_what_is_empty_is_left_out() -> None:
    small = json.loads(body.encoded(Message(icon="", title="x", colour=1, at=AT)))

    assert small["type"] == "notification.notice"
    assert set(small["data"]) == {"version", "severity", "title", "colour"}


def many(count: int, size: int) -> tuple[Fact, ...]:
    """So many facts of that size."""
    return tuple(Fact(f"f{n}", Text("v" * size)) for n in range(count))


@pytest.mark.parametrize(
    ("large", "shortened"),
    [
        ({"code": "c" * 30_000}, ["picture", "footer", "code"]),
        ({"body": Text("t" * 30_000)}, ["picture", "footer", "code", "text"]),
        (
            {"body": Text("é" * 9_500), "code": "c" * 3_000},
            ["picture", "footer", "code"],
        ),
        ({"facts": many(40, 600)}, ["picture", "footer", "code", "facts"]),
        ({"code": "c" * 18_900, "footer": "f" * 2_000}, ["picture", "footer"]),
    ],
)
def test_the_least_important_goes_first(
    large: dict[str, Any], shortened: list[str]
) -> None:
    content = body.encoded(replace(WHOLE, **large))
    data = json.loads(content)["data"]

    assert len(content) <= body.LIMIT
    assert data["shortened"][: len(shortened)] == shortened
    assert data["title"] == WHOLE.title
    assert data["preview"] == WHOLE.preview
    assert data["state_line"] == WHOLE.state_line


def test_a_text_is_cut_no_shorter_than_it_must() -> None:
    content = body.encoded(replace(WHOLE, body=Text("text " * 8_000)))

    assert json.loads(content)["data"]["text"].endswith("…")
    assert body.LIMIT - 300 < len(content) <= body.LIMIT


HOSTILE_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from('\x00"\\\n\ud800\u202e🧨é@<')),
    max_size=60,
).flatmap(lambda text: st.integers(1, 600).map(lambda times: text * times))


@settings(max_examples=60, deadline=None)
@given(
    title=HOSTILE_TEXT,
    words=HOSTILE_TEXT,
    code=HOSTILE_TEXT,
    rows=st.lists(HOSTILE_TEXT, max_size=4),
    times=st.integers(1, 12),
)
def test_whatever_is_said_the_body_is_json_within_its_limit(
    title: str, words: str, code: str, rows: list[str], times: int
) -> None:
    facts = tuple(Fact(row, Text(row)) for row in rows) * times
    links = tuple(Link(row, f"https://e.example/{row}") for row in rows) * times
    hostile = replace(
        WHOLE,
        title=title,
        preview=title,
        state_line=title,
        body=Text(words),
        code=code,
        facts=facts,
        links=links,
        footer=title,
        thread=title,
    )
    content = body.encoded(hostile)
    data = json.loads(content)["data"]

    assert len(content) <= body.LIMIT
    assert content == body.encoded(hostile)
    if 0 < len(title) <= body.TITLE and title.isprintable():
        assert data["title"] == title.encode("utf-8", "replace").decode()
    for name in ("text", "code"):
        whole = {"text": words, "code": code}[name].encode("utf-8", "replace").decode()
        told = data.get(name, "")
        assert told == whole or name in data["shortened"]
        assert whole.startswith(told.removesuffix("…").rstrip())
