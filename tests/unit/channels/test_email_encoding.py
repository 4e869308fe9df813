"""Email: what a mail says, and that no text can change what a mail is."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.channels import mail_html
from tests.unit.channels.mail_server import GIVEN
from tests.unit.channels.messages import AT, HOSTILE, message
from tocsin import washing
from tocsin.channels.email import encoding, look
from tocsin.channels.email.settings import Settings, split
from tocsin.identity import new_id
from tocsin.message import Fact, Link, Message, Text

HEADERS = {
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Priority",
    "Importance",
    "X-Tocsin-Type",
    "X-Tocsin-Severity",
    "X-Tocsin-State",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
}
GMAIL_CUTS = 102_000
PLAIN = Message(icon="🔴", title="API is down", colour=0xFF4D00, at=AT)


def own(**changes: Any) -> Settings:
    """A destination's settings."""
    return Settings.model_validate(split({**GIVEN, **changes})[0])


def read(one: Message, **changes: Any) -> EmailMessage:
    """The mail, as another library reads it; its form checked line by line."""
    mail = encoding.encoded(one, own(**changes))
    assert mail.content.isascii()
    assert b"\0" not in mail.content
    for line in mail.content.split(b"\r\n"):
        assert len(line) <= 998
        assert b"\r" not in line
        assert b"\n" not in line
    parsed = BytesParser(policy=policy.SMTP).parsebytes(mail.content)
    assert isinstance(parsed, EmailMessage)
    assert set(parsed.keys()) <= HEADERS
    assert len(parsed.keys()) == len(set(parsed.keys()))
    assert parsed["Message-ID"] == mail.id
    assert not [part.defects for part in parsed.walk() if part.defects]
    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    return parsed


def parts(one: Message, **changes: Any) -> tuple[str, str]:
    """(text, HTML) of it."""
    text, html = read(one, **changes).iter_parts()
    return text.get_content(), html.get_content()


# --- hostile text -----------------------------------------------------------

WORDS = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="\r\n\t <>&\"'=?:;,.[]()*_`~#-@/\\\x00\u2028\u200b", max_size=300),
    st.sampled_from(
        [
            "x\r\nBcc: evil@example.com",
            "x\nContent-Type: text/html\n\n<script>alert(1)</script>",
            "=?utf-8?q?=0D=0ABcc:_evil=40example.com?=",
            "=?utf-8?b?PHNjcmlwdD4=?=",
            "</title></style><script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "<!-- x --> <![CDATA[ x ]]> <?php ?>",
            "&lt;script&gt; &#60;b&#62; &amp;amp;",
            "[x](javascript:alert(1)) [bank.example](https://evil.example/)",
            '[x](https://e.example/"onclick="alert(1))',
            "**a _b ~~c `d` ~~ e_ f**",
            "\r\n.\r\nRSET",
            ".",
            "--=_abc--",
        ]
    ),
)


@given(text=WORDS, other=WORDS, markup=st.booleans())
@settings(max_examples=60)
def test_no_text_breaks_a_header_or_comes_alive(
    text: str, other: str, markup: bool
) -> None:
    one = replace(
        message(text, markup=markup),
        id=other,
        thread=other,
        key=text,
        type=text,
        severity=other,
        state=text,
        icon=other,
        url=other,
        picture=text,
        links=(Link(text, other), Link(other, "https://example.com/a")),
    )
    mail = read(one)
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]

    mail_html.read(html)
    assert mail["To"].addresses[1].addr_spec == "oncall@example.org"
    assert len(mail["To"].addresses) == 2
    assert mail["From"].addresses[0].addr_spec == "alerts@example.com"


@given(title=WORDS)
@settings(max_examples=60)
def test_a_subject_is_read_as_it_was_written(title: str) -> None:
    shown = washing.line(title) or "Notification"
    subject = read(replace(PLAIN, title=title))["Subject"]
    wanted = washing.shortened(f"🔴 {shown}", 150)

    assert " ".join(str(subject).split()) == " ".join(wanted.split())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("markup", [True, False])
def test_a_mail_stays_small_enough_to_be_shown_whole(text: str, markup: bool) -> None:
    one = message(text, markup=markup)
    _, html = parts(one)
    mail_html.read(html)

    assert len(html.encode()) < GMAIL_CUTS
    assert len(encoding.encoded(one, own()).content) < 400_000


def test_data_is_shown_letter_by_letter() -> None:
    raw = "<b>x</b> & \"y\" 'z' **not bold** [a](https://evil.example/) &lt;"
    text, html = parts(replace(PLAIN, body=Text(raw), code=raw, state_line=raw))

    assert text.count(raw) == 3
    assert mail_html.read(html).text.count(raw) >= 3
    assert mail_html.read(html).links == []


# --- the look ---------------------------------------------------------------


def test_the_parts_stand_in_the_order_of_their_use() -> None:
    one = replace(
        PLAIN,
        url="https://example.com/alarm",
        preview="🔴 API is down · shop",
        state_line="Seen 4 ×, last 14:05",
        body=Text("5xx above 5 %"),
        facts=(Fact("Subject", Text("checkout")), Fact("Owner", Text("web"))),
        links=(Link("Runbook", "https://example.com/runbook"),),
        code="Traceback",
        footer="Shop · cloudwatch",
    )
    text, html = parts(one)
    shown = mail_html.read(html)
    order = ["API is down", "Seen 4", "5xx above", "checkout", "Runbook", "Traceback"]

    for words in (text, shown.text):
        places = [words.rindex(each) for each in [*order, "Shop · cloudwatch"]]
        assert places == sorted(places)
    assert shown.links == [
        ("API is down", "https://example.com/alarm"),
        ("Runbook", "https://example.com/runbook"),
    ]
    assert "3 Nov 2026, 14:05 UTC" in shown.text
    assert "Open: https://example.com/alarm" in text
    # The preheader: what stands beside the subject in a list.
    assert shown.text.lstrip().startswith("shop · Seen 4 ×, last 14:05 · 5xx above 5 %")


def test_the_dark_look_is_a_style_sheet_and_the_colour_a_bar() -> None:
    shown = mail_html.read(look.page(PLAIN))

    assert "prefers-color-scheme:dark" in shown.style
    assert "border-top:5px solid #ff4d00" in look.page(PLAIN)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and *it*", "<strong>bold</strong> and <em>it</em>"),
        ("snake_case_name", "snake_case_name"),
        ("~~old~~", "<del>old</del>"),
        ("a\nb", "a<br>b"),
        ("# Head", "<strong>Head</strong>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        (r"\*plain\*", "*plain*"),
        ("**a *b* c", "**a <em>b</em> c"),
        ("<i>x</i>", "&lt;i&gt;x&lt;/i&gt;"),
    ],
)
def test_the_senders_markdown_works(text: str, shown: str) -> None:
    assert shown in look.page(replace(PLAIN, body=Text(text, markup=True)))


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[docs](https://example.com/x)", [("docs", "https://example.com/x")]),
        (
            "[bank.example](https://evil.example/x)",
            [("bank.example → evil.example", "https://evil.example/x")],
        ),
        (
            "see https://example.com/a.",
            [("https://example.com/a", "https://example.com/a")],
        ),
        ("[x](javascript:alert(1))", []),
        ("[x](https://bank.example@evil.example/)", []),
        ("[x](data:text/html,hi)", []),
    ],
)
def test_a_link_is_shown_as_what_it_is(text: str, links: list[tuple[str, str]]) -> None:
    html = look.page(replace(PLAIN, body=Text(text, markup=True)))

    assert mail_html.read(html).links == links


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://example.com/",
        "https://user@evil.example/",
        "https:///x",
        "https://e.example/\nx",
        f"https://example.com/{'x' * 3000}",
        "https://[",
    ],
)
def test_what_is_no_web_address_is_not_linked(url: str) -> None:
    one = replace(PLAIN, url=url, picture=url, links=(Link("Runbook", url),))
    shown = mail_html.read(look.page(one))

    assert shown.links == []
    assert shown.pictures == []


@pytest.mark.parametrize(
    "text",
    [
        "*" * 20_000,
        "[" * 20_000,
        "_a" * 9_000,
        "`" * 20_000,
        "**a" * 7_000,
        "~~ " * 7_000,
        "__ a " * 4_000,
        "[a](" * 5_000,
    ],
)
def test_markdown_costs_no_more_than_a_page(text: str) -> None:
    began = time.process_time()
    look.page(replace(PLAIN, body=Text(text, markup=True)))

    assert time.process_time() - began < 2


# --- the headers ------------------------------------------------------------


def test_every_attempt_has_the_same_id_and_date() -> None:
    accepted = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
    ulid = new_id(int(accepted.timestamp() * 1000), bytes(10))
    one = replace(PLAIN, id=f"{ulid}-ops", at=datetime(2020, 1, 1, tzinfo=UTC))
    first, second = read(one), read(replace(one, state_line="Possibly sent twice"))

    assert first["Message-ID"] == f"<{ulid}-ops@example.com>"
    assert second["Message-ID"] == first["Message-ID"]
    # Dated when it was accepted: a mail from 2020 would be found by nobody.
    assert first["Date"] == second["Date"] == "Tue, 03 Nov 2026 15:00:00 +0000"


def test_a_thread_stands_together_and_so_does_a_problem() -> None:
    thread = [read(replace(PLAIN, thread=name)) for name in ("a", "a", "b")]
    problem = [read(replace(PLAIN, key=name)) for name in ("a", "a", "b")]

    for first, same, other in (thread, problem):
        assert first["References"] == first["In-Reply-To"] == same["References"]
        assert first["References"] != other["References"]
        assert re.fullmatch(r"<\w+-[0-9a-f]{24}@example\.com>", first["References"])
    assert read(PLAIN)["References"] is None


@pytest.mark.parametrize(
    ("severity", "state", "priority"),
    [
        ("critical", "firing", "1"),
        ("critical", "notice", "1"),
        ("critical", "acknowledged", None),
        ("critical", "resolved", None),
        ("high", "firing", None),
    ],
)
def test_only_what_is_critical_and_open_is_urgent(
    severity: str, state: str, priority: str | None
) -> None:
    mail = read(replace(PLAIN, severity=severity, state=state))

    assert mail["X-Priority"] == priority
    assert mail["Importance"] == (priority and "high")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Tocsin-Severity"] == severity


def test_settings_show_in_the_headers() -> None:
    mail = read(
        PLAIN,
        **{"from": '"Lee, Änn" <a@example.com>', "subject_prefix": "[Shop]"},
        reply_to="desk@example.com",
        to=[f"Person {n} <person{n}@example.org>" for n in range(50)],
    )

    assert mail["From"].addresses[0].display_name == "Lee, Änn"
    assert mail["Subject"] == "[Shop] 🔴 API is down"
    assert mail["Reply-To"] == "desk@example.com"
    assert [each.addr_spec for each in mail["To"].addresses] == [
        f"person{n}@example.org" for n in range(50)
    ]


def test_a_reply_to_with_a_foreign_name_is_encoded() -> None:
    mail = read(PLAIN, reply_to="Büro <desk@example.com>")

    assert mail["Reply-To"].addresses[0].display_name == "Büro"
