"""Previews over the API: what is shown is what would be sent, and nothing is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.fakes.api import ApiWorld, Reply
from tests.fakes.world import event
from tocsin.delivery import Timing
from tocsin.errors import Unreadable
from tocsin.identity import new_id
from tocsin.notification import Notification
from tocsin.ports import Move

HOOK = "https://discord.com/api/webhooks/123456789012345678/s3cret-T0ken_x"
UNKNOWN_ID = new_id(1_795_176_000_000, bytes(10))
ORDER = {"type": "order.created", "title": "Order 7", "data": {"number": 7}}


@pytest.fixture
def world() -> ApiWorld:
    made = ApiWorld()
    put = made.call(
        "PUT",
        "/v1/destinations/ops",
        {"channel": "discord", "url": HOOK, "username": "Shop"},
    )
    assert put.status == 200, put.body
    return made


def put_config(world: ApiWorld, **config: Any) -> Reply:
    return world.call("PUT", "/v1/config", config)


def routed(world: ApiWorld, **more: Any) -> None:
    route = {"name": "all", "to": ["ops"]}
    assert put_config(world, routes=[route | more]).status == 200


def previews(reply: Reply) -> list[dict[str, Any]]:
    assert reply.status == 200, reply.body
    return list(reply.json["previews"])


def test_an_event_is_shown_on_each_channel_asked_for(world: ApiWorld) -> None:
    body = {"event": ORDER, "channels": ["discord", "email", "telegram"]}

    found = previews(world.call("POST", "/v1/preview", body, key="ops"))

    assert [each["channel"] for each in found] == body["channels"]
    assert found[0]["payload"]["embeds"][0]["title"] == "ℹ️ Order 7"
    assert found[1]["payload"]["subject"].endswith("Order 7")
    assert "Order 7" in found[2]["payload"]["text"]
    assert {each["shown"]["title"] for each in found} == {"Order 7"}


def test_a_destination_is_shown_with_its_settings_and_without_its_secret(
    world: ApiWorld,
) -> None:
    body = {"event": ORDER, "destinations": ["ops"]}

    reply = world.call("POST", "/v1/preview", body)

    (found,) = previews(reply)
    assert (found["channel"], found["destination"]) == ("discord", "ops")
    assert found["payload"]["username"] == "Shop"
    assert "s3cret" not in reply.body


BOT = {"token": f"{'A' * 24}.s3cret.{'b' * 30}", "channel_id": "9" * 18}
MAIL = {"host": "smtp.example.com", "from": "t@example.com", "to": ["ann@example.org"]}
PHONE = {"token": "E" * 56, "phone_number_id": "1" * 15, "to": "+41790000042"}
TEMPLATE = {"template": {"name": "tocsin_alert", "language": "en_US"}}


@pytest.mark.parametrize(
    ("channel", "given", "address"),
    [
        ("email", MAIL, "ann@example.org"),
        ("whatsapp", PHONE | TEMPLATE, "+41790000042"),
        ("telegram", {"token": f"1:{'B' * 35}", "chat": "-100777"}, "-100777"),
        (
            "slack",
            {"token": "xoxb-1-abcdefghij", "channel_id": "C0123456789"},
            "C0123456789",
        ),
        ("discord", BOT, "9" * 18),
        ("sms", {"number": "+41790000043"}, "+41790000043"),
    ],
)
def test_where_a_destination_leads_is_for_those_who_may_read_its_settings(
    world: ApiWorld, channel: str, given: dict[str, Any], address: str
) -> None:
    put = world.call("PUT", "/v1/destinations/room", {"channel": channel, **given})
    assert put.status == 200, put.body
    body = {"event": ORDER, "destinations": ["room"]}

    told = {
        key: world.call("POST", "/v1/preview", body, key=key)
        for key in ("ops", "admin")
    }

    for reply in told.values():
        (found,) = previews(reply)
        assert found["payload"], found["reason"]
    assert address not in told["ops"].body
    # Discord's is in the address of the call, which is not shown.
    assert address in told["admin"].body or channel == "discord"


def test_without_either_it_is_shown_on_every_channel_in_use(world: ApiWorld) -> None:
    (found,) = previews(world.call("POST", "/v1/preview", {"event": ORDER}))

    assert (found["channel"], found["destination"]) == ("discord", "")


def test_what_is_shown_can_be_drawn_without_a_channel(world: ApiWorld) -> None:
    body = {
        "event": {
            "type": "db.cpu",
            "title": "db is hot",
            "message": "95 %",
            "severity": "high",
            "state": "firing",
            "fields": [{"name": "Owner", "value": "platform"}],
            "links": [{"label": "Runbook", "url": "https://example.com/r"}],
        }
    }

    (found,) = previews(world.call("POST", "/v1/preview", body))

    shown = found["shown"]
    assert (shown["icon"], shown["colour"]) == ("🔴", "#FF4D00")
    assert shown["body"] == {"text": "95 %", "markdown": False}
    assert shown["facts"][0] == {
        "name": "Owner",
        "inline": True,
        "text": "platform",
        "markdown": False,
    }
    acknowledge, runbook = shown["links"]
    assert acknowledge["acts"]
    assert acknowledge["url"].startswith("https://preview.invalid/a/")
    assert runbook == {
        "label": "Runbook",
        "url": "https://example.com/r",
        "acts": False,
    }


def test_an_uploaded_file_is_a_link_that_stands_in(world: ApiWorld) -> None:
    files = [{"id": "a" * 32, "name": "report.pdf"}]
    body = {"event": {**ORDER, "attachments": files}, "channels": ["slack"]}

    (found,) = previews(world.call("POST", "/v1/preview", body))

    (link,) = found["shown"]["links"]
    assert "report.pdf" in link["label"]
    assert link["url"] == "https://preview.invalid/f/0"


def test_proposed_templates_are_tried_and_not_kept(world: ApiWorld) -> None:
    templates = {"order.*": {"title": "No. {{ data.number }}"}}
    body = {"event": ORDER, "templates": templates}

    (tried,) = previews(world.call("POST", "/v1/preview", body))
    (live,) = previews(world.call("POST", "/v1/preview", {"event": ORDER}))

    assert tried["shown"]["title"] == "No. 7"
    assert live["shown"]["title"] == "Order 7"


def test_a_template_that_breaks_with_this_event_says_so(world: ApiWorld) -> None:
    templates = {"order.*": {"body": "one\n{{ 1 / data.zero }}"}}
    body = {
        "event": {**ORDER, "data": {"zero": 0}},
        "templates": templates,
    }

    (found,) = previews(world.call("POST", "/v1/preview", body))

    assert found["fallback"] == "body, line 2: divides by zero"
    assert "body, line 2: divides by zero" in found["shown"]["state_line"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "event"),
        ({"event": {"type": "x"}}, ""),
        ({"event": {"type": "x", "title": "y", "nope": 1}}, "event.nope"),
        ({"event": {"type": "lead.hot", "data": {"score": "x"}}}, "event.data.score"),
        ({"event": ORDER, "channels": ["fax"]}, "channels"),
        ({"event": ORDER, "channels": ["discord"] * 13}, "channels"),
        ({"event": ORDER, "destinations": ["nope"]}, "destinations"),
        ({"event": ORDER, "nope": 1}, "nope"),
        ({"event": ORDER, "templates": {"a": {"title": "{{ x"}}}, "templates.a.title"),
        ({"event": ORDER, "templates": {"a": {"titel": "x"}}}, "templates.a.titel"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_field(
    world: ApiWorld, body: dict[str, Any], field: str
) -> None:
    reply = world.call("POST", "/v1/preview", body)

    assert reply.status == 422, reply.body
    assert reply.fields[0] == field


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/preview"),
        ("GET", f"/v1/notifications/{UNKNOWN_ID}/preview"),
        ("GET", "/v1/digests"),
        ("GET", "/v1/digests/preview"),
    ],
)
def test_who_only_sends_events_sees_no_previews(
    world: ApiWorld, method: str, path: str
) -> None:
    assert world.call(method, path, key="shop").status == 403
    assert world.call(method, path, key=None).status == 401


def test_a_notification_is_shown_where_it_was_sent(world: ApiWorld) -> None:
    routed(world)
    (name,) = world.accept(event("Disk is full"))

    path = f"/v1/notifications/{name}/preview"
    (found,) = previews(world.call("GET", path, key="ops"))
    (mail,) = previews(world.call("GET", path, query={"channel": "email"}))
    (at_ops,) = previews(world.call("GET", path, query={"destination": "ops"}))

    assert (found["channel"], found["destination"]) == ("discord", "ops")
    assert found == at_ops
    assert mail["payload"]["subject"].endswith("Disk is full")


def test_it_is_shown_as_it_stands_now(world: ApiWorld) -> None:
    routed(world)
    (name,) = world.accept(event("Disk is full", state="firing"))
    path = f"/v1/notifications/{name}"
    world.call("POST", f"{path}/acknowledge", {"note": "on it"})

    (found,) = previews(world.call("GET", f"{path}/preview"))

    assert "on it" in found["shown"]["state_line"]


def test_of_a_notification_that_is_not_there_nothing_is_shown(world: ApiWorld) -> None:
    path = f"/v1/notifications/{UNKNOWN_ID}/preview"

    assert world.call("GET", path).status == 404
    assert world.call("GET", "/v1/notifications/nope/preview").status == 404


def test_a_preview_reads_no_secret_and_writes_nothing(world: ApiWorld) -> None:
    routed(world)
    (name,) = world.accept(event("Disk is full"))
    kept = dict(world.ledger.kept)
    world.vault.kept.clear()

    world.call("POST", "/v1/preview", {"event": ORDER, "destinations": ["ops"]})
    world.call("GET", f"/v1/notifications/{name}/preview")
    reply = world.call("GET", "/v1/digests/preview", query={"destination": "ops"})

    assert reply.status == 200
    assert world.ledger.kept == kept


DIGEST = {"digest": {"at": "09:00", "every": "day"}}


def test_a_digest_is_shown_before_its_time(world: ApiWorld) -> None:
    routed(world, **DIGEST)
    world.accept(event("Report A"), event("Report B"), event("Report B2"))

    reply = world.call(
        "GET", "/v1/digests/preview", query={"destination": "ops"}, key="ops"
    )

    (waiting,) = reply.json["waiting"]
    assert waiting["count"] == 3
    assert waiting["waits_for"] == "digest of route all"
    shown = waiting["preview"]["shown"]
    assert shown["title"] == "3 notifications: digest of route all"
    assert "Report A" in json.dumps(shown["facts"])
    assert waiting["preview"]["payload"]["username"] == "Shop"
    assert reply.json["more"] is False


def test_all_that_waits_is_shown_by_destination(world: ApiWorld) -> None:
    routed(world, **DIGEST)
    assert world.call("GET", "/v1/digests").json == {"digests": [], "more": False}
    world.accept(event("Report A"), event("Report B"))

    reply = world.call("GET", "/v1/digests", key="ops")

    one = world.call(
        "GET", "/v1/digests/preview", query={"destination": "ops"}, key="ops"
    )
    assert reply.json == {"digests": [one.json], "more": False}
    assert one.json["waiting"][0]["count"] == 2


def test_a_row_that_cannot_be_read_hides_no_others_that_wait(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    routed(world, **DIGEST)
    broken, _ = world.accept(event("Report A"), event("Report B"))
    load = world.ledger.load

    def loaded(ids: Iterable[str]) -> dict[str, Notification]:
        if broken in (asked := list(ids)):
            raise Unreadable
        return load(asked)

    monkeypatch.setattr(world.ledger, "load", loaded)

    ((told,), more) = world.call("GET", "/v1/digests").json.values()

    (waits,) = told["waiting"]
    assert (waits["preview"]["shown"]["title"], more) == ("Report B", False)


def test_one_that_waits_alone_is_shown_as_itself(world: ApiWorld) -> None:
    routed(world, **DIGEST)
    world.accept(event("Report A"))

    reply = world.call("GET", "/v1/digests/preview", query={"destination": "ops"})

    (waiting,) = reply.json["waiting"]
    assert (waiting["count"], waiting["preview"]["shown"]["title"]) == (1, "Report A")


def test_what_waits_for_its_next_try_is_no_digest(world: ApiWorld) -> None:
    routed(world)
    (name,) = world.accept(event("told at once"))
    now, old = world.clock.now(), world.ledger.kept[name].deliveries["ops"]
    claimed = old.claimed(now, 1_000)
    world.ledger.move([Move(name, old, claimed)])
    world.ledger.move([Move(name, claimed, claimed.failed(now, "500", Timing()))])

    reply = world.call("GET", "/v1/digests/preview", query={"destination": "ops"})

    assert reply.json == {"destination": "ops", "waiting": [], "more": False}


def test_a_digest_of_nobody_we_know_is_not_found(world: ApiWorld) -> None:
    path = "/v1/digests/preview"

    assert world.call("GET", path, query={"destination": "nope"}).status == 404
    assert world.call("GET", path).fields == ["query.destination"]


def test_a_routing_file_with_a_wrong_template_is_not_put(world: ApiWorld) -> None:
    text = (
        b"templates:\n  order.*:\n    title: ok\n    body: |\n      one\n      {{ x\n"
    )

    reply = world.call(
        "PUT", "/v1/config", text, headers={"content-type": "application/yaml"}
    )

    assert reply.status == 422
    (fault,) = reply.json["errors"]
    assert fault["field"] == "templates.order.*.body"
    assert fault["reason"].startswith("line 6: ")
    assert world.settings.current().config.templates == {}


def test_a_check_warns_of_what_a_sample_shows(world: ApiWorld) -> None:
    config = {"templates": {"lead.hot": {"title": "{{ data.scoer }}"}}}

    reply = world.call("POST", "/v1/config/check", config)

    assert (
        "template 'lead.hot': data.scoer is not known to lead.hot"
        in reply.json["warnings"]
    )


def test_a_check_warns_of_what_came_in_lately_and_would_fail(world: ApiWorld) -> None:
    routed(world)
    ids = world.accept(*(event(title, data={"n": n}) for n, title in enumerate("ab")))
    config = {
        "templates": {"test": {"channels": {"slack": {"body": "{{ 1 / data.n }}"}}}}
    }

    reply = world.call("POST", "/v1/config/check", config)

    (warning,) = [each for each in reply.json["warnings"] if "template" in each]
    assert warning == (
        f"template 'test' fails with 1 of 2 recent notifications, as with {ids[0]}, on"
        " slack: body, line 1: divides by zero"
    )
