"""Discord: what is written into a call, whatever the messages say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.inbox.discord.payload import Circumstances, read_post
from tests.unit.channels.messages import AT, HOSTILE, message
from tests.unit.discord_limits import broken_limits, pinged
from tocsin.channels.discord.encoding import encoded, room_for
from tocsin.channels.discord.settings import Settings
from tocsin.message import Fact, Link, Message, Posted, Text

# As Discord reads: an escaped character, a code block, a code span.
CODE = re.compile(r"\\[^\w\s]|```.*?```|(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)

words = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=300),
    st.text("@everyhr<>!&#:t/1234`*_~|[](). \n\\-\u200b\u202eé𝕏", max_size=80),
    st.tuples(st.sampled_from(HOSTILE), st.text(max_size=20)).map("".join),
)
texts = st.builds(Text, words, st.booleans())
urls = st.one_of(
    st.sampled_from(
        [
            "https://example.com/a",
            "http://grafana:3000/d",
            "http://localhost/x",
            "javascript:alert(1)",
            "https://example.com/" + "b" * 2_500,
            "",
            "https://example.com/a b",
            "https://example.com/(x){y}|z",
            "http://[::1]/",
        ]
    ),
    words,
)
pings = st.sampled_from(
    ["@everyone", "@here", "user:1234", "role:1234", "user:99", "<@1>", "role:x"]
)
many_messages = st.lists(
    st.builds(
        Message,
        icon=st.sampled_from(["🚨", "⚠️", ""]),
        title=words,
        colour=st.integers(0, 0xFFFFFF),
        at=st.datetimes(timezones=st.timezones()),
        url=st.none() | urls,
        preview=st.none() | words,
        body=st.none() | texts,
        code=st.none() | words,
        facts=st.lists(st.builds(Fact, words, texts, st.booleans()), max_size=27).map(
            tuple
        ),
        state_line=st.none() | words,
        links=st.lists(st.builds(Link, words, urls), max_size=27).map(tuple),
        footer=words,
        picture=st.none() | urls,
        pings=st.lists(pings, max_size=6).map(tuple),
        thread=words.map(lambda text: text[:100]),
        rank=st.integers(0, 5),
    ),
    min_size=1,
    max_size=10,
)
some_settings = st.sampled_from(
    [
        Settings(),
        Settings(buttons=False),
        Settings(thread_id="12345678901234567"),
        Settings(username="Tocsin", avatar_url="https://example.com/a.png"),
        Settings(thread_name="Incidents", tags=("12345678901234567",)),
    ]
)


def sent(*messages: Message, **given_settings: Any) -> dict[str, Any]:
    """The payload that goes out for these."""
    call = encoded(messages, Settings(**given_settings), None)
    assert broken_limits(call.body) == []
    payload: dict[str, Any] = json.loads(call.body)
    return payload


def plain(title: str = "db-cpu is high", **more: Any) -> Message:
    """A message with no more than a title."""
    return Message(icon="🔴", title=title, colour=1, at=AT, **more)


@settings(max_examples=60)
@given(many_messages, some_settings)
def test_no_text_breaks_a_limit_or_pings_anyone_not_granted(
    messages: list[Message], chosen: Settings
) -> None:
    call = encoded(messages, chosen, None)
    granted = {ping for message in messages for ping in message.pings}

    assert broken_limits(call.body) == []
    assert pinged(call.body) <= granted
    components = "with_components" in parse_qs(call.query)
    draft = read_post(json.loads(call.body), Circumstances(with_components=components))
    assert not [told for told in draft.warnings if "not shown" in told]


@settings(max_examples=60)
@given(many_messages)
def test_title_and_state_line_are_never_left_out(messages: list[Message]) -> None:
    payload = json.loads(encoded(messages, Settings(), None).body)
    ordered = sorted(messages, key=lambda one: -one.rank)

    assert len(payload["embeds"]) == len(messages)
    for one, embed in zip(ordered, payload["embeds"], strict=True):
        assert embed["title"].startswith(one.icon)
        if one.state_line and one.state_line.strip():
            assert "\n*" in "\n" + embed["description"]


@settings(max_examples=60)
@given(words, st.booleans())
def test_no_body_swallows_what_stands_after_it(text: str, markup: bool) -> None:
    payload = sent(plain(body=Text(text, markup), state_line="STATE", code=text))
    embed = payload["embeds"][0]
    shown = CODE.sub("", embed["description"])

    assert "*STATE*" in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_what_does_not_fit_is_shortened_and_the_rest_is_kept(text: str) -> None:
    payload = sent(*[message(text)] * 10)

    assert len(payload["embeds"]) == 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** _it_ ~~no~~", r"\*\*bold\*\* \_it\_ \~\~no\~\~"),
        ("snake_case_name", "snake_case_name"),
        ("__init__", r"\_\_init\_\_"),
        ("`code` ||spoiler||", r"\`code\` \|\|spoiler\|\|"),
        ("[x](https://a.example/b_c)", r"\[x\](https://a.example/b_c)"),
        ("see https://a.example/_b_*c*", "see https://a.example/_b_*c*"),
        ("# head", r"\# head"),
        ("-# small", r"\-# small"),
        ("> quote\n>>> all", "\\> quote\n\\>>> all"),
        ("- item\n7. item", "\\- item\n7\\. item"),
        ("a - b > c # d 1. e", "a - b > c # d 1. e"),
        ("@everyone @here", "@\u200beveryone @\u200bhere"),
        ("ana@example.com", "ana@example.com"),
        ("<@1> <@&1> <#1>", "<\u200b@1> <\u200b@&1> <\u200b#1>"),
        ("<:x:1> <a:x:1> <t:1:R>", "<\u200b:x:1> <\u200ba:x:1> <\u200bt:1:R>"),
        ("a < b, x<y", "a < b, x<y"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_data_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    payload = sent(plain(text, body=Text(text), facts=(Fact("Name", Text(text)),)))
    embed = payload["embeds"][0]

    assert embed["description"].startswith(shown)
    assert embed["fields"][0]["value"] == shown
    if "\n" not in text:
        assert embed["title"] == f"🔴 {shown}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and `code`", "**bold** and `code`"),
        ("[docs](https://example.com)", "[docs](https://example.com)"),
        ("[x](javascript:alert(1))", r"[x]\(javascript:alert(1))"),
        ("<t:1:R> <:x:1>", "<t:1:R> <:x:1>"),
        ("@everyone <@1>", "@\u200beveryone <\u200b@1>"),
        ("```py\nopen", "\\`\\`\\`py\nopen"),
        (">>> all of it", "> all of it"),
    ],
)
def test_the_senders_markdown_works_within_bounds(text: str, shown: str) -> None:
    payload = sent(plain(body=Text(text, markup=True)))

    assert payload["embeds"][0]["description"].startswith(shown)


def test_a_single_message_stays_as_it_is() -> None:
    one = Message(
        icon="🚨",
        title="checkout-5xx is in ALARM",
        colour=0xFF0000,
        at=AT,
        url="https://example.com/alarm",
        preview="🚨 checkout-5xx is in ALARM · prod",
        body=Text("5 % of calls fail"),
        code="Traceback",
        facts=(Fact("Value", Text("5 %")),),
        state_line="Seen 3 ×",
        links=(Link("Runbook", "https://example.com/run"),),
        footer="Shop · prod · 7k3m",
        picture="https://example.com/a.png",
        pings=("@everyone", "role:42"),
        rank=5,
    )
    call = encoded([one], Settings(), None)

    assert json.loads(call.body) == {
        "embeds": [
            {
                "title": "🚨 checkout-5xx is in ALARM",
                "color": 0xFF0000,
                "url": "https://example.com/alarm",
                "description": "5 % of calls fail\n*Seen 3 ×*\n"
                "<t:1793714700:R>\n```\nTraceback\n```",
                "fields": [{"name": "Value", "value": "5 %", "inline": True}],
                "footer": {"text": "Shop · prod · 7k3m · 14:05 UTC"},
                "timestamp": "2026-11-03T14:05:00+00:00",
                "image": {"url": "https://example.com/a.png"},
            }
        ],
        "allowed_mentions": {"parse": ["everyone"], "roles": ["42"]},
        "content": "🚨 checkout-5xx is in ALARM · prod @everyone <@&42>",
        "components": [
            {
                "type": 1,
                "components": [
                    {
                        "type": 2,
                        "style": 5,
                        "label": "Runbook",
                        "url": "https://example.com/run",
                    }
                ],
            }
        ],
    }
    assert call.query == "wait=true&with_components=true"


def test_without_a_ping_nothing_may_ping() -> None:
    payload = sent(plain())

    assert payload["allowed_mentions"] == {"parse": []}
    assert "content" not in payload


def test_several_stand_most_severe_first_and_are_counted() -> None:
    loud = plain("checkout-5xx is in ALARM", preview="x", rank=5)
    payload = sent(plain("quiet", rank=0), plain("disk is low", rank=3), loud)

    titles = [embed["title"] for embed in payload["embeds"]]
    assert titles == ["🔴 checkout-5xx is in ALARM", "🔴 disk is low", "🔴 quiet"]
    assert payload["content"] == "🔴 3 notifications: checkout-5xx, disk is low, +1"


def test_several_show_their_links_in_their_own_text() -> None:
    linked = plain(links=(Link("Log [1]", "https://example.com/l(1)"),))
    payload = sent(linked, linked)

    assert "components" not in payload
    for embed in payload["embeds"]:
        assert "[Log 1](https://example.com/l%281%29)" in embed["description"]


def test_an_address_that_discord_refuses_is_shown_as_text() -> None:
    inside = plain(
        url="http://grafana:3000/d", links=(Link("Graph", "http://grafana:3000/d"),)
    )
    payload = sent(inside)

    assert "url" not in payload["embeds"][0]
    assert "components" not in payload
    assert "Graph: http://grafana:3000/d" in payload["embeds"][0]["description"]


def test_embeds_with_the_same_address_stay_apart() -> None:
    same = plain(url="https://example.com/a")
    marked = plain(url="https://example.com/a#b")
    payload = sent(same, same, marked, marked)

    assert [embed.get("url") for embed in payload["embeds"]] == [
        "https://example.com/a",
        "https://example.com/a#2",
        "https://example.com/a#b",
        None,
    ]


def test_facts_are_shortened_before_anything_is_left_out() -> None:
    facts = tuple(Fact(f"f{n}", Text("v" * 1000)) for n in range(3))
    payload = sent(*[plain(facts=facts, footer="foot") for _ in range(4)])

    for embed in payload["embeds"]:
        assert [len(field["value"]) for field in embed["fields"]] == [80, 80, 80]
        assert embed["footer"]["text"].startswith("foot")


def test_the_least_important_goes_first() -> None:
    big = plain(
        body=Text("b" * 3000),
        code="c" * 3000,
        facts=tuple(Fact(f"f{n}", Text("v" * 500)) for n in range(5)),
        state_line="state",
        footer="foot",
    )
    embed = sent(big)["embeds"][0]

    assert embed["description"].startswith("b" * 3000)
    assert "state" in embed["description"]
    assert len(embed["fields"]) == 5
    assert "footer" not in embed
    assert embed["description"].count("c") < 500


def test_a_small_message_is_whole_beside_big_ones() -> None:
    small = plain("small", body=Text("all of this"), footer="foot", rank=5)
    payload = sent(small, *[message("x" * 5000)] * 9)

    assert "all of this" in payload["embeds"][0]["description"]
    assert payload["embeds"][0]["footer"]["text"].startswith("foot")


def test_ten_ordinary_messages_fit_into_one_call() -> None:
    facts = tuple(Fact(f"Fact {n}", Text("value " * 5)) for n in range(6))
    ordinary = plain(body=Text("word " * 40), facts=facts, footer="Shop · prod · 7k3m")

    assert room_for([ordinary] * 20) == 10


@settings(max_examples=60)
@given(many_messages)
def test_of_what_fits_nothing_is_left_out(messages: list[Message]) -> None:
    fitting = [replace(one, links=(), rank=1) for one in messages]
    fitting = fitting[: room_for(fitting)]
    if len(fitting) == 1:
        return
    payload = json.loads(encoded(fitting, Settings(), None).body)
    for one, embed in zip(fitting, payload["embeds"], strict=True):
        assert embed["footer"]["text"] or not one.footer.strip()
        named = [f for f in one.facts if f.name.strip() and f.value.text.strip()]
        assert len(embed.get("fields", [])) >= min(25, len(named)) - 2


def test_messages_for_different_threads_do_not_share_a_call() -> None:
    threads = [plain(thread="a"), plain(thread="a"), plain(thread="b")]

    assert room_for(threads) == 2


@pytest.mark.parametrize(
    ("given_settings", "thread", "query", "name"),
    [
        ({}, "incident 4", "wait=true", None),
        ({"thread_id": "9"}, "incident 4", "wait=true&thread_id=9", None),
        ({"thread_name": "All"}, "", "wait=true", "All"),
        ({"thread_name": "All"}, "incident 4", "wait=true", "incident 4"),
        ({"tags": ["7"]}, "", "wait=true", "db-cpu is high"),
    ],
)
def test_a_forum_gets_a_post_and_a_thread_gets_its_id(
    given_settings: dict[str, Any], thread: str, query: str, name: str | None
) -> None:
    call = encoded([plain(thread=thread)], Settings(**given_settings), None)
    payload = json.loads(call.body)

    assert call.query == query
    assert payload.get("thread_name") == name
    assert payload.get("applied_tags") == given_settings.get("tags")


def test_what_follows_a_message_goes_to_its_post_in_a_forum() -> None:
    message = plain(answers=Posted("1", "77"))
    forum = encoded([message], Settings(thread_name="Incidents"), None)

    assert forum.query == "wait=true&thread_id=77"
    assert "thread_name" not in json.loads(forum.body)
    assert encoded([message], Settings(), None).query == "wait=true"


def test_a_thread_in_the_stored_url_counts_when_the_settings_name_none() -> None:
    assert encoded([plain()], Settings(), "8").query == "wait=true&thread_id=8"
    assert (
        encoded([plain()], Settings(thread_id="9"), "8").query
        == "wait=true&thread_id=9"
    )
    forum = encoded([plain()], Settings(thread_name="All"), "8")
    assert forum.query == "wait=true"


def test_what_the_small_leave_goes_to_the_big() -> None:
    big = plain("big", body=Text("b" * 4_000), footer="foot")
    payload = sent(*[plain("small")] * 8, big, big)

    assert sum(len(embed["description"]) for embed in payload["embeds"][8:]) > 5_000


def test_a_footer_alone_can_be_too_long() -> None:
    assert len(sent(plain(footer="f" * 3_000))["embeds"][0]["footer"]["text"]) <= 2_048


def test_long_messages_take_more_calls() -> None:
    assert room_for([plain(body=Text("b" * 1_900))] * 10) == 3
    assert room_for([plain(body=Text("*" * 1_900))] * 10) == 1


def test_more_people_than_may_be_named_are_not_named() -> None:
    crowd = plain(pings=tuple(f"user:{number}" for number in range(150)))
    payload = sent(crowd)

    assert len(payload["allowed_mentions"]["users"]) == 100
    assert payload["content"].count("<@") == 100


def test_a_post_without_a_name_is_named_by_its_title() -> None:
    assert len(sent(plain("t" * 200), tags=["7"])["thread_name"]) == 100
