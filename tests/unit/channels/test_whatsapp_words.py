"""WhatsApp: several in one message, words that fit, and marks that are signs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels.messages import HOSTILE, message
from tests.unit.channels.whatsapp_phone import (
    ALARM,
    OPEN,
    RED,
    TEXT,
    YELLOW,
    broken_limits,
    opened,
    parameters,
    sent,
    target,
)
from tocsin.channels import channel
from tocsin.channels.whatsapp import words
from tocsin.message import Text
from tocsin.ports import Kind


def test_several_are_named_in_a_template_and_told_whole_in_a_window() -> None:
    low = replace(ALARM, icon="🟡", title="disk is filling", rank=2, id="b-oncall")
    _, (template,) = sent(low, ALARM, low)
    _, (text,) = sent(low, ALARM, to=target(OPEN))

    assert parameters(template) == [
        "3 notifications: 🔴 checkout_5xx is in ALARM · 🟡 disk is filling, +1",
        " • ".join(
            [f"{RED} – Seen 3 ×", f"{YELLOW} – Seen 3 ×", f"{YELLOW} – Seen 3 ×"]
        ),
    ]
    assert template["biz_opaque_callback_data"] == f"b-oncall,{ALARM.id},b-oncall"
    assert text["text"]["body"].startswith(TEXT)
    assert "*🟡 disk is filling*" in text["text"]["body"]


def test_ten_short_ones_fit_and_ten_long_ones_do_not() -> None:
    fits = channel("whatsapp").fits

    assert fits([replace(ALARM, state_line=None)] * 20) == 10
    assert fits([replace(ALARM, title="x" * 300)] * 20) == 3
    assert opened("http://127.0.0.1:1").send([ALARM] * 11, target()).kind is (
        Kind.PERMANENT
    )


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("markup", [False, True])
@pytest.mark.parametrize("state", [{}, OPEN])
def test_hostile_words_fit(text: str, markup: bool, state: dict[str, Any]) -> None:
    one = replace(message(text, markup=markup), id=text[:200])
    _, bodies = sent(one, to=target(state))
    _, several = sent(*[one] * 10, to=target(state))

    assert [broken_limits(body) for body in (*bodies, *several)] == [[], []]


def test_the_least_important_goes_first() -> None:
    long = replace(ALARM, code="c" * 5_000, body=Text("b" * 3_500))
    _, (body,) = sent(long, to=target(OPEN))
    text = body["text"]["body"]

    assert words.units(text) <= 4096
    assert text.startswith("*🔴 checkout_5xx is in ALARM*\nSeen 3 ×\n\n" + "b" * 3_500)
    assert "Shop" not in text
    assert "https://example.com/alarm" in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("*b* _i_ ~s~ `c` ```p```", "∗b∗ ˍiˍ ∼s∼ ˋcˋ ˋˋˋpˋˋˋ"),
        ("db_main_1 5*3 a~b", "db_main_1 5*3 a~b"),
        ("x*b*y *z", "x*b*y ∗z"),
        ("中*文*中", "中∗文∗中"),
        ("> q\n- l\n* m\n1. n", "› q\n– l\n∗ m\n1. n"),
    ],
)
def test_a_stranger_s_marks_are_signs(given: str, shown: str) -> None:
    assert words.inert(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("**b** and __b__", "*b* and *b*"),
        ("*i* and _i_ and ~~s~~", "_i_ and _i_ and ~s~"),
        ("# Head #\ntext", "*Head*\ntext"),
        ("[Wiki](https://e.example/a)", "Wiki (https://e.example/a)"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![p](https://e.example/p.png)", "p (https://e.example/p.png)"),
        ("5 * 3 * 2", "5 * 3 * 2"),
    ],
)
def test_the_sender_s_own_markdown_is_translated(given: str, shown: str) -> None:
    assert words.styled(given) == shown


def test_nothing_ends_a_code_block_or_a_title() -> None:
    one = replace(ALARM, code="a```b", title="x* y\n*z")
    _, (body,) = sent(one, to=target(OPEN))

    assert "```aˋˋˋb```" in body["text"]["body"]
    assert body["text"]["body"].startswith("*🔴 x∗ y ∗z*\n")
