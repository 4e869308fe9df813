"""Interactions as they are deployed: who may press, and what becomes of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.functions import EVENTS, KEYS, Context, Functions, deployed
from tests.unit.channels.loopback import Provider, answer, provider

APPLICATION = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
ANOTHER = Ed25519PrivateKey.from_private_bytes(b"b" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
PLACE, HOOK = "77", "https://discord.com/api/webhooks/1122334455667788{}/token-of-it"
ANN = {"user": {"id": "5", "username": "ann", "global_name": "The boss"}}


@dataclass(frozen=True)
class Stack:
    """The functions, with two applications' destinations."""

    functions: Functions
    discord: Provider
    keys: dict[str, str] = field(default_factory=dict)

    def open(self, title: str) -> str:
        """The id of a problem that was told to `ops` alone."""
        event = {"type": "t", "title": title, "state": "firing", "severity": "high"}
        status, told = accepted(self.functions, event)
        assert status == 202, told
        self.functions.send(self.functions.queued())
        return str(told["id"])

    def row(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.functions.call("GET", f"/v1/notifications/{name}")[
            1
        ]
        return found

    def post(
        self,
        body: Any,
        key: Ed25519PrivateKey = APPLICATION,
        *,
        late_s: int = 0,
        channel: str = "discord",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """(status, JSON) of a call that is signed with `key`."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = str(self.functions.hooks.ports.clock.now() // 1000 - late_s)
        signed = {
            "X-Signature-Ed25519": key.sign(at.encode() + data).hex(),
            "X-Signature-Timestamp": at,
        }
        event = {
            "version": "2.0",
            "headers": signed if headers is None else dict(headers),
            "pathParameters": {"channel": channel},
            "requestContext": {"requestId": "r"},
            "isBase64Encoded": True,
            "body": base64.b64encode(data).decode(),
        }
        answered = self.functions.hooks.handler(event, Context())
        return int(answered["statusCode"]), json.loads(answered["body"])


def accepted(functions: Functions, event: Any) -> tuple[int, Any]:
    """What the ingest function answers to it."""
    request = json.loads((EVENTS / "http-event.json").read_text())
    request["headers"] = {"authorization": f"Bearer {KEYS['ingest']}"}
    request |= {"body": json.dumps(event), "isBase64Encoded": False}
    answered = functions.ingest.handler(request, None)
    return int(answered["statusCode"]), json.loads(answered["body"])


def public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    shown = answer(200, {"id": "9", "channel_id": PLACE})
    with provider(shown) as told, deployed(told.base) as functions:
        for number, (name, key) in enumerate(
            {"ops": APPLICATION, "other": ANOTHER}.items()
        ):
            wanted = {
                "channel": "discord",
                "url": HOOK.format(number),
                "public_key": public(key),
            }
            put = functions.call("PUT", f"/v1/destinations/{name}", wanted)
            assert put[0] in (200, 201), put
        routing = {"routes": [{"name": "all", "to": ["ops"]}]}
        assert functions.call("PUT", "/v1/config", routing)[0] == 200
        yield Stack(functions, told)


def pressing(name: str) -> dict[str, Any]:
    data = {"component_type": 2, "custom_id": name}
    return {"type": 3, "id": "1", "channel_id": PLACE, "data": data, "member": ANN}


def status(place: str = PLACE) -> dict[str, Any]:
    data = {"name": "tocsin", "options": [{"type": 1, "name": "status"}]}
    return {"type": 2, "id": "1", "channel_id": place, "data": data, "member": ANN}


def words(answered: tuple[int, Any]) -> str:
    """What is said to who asked, and to nobody else."""
    code, told = answered
    assert (code, told["type"], told["data"]["flags"]) == (200, 4, 64)
    return str(told["data"]["content"])


def test_discord_finds_us_there(stack: Stack) -> None:
    assert stack.post({"type": 1, "version": 1}) == (200, {"type": 1})


def test_a_message_has_buttons_and_pressing_them_acts_and_edits_it(
    stack: Stack,
) -> None:
    name = stack.open("db down")
    sent = json.loads(stack.discord.requests[-1].body)
    (row,) = sent["components"]
    buttons = {each["label"]: each["custom_id"] for each in row["components"]}
    assert buttons == {"Acknowledge": f"ack:{name}", "Resolve": f"resolve:{name}"}

    assert stack.post(pressing(buttons["Acknowledge"])) == (200, {"type": 6})
    assert stack.row(name)["ack_by"] == "ann (Discord)"
    stack.functions.send(stack.functions.queued())
    edit = stack.discord.requests[-1]
    assert edit.method == "PATCH"
    assert b"ann (Discord)" in edit.body

    assert stack.post(pressing(buttons["Resolve"])) == (200, {"type": 6})
    assert stack.row(name)["state"] == "resolved"
    late = {**pressing(buttons["Acknowledge"]), "member": {"user": {"username": "bob"}}}
    assert "resolved already" in words(stack.post(late))


@pytest.mark.parametrize(
    "how",
    [
        {"key": STRANGER},
        {"late_s": 301},
        {"late_s": -301},
        {"headers": {}},
        {"headers": {"x-signature-timestamp": "1", "x-signature-ed25519": "zz"}},
    ],
)
def test_what_is_not_signed_just_now_is_refused_counted_and_not_repeated(
    stack: Stack, how: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    name = stack.open(f"refused {how}")
    before = stack.row(name)

    code, told = stack.post(pressing(f"ack:{name}"), **how)

    assert (code, told["status"]) == (401, 401)
    assert stack.row(name) == before
    logged = capsys.readouterr().out
    assert '"InteractionStrangers"' in logged
    assert name not in logged
    assert public(APPLICATION) not in logged


def test_a_body_that_was_changed_on_the_way_is_refused(stack: Stack) -> None:
    at = str(stack.functions.hooks.ports.clock.now() // 1000)
    signature = APPLICATION.sign(at.encode() + b'{"type":1}').hex()
    headers = {"x-signature-ed25519": signature, "x-signature-timestamp": at}

    assert stack.post(b'{"type":1}', headers=headers)[0] == 200
    assert stack.post(b'{"type":1} ', headers=headers)[0] == 401


def test_another_application_cannot_act_on_what_its_channels_were_not_told(
    stack: Stack,
) -> None:
    name = stack.open("not yours")

    assert "not told here" in words(stack.post(pressing(f"ack:{name}"), ANOTHER))
    assert "not told here" not in str(stack.post(pressing(f"ack:{name}")))
    assert stack.row(name)["ack_by"] == "ann (Discord)"


@pytest.mark.parametrize("place", ["78", 77, None])
def test_a_press_in_another_channel_of_the_same_application_acts_on_nothing(
    stack: Stack, place: Any
) -> None:
    name = stack.open(f"told elsewhere {place}")
    pressed = stack.post({**pressing(f"ack:{name}"), "channel_id": place})

    assert "not told here" in words(pressed)
    assert stack.row(name)["ack_by"] == ""


def test_a_press_that_is_replayed_changes_nothing(stack: Stack) -> None:
    name = stack.open("replayed")
    assert stack.post(pressing(f"ack:{name}"))[0] == 200
    before = stack.row(name)

    assert stack.post(pressing(f"ack:{name}")) == (200, {"type": 6})
    assert stack.row(name) == before


def test_the_status_tells_what_is_open_to_the_channel_that_was_told(
    stack: Stack,
) -> None:
    name = stack.open("queue is *full*")

    assert "queue is \\*full\\*" in words(stack.post(status()))
    assert "queue" not in words(stack.post(status("another channel")))
    assert "queue" not in words(stack.post(status(), ANOTHER))
    stack.post(pressing(f"resolve:{name}"))
    assert "queue" not in words(stack.post(status()))


@pytest.mark.parametrize(
    "body",
    [
        pressing("delete:everything"),
        {"type": 2, "data": {"name": "other"}},
        {"type": 5, "data": {"custom_id": "ack:1"}},
        {"type": "3"},
        {},
    ],
)
def test_what_is_not_known_is_answered_in_words(
    stack: Stack, body: dict[str, Any]
) -> None:
    assert words(stack.post(body))


def test_another_channel_s_interactions_are_not_found(stack: Stack) -> None:
    code, told = stack.post({"type": 1}, channel="nothing")

    assert code == 404
    assert "discord" in told["detail"]


ANYTHING = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "data", "name", "options", "custom_id", "user"]),
            inner,
        )
    ),
    max_leaves=8,
)


@ANYTHING
@given(
    body=values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40),
    kind=st.integers(0, 6),
    key=st.sampled_from([APPLICATION, STRANGER]),
    channel=st.sampled_from(["discord", "slack", "telegram", ""]),
)
def test_any_body_is_answered_and_never_with_our_fault(
    stack: Stack, body: bytes, kind: int, key: Ed25519PrivateKey, channel: str
) -> None:
    for sent in (body, b'{"type": %d, "data": %s}' % (kind, body)):
        code, told = stack.post(sent, key, channel=channel)

        assert 200 <= code < 500, told
