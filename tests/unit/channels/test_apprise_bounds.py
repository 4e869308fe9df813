"""Apprise: what its plugins and its URLs may not do."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.apprise_services import (
    ALARM,
    NTFY,
    TOKEN,
    TOPIC,
    URLS,
    faults,
    sent,
)
from tocsin.channels import channel
from tocsin.channels._public import PublicHttp
from tocsin.channels.apprise import Apprise, engine, settings
from tocsin.channels.apprise.services import OWN
from tocsin.errors import Invalid
from tocsin.ports import Kind, Target


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
