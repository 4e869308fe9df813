"""Telegram: what is written into a call, whatever the messages say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.inbox.telegram.entities import parse
from tests.unit.channels.messages import AT, HOSTILE, message
from tests.unit.telegram_html import broken_limits, pinged, seen_of
from tocsin.channels.telegram.drafts import draft, weight
from tocsin.channels.telegram.encoding import encoded, room_for
from tocsin.channels.telegram.settings import Settings
from tocsin.message import Fact, Link, Message, Posted, Text

CHAT = "-1001234567890"
TRICKS = (
    "@**everyone**",
    "/**start**",
    "\\@everyone",
    "`@x` @y",
    "<b>bold</b> <a href='tg://user?id=1'>x</a>",
    "&lt;b&gt; &amp;amp; &#64;x &nbsp;",
    '[x](tg://user?id=5) [y](https://e.example/"><b>) [z](https://a.b/?q=<b>)',
    "</pre></code></b> <pre>",
    "/start /start@bot a/b /var/log (/x)",
)
words = st.one_of(
    st.sampled_from(HOSTILE + TRICKS),
    st.text(max_size=300),
    st.text("@eno_&<>\"'/#:1234`*~[](). \n\\-\u200b\u202eé𝕏", max_size=80),
    st.tuples(st.sampled_from(HOSTILE + TRICKS), st.text(max_size=20)).map("".join),
)
texts = st.builds(Text, words, st.booleans())
urls = st.one_of(
    st.sampled_from(
        [
            "https://example.com/a",
            "http://grafana:3000/d",
            "javascript:alert(1)",
            "tg://user?id=7",
            "https://example.com/" + "b" * 2_500,
            "https://example.com/" + "<" * 900,
            'https://example.com/?a=1&b="2"',
            "",
            "http://[::1]/",
        ]
    ),
    words,
)
pings = st.sampled_from(["@everyone", "user:1234", "role:1", "user:99", "user:x"])
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
        rank=st.integers(0, 5),
    ),
    min_size=1,
    max_size=10,
)


def sent(*messages: Message, **given_settings: Any) -> dict[str, Any]:
    """The payload that goes out for these."""
    body = encoded(messages, Settings(chat=CHAT, **given_settings)).body()
    assert broken_limits(body) == []
    payload: dict[str, Any] = json.loads(body)
    return payload


def plain(title: str = "db-cpu is high", **more: Any) -> Message:
    """A message with no more than a title."""
    return Message(icon="🔴", title=title, colour=1, at=AT, **more)


@settings(max_examples=60)
@given(many_messages)
def test_no_text_breaks_a_limit_or_pings_anyone_not_granted(
    messages: list[Message],
) -> None:
    letter = encoded(messages, Settings(chat=CHAT))
    granted = {ping for message in messages for ping in message.pings}

    for one in (letter, letter.unbuttoned(), letter.plainly()):
        assert broken_limits(one.body()) == []
        assert pinged(one.body()) <= granted


@settings(max_examples=60)
@given(many_messages)
def test_the_provider_s_own_reading_is_the_same(messages: list[Message]) -> None:
    payload = json.loads(encoded(messages, Settings(chat=CHAT)).body())

    assert parse(payload["text"]).text == seen_of(payload).text


@settings(max_examples=60)
@given(many_messages)
def test_title_and_state_line_are_never_left_out(messages: list[Message]) -> None:
    payload = json.loads(encoded(messages, Settings(chat=CHAT)).body())
    looks = [name for name, _, _ in seen_of(payload).entities]
    lines = [one.state_line or "" for one in messages]
    shown = [line for line in lines if line.isprintable() and line.strip()]

    assert looks.count("b") >= len(messages)
    assert looks.count("i") >= len(shown)


@settings(max_examples=60)
@given(many_messages)
def test_what_is_estimated_is_never_too_little(messages: list[Message]) -> None:
    for one in messages:
        assert weight(one) >= draft(one, alone=False).size


@settings(max_examples=60)
@given(st.lists(st.text("ab c", min_size=1, max_size=700), min_size=1, max_size=10))
def test_what_fits_is_whole(bodies: list[str]) -> None:
    messages = [
        plain(body=Text(body), footer=f"footer {n}", state_line="state", preview="x")
        for n, body in enumerate(bodies)
    ]
    count = room_for(messages)
    text = seen_of(sent(*messages[:count])).text

    assert text.count("state") == count
    assert text.count("footer") == count
    assert all(body.strip() in text for body in bodies[:count])


@pytest.mark.parametrize("text", HOSTILE + TRICKS)
@pytest.mark.parametrize("markup", [False, True])
def test_what_does_not_fit_is_shortened_and_the_rest_is_kept(
    text: str, markup: bool
) -> None:
    sent(*[message(text, markup=markup)] * 10)
    sent(message(text, markup=markup))


def test_a_message_is_read_from_the_top() -> None:
    one = plain(
        url="https://example.com/alarm?a=1&b=2",
        body=Text("5xx rate is 12 %"),
        facts=(Fact("Service", Text("checkout")), Fact("Region", Text("eu-west-1"))),
        state_line="Acknowledged by Ada at 14:05 UTC",
        code="Traceback <module>",
        footer="Tocsin · prod · 1a2b3c4d",
    )

    assert sent(one)["text"].split("\n") == [
        '🔴 <b><a href="https://example.com/alarm?a=1&amp;b=2">db-cpu is high</a></b>',
        "5xx rate is 12 %",
        "",
        "<b>Service:</b> checkout",
        "<b>Region:</b> eu-west-1",
        "",
        "<i>Acknowledged by Ada at 14:05 UTC</i>",
        "Tocsin · prod · 1a2b3c4d · 3 Nov 14:05 UTC",
        "<pre>Traceback &lt;module&gt;</pre>",
    ]


def test_the_least_important_goes_first() -> None:
    full = message("word " * 20)
    long = replace(full, body=Text("b" * 3_000), code="c" * 3_000, facts=full.facts[:3])
    text = seen_of(sent(long)).text

    assert "UTC" not in text
    assert 40 <= text.count("c") < 3_000
    assert text.count("b") == 3_000
    assert text.count("word word") > 3


def test_links_are_buttons_and_others_stay_words() -> None:
    links = (
        Link("Runbook", "https://example.com/r"),
        Link("Grafana", "http://grafana:3000/d"),
        Link("Logs", "https://example.com/l"),
        Link("Trace", "https://example.com/t"),
    )
    payload = sent(plain(links=links, url="http://intranet/alarm"))
    rows = payload["reply_markup"]["inline_keyboard"]

    assert [[one["text"] for one in row] for row in rows] == [
        ["Runbook", "Logs"],
        ["Trace"],
    ]
    assert "Grafana: http://grafana:3000/d" in payload["text"]
    assert "Open: http://intranet/alarm" in payload["text"]


def test_a_hundred_links_keep_to_rows_of_eight_and_to_the_room() -> None:
    links = tuple(Link(f"Link {n}", f"https://e.example/{n}") for n in range(120))
    rows = sent(plain(links=links))["reply_markup"]["inline_keyboard"]

    assert max(len(row) for row in rows) == 8
    assert rows[0][0]["text"] == "Link 0"


def test_several_are_one_message_the_worst_first_and_counted() -> None:
    payload = sent(
        plain("disk is full", preview="x", rank=3, severity="high"),
        plain(
            "checkout is down",
            preview="x",
            rank=5,
            severity="critical",
            links=(Link("Logs", "https://e.example"),),
        ),
    )
    text = seen_of(payload).text

    assert text.startswith("🔴 2 alarms: checkout, disk is full\n\n🔴 checkout is down")
    assert "↗ Logs" in text
    assert "reply_markup" not in payload


def test_ten_short_ones_fit_and_long_ones_do_not() -> None:
    assert room_for([plain()] * 12) == 10
    assert room_for([plain(body=Text("x" * 1_500))] * 3) == 2


@pytest.mark.parametrize(
    ("ranks", "silent", "quiet"),
    [
        ((1,), "medium", True),
        ((3,), "medium", False),
        ((1, 5), "medium", False),
        ((5,), "always", True),
        ((0,), "never", False),
        ((4,), "critical", True),
    ],
)
def test_what_is_not_bad_enough_makes_no_sound(
    ranks: tuple[int, ...], silent: str, quiet: bool
) -> None:
    payload = sent(*[plain(rank=rank) for rank in ranks], silent=silent)

    assert payload.get("disable_notification", False) is quiet


def test_only_granted_users_are_mentioned_and_then_it_is_heard() -> None:
    payload = sent(plain(pings=("user:12", "@everyone", "role:3", "user:12"), rank=0))

    assert payload["text"].count("tg://user?id=12") == 1
    assert "everyone" not in payload["text"]
    assert "disable_notification" not in payload


def test_the_general_topic_is_the_chat_itself() -> None:
    assert "message_thread_id" not in sent(plain(), topic=1)
    assert sent(plain(), topic=2)["message_thread_id"] == 2


def test_what_follows_a_message_is_a_reply_to_it() -> None:
    (payload, several) = (
        sent(plain(answers=Posted("41", "-100"))),
        sent(plain(), plain()),
    )

    assert payload["reply_parameters"] == {"message_id": 41}
    assert "reply_parameters" not in several


def test_long_words_fold_and_short_ones_do_not() -> None:
    assert "<blockquote expandable>" in sent(plain(body=Text("a\nb\nc\nd")))["text"]
    assert "<blockquote" not in sent(plain(body=Text("a\nb")))["text"]


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**a** and *b* and _c_", "<b>a</b> and <i>b</i> and <i>c</i>"),
        ("`x < y`", "<code>x &lt; y</code>"),
        ("```py\nx = 1\n```", "<pre>x = 1</pre>"),
        (
            "[docs](https://e.example/?a&b)",
            '<a href="https://e.example/?a&amp;b">docs</a>',
        ),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("[x](http://intranet/)", "[x](http://intranet/)"),
        ("# Head\n- one\n- two", "<b>Head</b>\n• one\n• two"),
        ("~~old~~ snake_case_name 2*3*4", "<s>old</s> snake_case_name 2*3*4"),
        (r"\*not\* **open", "*not* **open"),
        ("**<b>**", "<b>&lt;b&gt;</b>"),
    ],
)
def test_the_sender_s_markdown_becomes_html(markdown: str, html: str) -> None:
    assert html in sent(plain(body=Text(markdown, markup=True)))["text"]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("@ops", "@\u2060ops"),
        ("mail ada@example.com", "mail ada@example.com"),
        ("/restart now", "/\u2060restart now"),
        ("/var/log/x and a/b", "/var/log/x and a/b"),
        ("https://e.example/x", "https://e.example/x"),
    ],
)
def test_names_and_commands_in_data_are_inert_and_the_rest_is_as_written(
    data: str, shown: str
) -> None:
    assert shown in sent(plain(body=Text(data)))["text"]
