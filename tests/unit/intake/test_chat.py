"""Slack, Discord and e-mail: what people's messages to others become when sent here."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.events import Event
from tocsin.intake.colours import severity_of
from tocsin.intake.email import read_mail
from tocsin.intake.hooks import Call, reader_of
from tocsin.intake.mrkdwn import to_markdown, to_words


def read(adapter: str, body: Any) -> Event:
    call = Call({}, json.dumps(body).encode())
    return reader_of(adapter)(call).received[0].event


@pytest.mark.parametrize(
    ("colour", "severity"),
    [
        ("danger", "high"),
        ("warning", "medium"),
        ("good", "success"),
        ("#FF0000", "high"),
        ("ff8800", "medium"),
        ("#ffcc00", "low"),
        ("#2EB67D", "success"),
        ("#3399ff", "info"),
        (0xED4245, "high"),
        (0x57F287, "success"),
        (0x5865F2, "info"),
        (0x808080, None),
        (0x000000, None),
        (0xFFFFFF, None),
        ("#abc", None),
        (-1, None),
        (2**40, None),
        (True, None),
        (None, None),
    ],
)
def test_a_colour_says_how_bad_it_is(colour: Any, severity: str | None) -> None:
    assert severity_of(colour) == severity


@pytest.mark.parametrize(
    ("told", "markdown", "words"),
    [
        ("*bold* and ~gone~", "**bold** and ~~gone~~", "bold and gone"),
        ("2*3*4 ~ 5", "2*3*4 ~ 5", "2*3*4 ~ 5"),
        (
            "<https://a.example.com|the page>",
            "[the page](https://a.example.com)",
            "the page",
        ),
        ("<https://a.example.com>", "https://a.example.com", "https://a.example.com"),
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;", "a <b> &amp;"),
        (
            "<!here> <!channel|all> <@U1> <@U1|ada>",
            "@here all @U1 @ada",
            "@here all @U1 @ada",
        ),
        ("<#C1|ops>", "#ops", "#ops"),
        ("<!date^1795249883^{date}|21 Nov>", "21 Nov", "21 Nov"),
        ("`*a*`", "`*a*`", "*a*"),
        (
            "<javascript:alert(1)|x>",
            "<javascript:alert(1)|x>",
            "<javascript:alert(1)|x>",
        ),
    ],
)
def test_slacks_marks_are_translated(told: str, markdown: str, words: str) -> None:
    assert (to_markdown(told), to_words(told)) == (markdown, words)


@given(st.text(alphabet="<>|*~`@#!^&; ab\nhttps://", max_size=300))
def test_any_marks_are_translated(told: str) -> None:
    assert isinstance(to_markdown(told), str)
    assert isinstance(to_words(told), str)


def test_blocks_are_shown_and_their_text_is_only_the_title() -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "It is *done*."}}
    event = read("slack", {"text": "Job finished", "blocks": [section]})

    assert (event.title, event.message) == ("Job finished", "It is **done**.")


@pytest.mark.parametrize(
    ("attachment", "title"),
    [
        ({"title": "T", "text": "x", "pretext": "p"}, "T"),
        ({"pretext": "p", "text": "x"}, "p"),
        ({"text": "x"}, "x"),
        ({"fallback": "f"}, "f"),
    ],
)
def test_an_attachment_is_told_by_what_it_has(
    attachment: dict[str, Any], title: str
) -> None:
    assert read("slack", {"attachments": [attachment]}).title == title


def test_the_worst_colour_counts() -> None:
    each = [{"text": "a", "color": "good"}, {"text": "b", "color": "danger"}]

    assert read("slack", {"attachments": each}).severity == "high"


def test_a_deep_block_ends_somewhere() -> None:
    block: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(12):
        block = {"type": "rich_text_section", "elements": [block]}
    body = {"text": "a", "blocks": [{"type": "rich_text", "elements": [block]}]}

    assert read("slack", body).title == "a"


@pytest.mark.parametrize(
    ("body", "title", "message"),
    [
        ({"content": "a\nb"}, "a", "b"),
        ({"content": "## a"}, "a", ""),
        ({"embeds": [{"title": "**T**", "description": "d"}]}, "T", "d"),
        ({"content": "c", "embeds": [{"title": "T"}]}, "T", "c"),
        ({"embeds": [{"author": {"name": "n"}, "description": "d"}]}, "n", "d"),
        ({"embeds": [{"fields": [{"name": "a", "value": "b"}]}]}, "a: b", ""),
        (
            {"embeds": [{"title": "T"}, {"title": "U", "description": "d"}]},
            "T",
            "**U**\n\nd",
        ),
    ],
)
def test_a_message_of_discord_has_its_title_somewhere(
    body: dict[str, Any], title: str, message: str
) -> None:
    event = read("discord", body)

    assert (event.title, event.message) == (title, message)


def mail(raw: bytes = b"", **changed: Any) -> Event:
    told: dict[str, Any] = {
        "notificationType": "Received",
        "mail": {
            "source": "a@example.com",
            "commonHeaders": {"from": ["a@example.com"], "subject": "Hello"},
        },
        "receipt": {"action": {"encoding": "BASE64"}},
        "content": base64.b64encode(raw).decode() or None,
    }
    return read_mail(told | changed)


def test_a_page_is_told_in_words() -> None:
    page = b"<style>a{}</style><p>One &amp; two</p><script>x()</script><div>Three</div>"

    event = mail(b"Content-Type: text/html\r\n\r\n" + page)

    assert event.message == "One & two\nThree"


def test_a_mail_with_a_virus_is_not_even_opened() -> None:
    raw = b"Content-Disposition: attachment; filename=invoice.exe\r\n\r\nMZ"
    told = {"action": {"encoding": "BASE64"}, "virusVerdict": {"status": "FAIL"}}

    assert "Attached" in {fact.name for fact in mail(raw).fields}
    assert "Attached" not in {fact.name for fact in mail(raw, receipt=told).fields}


def test_mail_that_is_not_along_is_told_by_its_subject() -> None:
    event = mail()

    assert (event.title, event.message) == ("Hello", "")


@pytest.mark.parametrize("encoding", ["UTF8", None])
def test_mail_may_come_as_text(encoding: str | None) -> None:
    event = mail(
        receipt={"action": {"encoding": encoding}}, content="Subject: a\r\n\r\nGrüezi"
    )

    assert event.message == "Grüezi"


@pytest.mark.parametrize(
    ("verdict", "title", "severity", "said"),
    [
        ("virus", "Hello (virus found)", "low", "withheld"),
        ("spam", "Hello", "low", "click here"),
        ("dmarc", "Hello", "info", "click here"),
    ],
)
def test_a_verdict_against_a_mail_is_told(
    verdict: str, title: str, severity: str, said: str
) -> None:
    told = {"action": {"encoding": "BASE64"}, f"{verdict}Verdict": {"status": "FAIL"}}
    event = mail(b"Subject: a\r\n\r\nclick here", receipt=told)

    assert (event.title, event.severity) == (title, severity)
    assert said in event.message
    assert ("click here" in event.message) == (verdict != "virus")
    assert {fact.name: fact.value for fact in event.fields}["Failed checks"] == verdict


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("=?UTF-8?Q?f=C3=BCr?= alle", "für alle"),
        ("=?nosuch?Q?a?=", "=?nosuch?Q?a?="),
        ("=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        (None, "Mail from a@example.com"),
    ],
)
def test_a_subject_is_decoded_where_it_can_be(subject: Any, title: str) -> None:
    headers = {"from": ["a@example.com"], "subject": subject}

    assert mail(mail={"commonHeaders": headers}).title == title


@given(
    st.binary(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=b\r\n",
                b"Content-Type: text/plain; charset=nosuch\r\n",
                b"Content-Type: text/html; charset*=utf-8''%ff\r\n",
                b"Content-Disposition: attachment; filename*0*=x''%ff; filename*2=b\r\n",
                b"Content-Transfer-Encoding: base64\r\n",
                b"Content-Transfer-Encoding: quoted-printable\r\n",
                b"\r\n",
                b"--b\r\n",
                b"--b--\r\n",
                b"<p <b>&#x110000; <!-- <![CDATA[",
                b"=ZZ=",
                b"\xff\xfe",
            ]
        ),
        max_size=12,
    ).map(b"".join)
)
def test_any_mail_is_told(content: bytes) -> None:
    assert mail(content).title == "Hello"


def test_other_news_of_ses_is_ignored() -> None:
    call = Call({}, b'{"notificationType": "Bounce", "bounce": {}}')

    assert "Bounce is not told" in reader_of("email")(call).ignored
