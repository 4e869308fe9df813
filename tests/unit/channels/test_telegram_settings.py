"""Telegram: which settings are taken, and how the others are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.channels.test_telegram import CHAT, SECRET, TOKEN
from tocsin.channels import channel
from tocsin.channels.telegram.settings import Settings
from tocsin.errors import Invalid


def split(**given: Any) -> tuple[dict[str, Any], str]:
    """What the channel keeps, and what it hides."""
    return channel("telegram").split(given)


def faults(**given: Any) -> dict[str, str]:
    """What it refuses, by field."""
    with pytest.raises(Invalid) as caught:
        split(**given)
    assert SECRET not in f"{caught.value.detail}{caught.value.faults}"
    return {fault.field: fault.reason for fault in caught.value.faults}


def test_the_token_is_the_secret_and_the_rest_is_kept() -> None:
    kept, secret = split(token=f" {TOKEN}\n", chat=CHAT, topic=42, silent="High")

    assert secret == TOKEN
    assert kept == {"chat": CHAT, "topic": 42, "silent": "high"}


def test_without_a_token_the_one_it_has_is_meant() -> None:
    assert split(chat=CHAT) == ({"chat": CHAT}, "")


@pytest.mark.parametrize(
    "token",
    [
        "",
        7,
        SECRET,
        f"bot{TOKEN}",
        f"{TOKEN}x",
        TOKEN[:-1],
        f"https://api.telegram.org/bot{TOKEN}",
        f"1/../2:{SECRET}",
        f"١٢٣:{SECRET}",
        f"{TOKEN}\n{TOKEN}",
    ],
)
def test_what_is_no_token_is_refused_without_repeating_it(token: object) -> None:
    assert set(faults(token=token, chat=CHAT)) == {"token"}


@pytest.mark.parametrize(
    "chat", [CHAT, int(CHAT), "12345", 12345, "@alerts", "@Ops_Alerts1", " -9 "]
)
def test_a_chat_is_an_id_or_a_public_name(chat: object) -> None:
    assert split(chat=chat)[0] == {"chat": str(chat).strip()}


@pytest.mark.parametrize(
    "chat",
    [
        *("", "alerts", "@a", "@a b", "@1abc", "0", "1.5", 1.5, True, None, "-"),
        *("1" * 20, "https://t.me/alerts", "١٢٣", "@alerts\n/start"),
    ],
)
def test_anything_else_is_no_chat(chat: object) -> None:
    assert "@name" in faults(token=TOKEN, chat=chat)["chat"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"topic": 0}, "topic"),
        ({"topic": "general"}, "topic"),
        ({"topic": True}, "topic"),
        ({"topic": 2**31}, "topic"),
        ({"silent": "loud"}, "silent"),
        ({"silent": True}, "silent"),
        ({"chanel": "x"}, "chanel"),
        ({"parse_mode": "HTML"}, "parse_mode"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    assert set(faults(token=TOKEN, chat=CHAT, **given)) == {field}


def test_all_that_is_wrong_is_told_at_once() -> None:
    told = faults(token="x", topic=0, other=1)

    assert set(told) == {"token", "chat", "topic", "other"}
    assert told["chat"].startswith("is missing")


@pytest.mark.parametrize(
    ("silent", "loud_from"),
    [("medium", 3), ("critical", 5), ("warning", 3), ("always", 100), ("never", 0)],
)
def test_silence_is_a_severity_or_all_or_nothing(silent: str, loud_from: int) -> None:
    kept, _ = split(chat=CHAT, silent=silent)

    assert Settings.model_validate(kept).loud_from == loud_from
