"""Slack: what is written into a call, whatever the messages say."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.channels.messages import AT, HOSTILE, message
from tests.unit.slack_limits import all_blocks, broken_limits, pinged, texts
from tocsin.channels.slack import mrkdwn
from tocsin.channels.slack.encoding import encoded, room_for
from tocsin.channels.slack.settings import Settings
from tocsin.message import Fact, Link, Message, Posted, Text

Z = mrkdwn.ZERO
SLACKISH = (
    "<!channel> <!here> <!everyone> <@U024BE7LH> <#C024BE7LR> <!subteam^S0614TZR7>",
    "&lt;!channel&gt; &amp;lt;!here&amp;gt; <!date^1^{date}|x>",
    "<https://evil.example|https://bank.example> *b* _i_ ~s~ `c` :fire: @channel",
    "[<!channel>](https://e.example) **<!here>** `<@U024BE7LH>` [x](https://e.example/|<!here>)",
    "https://e.example/|<!channel> https://e.example/>x <https://e.example/|!here>",
)
words = st.one_of(
    st.sampled_from(HOSTILE + SLACKISH),
    st.text(max_size=300),
    st.text("@chanelrUS<>!&#:/ht.1234`*_~|[]()^ \n\\-\u200b\u202eé𝕏", max_size=80),
    st.tuples(st.sampled_from(HOSTILE + SLACKISH), st.text(max_size=20)).map("".join),
)
some_texts = st.builds(Text, words, st.booleans())
urls = st.one_of(
    st.sampled_from(
        [
            "https://example.com/a",
            "http://grafana:3000/d",
            "javascript:alert(1)",
            "https://example.com/" + "b" * 2_500,
            "",
            "https://example.com/a b",
            "https://example.com/(x){y}|z&a=<!channel>",
            "http://[::1]/",
            "https://[",
        ]
    ),
    words,
)
pings = st.sampled_from(
    [
        "@everyone",
        "@here",
        "user:U024BE7LH",
        "role:S0614TZR7",
        "user:99",
        "<@1>",
        "role:U024BE7LH",
    ]
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
        body=st.none() | some_texts,
        code=st.none() | words,
        facts=st.lists(
            st.builds(Fact, words, some_texts, st.booleans()), max_size=50
        ).map(tuple),
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


def sent(*messages: Message, bot: bool = False, **own: Any) -> dict[str, Any]:
    """The payload that goes out for these."""
    body = encoded(messages, Settings(**own), bot=bot)
    assert broken_limits(body, bot=bot) == []
    payload: dict[str, Any] = json.loads(body)
    return payload


def plain(title: str = "db-cpu is high", **more: Any) -> Message:
    """A message with no more than a title."""
    return Message(icon="🔴", title=title, colour=1, at=AT, **more)


@settings(max_examples=60)
@given(many_messages, st.booleans(), st.booleans())
def test_no_text_breaks_a_limit_or_pings_anyone_not_granted(
    messages: list[Message], bot: bool, buttons: bool
) -> None:
    own = Settings(channel_id="C0123456789" if bot else None, buttons=buttons)
    body = encoded(messages, own, bot=bot)
    granted = {ping for message in messages for ping in message.pings}

    assert broken_limits(body, bot=bot) == []
    assert pinged(body) <= granted


@settings(max_examples=60)
@given(many_messages)
def test_title_and_state_line_are_never_left_out(messages: list[Message]) -> None:
    payload = json.loads(encoded(messages, Settings(), bot=False))
    ordered = sorted(messages, key=lambda one: -one.rank)
    if len(messages) > 1:
        assert len(payload["attachments"]) == len(messages)
        for one, bar in zip(ordered, payload["attachments"], strict=True):
            assert one.icon in bar["blocks"][0]["text"]["text"]
            last = bar["blocks"][-1]
            assert not (one.state_line or "").strip() or last["type"] == "context"


@settings(max_examples=60)
@given(words)
def test_data_opens_no_formatting(text: str) -> None:
    shown = re.sub(r"<https?://[^<>|]+>", "", mrkdwn.data(text))

    assert not re.search(rf"(?<!{Z})[*~`]", shown)
    assert not re.search(r"(?<![\w\u034f])_|(?<!\u034f)_(?!\w)", shown)
    assert "<" not in shown


@settings(max_examples=60)
@given(words, st.integers(1, 400))
def test_what_is_shortened_fits(text: str, limit: int) -> None:
    for escape in (mrkdwn.data, mrkdwn.markup, mrkdwn.code):
        assert len(mrkdwn.fitted(text, limit, escape)) <= limit
    assert len(mrkdwn.data(text)) <= mrkdwn.at_most(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* ~no~ `code`", f"{Z}*bold{Z}* {Z}~no{Z}~ {Z}`code{Z}`"),
        ("_it_ snake_case", f"{Z}_it{Z}_ snake_case"),
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("> quote\n>> two", f"{Z}&gt; quote\n{Z}&gt;&gt; two"),
        ("<!channel> <@U1>", f"&lt;!channel&gt; &lt;@{Z[:0]}U1&gt;"),
        ("@here @channel ana@example.com", f"@{Z}here @{Z}channel ana@example.com"),
        (":fire: 12:30:45 a::b", f":{Z}fire: 12:30:45 a::b"),
        ("see https://a.example/_b_*c*.", "see <https://a.example/_b_*c*>."),
        ("https://a.example/?a=1&b=2", "<https://a.example/?a=1&amp;b=2>"),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
        ("[x](https://a.example/)", "[x](<https://a.example/>)"),
    ],
)
def test_data_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    payload = sent(plain(body=Text(text), facts=(Fact("Name", Text(text)),)))
    body, facts, _ = payload["attachments"][0]["blocks"]

    assert body["text"]["text"] == shown
    assert facts["fields"][0]["text"] == f"*Name*\n{shown}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and `a<b`", "*bold* and `a&lt;b`"),
        ("__bold__ *it* _it_ ~~no~~", "*bold* _it_ _it_ ~no~"),
        ("**a _b_ c**", "*a _b_ c*"),
        ("snake_case and 2*3*4", f"snake_case and 2{Z}*3{Z}*4"),
        ("un**do**ing", f"un{mrkdwn.EDGE}*do*{mrkdwn.EDGE}ing"),
        ("# Title #\ntext", "*Title*\ntext"),
        ("- one\n* two\n  + three", "• one\n• two\n  • three"),
        ("> quote", "> quote"),
        (
            "[docs](https://example.com/a?b=1&c=2)",
            "<https://example.com/a?b=1&amp;c=2|docs>",
        ),
        ("![graph](https://example.com/g.png)", "<https://example.com/g.png|graph>"),
        ("[a|b>](https://example.com)", "<https://example.com|a|b&gt;>"),
        ("<https://example.com/x>", "<https://example.com/x>"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        (
            "<!channel> <@U024BE7LH> @here",
            f"&lt;!channel&gt; &lt;@U024BE7LH&gt; @{Z}here",
        ),
        ("```py\na < b\n```", "```\na &lt; b\n```"),
        ("```py\nopen", f"{Z}`{Z}`{Z}`py\nopen"),
        (r"\*no\* \<b\>", f"{Z}*no{Z}* &lt;b&gt;"),
    ],
)
def test_the_senders_markdown_becomes_mrkdwn(text: str, shown: str) -> None:
    payload = sent(plain(body=Text(text, markup=True)))

    assert payload["attachments"][0]["blocks"][0]["text"]["text"] == shown


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
        facts=(Fact("Value", Text("5 %")), Fact("Query", Text("a > b"), inline=False)),
        state_line="Seen 3 ×",
        links=(Link("Runbook", "https://example.com/run"),),
        footer="Shop · prod · 7k3m",
        pings=("@everyone", "role:S0614TZR7", "user:42"),
        rank=5,
    )

    def text(words: str) -> dict[str, Any]:
        return {"type": "mrkdwn", "text": words, "verbatim": True}

    title = "*<https://example.com/alarm|🚨 checkout-5xx is in ALARM>*"
    label = {"type": "plain_text", "text": "Runbook", "emoji": False}
    button = {"type": "button", "text": label, "url": "https://example.com/run"}
    when = "<!date^1793714700^{date_short_pretty} {time}|2026-11-03 14:05 UTC>"
    assert sent(one) == {
        "text": "🚨 checkout-5xx is in ALARM · prod",
        "blocks": [
            {
                "type": "section",
                "text": text(f"{title} <!channel> <!subteam^S0614TZR7>"),
            }
        ],
        "attachments": [
            {
                "color": "#FF0000",
                "blocks": [
                    {"type": "section", "text": text("5 % of calls fail")},
                    {"type": "section", "fields": [text("*Value*\n5 %")]},
                    {"type": "section", "text": text("*Query*\na &gt; b")},
                    {"type": "context", "elements": [text("Seen 3 ×")]},
                    {"type": "actions", "elements": [button]},
                    {"type": "section", "text": text("```\nTraceback\n```")},
                    {
                        "type": "context",
                        "elements": [text(f"Shop · prod · 7k3m · {when}")],
                    },
                ],
            }
        ],
        "unfurl_links": False,
        "unfurl_media": False,
        "parse": "none",
        "link_names": False,
    }


def test_several_stand_most_severe_first_and_are_counted() -> None:
    loud = plain("checkout-5xx is in ALARM", preview="x", rank=5)
    payload = sent(plain("quiet", rank=0), plain("disk is low", rank=3), loud)

    titles = [bar["blocks"][0]["text"]["text"] for bar in payload["attachments"]]
    assert titles == ["*🔴 checkout-5xx is in ALARM*", "*🔴 disk is low*", "*🔴 quiet*"]
    assert payload["text"] == "🔴 3 notifications: checkout-5xx, disk is low, +1"
    assert payload["blocks"][0]["text"]["text"] == f"*{payload['text']}*"


def test_there_is_always_a_line_for_lists_and_screen_readers() -> None:
    assert sent(plain())["text"] == "🔴 db-cpu is high"
    assert sent(plain(), plain())["text"] == "🔴 2 notifications"


def test_an_address_that_a_button_cannot_have_is_a_link_in_the_text() -> None:
    inside = plain(links=(Link("Graph", "http://grafana:3000/d"), Link("x", "ftp://y")))
    blocks = sent(inside)["attachments"][0]["blocks"]

    assert [block["type"] for block in blocks] == ["context", "context"]
    shown = blocks[0]["elements"][0]["text"]
    assert shown == "<http://grafana:3000/d|Graph> · x: ftp://y"


def test_a_picture_that_is_among_the_links_is_linked_once() -> None:
    graph = Link("📎 Graph.png", "https://example.com/graph.png")
    payload = sent(plain(picture=graph.url, links=(graph,)))

    assert json.dumps(payload).count(graph.url) == 1


def test_a_picture_is_a_link_since_slack_may_fail_to_fetch_it() -> None:
    payload = sent(plain(picture="https://example.com/a.png"))

    assert [block["type"] for block in all_blocks(payload)].count("image") == 0
    assert "https://example.com/a.png" in json.dumps(payload)


def test_the_least_important_goes_first() -> None:
    big = plain(
        body=Text("b" * 3000),
        code="c" * 3000,
        facts=tuple(Fact(f"f{n}", Text("v" * 900)) for n in range(8)),
        state_line="state",
        footer="foot",
    )
    shown = "\n".join(texts(sent(big)))

    assert "b" * 3000 in shown
    assert "state" in shown
    assert shown.count("v" * 900) >= 7
    assert "foot" not in shown
    assert shown.count("c") < 400


def test_a_small_message_is_whole_beside_big_ones() -> None:
    small = plain("small", body=Text("all of this"), footer="foot", rank=5)
    payload = sent(small, *[message("x" * 5000)] * 9)
    shown = json.dumps(payload["attachments"][0])

    assert "all of this" in shown
    assert "foot" in shown


def test_ten_ordinary_messages_fit_into_one_call() -> None:
    facts = tuple(Fact(f"Fact {n}", Text("value " * 5)) for n in range(6))
    ordinary = plain(body=Text("word " * 40), facts=facts, footer="Shop · prod · 7k3m")

    assert room_for([ordinary] * 20) == 10


@pytest.mark.parametrize(
    ("own", "thread", "ts"),
    [
        ({}, "", "1700000000.000001"),
        ({}, "1700000000.000009", "1700000000.000009"),
        ({"thread_ts": "1700000000.000005"}, "", "1700000000.000005"),
    ],
)
def test_what_follows_a_message_goes_to_its_thread(
    own: dict[str, Any], thread: str, ts: str
) -> None:
    message = plain(thread=thread, answers=Posted("1700000000.000001", "C1"))

    assert sent(message, bot=True, channel_id="C0123456789", **own)["thread_ts"] == ts
    assert "thread_ts" not in sent(message)


def test_messages_for_different_threads_do_not_share_a_call() -> None:
    first, second = "1700000000.000001", "1700000000.000002"
    threads = [plain(thread=first), plain(thread=first), plain(thread=second)]

    assert room_for(threads) == 2
    assert room_for([plain(thread="incident 4"), plain(thread="")]) == 2


def test_a_bot_is_told_channel_thread_and_name() -> None:
    own = {
        "channel_id": "C0123456789",
        "thread_ts": "1700000000.000001",
        "username": "Tocsin",
        "icon_emoji": ":bell:",
    }
    payload = sent(plain(), bot=True, **own)
    answered = sent(plain(thread="1700000000.000002"), bot=True, **own)

    assert payload["channel"] == "C0123456789"
    assert payload["thread_ts"] == "1700000000.000001"
    assert (payload["username"], payload["icon_emoji"]) == ("Tocsin", ":bell:")
    assert answered["thread_ts"] == "1700000000.000002"


ENDLESS = ("**a ", "_a ", "*a ", "~~a ", "*a_b", "`a", "[a](https://x.example/(", ":a")
TRAPS = tuple(sign * 5_000 for sign in ENDLESS)


@pytest.mark.parametrize(
    "text", [*HOSTILE, *SLACKISH, *TRAPS, ":" + "a" * 9_000, "https://x" + ".;" * 5_000]
)
@pytest.mark.parametrize("markup", [False, True])
def test_what_is_hostile_takes_no_time(text: str, markup: bool) -> None:
    began = time.process_time()
    sent(*[message(text, markup=markup)] * 10)

    assert time.process_time() - began < 2
