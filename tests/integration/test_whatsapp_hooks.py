"""WhatsApp's webhooks as they are deployed: windows opened, messages that got lost."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.functions import (
    EVENTS,
    KEYS,
    Context,
    Functions,
    Later,
    deployed,
)
from tests.unit.channels.loopback import Provider, answer, provider
from tocsin.errors import Stale
from tocsin.ports import Move

SECRET = "0123456789abcdef0123456789abcdef"
NUMBER, PERSON, WAMID = "106540352242922", "+41791234567", "wamid.SENT"
PATH = "whatsapp/meta"
PHONE = {
    "channel": "whatsapp",
    "token": "EAAtokentokentokentoken",
    "phone_number_id": NUMBER,
    "to": PERSON,
    "template": {"name": "tocsin_alert"},
}


@dataclass(frozen=True)
class Stack:
    """The functions, a person's phone, and the source that Meta is."""

    functions: Functions
    meta: Provider
    key: str
    clock: Later

    def tell(self, title: str) -> tuple[str, str]:
        """(id of the notification, type of the message that told it)."""
        request = json.loads((EVENTS / "http-event.json").read_text())
        request["headers"] = {"authorization": f"Bearer {KEYS['ingest']}"}
        event = json.dumps({"type": "t", "title": title})
        request |= {"body": event, "isBase64Encoded": False}
        answered = self.functions.ingest.handler(request, None)
        self.clock.ahead += 10_000
        self.functions.send(self.functions.queued())
        told = json.loads(self.meta.requests[-1].body)
        return json.loads(answered["body"])["id"], told["type"]

    def delivery(self, name: str) -> dict[str, Any]:
        _, found = self.functions.call("GET", f"/v1/notifications/{name}")
        (delivery,) = found["deliveries"]
        return dict(delivery)

    def log(self, name: str) -> list[dict[str, Any]]:
        delivery = self.delivery(name)
        assert delivery["status"] == "sent"
        told: list[dict[str, Any]] = delivery["log"]
        return told

    def forget(self) -> None:
        """What each process remembers of health for a second."""
        for function in (self.functions.sender, self.functions.hooks):
            function.ports.health._known.clear()

    def sends(self) -> str:
        """The type of the message that the queue leads to."""
        self.clock.ahead += 10_000
        self.functions.send(self.functions.queued())
        return str(json.loads(self.meta.requests[-1].body)["type"])

    def ask(self, query: Mapping[str, str], path: str = PATH) -> tuple[int, str]:
        """(status, text) of Meta's own GET."""
        adapter, _, token = path.partition("/")
        event = {
            "version": "2.0",
            "headers": {},
            "pathParameters": {"adapter": adapter, "token": token},
            "queryStringParameters": dict(query),
            "requestContext": {"requestId": "r", "http": {"method": "GET"}},
        }
        answered = self.functions.hooks.handler(event, Context())
        return int(answered["statusCode"]), str(answered["body"])

    def post(self, body: Any, path: str = PATH, **how: str) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        secret = how.get("secret", SECRET)
        digest = hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()
        signed = {"x-hub-signature-256": f"sha256={digest}"}
        status, _, told = self.functions.post(path, data, signed)
        return status, told

    def now_s(self) -> int:
        return int(self.functions.hooks.ports.clock.now() // 1000)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    shown = answer(200, {"messages": [{"id": WAMID}]})
    with provider(shown) as told, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOCSIN_WHATSAPP_BASE", told.base)
        with deployed(told.base) as functions:
            _, made = functions.call("POST", "/v1/sources", {"name": "meta"})
            signature = {"scheme": "whatsapp", "secret": SECRET}
            place = "/v1/sources/meta/signature"
            assert functions.call("PUT", place, signature)[0] == 200
            put = functions.call("PUT", "/v1/destinations/phone", PHONE)
            assert put[0] in (200, 201), put
            routing = {"routes": [{"name": "all", "to": ["phone"]}]}
            assert functions.call("PUT", "/v1/config", routing)[0] == 200
            clock = functions.sender.ports.clock = Later()
            yield Stack(functions, told, str(made["key"]), clock)


def webhook(**value: Any) -> dict[str, Any]:
    metadata = {"phone_number_id": value.pop("number", NUMBER)}
    change = {"field": "messages", "value": {"metadata": metadata, **value}}
    entry = [{"id": "1", "changes": [change]}]
    return {"object": "whatsapp_business_account", "entry": entry}


def written(at: int, number: str = NUMBER) -> dict[str, Any]:
    message = {"from": PERSON[1:], "timestamp": str(at), "type": "text"}
    return webhook(messages=[message], number=number)


def told_of(
    name: str, status: str, at: int = 1, to: str = "phone", **more: Any
) -> dict[str, Any]:
    row = {
        "id": WAMID,
        "status": status,
        "timestamp": str(at),
        "recipient_id": PERSON[1:],
        "biz_opaque_callback_data": f"{name}-{to}",
        **more,
    }
    return webhook(statuses=[row])


def failed(
    name: str, at: int, wamid: str = WAMID, to: str = "phone", code: int = 131026
) -> dict[str, Any]:
    errors = [{"code": code, "title": "Message undeliverable"}]
    return told_of(name, "failed", at, to, id=wamid, errors=errors)


def heard(**counts: int) -> dict[str, int]:
    """What a webhook is answered."""
    return {"windows": 0, "arrived": 0, "undelivered": 0, "again": 0, **counts}


def subscribing(token: str) -> dict[str, str]:
    mode = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    return {**mode, "hub.verify_token": token}


def test_meta_is_answered_if_it_knows_a_key_of_the_source(stack: Stack) -> None:
    assert stack.ask(subscribing(stack.key)) == (200, "1158201444")


@pytest.mark.parametrize(
    ("token", "path", "status"),
    [
        ("wrong", PATH, 401),
        ("", PATH, 401),
        (KEYS["ingest"], PATH, 401),
        (KEYS["ingest"], "whatsapp/ingest", 401),
        ("wrong", "github/meta", 404),
    ],
)
def test_others_are_not_answered(
    stack: Stack, token: str, path: str, status: int
) -> None:
    code, body = stack.ask(subscribing(token), path)

    assert code == status
    assert "1158201444" not in body


def test_whoever_wrote_is_sent_texts_for_a_day(stack: Stack) -> None:
    assert stack.tell("before")[1] == "template"
    assert stack.post(written(stack.now_s(), "1"))[1]["windows"] == 0
    assert stack.tell("from another number")[1] == "template"

    assert stack.post(written(stack.now_s())) == (200, heard(windows=1))
    stack.functions.sender.ports.health._known.clear()
    assert stack.tell("after")[1] == "text"
    assert stack.post(written(stack.now_s() - 80_000))[0] == 200
    stack.functions.sender.ports.health._known.clear()
    assert stack.tell("an older one closes nothing")[1] == "text"

    told = stack.functions.call("POST", "/v1/destinations/phone/test")
    assert told[0] == 200
    assert json.loads(stack.meta.requests[-1].body)["type"] == "text"


def test_what_did_not_arrive_says_so_in_its_log_once(stack: Stack) -> None:
    name, _ = stack.tell("lost")
    at = stack.now_s()

    assert stack.post(failed(name, at))[1]["undelivered"] == 1
    line = stack.log(name)[-1]
    assert line["what"] == "undelivered"
    assert "131026" in line["reason"]
    before = stack.log(name)
    assert stack.post(failed(name, at))[1]["undelivered"] == 0
    assert stack.log(name) == before


def test_the_furthest_that_a_message_came_is_kept_whatever_the_order(
    stack: Stack,
) -> None:
    name, _ = stack.tell("how far")
    assert stack.delivery(name)["receipt"] == ""
    for status, news, known in (
        ("sent", 0, ""),
        ("delivered", 1, "delivered"),
        ("delivered", 0, "delivered"),
        ("read", 1, "read"),
        ("delivered", 0, "read"),
        ("nonsense", 0, "read"),
    ):
        assert stack.post(told_of(name, status)) == (200, heard(arrived=news))
        assert stack.delivery(name)["receipt"] == known
    assert stack.post(failed(name, stack.now_s())) == (200, heard())
    assert [line["what"] for line in stack.log(name)][-2:] == ["delivered", "read"]


def test_a_report_that_overtakes_the_senders_record_is_asked_for_again(
    stack: Stack,
) -> None:
    name, _ = stack.tell("quick")
    ledger = stack.functions.sender.ports.ledger
    sent = ledger.load([name])[name].deliveries["phone"]
    under_way = replace(sent.claimed(1, 60_000), message_id=None, rev=sent.rev + 1)
    ledger.move([Move(name, sent, under_way)])

    assert stack.post(failed(name, stack.now_s()))[0] == 503
    ledger.move([Move(name, under_way, replace(sent, rev=under_way.rev + 1))])
    assert stack.post(failed(name, stack.now_s())) == (200, heard(undelivered=1))


def test_a_row_that_others_keep_changing_is_told_again_later(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name, _ = stack.tell("busy")

    def lose(_: Sequence[Move]) -> None:
        raise Stale([0])

    monkeypatch.setattr(stack.functions.hooks.ports.ledger, "move", lose)
    assert stack.post(failed(name, stack.now_s()))[0] == 503
    assert "others keep changing this delivery" in caplog.text
    assert stack.delivery(name)["receipt"] == ""


def test_what_was_delivered_after_all_was_delivered(stack: Stack) -> None:
    name, _ = stack.tell("late")
    stack.post(failed(name, stack.now_s()))
    assert stack.delivery(name)["receipt"] == "failed"

    assert stack.post(told_of(name, "delivered")) == (200, heard(arrived=1))
    assert stack.delivery(name)["receipt"] == "delivered"


def test_what_was_said_outside_of_the_window_is_said_again_as_a_template_at_once(
    stack: Stack,
) -> None:
    stack.post(written(stack.now_s()))
    stack.forget()
    name, kind = stack.tell("too late")
    assert kind == "text"
    late = failed(name, stack.now_s() + 1, code=131047)

    assert stack.post(late) == (200, heard(again=1))
    assert stack.delivery(name)["status"] == "queued"
    stack.forget()
    assert stack.sends() == "template"
    assert stack.delivery(name)["status"] == "sent"
    # Told again, it is no news: another message says it now.
    stack.meta.behaviours[:] = [answer(200, {"messages": [{"id": "wamid.NEXT"}]})]
    assert stack.tell("the next")[1] == "template"


def test_a_window_that_was_opened_since_then_stays_open(stack: Stack) -> None:
    stack.meta.behaviours[:] = [answer(200, {"messages": [{"id": WAMID}]})]
    stack.post(written(stack.now_s() + 100))
    stack.forget()
    name, _ = stack.tell("refused before they wrote")

    assert stack.post(failed(name, stack.now_s(), code=131047))[1]["again"] == 1
    stack.forget()
    assert stack.sends() == "text"


def test_a_report_of_another_message_changes_nothing(stack: Stack) -> None:
    name, _ = stack.tell("not lost")
    before, at = stack.log(name), stack.now_s()

    for told in (
        failed(name, at, wamid="wamid.OTHER"),
        failed(name, at, to="nobody"),
        failed("x" * 26, at),
        failed("", at),
    ):
        assert stack.post(told) == (200, heard())
    assert stack.log(name) == before


def test_a_source_tells_of_its_own_numbers_alone(stack: Stack) -> None:
    """Another app of ours may not say what became of this one's messages."""
    name, _ = stack.tell("another app's")
    numbers = {"whatsapp": {"phone_number_ids": ["206540352242922"]}}
    change = partial(stack.functions.call, "PATCH", "/v1/sources/meta")
    assert change({"options": numbers})[0] == 200
    stack.functions.hooks.ports.settings._known = None
    try:
        assert stack.post(failed(name, stack.now_s())) == (200, heard())
        assert stack.post(written(stack.now_s())) == (200, heard())
        assert stack.delivery(name)["receipt"] == ""
        numbers["whatsapp"]["phone_number_ids"].append(NUMBER)
        assert change({"options": numbers})[0] == 200
        stack.functions.hooks.ports.settings._known = None
        assert stack.post(told_of(name, "delivered")) == (200, heard(arrived=1))
    finally:
        change({"options": {}})
        stack.functions.hooks.ports.settings._known = None


@pytest.mark.parametrize(
    "numbers", ["106540352242922", ["+41791234567"], [106540352242922], [""], None]
)
def test_what_is_no_number_s_id_is_refused(stack: Stack, numbers: Any) -> None:
    asked = {"options": {"whatsapp": {"phone_number_ids": numbers}}}
    status, told = stack.functions.call("PATCH", "/v1/sources/meta", asked)

    field = "options.phone_number_ids"
    assert status == 422
    assert told["errors"][0]["field"].startswith(field)


def test_what_is_not_signed_by_the_app_is_refused(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    name, _ = stack.tell("forged")
    before = stack.log(name)
    body = failed(name, stack.now_s())

    assert stack.post(body, secret="another-secret-of-theirs")[0] == 401
    assert stack.post(body, "whatsapp/ingest")[0] == 401
    assert stack.log(name) == before
    logged = capsys.readouterr().out
    assert '"HookStrangers"' in logged
    assert SECRET not in logged


def test_a_source_that_signs_otherwise_is_told_so(stack: Stack) -> None:
    body = json.dumps(written(stack.now_s())).encode()
    bearer = {"authorization": f"Bearer {KEYS['ingest']}"}
    status, _, told = stack.functions.post("whatsapp", body, bearer)

    assert status == 403
    assert "scheme whatsapp" in told["detail"]


ANYTHING = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NAMES = ["messages", "statuses", "metadata", "id", "status", "from", "timestamp"]
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(max_size=12) | st.just("failed"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*NAMES, "errors", "biz_opaque_callback_data"]), inner
        )
    ),
    max_leaves=10,
)


@ANYTHING
@given(
    value=values,
    raw=st.binary(max_size=30),
    query=st.dictionaries(
        st.sampled_from(["hub.mode", "hub.challenge", "hub.verify_token"]),
        st.text(max_size=20),
    ),
)
def test_anything_at_this_address_is_answered_and_never_with_our_fault(
    stack: Stack, value: Any, raw: bytes, query: dict[str, str]
) -> None:
    bodies = (value, raw, webhook(messages=value), webhook(statuses=[value]))
    for body in bodies:
        assert 200 <= stack.post(body)[0] < 500
    assert 400 <= stack.ask(query)[0] < 500
