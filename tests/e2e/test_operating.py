"""Operators: acknowledge, search, configure, and hand out keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.stack import Stack, shown_in


def test_a_problem_is_acknowledged_resolved_and_every_step_is_kept(
    stack: Stack,
) -> None:
    box = stack.mailbox()
    problem = {"state": "firing", "severity": "critical", "fingerprint": box.name}
    opened = box.send("Disk full", **problem)
    stack.settled(opened, status="sent")
    path = f"/v1/notifications/{opened}"

    status, acknowledged = stack.operate(
        "POST", f"{path}/acknowledge", {"note": "On my way"}
    )

    assert status == 200
    assert acknowledged["status"] == "acknowledged"
    assert acknowledged["ack_by"] == "admin"
    assert acknowledged["ack_note"] == "On my way"
    assert acknowledged["ack_at"] is not None
    repeat = stack.send(box.event("Disk full", **problem))
    assert (repeat.json["repeat"], repeat.json["occurrences"]) == (True, 2)

    status, resolved = stack.operate("POST", f"{path}/resolve", {"note": "Cleaned up"})

    assert status == 200
    assert resolved["state"] == "resolved"
    assert resolved["resolved_at"] is not None
    trail = [
        (each["actor"], each["what"], each["note"]) for each in resolved["actions"]
    ]
    assert [note for _, _, note in trail] == ["On my way", "Cleaned up"]
    assert {actor for actor, _, _ in trail} == {"admin"}
    assert all(each["at"] for each in resolved["actions"])
    (card,) = box.wait(contains="Resolved after")
    (shown,) = shown_in(card)
    assert "✅" in shown["title"]
    assert "Acknowledged by admin" in shown["description"]
    again = box.send("Disk full", **problem)
    assert again != opened


def test_a_search_filters_and_its_pages_hold_each_notification_once(
    stack: Stack,
) -> None:
    box = stack.mailbox()
    severities = ["low", "high", "low", "critical", "low", "info", "low"]
    sent = [
        box.send(f"Search {number}", severity=severity, branch=f"b{number % 2}")
        for number, severity in enumerate(severities)
    ]
    for each in sent:
        stack.settled(each, status="sent")
    # Without it, all that other tests have sent would be looked through.
    since = stack.read(sent[0])["accepted_at"]
    base = f"type={box.type}&since={since}"

    def ids(query: str) -> list[str]:
        return [each["id"] for each in stack.listed(f"{base}&{query}")]

    assert ids("limit=3") == sent[::-1]
    assert ids("severity=low&limit=2") == [sent[n] for n in (6, 4, 2, 0)]
    assert ids("severity=%3E%3Dhigh") == [sent[3], sent[1]]
    assert ids("branch=b1") == [sent[n] for n in (5, 3, 1)]
    assert ids(f"destination={box.name}&status=sent") == sent[::-1]
    assert ids("status=dead_letter") == []
    assert ids("source=nobody") == []


def test_a_page_can_be_followed_while_others_come_in(stack: Stack) -> None:
    box = stack.mailbox()
    sent = [box.send(f"Page {number}") for number in range(5)]
    since = stack.read(sent[0])["accepted_at"]
    path = f"/v1/notifications?type={box.type}&since={since}&limit=2"
    first = stack.call("GET", path).json

    box.send("Meanwhile")
    seen = [each["id"] for each in first["notifications"]]
    cursor = first["next"]
    while cursor:
        page = stack.call("GET", f"{path}&cursor={cursor}").json
        seen += [each["id"] for each in page["notifications"]]
        cursor = page["next"]

    assert seen == sent[::-1]


def test_one_notification_tells_its_whole_story(stack: Stack) -> None:
    box = stack.mailbox()
    sent = box.send("Tell me", labels={"team": "shop"}, data={"rows": 412})

    found = stack.settled(sent, status="sent")

    assert found["event"]["labels"] == {"team": "shop"}
    assert found["event"]["data"] == {"rows": 412}
    assert found["sender"] == "ingest"
    assert any(box.name in step["verdict"] for step in found["trace"])
    assert [line["what"] for line in found["delivery"]["log"]] == ["sent"]


def test_a_destination_is_tested_and_asked_after_without_an_event(
    stack: Stack,
) -> None:
    box = stack.mailbox()

    status, tried = stack.operate("POST", f"/v1/destinations/{box.name}/test", {})

    assert (status, tried["ok"], tried["outcome"]) == (200, True, "ok")
    (message,) = box.wait()
    assert message["id"] == tried["message_id"]
    assert not any(message["pings"].values())
    posts = len(box.messages())
    status, found = stack.operate("GET", f"/v1/destinations/{box.name}/status")
    assert (status, found["ok"]) == (200, True)
    assert len(box.messages()) == posts

    box.behave("gone")
    status, tried = stack.operate("POST", f"/v1/destinations/{box.name}/test", {})
    assert (status, tried["ok"], tried["outcome"]) == (200, False, "gone")
    assert tried["advice"]
    status, found = stack.operate("GET", f"/v1/destinations/{box.name}/status")
    assert (status, found["ok"]) == (200, False)


def test_a_destination_is_deleted_when_no_route_uses_it(stack: Stack) -> None:
    box = stack.mailbox()
    path = f"/v1/destinations/{box.name}"

    used = stack.call("DELETE", path)
    assert used.status == 409
    assert box.name in used.json["detail"]

    status, _ = stack.operate("PUT", "/v1/destinations/short-lived", _discord(box.url))
    assert status == 200
    assert stack.call("DELETE", "/v1/destinations/short-lived").status == 204
    assert stack.call("GET", "/v1/destinations/short-lived").status == 404


def _discord(url: str) -> dict[str, str]:
    return {"channel": "discord", "url": url}


@pytest.mark.parametrize("language", ["json", "yaml"])
def test_the_routing_file_can_be_read_in_both_languages(
    stack: Stack, language: str
) -> None:
    reply = stack.call(
        "GET", "/v1/config", headers={"Accept": f"application/{language}"}
    )

    assert reply.status == 200
    assert language in reply.headers["Content-Type"]
    assert b"everything" in reply.body


def test_of_many_who_change_the_routing_file_at_once_one_wins_at_a_time(
    stack: Stack,
) -> None:
    live = stack.call("GET", "/v1/config")
    tag = live.headers["ETag"]

    def put(number: int) -> int:
        config = {**live.json, "application": f"Racer {number}"}
        headers = {"If-Match": tag}
        return stack.call("PUT", "/v1/config", config, headers=headers).status

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(put, range(4)))

    assert statuses == [200, 412, 412, 412]
    now = stack.call("GET", "/v1/config")
    assert now.headers["ETag"] != tag
    back = stack.call(
        "PUT", "/v1/config", live.json, headers={"If-Match": now.headers["ETag"]}
    )
    assert back.status == 200


def test_nobody_s_route_is_lost_in_the_race(stack: Stack) -> None:
    boxes = [stack.mailbox() for _ in range(3)]
    routes = [
        {"name": f"race {box.name}", "match": {"source": [box.name]}, "to": [box.name]}
        for box in boxes
    ]

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(stack.add_routes, routes))

    for box in boxes:
        reply = stack.send({"type": "race", "title": "Ready", "source": box.name})
        assert [each["destination"] for each in reply.json["deliveries"]] == [box.name]


def test_a_draft_is_checked_against_recent_events_and_changes_nothing(
    stack: Stack,
) -> None:
    box, other = stack.mailbox(), stack.mailbox()
    sent = box.send("Who gets this?")
    live = stack.call("GET", "/v1/config")
    route = {"name": "draft", "match": {"type": [box.type]}, "to": [other.name]}
    draft = {**live.json, "routes": [route, *live.json["routes"]]}

    status, report = stack.operate("POST", "/v1/config/check", draft)

    assert status == 200
    change = next(each for each in report["changes"] if each["id"] == sent)
    assert (change["before"], change["after"]) == ([box.name], [other.name])
    assert stack.call("GET", "/v1/config").headers["ETag"] == live.headers["ETag"]


def test_a_source_gets_a_key_a_second_one_and_loses_both(stack: Stack) -> None:
    box = stack.mailbox()

    def try_key(key: str) -> int:
        return stack.call("POST", "/v1/events", box.event("Key"), key=key).status

    status, made = stack.operate("POST", "/v1/sources", {"name": "shop-e2e"})
    assert status == 201
    assert made["scopes"] == ["ingest"]
    assert try_key(made["key"]) == 202
    assert stack.call("GET", "/v1/sources", key=made["key"]).status == 403
    assert stack.operate("POST", "/v1/sources", {"name": "shop-e2e"})[0] == 409

    status, rotated = stack.operate("POST", "/v1/sources/shop-e2e/rotate")
    assert status == 200
    assert len(rotated["keys"]) == 2
    assert (try_key(made["key"]), try_key(rotated["key"])) == (202, 202)

    status, left = stack.operate("POST", "/v1/sources/shop-e2e/revoke")
    assert (status, len(left["keys"])) == (200, 1)
    assert (try_key(made["key"]), try_key(rotated["key"])) == (401, 202)

    assert stack.call("DELETE", "/v1/sources/shop-e2e").status == 204
    assert try_key(rotated["key"]) == 401


def test_the_last_admin_cannot_be_locked_out(stack: Stack) -> None:
    assert stack.call("DELETE", "/v1/sources/admin").status == 409
    assert stack.call("GET", "/v1/sources").status == 200


def test_health_tells_anyone_that_it_lives_and_operators_how(stack: Stack) -> None:
    anyone = stack.call("GET", "/v1/health", key=None)
    operator = stack.call("GET", "/v1/health")

    assert anyone.json == {"status": "ok"}
    assert {"version", "dead_letters", "destinations"} <= set(operator.json)
