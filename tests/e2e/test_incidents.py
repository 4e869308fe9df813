"""Incidents as people meet them: restless, worse, escalated, failing, told late."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import urllib3

from tests.e2e.stack import SCALE, Mailbox, Stack, shown_in, until

GREEN = 0x00CC66
ZONE = ZoneInfo("Europe/Zurich")
TOKEN = "xoxb-123456789012-1234567890123-aBcDeFgHiJkLmNoPqRsTuVwX"
CHANNEL = "C0123456777"
CHAT = "-1001234567777"
BOT = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
MINUTES = 90.0
STORM, SENDERS = 10_000, 3
MANY = re.compile(r"(\d+) notifications")
FIRING: dict[str, Any] = {"state": "firing", "severity": "high"}
# Minutes last a second on this stack, but not those of throttles and of flapping.
RULES: dict[str, dict[str, Any]] = {
    "nowhere": {"to": []},
    "stormy": {},
    "restless": {"flap": {"changes": 2, "within": "10m", "stable": "3m"}},
    "worse": {},
    "told": {"ack": {"remind": "3m", "expires": "8m"}},
    "closing": {"auto_close": "4m"},
    "working": {},
    "empty": {"digest": {"cron": "*/5 * * * *", "empty": True}},
    "blank": {"digest": {"cron": "*/5 * * * *"}},
    "flooded": {},
}
Boxes = dict[str, Mailbox]


@pytest.fixture(scope="module")
def second(stack: Stack) -> Mailbox:
    """Whoever is told when nobody else reacts."""
    return stack.mailbox()


@pytest.fixture(scope="module")
def boxes(stack: Stack, second: Mailbox) -> Boxes:
    """A mailbox for each rule, all put live at once."""
    named = {
        **RULES,
        # Between its first retry, after a minute, and the next, after five.
        "fallen": {"fallback": [{"after": "2m", "to": [second.name]}]},
        "freed": {"escalate": [{"after": "5m", "to": [second.name]}]},
    }
    found = {name: stack.mailbox() for name in named}
    stack.add_routes(
        *(
            {**box.route(), "name": f"{name} {box.name}", **named[name]}
            for name, box in found.items()
        )
    )
    flood(stack, found["flooded"])
    return found


def test_what_no_route_sends_anywhere_is_kept_and_says_so(
    stack: Stack, boxes: Boxes
) -> None:
    reply = stack.send(boxes["nowhere"].event("For the record"))

    assert reply.json["status"] == "suppressed"
    kept = stack.read(reply.json["id"])
    assert "no route sends it anywhere" in kept["suppressed"]
    assert any("→ nowhere" in step["verdict"] for step in kept["trace"])


def test_a_storm_of_ten_thousand_is_three_messages_at_most_and_one_card_that_counts(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["stormy"]
    opened = box.send("Queue is full", **FIRING)
    storm = [box.event("Queue is full", **FIRING)] * 100

    with ThreadPoolExecutor(SENDERS) as pool:
        replies = list(pool.map(stack.send, [storm] * (STORM // 100)))

    assert {reply.status for reply in replies} == {202}
    (card,) = box.wait(contains=f"Seen {STORM + 1:,} ×", seconds=90)
    assert len(shown_in(card)) == 1
    assert len(box.messages()) <= 3
    assert stack.read(opened)["occurrences"] == STORM + 1


def test_a_restless_problem_says_so_and_then_how_it_ended(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["restless"]
    for state in ("firing", "resolved", "firing", "resolved"):
        box.send("Link is up and down", state=state, severity="high")

    (card,) = box.wait(contains="Changed 3 times in 10 min")
    until(lambda: colour(box, card["id"]) == GREEN, "its end")
    assert len(box.messages()) == 2


def test_what_gets_worse_is_told_again_and_what_gets_better_is_not(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["worse"]
    for severity in ("medium", "critical", "low"):
        problem = {"state": "firing", "fingerprint": f"{box.name} disk"}
        opened = box.send("Disk fills", severity=severity, **problem)
        stack.settled(opened, status="sent")

    box.wait(contains="Got worse: medium → critical")
    before, card = (message["id"] for message in box.wait(count=2))
    until(lambda: icon(box, card) == "🟡", "the lower severity on its card")
    assert "Told again below" in embed(box, before)["description"]
    assert len(box.messages()) == 2


def test_an_acknowledgement_is_reminded_of_runs_out_and_is_all_on_record(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["told"]
    opened = box.send("Replica lags", **FIRING)
    box.wait(contains="Replica lags")
    acted(stack, opened, "acknowledge", {"note": "on it"})

    box.wait(contains="Reminder: it is still open")
    box.wait(contains="Reminder: nobody is on it any more")
    whats = [action["what"] for action in stack.read(opened)["actions"]]
    assert whats == [
        "acknowledged",
        "told it again",
        "let the acknowledgement expire",
        "told it again",
    ]


def test_an_acknowledgement_that_is_taken_back_lets_it_escalate(
    stack: Stack, boxes: Boxes, second: Mailbox
) -> None:
    opened = boxes["freed"].send("Nobody after all", **FIRING)
    acted(stack, opened, "acknowledge", {})
    acted(stack, opened, "unacknowledge", {})

    (told,) = second.wait(contains="Nobody after all")
    assert "Escalated" in told["text"]


def test_what_nobody_ends_closes_by_itself_and_its_card_turns_green(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["closing"]
    opened = box.send("Forgotten", **FIRING)
    (card,) = box.wait(contains="Forgotten")

    until(lambda: colour(box, card["id"]) == GREEN, "its end")
    closed = stack.read(opened)
    assert (closed["state"], closed["actions"][-1]["actor"]) == ("resolved", "tocsin")


def test_what_is_not_delivered_falls_back_and_the_rest_is_cancelled(
    stack: Stack, boxes: Boxes, second: Mailbox
) -> None:
    box = boxes["fallen"]
    box.behave("status", status=500)
    sent = box.send("Backup failed")

    (told,) = second.wait(contains="Backup failed")
    assert "not delivered elsewhere" in told["text"]
    box.behave("ok")
    until(lambda: states(stack, sent) == {"cancelled", "sent"}, "the end of the rest")
    assert box.messages() == []


def test_work_that_goes_on_is_one_card(stack: Stack, boxes: Boxes) -> None:
    box = boxes["working"]
    for percent in (0, 40, 100):
        box.send("Import", progress=percent)

    (card,) = box.wait(contains="100 %")
    assert len(box.messages()) == len(shown_in(card)) == 1


def test_a_message_that_somebody_deleted_is_posted_anew_once(
    stack: Stack,
) -> None:
    box = stack.mailbox()
    opened = box.send("Lock is stuck", **FIRING)
    (before,) = box.wait(contains="Lock is stuck")
    hook = f"webhooks/{box.webhook}/{box.token}/messages/{before['id']}"
    url = f"{stack.described['inbox_url'].rstrip('/')}/discord/api/v10/{hook}"
    agent = {"User-Agent": "DiscordBot (https://example.com, 1.0)"}
    assert urllib3.request("DELETE", url, headers=agent).status == 204

    acted(stack, opened, "resolve", {})

    (anew,) = box.wait(contains="Resolved: Lock is stuck")
    assert anew["id"] != before["id"]
    stack.settled(opened, status="sent", message_id=anew["id"])
    assert len(saying(box, "Resolved")) == 1


def test_a_message_that_holds_several_is_edited_whole(stack: Stack) -> None:
    box = stack.mailbox()
    titles = [f"Node {number} is down" for number in range(4)]
    reply = stack.send([box.event(title, **FIRING) for title in titles])
    (card,) = box.wait(contains="Node 3")
    assert len(shown_in(card)) == len(titles)
    second, third = (reply.json["results"][place]["id"] for place in (1, 2))

    acted(stack, second, "acknowledge", {"note": "on it"})
    acted(stack, third, "resolve", {})

    box.wait(contains="Resolved: Node 2 is down")
    (card,) = box.wait(contains="on it")
    shown = {embed["title"].split(" ", 1)[1]: embed for embed in shown_in(card)}
    assert sorted(shown) == sorted(
        title.replace("Node 2", "Resolved: Node 2") for title in titles
    )
    assert "Acknowledged" in shown[titles[1]]["description"]
    assert shown["Resolved: Node 2 is down"]["color"] == GREEN
    assert len(box.messages()) == 1


def test_an_empty_digest_is_told_only_where_the_route_asks_for_it(
    boxes: Boxes,
) -> None:
    assert boxes["empty"].wait(contains="Nothing to tell")
    boxes["empty"].wait(count=2)

    assert boxes["blank"].messages() == []


def test_quiet_hours_hold_and_tell_in_one_message_and_critical_passes(
    stack: Stack,
) -> None:
    shown = datetime.fromtimestamp(time.time() * float(SCALE), ZONE)
    begin, end = shown - timedelta(minutes=30), shown + timedelta(minutes=25)
    box = stack.new_mailbox(quiet={"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"})

    stack.send([box.event("Restarted"), box.event("Deployed")])
    box.send("On fire", state="firing", severity="critical")

    (told,) = box.wait()
    assert "On fire" in told["text"]
    (summary,) = box.wait(contains="2 notifications: quiet hours", seconds=60)
    assert all(title in summary["text"] for title in ("Restarted", "Deployed"))


def test_a_broken_destination_is_left_alone_and_told_what_it_missed(
    stack: Stack,
) -> None:
    box = stack.new_mailbox()
    put(stack, box, breaker={"failures": 2, "probe": "1s"})
    box.behave("status", status=500)
    box.send("The first to fail")
    until(lambda: len(box.calls()) >= 2, "two failures")
    missed = [box.event(f"Missed {number}") for number in range(4)]
    stack.send(missed)
    time.sleep(2)
    calls = len(box.calls())
    box.behave("ok")

    told = "while it could not be reached"
    (summary,) = until(lambda: saying(box, told), "the summary", MINUTES)
    assert "notifications" in summary["text"]
    assert calls <= 5


def test_a_backlog_that_has_grown_old_is_told_in_one_message_and_critical_passes(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["flooded"]
    box.wait(contains="On fire")

    told = "a backlog that had grown old"
    until(lambda: saying(box, told), "the summary", MINUTES)

    def all_sent() -> bool:
        found = stack.listed(f"type={box.type}&status=sent&limit=100")
        return len(found) == 32

    until(all_sent, "the outcome of all", MINUTES)
    # Those of which few were at hand at a time are told as they are.
    folded = [int(MANY.findall(each["text"])[0]) for each in saying(box, told)]
    assert sum(folded) > 10


def test_a_destination_with_a_window_is_told_in_one_call_what_comes_in_it(
    stack: Stack,
) -> None:
    box = stack.new_mailbox()
    put(stack, box, window="8s")  # Long enough for a busy machine to post three.
    for number in range(3):
        box.send(f"Peer {number} joined")

    (together,) = box.wait(contains="Peer 2 joined")
    assert len(shown_in(together)) == 3
    assert len(box.calls()) == 1


def test_an_audit_mirror_hears_of_everything_in_one_line(
    stack: Stack, second: Mailbox
) -> None:
    box = stack.new_mailbox()
    put(stack, box, audit_to=second.name)
    box.send("Keys were rotated", message="all twelve of them", severity="high")
    box.wait(contains="Keys were rotated")

    (line,) = second.wait(contains="Keys were rotated")
    (shown,) = shown_in(line)
    assert "twelve" not in line["text"]
    assert "\n" not in shown["title"]


@pytest.mark.parametrize("channel", ["slack", "telegram"])
def test_what_follows_a_problem_goes_to_its_thread(stack: Stack, channel: str) -> None:
    given, where = {
        "slack": ({"token": TOKEN, "channel_id": CHANNEL}, CHANNEL),
        "telegram": ({"token": BOT, "chat": CHAT}, CHAT),
    }[channel]
    name = f"e2e-{channel}-{time.time_ns()}"
    made = stack.operate(
        "PUT", f"/v1/destinations/{name}", {"channel": channel, **given}
    )
    assert made[0] in (200, 201), made
    route = {"name": name, "match": {"type": name}, "to": [name], "thread": True}
    stack.add_routes(route)
    title = f"Shard is slow ({time.time_ns()})"
    live_through(stack, {"type": name, "title": title})

    def all_told() -> Sequence[Any]:
        found = stack.inbox("GET", f"/messages?webhook={where}")["messages"]
        mine = [message for message in found if title in message["text"]]
        return mine if len(mine) == 3 else []

    root, worse, end = until(all_told, "three messages")
    assert [answered(each) for each in (root, worse, end)] == ["", *[root["id"]] * 2]
    assert "Got worse" in worse["text"]
    assert "Resolved after" in end["text"]


def test_in_a_forum_a_problem_has_a_post_of_its_own(stack: Stack) -> None:
    box = stack.new_mailbox(thread=True)
    stack.inbox("POST", "/webhooks", {"id": box.webhook, "kind": "forum"})
    put(stack, box, thread_name="Incidents")

    for title in ("Shard is slow", "Shard is gone"):
        live_through(stack, box.event(title))

    messages = box.wait(count=6)
    posts = [message["thread"]["id"] for message in messages]
    assert [posts.count(post) for post in set(posts)] == [3, 3]


def test_tocsin_tells_what_looks_wrong_and_who_was_told_for_nothing(
    stack: Stack,
) -> None:
    box = stack.new_mailbox(match={"type": "tocsin.*"})
    live = stack.call("GET", "/v1/config")
    then = datetime.now(ZONE) - timedelta(minutes=1)
    times = {"lint": f"{then:%H:%M}", "noise": f"{then:%a %H:%M}".lower()}
    asked = {**live.json, "reports": times}
    assert stack.operate("PUT", "/v1/config", asked)[0] == 200

    assert box.wait(contains="wrong in Tocsin's settings", seconds=60)
    assert box.wait(contains="told", seconds=60)
    stack.operate("PUT", "/v1/config", live.json)


def flood(stack: Stack, box: Mailbox) -> None:
    """More than one message holds, while the provider makes us wait. It is told with
    the next minute."""
    put(stack, box, storm={"after": "1s"})
    box.behave("limited", retry_after=3, times=1)
    box.send("The first")
    until(box.calls, "the limit")
    stack.send([box.event(f"Flood {number}") for number in range(30)])
    box.send("On fire", state="firing", severity="critical")


def live_through(stack: Stack, event: dict[str, Any]) -> None:
    """A problem opens, gets worse, and ends."""
    course = (("firing", "medium"), ("firing", "critical"), ("resolved", "info"))
    for state, severity in course:
        reply = stack.send({**event, "state": state, "severity": severity})
        assert reply.status == 202, reply.body
        stack.settled(reply.json["id"], status="sent")


def acted(stack: Stack, name: str, what: str, body: dict[str, Any]) -> None:
    status, told = stack.operate("POST", f"/v1/notifications/{name}/{what}", body)
    assert status == 200, told


def put(stack: Stack, box: Mailbox, **upkeep: Any) -> None:
    given = {"channel": "discord", "url": box.url, **upkeep}
    status, told = stack.operate("PUT", f"/v1/destinations/{box.name}", given)
    assert status == 200, told


def states(stack: Stack, name: str) -> set[str]:
    return {each["status"] for each in stack.read(name)["deliveries"]}


def saying(box: Mailbox, words: str) -> list[Any]:
    return [each for each in box.messages() if words in each["text"]]


def embed(box: Mailbox, name: str) -> dict[str, Any]:
    (message,) = [each for each in box.messages() if each["id"] == name]
    (shown,) = shown_in(message)
    return shown


def colour(box: Mailbox, name: str) -> int:
    return int(embed(box, name)["color"])


def icon(box: Mailbox, name: str) -> str:
    return str(embed(box, name)["title"]).split()[0]


def answered(message: dict[str, Any]) -> str:
    """What it answers, as the provider was told."""
    payload = message["payload"]
    reply = payload.get("reply_parameters", {}).get("message_id", "")
    return str(payload.get("thread_ts") or reply)
