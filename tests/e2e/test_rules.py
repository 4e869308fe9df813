"""Rules at work: what is held back, who is told next, what waits, what nobody hears."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.stack import Mailbox, Reply, Stack, shown_in, until

# Minutes last a second on this stack, but not those of throttles and silences.
RULES: dict[str, dict[str, Any]] = {
    "throttled": {"throttle": {"limit": 1, "per": 3}},
    "gathered": {"digest": {"cron": "*/5 * * * *"}},
    "escalated": {},
    "linked": {},
    "silenced": {},
    "narrow": {"throttle": {"limit": 2, "per": 15}, "continue": True},
    "archive": {"throttle": "off"},
    "asking": {},
}
LINK = re.compile(r"https?://[^\s()]+/a/[^\s()]+")
Boxes = dict[str, Mailbox]


@pytest.fixture(scope="module")
def second(stack: Stack) -> Mailbox:
    """Whoever is told when nobody else reacts."""
    return stack.mailbox()


@pytest.fixture(scope="module")
def boxes(stack: Stack, second: Mailbox) -> Boxes:
    """A mailbox for each rule, all put live at once."""
    found = {name: stack.mailbox() for name in RULES}
    escalates = {"escalate": [{"after": "3m", "to": [second.name]}]}
    archives = {**RULES["archive"], "match": found["narrow"].route()["match"]}
    asked = {"data.score": ">=80", "labels": {"zone": "/^eu-[ab]$/"}}
    asks = {"match": {**found["asking"].route()["match"], **asked}}
    rules = {**RULES, "escalated": escalates, "archive": archives, "asking": asks}
    stack.add_routes(
        *(
            {**box.route(), "name": f"{name} {box.name}", **rules[name]}
            for name, box in found.items()
        )
    )
    return found


def test_a_route_asks_for_data_and_labels_and_the_trace_says_what_it_found(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["asking"]

    def tried(score: object, zone: str) -> tuple[str, str]:
        event = box.event("Tried", data={"score": score}, labels={"zone": zone})
        reply = stack.call("POST", "/v1/events?dry_run=true", event, key="ingest").json
        (why,) = [
            step["verdict"] for step in reply["trace"] if "asking" in step["rule"]
        ]
        return reply["status"], why

    taken, why = tried(80, "eu-a")
    assert taken == "queued"
    assert "data score 80 is at least 80" in why
    assert tried(79.5, "eu-b")[1].endswith("data score 79.5 is not at least 80")
    assert tried("many", "eu-b")[1].endswith("data score 'many' is not a number")
    assert tried(90, "eu-c")[1].startswith("passed over: label zone 'eu-c' does not")


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        ("    match: {data.score: '=>80'}", "routes.1.match.data.score", "only >="),
        ("    match: {severity: '>=hihg'}", "routes.1.match.severity", "not a sev"),
        ("    match: {labels: {a: '/(/'}}", "routes.1.match.labels.a", "never closes"),
        ("    digest: {cron: '61 * * * *'}", "routes.1.digest.cron", "not within"),
        ("    escalate: [{after: 5m}]", "routes.1.escalate.0.to", "missing"),
        ("    mentions: {low: ['@here']}", "routes.1.mentions.low", "critical only"),
        ("    thortle: off", "routes.1.thortle", "unknown key"),
        ("  - {name: first, to: []}", "routes.2.name", "two routes"),
    ],
)
def test_a_mistake_in_the_file_is_refused_with_line_and_key(
    stack: Stack, line: str, field: str, words: str
) -> None:
    routes = "routes:\n  - {name: first, to: []}\n  - name: second\n    to: []\n"
    text = f"{routes}{line}\n".encode()
    kind = {"Content-Type": "application/yaml"}
    reply = stack.call("POST", "/v1/config/check", text, headers=kind)

    assert reply.status == 422
    (fault,) = reply.json["errors"]
    assert fault["field"] == field
    assert fault["reason"].startswith("line 5: ")
    assert words in fault["reason"]


def test_what_a_throttle_holds_back_is_counted_on_the_card(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["throttled"]

    reply = stack.send([box.event("Cache is cold")] * 5)

    assert len({result["id"] for result in reply.json["results"]}) == 1
    (card,) = box.wait(contains="Held back 4")
    assert len(box.messages()) == 1
    assert len(shown_in(card)) == 1


def test_one_route_holds_back_what_another_tells_and_says_how_many(
    stack: Stack, boxes: Boxes
) -> None:
    narrow, archive = boxes["narrow"], boxes["archive"]

    sent = [narrow.send("Cache is cold") for _ in range(4)]
    event = narrow.event("Cache is cold")
    tried = stack.call("POST", "/v1/events?dry_run=true", event, key="ingest").json
    reply = stack.send([event] * 2)

    names = {*sent, *(result["id"] for result in reply.json["results"])}
    assert len(names) == 6
    until(lambda: len(archive.embeds()) == 6, "all of them in the archive")
    narrow.wait(contains="Held back 4", seconds=60)
    assert len(narrow.embeds()) == 2
    assert not any("Held back" in str(shown_in(got)) for got in archive.messages())
    for trace in (tried["trace"], stack.read(sent[-1])["trace"]):
        (why,) = [step["verdict"] for step in trace if step["rule"] == "throttle"]
        assert why.startswith("held back: route narrow")
        assert why.endswith(f"told 2 in 15 s; counted on {sent[1]}")
    assert [each["destination"] for each in tried["deliveries"]] == [archive.name]


def test_a_digest_tells_all_that_waited_in_one_message(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["gathered"]
    titles = ["Report of Monday", "Report of Tuesday", "Report of Wednesday"]

    reply = stack.send([box.event(title) for title in titles])

    (summary,) = box.wait(contains="3 notifications")
    assert all(title in summary["text"] for title in titles)
    for result in reply.json["results"]:
        stack.settled(result["id"], status="sent")
    assert len(box.messages()) == 1


def test_a_link_asks_first_and_acknowledges_when_its_button_is_pressed(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["linked"]
    opened = box.send("Disk is full", state="firing", severity="high")
    (message,) = box.wait(contains="Disk is full")
    (link,) = LINK.findall(message["text"])

    page = follow(stack, "GET", link)

    assert page.status == 200
    assert b"Disk is full" in page.body
    assert b"<button>Acknowledge" in page.body
    assert stack.read(opened)["ack_at"] is None
    done = follow(stack, "POST", link, b"name=Ada&note=on+my+way")
    assert done.status == 200
    (card,) = box.wait(contains="Acknowledged by Ada")
    assert card["id"] == message["id"]
    (shown,) = shown_in(card)
    assert "on my way" in shown["description"]
    assert stack.read(opened)["ack_by"] == f"Ada (by link in {box.name})"


def test_what_somebody_is_on_is_ended_by_a_link_of_its_own(stack: Stack) -> None:
    box = stack.mailbox()
    opened = box.send("Disk is broken", state="firing", severity="high")
    (message,) = box.wait(contains="Disk is broken")
    acknowledges = LINK.findall(message["text"])[-1]
    follow(stack, "POST", acknowledges, b"name=Ada")
    (card,) = box.wait(contains="Acknowledged by Ada")
    (resolves,) = LINK.findall(card["text"])
    assert resolves != acknowledges

    assert b"<button>Resolve" in follow(stack, "GET", resolves).body
    assert stack.read(opened)["state"] == "firing"
    assert follow(stack, "POST", resolves, b"name=Bo&note=new+disk").status == 200
    (green,) = box.wait(contains="Resolved: Disk is broken")
    assert green["id"] == message["id"]
    assert not LINK.search(green["text"])
    assert stack.read(opened)["actions"][-1]["actor"] == f"Bo (by link in {box.name})"


def follow(stack: Stack, method: str, link: str, form: bytes | None = None) -> Reply:
    """As a browser does."""
    path = link.removeprefix(stack.described["api_url"])
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return stack.call(method, path, form, key=None, headers=kind)


def test_what_nobody_acknowledges_is_told_to_the_next(
    stack: Stack, boxes: Boxes, second: Mailbox
) -> None:
    box = boxes["escalated"]
    problem = {"state": "firing", "severity": "critical"}
    taken = box.send("Taken on", **problem, fingerprint=f"{box.name}-taken")
    assert stack.operate("POST", f"/v1/notifications/{taken}/acknowledge", {})[0] == 200

    left = box.send("Left alone", **problem, fingerprint=f"{box.name}-left")

    (told,) = second.wait(contains="Left alone")
    (shown,) = shown_in(told)
    assert "Escalated: nobody has acknowledged it" in shown["description"]
    asked = [each["destination"] for each in stack.read(left)["deliveries"]]
    assert sorted(asked) == sorted([box.name, second.name])
    assert len(second.messages()) == 1


def test_a_silence_keeps_notices_and_tells_of_what_is_open_when_it_ends(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["silenced"]
    silence = {"match": {"type": box.type}, "for": "5s", "kind": "maintenance"}
    assert stack.operate("POST", "/v1/silences", silence)[0] == 201

    reply = stack.send(
        [box.event("Restarted"), box.event("Still broken", state="firing")]
    )

    assert [each["status"] for each in reply.json["results"]] == ["suppressed"] * 2
    (told,) = box.wait(contains="Still broken")
    assert len(shown_in(told)) == 1
    assert [each["id"] for each in box.messages()] == [told["id"]]


def test_a_silence_that_comes_again_holds_within_its_hours_of_its_zone(
    stack: Stack, boxes: Boxes
) -> None:
    box = boxes["throttled"]
    there = datetime.now(ZoneInfo("Asia/Kathmandu"))  # 5 h 45 min ahead of UTC
    begin, end = (f"{there + timedelta(hours=hours):%H:%M}" for hours in (-2, 2))
    hours = {"from": begin, "to": end}

    for zone, status in (("Asia/Kathmandu", "suppressed"), ("UTC", "queued")):
        recurring = {**hours, "timezone": zone}
        silence = {"match": {"type": box.type}, "recurring": recurring}
        made = stack.operate("POST", "/v1/silences", silence)
        assert made[0] == 201, made
        event = box.event(f"As {zone} sees it")
        tried = stack.call("POST", "/v1/events?dry_run=true", event, key="ingest")
        stack.operate("DELETE", f"/v1/silences/{made[1]['id']}")
        assert tried.json["status"] == status
