"""Apprise: every service through our own seam, and outcomes that Apprise never tells."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract
from tests.unit.channels.messages import AT, HOSTILE, message
from tocsin.channels import channel
from tocsin.channels._public import PublicHttp
from tocsin.channels.apprise import Apprise, engine, settings, texts
from tocsin.channels.apprise.services import OWN, SERVICES
from tocsin.errors import Invalid
from tocsin.message import Fact, Link, Message, Text
from tocsin.ports import Channel, Kind, Outcome, Target

TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
TOPIC = "alerts-5f3a9c"
NTFY = f"ntfys://{TOKEN}@ntfy.example.com/{TOPIC}"
USER, APP = "u1Qwe2rty3uiO4pas5dfG6hjk7lzX8", "a9Zxc8vbn7mA6sdf5ghJ4kl3qwE2rt"
POVER = f"pover://{USER}@{APP}"
HEX = "a1b2c3d4e5f60718" * 2
# One of each; where it goes, by host.
URLS: dict[str, tuple[str, str]] = {
    "barks": ("barks://api.day.app/DeviceKey123456", "api.day.app"),
    "clicksend": ("clicksend://user:key12345@15551234567", "rest.clicksend.com"),
    "gchat": ("gchat://space123/webhookkey456/token789", "chat.googleapis.com"),
    "gotifys": ("gotifys://push.example.com/A1b2C3d4E5f6G7h", "push.example.com"),
    "join": (f"join://{HEX}", "joinjoaomgcd.appspot.com"),
    "line": (f"line://{HEX}/U{HEX}", "api.line.me"),
    "mastodons": ("mastodons://token12345@mastodon.example", "mastodon.example"),
    "matrixs": ("matrixs://token12345@m.example/!room:m.example", "m.example"),
    "mmosts": ("mmosts://chat.example.com/3ccdd113474722377935511fc85d3dd4", ""),
    "msgbird": (f"msgbird://{HEX[:25]}/15551230000/15551234567", ""),
    "nctalks": ("nctalks://user:passw0rd1@cloud.example.com/roomid123", ""),
    "ntfy": ("ntfy://mytopic123", "ntfy.sh"),
    "ntfys": (NTFY, "ntfy.example.com"),
    "pbul": (f"pbul://o.{HEX}", "api.pushbullet.com"),
    "pover": (POVER, "api.pushover.net"),
    "prowl": (f"prowl://{HEX}a1b2c3d4", "api.prowlapp.com"),
    "psafers": (f"psafers://{HEX[:20]}", "www.pushsafer.com"),
    "rockets": ("rockets://webhookA/webhookB@rocket.example.com/%23alerts", ""),
    "signals": ("signals://signal.example.com/+15551230000/+15551234567", ""),
    "sinch": (f"sinch://{HEX}:{HEX}@15551230000/15551234567", ""),
    "threema": ("threema://%2AABCDEFG@secret123456/ABCDEFGH", "msgapi.threema.ch"),
    "twilio": (f"twilio://AC{HEX}:{HEX}@15551230000/15551234567", "api.twilio.com"),
    "vonage": (f"vonage://abcdefgh:{HEX[:16]}@15551230000/15551234567", ""),
    "webex": (f"webex://{HEX}{HEX}{HEX[:16]}", ""),
    "zulip": (f"zulip://bot@org/{HEX}/general", "org.zulipchat.com"),
}
# What a service must say besides 200, for Apprise to believe it.
BODIES: dict[str, Any] = {
    "psafers": {"status": 1},
    "matrixs": {
        "user_id": "@t:m.example",
        "room_id": "!room:m.example",
        "device_id": "d",
    },
}
ALARM = Message(
    icon="🔴",
    title="checkout-5xx is in ALARM",
    colour=0xFF4D00,
    at=AT,
    url="https://example.com/alarm",
    body=Text("4.2 % of calls fail\nsince 14:01"),
    code='{"a": 1}',
    facts=(Fact("Value", Text("4.2 %")),),
    state_line="Seen 3 ×",
    links=(Link("Runbook", "http://wiki/r"), Link("Odd", "javascript:alert(1)")),
    footer="Shop · aws · s0t1v2",
    state="firing",
    severity="high",
)
BODY = """Seen 3 ×

4.2 % of calls fail
since 14:01

Value: 4.2 %

{"a": 1}

Open: https://example.com/alarm
Runbook: http://wiki/r

Shop · aws · s0t1v2 · 3 Nov 14:05 UTC"""


def opened(base: str) -> Apprise:
    """The channel with a second in all."""
    return Apprise(PublicHttp(base, connect_within=0.7, total=1.0))


def sent(
    *told: loopback.Behaviour, url: str = NTFY, one: Message = ALARM
) -> tuple[Outcome, list[loopback.Seen]]:
    """(outcome, requests) of one message."""
    with loopback.provider(*told or (loopback.answer(200, {}),)) as provider:
        outcome = opened(provider.base).send([one], Target("tail", {}, url))
    return outcome, provider.requests


def faults(url: Any) -> str:
    """Why a URL is refused."""
    with pytest.raises(Invalid) as caught:
        channel("apprise").split({"url": url})
    (fault,) = caught.value.faults
    assert fault.field == "url"
    return fault.reason


class TestAppriseKeepsTheContract(ChannelContract):
    """The kit that every channel runs, with ntfy."""

    name = "apprise"
    given = {"url": NTFY}
    secret_parts = (TOKEN, TOPIC)
    answers = (
        (200, {}, {}, Kind.OK),
        *(
            (status, {}, {}, Kind.PERMANENT)
            for status in (400, 401, 403, 404, 405, 413)
        ),
        (410, None, {}, Kind.GONE),
        (429, None, {}, Kind.LIMITED),
        *((status, None, {}, Kind.TRANSIENT) for status in (408, 425, 302, 307)),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504)),
        # Not what ntfy says for good: nobody knows.
        *((status, None, {}, Kind.UNKNOWN) for status in (201, 202, 204)),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return opened(base)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        told = json.loads(request.body)
        assert told["topic"] == TOPIC
        assert 1 <= len(told["message"].encode()) <= 4096
        assert len(told["title"].encode()) <= 250

    def test_every_status_has_an_outcome_and_a_reason(self) -> None:
        """Apprise knows which 2xx its service means."""
        for status in (*range(200, 207), *range(300, 309), *range(400, 452), 500, 502):
            outcome = self.send(loopback.answer(status))

            assert (outcome.kind is Kind.OK) == (status == 200), status
            assert outcome.kind is Kind.OK or outcome.reason, status

    def test_a_probe_tells_what_is_wrong(self) -> None:
        """Apprise has no way to ask: the URL is read, and nobody called."""
        with loopback.provider(loopback.answer(500)) as told:
            probe = self.quick(told.base).probe(self.target())

        assert probe.ok
        assert "ntfy" in probe.reason
        assert told.requests == []


class TestPushoverKeepsTheContract(TestAppriseKeepsTheContract):
    """The same with another plugin, whose tokens stand in the host."""

    given = {"url": POVER}
    secret_parts = (USER, APP)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        (text,) = parse_qs(request.body.decode())["message"]
        assert 1 <= len(text) <= 1024

    def test_a_probe_tells_what_is_wrong(self) -> None:
        """See above."""
        assert "Pushover" in opened("http://127.0.0.1:1").probe(self.target()).reason


def test_every_service_has_its_sample() -> None:
    assert set(URLS) == set(SERVICES)


@pytest.mark.parametrize("scheme", URLS)
def test_every_service_sends_through_the_seam_and_nowhere_else(scheme: str) -> None:
    url, host = URLS[scheme]
    assert channel("apprise").split({"url": url}) == ({}, url)
    outcome, requests = sent(loopback.answer(200, BODIES.get(scheme, {})), url=url)

    assert outcome.kind is Kind.OK, outcome
    assert requests
    assert host in requests[-1].path


@pytest.mark.parametrize("scheme", URLS)
def test_a_second_message_is_sent_as_well(scheme: str) -> None:
    url, _ = URLS[scheme]
    with loopback.provider(loopback.answer(200, BODIES.get(scheme, {}))) as told:
        channels = opened(told.base)
        channels.send([ALARM], Target("tail", {}, url))
        before = len(told.requests)
        channels.send([ALARM], Target("tail", {}, url))

        assert len(told.requests) > before


@pytest.mark.parametrize("scheme", URLS)
@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (loopback.hang_up, Kind.UNKNOWN),
        (loopback.answer(403, {"error": "no"}), Kind.PERMANENT),
        (loopback.answer(429, {}, {"Retry-After": "7"}), Kind.LIMITED),
        (loopback.answer(503), Kind.TRANSIENT),
    ],
)
def test_every_service_s_failures_are_told_apart(
    scheme: str, behaviour: loopback.Behaviour, kind: Kind
) -> None:
    outcome, requests = sent(behaviour, url=URLS[scheme][0])

    assert outcome.kind is kind
    assert len([one for one in requests if one.method != "GET"]) <= 1


def test_the_sender_s_own_markdown_is_plain_words() -> None:
    text = Text("**12 commits** by [ann](https://e.example/a)", markup=True)
    _, (request,) = sent(one=replace(ALARM, body=text))

    assert (
        "12 commits by ann (https://e.example/a)" in json.loads(request.body)["message"]
    )


def test_ntfy_is_told_title_text_and_token() -> None:
    outcome, (request,) = sent()
    told = json.loads(request.body)

    assert outcome == Outcome(Kind.OK)
    assert (request.method, request.path) == ("POST", "/ntfy.example.com/")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert told["title"] == "🔴 checkout-5xx is in ALARM"
    assert told["message"] == BODY


def test_a_message_longer_than_a_service_takes_loses_the_least_important() -> None:
    long = replace(ALARM, code="c" * 900, body=Text("b" * 600))
    _, (request,) = sent(url=POVER, one=long)
    (text,) = parse_qs(request.body.decode())["message"]

    assert text.startswith("Seen 3 ×\n\n" + "b" * 600)
    assert "https://example.com/alarm" in text
    assert "Shop" not in text
    assert len(text) <= 1024


def test_without_a_title_the_text_begins_with_it() -> None:
    _, (request,) = sent(loopback.answer(201), url=URLS["twilio"][0])
    (text,) = parse_qs(request.body.decode())["Body"]

    assert text.startswith("🔴 checkout-5xx is in ALARM\n")
    assert len(text) <= 160


@pytest.mark.parametrize("text", HOSTILE)
def test_nobody_is_called_and_no_mark_is_a_mark(text: str) -> None:
    one = message(text)
    body = texts.body_of(one, texts.Form(0, 4000, marked_up=True))

    assert len(body) <= 4000
    for mark in ("@everyone", "@here", "<@", "](", "**", "`", "<!"):
        assert mark not in body
    plain = texts.body_of(one, texts.Form(200, 4000))
    assert "@everyone" not in plain


@pytest.mark.parametrize(
    ("severity", "state", "look"),
    [
        ("critical", "firing", "failure"),
        ("medium", "notice", "warning"),
        ("info", "notice", "info"),
        ("success", "notice", "success"),
        ("critical", "resolved", "success"),
    ],
)
def test_a_look_says_how_bad_it_is(severity: str, state: str, look: str) -> None:
    assert texts.look_of(replace(ALARM, severity=severity, state=state)) == look


def test_a_private_address_is_never_connected_to() -> None:
    real = Apprise(PublicHttp(connect_within=0.7, total=1.0))
    for url in (
        "gotifys://localhost/A1b2C3d4E5f6G7h",
        "gotifys://127.0.0.1/A1b2C3d4E5f6G7h",
        "gotifys://169.254.169.254/A1b2C3d4E5f6G7h",
        "ntfys://push.example.com:8080/topic",
        "ntfy://user:pass@push.example.com/topic",
    ):
        outcome = real.send([ALARM], Target("tail", {}, url))

        assert outcome.kind is Kind.PERMANENT
        assert "address" in outcome.reason


@pytest.mark.parametrize(
    "url",
    [
        "",
        7,
        "https://ntfy.sh/topic",
        "file:///etc/passwd",
        "syslog://",
        "dbus://",
        "python://x",
        "gotify://push.example.com/A1b2C3d4E5f6G7h",
        "ntfys://ntfy.example.com/" + "x" * 2000,
        "ntfys://ntfy.example.com/a b",
        "ntfys://[::1/topic",
        "pover://",
        f"ntfys://{TOKEN}@ntfy.example.com/one/two",
    ],
)
def test_what_is_no_url_for_one_recipient_is_refused(url: Any) -> None:
    reason = faults(url)

    assert reason
    assert TOKEN not in reason


@pytest.mark.parametrize(
    "name", ["retry", "wait", "optional", "redirect", "verify", "cto", "rto", "VERIFY"]
)
def test_what_is_ours_to_decide_is_not_taken_from_a_url(name: str) -> None:
    assert name.lower() in faults(f"{NTFY}?{name}=no")


@pytest.mark.parametrize("scheme", OWN)
def test_a_service_with_a_channel_of_its_own_is_sent_there(scheme: str) -> None:
    assert OWN[scheme] in faults(f"{scheme}://anything")


def test_without_the_layer_everything_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    alone = channel("apprise")
    with pytest.raises(Invalid) as caught:
        alone.split({"url": NTFY})
    (fault,) = caught.value.faults
    target = Target("tail", {}, NTFY)

    assert fault.field == "channel"
    assert "Apprise=true" in fault.reason
    assert alone.send([ALARM], target).kind is Kind.PERMANENT
    assert "Apprise=true" in alone.probe(target).reason


def test_a_refused_login_does_not_become_a_registration() -> None:
    url = "matrixs://user:passw0rd1@m.example/!room:m.example"
    missing, refused = loopback.answer(404), loopback.answer(403, {"errcode": "M"})
    outcome, requests = sent(missing, refused, url=url)

    assert outcome.kind is Kind.PERMANENT
    assert [one.path.rpartition("/")[2] for one in requests] == ["client", "login"]


def test_what_apprise_warns_of_is_told_without_the_token_and_logged_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    reason = faults("zulip://bot@org/notatoken1/general")

    assert "Apprise cannot read it as Zulip (" in reason
    assert "no reason given" not in reason
    assert "notatoken1" not in reason
    assert not [one for one in caplog.records if one.name == "apprise"]


def test_words_of_a_service_are_shown_without_any_part_of_the_url() -> None:
    echo = {"error": f"no topic {TOPIC} for Bearer {TOKEN} at ntfy.example.com"}
    outcome, _ = sent(loopback.answer(404, echo))

    assert "no topic … for Bearer … at …" in outcome.reason
    assert "destination tail" in outcome.reason


def test_a_plugin_that_breaks_is_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = engine.plugin_of(NTFY)

    def broken(**_named: Any) -> bool:
        raise KeyError(TOKEN)

    monkeypatch.setattr(plugin, "send", broken)
    talk = engine.notify(plugin, "t", "b", "info", PublicHttp(), 0.0)

    assert talk.words == ["KeyError"]
    assert not talk.told


def test_no_plugin_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    plugin = engine.plugin_of(URLS["matrixs"][0])
    plugin.throttle()
    plugin.throttle(wait=60)

    assert slept == []


def test_a_send_without_a_call_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Apprise(PublicHttp("http://127.0.0.1:1"))
    plugin = engine.plugin_of(NTFY)
    monkeypatch.setattr(plugin, "send", lambda **_named: False)
    monkeypatch.setattr(found, "_plugin", lambda _url: plugin)
    outcome = found.send([ALARM], Target("tail", {}, NTFY))

    assert outcome.kind is Kind.PERMANENT
    assert "Apprise made no call to ntfy" in outcome.reason
    assert found.send([ALARM, ALARM], Target("tail", {}, NTFY)).kind is Kind.PERMANENT


def test_the_service_is_called_by_its_name() -> None:
    assert settings.service_of("POVER://x").title == "Pushover"
