"""Teams: the channel as a whole, against a host of workflows on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract
from tests.unit.channels.messages import AT, HOSTILE, message
from tocsin.channels import channel
from tocsin.channels._public import PublicHttp
from tocsin.channels.teams import Teams, cards
from tocsin.errors import Invalid
from tocsin.message import Fact, Link, Message, Text
from tocsin.ports import Channel, Kind, Outcome, Target

HOST = "default0123.7f.environment.api.powerplatform.com"
WORKFLOW = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
SIG = "s3cr3t-SIGNATURE_of_the-workflow"
PATH = (
    f"/powerautomate/automations/direct/workflows/{WORKFLOW}/triggers/manual/paths/"
    f"invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIG}"
)
URL = f"https://{HOST}:443{PATH}"
OFF = {"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "disabled"}}
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
    picture="https://example.com/p.png",
    state="firing",
    severity="high",
)


def opened(base: str, seconds: float = 30.0) -> Teams:
    """The channel with so much time in all."""
    return Teams(PublicHttp(base, connect_within=0.7 * seconds, total=seconds))


def called(*behaviours: loopback.Behaviour) -> Outcome:
    """One message, to a host that behaves so."""
    with loopback.provider(*behaviours) as told:
        return opened(told.base).send([ALARM], Target("ops", {}, URL))


def card(one: Message) -> dict[str, Any]:
    """The card that a message becomes."""
    body = json.loads(cards.encoded(one))
    (attachment,) = body["attachments"]
    assert body["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    found: dict[str, Any] = attachment["content"]
    return found


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within, in order."""
    if isinstance(value, dict):
        yield value
    inside = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for one in inside:
            yield from nodes(one)


def words(one: Message) -> list[str]:
    """What a reader sees, in order."""
    return [node["text"] for node in nodes(card(one)["body"]) if "text" in node]


def broken_limits(body: bytes) -> list[str]:
    """What Teams would refuse, or obey although a stranger said it."""
    (attachment,) = json.loads(body)["attachments"]
    content = attachment["content"]
    found = list(nodes(content))
    blocks = [node for node in found if node.get("type") == "TextBlock"]
    said = {
        "20 KB": len(body) <= 20_480,
        "version": content["version"] in ("1.2", "1.3", "1.4"),
        "actions": len(content.get("actions", ())) <= 6,
        "links": all(
            action["url"].startswith("http") for action in content.get("actions", ())
        ),
        "mentions": "entities" not in content["msteams"],
        "markdown": all(block["text"].startswith("{{DATE(2026") for block in blocks),
        "runs": all(node["text"] for node in found if node.get("type") == "TextRun"),
    }
    return [name for name, good in said.items() if not good]


class TestTeamsKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "teams"
    given = {"url": URL}
    secret_parts = (SIG, WORKFLOW)
    answers = (
        (200, None, {}, Kind.OK),
        (202, None, {}, Kind.OK),
        (200, b"Webhook message delivery failed: HTTP error 429", {}, Kind.LIMITED),
        (200, b"Webhook message delivery failed: HTTP error 413", {}, Kind.PERMANENT),
        *((status, {}, {}, Kind.PERMANENT) for status in (400, 401, 403, 405, 413)),
        (404, {"error": {"code": "WorkflowNotFound"}}, {}, Kind.GONE),
        (404, OFF, {}, Kind.PERMANENT),
        (400, OFF, {}, Kind.PERMANENT),
        (410, None, {}, Kind.GONE),
        (429, None, {}, Kind.LIMITED),
        *((status, None, {}, Kind.TRANSIENT) for status in (408, 425, 302)),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504)),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return opened(base, 1.0)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        assert broken_limits(request.body) == []


def test_a_card_is_posted_to_the_whole_address() -> None:
    with loopback.provider(loopback.answer(202)) as told:
        outcome = opened(told.base).send([ALARM], Target("ops", {}, URL))

    (request,) = told.requests
    assert outcome == Outcome(Kind.OK)
    assert (request.method, request.path) == ("POST", f"/{HOST}:443{PATH}")
    assert request.headers["content-type"] == "application/json"


def test_a_card_says_what_a_reader_must_know_in_order() -> None:
    assert words(ALARM) == [
        "🔴 checkout-5xx is in ALARM",
        "Seen 3 ×",
        "4.2 % of calls fail",
        "since 14:01",
        "Value: ",
        "4.2 %",
        '{"a": 1}',
        "{{DATE(2026-11-03T14:05:00Z, SHORT)}} {{TIME(2026-11-03T14:05:00Z)}}",
        "Shop · aws · s0t1v2",
    ]
    assert card(ALARM)["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open", "url": "https://example.com/alarm"},
        {"type": "Action.OpenUrl", "title": "Runbook", "url": "http://wiki/r"},
    ]


@pytest.mark.parametrize(
    ("severity", "state", "style"),
    [
        ("critical", "firing", "attention"),
        ("high", "acknowledged", "attention"),
        ("medium", "notice", "warning"),
        ("info", "notice", "accent"),
        ("success", "notice", "good"),
        ("debug", "notice", "emphasis"),
        ("critical", "resolved", "good"),
    ],
)
def test_the_head_has_the_colour_of_how_bad_it_is(
    severity: str, state: str, style: str
) -> None:
    content = card(replace(ALARM, severity=severity, state=state))

    assert content["body"][0]["style"] == style


def test_a_stranger_s_markup_is_never_read_as_markup() -> None:
    hostile = "**x** [a](https://evil.example) <at>all</at> {{DATE(2026, SHORT)}}"
    shown = replace(message(hostile), links=())
    found = [node for node in nodes(card(shown)) if node.get("text", "").count("**x**")]

    assert len(found) > 4
    assert {node["type"] for node in found} == {"TextRun"}
    assert not [node for node in found if "{{DATE" in node["text"]]


def test_the_sender_s_own_markdown_is_but_leads_to_the_web_only() -> None:
    text = "**x** [a](https://e.example/) [b](javascript:alert(1)) {{TIME(x)}}"
    blocks = [
        node["text"]
        for node in nodes(card(replace(ALARM, body=Text(text, markup=True))))
        if node.get("type") == "TextBlock"
    ]

    assert blocks[0].startswith("**x** [a](https://e.example/) [b]")
    assert "javascript" not in blocks[0]
    assert "{{" not in blocks[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_fit(text: str) -> None:
    assert broken_limits(cards.encoded(message(text))) == []


@pytest.mark.parametrize(
    ("large", "shortened"),
    [
        ({"code": "c" * 30_000}, "Shortened: picture, footer, code"),
        ({"body": Text("t" * 30_000)}, "Shortened: picture, footer, code, text"),
        ({"code": "c\n" * 300}, ""),
    ],
)
def test_the_least_important_goes_first(large: dict[str, Any], shortened: str) -> None:
    one = replace(ALARM, **large)
    said = [each for each in words(one) if each.startswith("Shortened")]

    assert len(cards.encoded(one)) <= cards.LIMIT
    assert said == ([shortened] if shortened else [])
    assert words(one)[:2] == words(ALARM)[:2]


@pytest.mark.parametrize(
    ("headers", "wait"), [({}, 10_000), ({"Retry-After": "33"}, 33_000)]
)
def test_a_limit_is_waited_for(headers: dict[str, str], wait: int) -> None:
    outcome = called(loopback.answer(429, None, headers))

    assert (outcome.kind, outcome.wait_ms) == (Kind.LIMITED, wait)


def test_a_reason_says_what_to_do_next() -> None:
    reason = called(loopback.answer(404, {"error": f"no {WORKFLOW}"})).reason

    assert "put its address to destination ops" in reason
    assert WORKFLOW not in reason


def test_a_probe_starts_no_workflow() -> None:
    for status, ok in ((200, True), (405, True), (404, False)):
        with loopback.provider(loopback.answer(status)) as told:
            assert opened(told.base).probe(Target("ops", {}, URL)).ok is ok
        assert [request.method for request in told.requests] == ["OPTIONS"]


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"https://{HOST}{PATH}",
        f"https://prod-12.westeurope.logic.azure.com:443/workflows/x?sig={SIG}",
        f"  {URL}\n",
    ],
)
def test_the_address_is_taken_as_it_is(url: str) -> None:
    assert channel("teams").split({"url": url}) == ({}, url.strip())


@pytest.mark.parametrize(
    "url",
    [
        "",
        7,
        "teams",
        URL.replace("https", "http"),
        URL.replace(":443", ":8080"),
        URL.replace(HOST, "evil.example"),
        URL.replace(HOST, f"{HOST}.evil.example"),
        URL.replace(HOST, f"{HOST}@evil.example"),
        URL.replace(HOST, "logic.azure.com"),
        URL.replace("sig=", "gis="),
        URL + " x",
        "https://[",
        f"https://x.webhook.office.com/webhookb2/{SIG}",
    ],
)
def test_another_address_is_refused_and_not_repeated(url: object) -> None:
    with pytest.raises(Invalid) as caught:
        channel("teams").split({"url": url})

    (fault,) = caught.value.faults
    assert fault.field == "url"
    assert SIG not in f"{caught.value.detail}{fault}"


def test_a_retired_connector_is_told_apart() -> None:
    with pytest.raises(Invalid) as caught:
        channel("teams").split({"url": "https://x.webhook.office.com/webhookb2/1"})

    assert "retired" in caught.value.faults[0].reason
