"""Discord: which URLs and settings are taken, and how the others are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.channels import channel
from tocsin.errors import Invalid

ID, TOKEN = "112233445566778899", "tok-EN_" + "a1" * 30
CANONICAL = f"https://discord.com/api/webhooks/{ID}/{TOKEN}"


def split(**given: Any) -> tuple[dict[str, Any], str]:
    """What the channel keeps, and what it hides."""
    return channel("discord").split(given)


@pytest.mark.parametrize(
    "url",
    [
        CANONICAL,
        f"  {CANONICAL}\n",
        f"{CANONICAL}/",
        f"{CANONICAL}/slack",
        f"{CANONICAL}/github?wait=true",
        f"https://discord.com/api/v10/webhooks/{ID}/{TOKEN}",
        f"https://discord.com/api/v6/webhooks/{ID}/{TOKEN}",
        f"https://ptb.discord.com/api/webhooks/{ID}/{TOKEN}",
        f"https://canary.discord.com/api/v9/webhooks/{ID}/{TOKEN}",
        f"https://discordapp.com/api/webhooks/{ID}/{TOKEN}",
        f"https://DISCORD.com:443/api/webhooks/{ID}/{TOKEN}",
    ],
)
def test_every_form_of_the_url_becomes_one(url: str) -> None:
    assert split(url=url) == ({}, CANONICAL)


def test_a_thread_in_the_url_becomes_a_setting() -> None:
    kept, secret = split(url=f"{CANONICAL}?thread_id=12345678901234567")

    assert kept == {"thread_id": "12345678901234567"}
    assert secret == CANONICAL


@pytest.mark.parametrize(
    "url",
    [
        "",
        7,
        None,
        "discord.com/api/webhooks/1/x",
        f"http://discord.com/api/webhooks/{ID}/{TOKEN}",
        f"https://discord.com.evil.example/api/webhooks/{ID}/{TOKEN}",
        f"https://evil.example/api/webhooks/{ID}/{TOKEN}",
        f"https://discord.com@evil.example/api/webhooks/{ID}/{TOKEN}",
        f"https://user:pw@discord.com/api/webhooks/{ID}/{TOKEN}",
        f"https://discord.com:8443/api/webhooks/{ID}/{TOKEN}",
        f"https://127.0.0.1/api/webhooks/{ID}/{TOKEN}",
        f"https://discord.com/api/webhooks/{ID}",
        f"https://discord.com/api/webhooks/{ID}/{TOKEN}/messages/1",
        f"https://discord.com/api/webhooks/{ID}/../{TOKEN}",
        f"https://discord.com/api/webhooks/{ID}/{TOKEN}%2F..",
        f"https://discord.com/api/webhooks/١٢٣/{TOKEN}",
        f"https://discord.com/channels/{ID}/{TOKEN}",
        f"{CANONICAL}?thread_id=abc",
        "https://[",
        "https://discord.com:x/",
    ],
)
def test_anything_else_is_refused_by_field_and_without_the_token(url: object) -> None:
    if url is None:
        assert split(url=None)[1] == ""
        return
    with pytest.raises(Invalid) as caught:
        split(url=url)

    (fault,) = caught.value.faults
    assert fault.field == "url"
    assert len(fault.reason) > 10
    assert TOKEN not in f"{caught.value.detail}{fault}"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "Discord bot"}, "username"),
        ({"username": "my CLYDE"}, "username"),
        ({"username": "Everyone"}, "username"),
        ({"username": "here"}, "username"),
        ({"username": " "}, "username"),
        ({"username": "x" * 81}, "username"),
        ({"avatar_url": "http://intranet/a.png"}, "avatar_url"),
        ({"avatar_url": "file:///etc/passwd"}, "avatar_url"),
        ({"thread_id": "general"}, "thread_id"),
        ({"thread_id": True}, "thread_id"),
        ({"thread_id": "1", "thread_name": "x"}, "thread_id"),
        ({"thread_name": "x" * 101}, "thread_name"),
        ({"tags": ["1"] * 6}, "tags"),
        ({"tags": ["urgent"]}, "tags.0"),
        ({"buttons": "perhaps"}, "buttons"),
        ({"chanel": "x"}, "chanel"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        split(**given)

    assert [fault.field for fault in caught.value.faults] == [field]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        split(url="x", username="discord", other=1)

    fields = {fault.field for fault in caught.value.faults}
    assert fields == {"url", "username", "other"}


def test_what_is_right_is_kept_as_plain_values() -> None:
    kept, secret = split(
        username=" Tocsin ", thread_name="Incidents", tags=[123, "456"], buttons=False
    )

    assert secret == ""
    assert kept == {
        "username": "Tocsin",
        "thread_name": "Incidents",
        "tags": ["123", "456"],
        "buttons": False,
    }
