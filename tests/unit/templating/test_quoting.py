"""Quoting: a value within Markdown has no look of its own, on any channel."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.channels.messages import HOSTILE
from tocsin import washing
from tocsin.channels.discord import markdown as discord
from tocsin.channels.email import markdown as email
from tocsin.channels.slack import mrkdwn as slack
from tocsin.channels.telegram import markdown as telegram
from tocsin.channels.whatsapp import words as whatsapp
from tocsin.templating.quoting import inert

MARKED = st.text(alphabet="*_~`|[]()<>#-+. \n\\ab1:/@", max_size=40)
WORDS = MARKED | st.text(max_size=40) | st.sampled_from([h[:400] for h in HOSTILE])


@pytest.mark.parametrize(
    "text",
    [
        "Order 7 of db_main_1 at 09:31, 85 % (of 100)",
        "a-b_c.d/e, f + g = h; 1.5 < 2",
        "https://example.com/a_b/c?d=1&e=2#f",
        "C:\\temp\\file",
        "ops@example.com",
    ],
)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert inert(text) == text


def test_an_address_still_leads_where_it_led() -> None:
    assert (
        inert("https://example.com/_a*b~/c_") == "https://example.com/%5Fa%2Ab%7E/c%5F"
    )


@settings(max_examples=300)
@given(WORDS)
@example("**bold**")
@example("\u200b> behind what is not seen")
@example("a\u2028> after another kind of line end")
@example("\u1fefa backtick, once composed\u1fef")
@example("[x](https://evil.example)")
@example("1. one")
@example("-# small")
@example("> quoted\n# head")
@example("(https://evil.example)")
def test_no_channel_finds_markdown_in_a_value(value: str) -> None:
    text = washing.block(
        f"Before [x]{inert(value)} after {inert(value)}.\n{inert(value)}"
    )

    plain = re.sub(r"https?://\S+", "", text)
    # Slack and email also show addresses as links, whoever wrote them.
    assert not re.search(r"[*`~]", slack.markup(plain).replace(slack.ZERO, ""))
    assert not re.search(
        r"<\w", email.html(plain, link="", code="", quote="").replace("<br>", "")
    )
    runs = telegram.styled(text)
    assert all(not run.tag and not run.url for run in runs)
    assert whatsapp.styled(text) == text
    assert not re.search(r"[*`~|]|\]\(", discord.markup(plain))
