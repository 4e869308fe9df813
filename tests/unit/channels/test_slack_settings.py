"""Slack: which URLs, tokens and settings are taken, and how others are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.channels import channel
from tocsin.channels.slack.settings import thread_of
from tocsin.errors import Invalid
from tocsin.events import parse_mention

PART = "aB3dE5fG7hI9jK1lM3nO5pQ7"
URL = f"https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/{PART}"
TOKEN = "xoxb-123456789012-1234567890123-aBcDeFgHiJkLmNoPqRsTuVwX"
CHANNEL = "C0123456789"


def split(**given: Any) -> tuple[dict[str, Any], str]:
    """What the channel keeps, and what it hides."""
    return channel("slack").split(given)


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"  {URL}\n",
        f"{URL}/",
        URL.replace("hooks.slack.com", "HOOKS.Slack.com:443"),
    ],
)
def test_every_form_of_the_url_becomes_one(url: str) -> None:
    assert split(url=url) == ({}, URL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        7,
        "hooks.slack.com/services/T0A/B0B/x",
        URL.replace("https", "http"),
        URL.replace("hooks.slack.com", "hooks.slack.com.evil.example"),
        URL.replace("hooks.slack.com", "slack.com"),
        URL.replace("https://", "https://user@"),
        URL.replace("slack.com", "slack.com:8443"),
        URL.replace("/services/", "/workflows/"),
        f"https://hooks.slack.com/triggers/T0AAAAAAA/1/{PART}",
        f"{URL}?x=1",
        f"{URL}/../x",
        "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB",
        "https://[",
        "https://hooks.slack.com:x/",
    ],
)
def test_any_other_url_is_refused_by_field_and_without_its_secret(url: object) -> None:
    with pytest.raises(Invalid) as caught:
        split(url=url)

    (fault,) = caught.value.faults
    assert fault.field == "url"
    assert len(fault.reason) > 10
    assert PART not in f"{caught.value.detail}{fault}"


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("", "begins with xoxb-"),
        (5, "begins with xoxb-"),
        (TOKEN.replace("xoxb", "xoxp"), "a person's token"),
        (f"xoxe.{TOKEN}", "rotating"),
        (TOKEN + "\r\nX: y", "begins with xoxb-"),
    ],
)
def test_any_other_token_is_refused_by_field_and_not_repeated(
    token: object, words: str
) -> None:
    with pytest.raises(Invalid) as caught:
        split(token=token, channel_id=CHANNEL)

    (fault,) = caught.value.faults
    assert fault.field == "token"
    assert words in fault.reason
    assert TOKEN[5:] not in f"{caught.value.detail}{fault}"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": URL, "token": TOKEN}, "token"),
        ({"token": TOKEN}, "channel_id"),
        ({"url": URL, "channel_id": CHANNEL}, "channel_id"),
        ({"url": URL, "username": "Tocsin"}, "username"),
        ({"url": URL, "thread_ts": "1700000000.123456"}, "thread_ts"),
        ({"channel_id": "#alerts"}, "channel_id"),
        ({"channel_id": "alerts"}, "channel_id"),
        ({"username": "x" * 81}, "username"),
        ({"icon_emoji": "fire"}, "icon_emoji"),
        ({"icon_url": "http://intranet/a.png"}, "icon_url"),
        ({"icon_url": "javascript:alert(1)"}, "icon_url"),
        ({"thread_ts": 1700000000.123456}, "thread_ts"),
        ({"thread_ts": "yesterday"}, "thread_ts"),
        ({"buttons": "perhaps"}, "buttons"),
        ({"chanel_id": CHANNEL}, "chanel_id"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        split(**given)

    assert [fault.field for fault in caught.value.faults] == [field]
    assert TOKEN not in str(caught.value.faults)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        split(url="x", username="", other=1)

    fields = {fault.field for fault in caught.value.faults}
    assert fields == {"url", "username", "other"}


def test_what_is_right_is_kept_as_plain_values() -> None:
    given = {
        "channel_id": f" {CHANNEL} ",
        "thread_ts": "https://acme.slack.com/archives/C0123456789/p1700000000123456",
        "username": "Tocsin",
        "icon_emoji": ":rotating_light:",
        "buttons": False,
    }

    assert split(token=TOKEN, **given) == (
        {
            "channel_id": CHANNEL,
            "thread_ts": "1700000000.123456",
            "username": "Tocsin",
            "icon_emoji": ":rotating_light:",
            "buttons": False,
        },
        TOKEN,
    )
    assert split(channel_id=CHANNEL) == ({"channel_id": CHANNEL}, "")


@pytest.mark.parametrize(
    ("text", "ts"),
    [
        ("1700000000.123456", "1700000000.123456"),
        ("https://acme.slack.com/archives/C01/p1700000000123456", "1700000000.123456"),
        (
            "https://a.slack.com/archives/C01/p1700000009123456?thread_ts=1700000000.123456&cid=C01",
            "1700000000.123456",
        ),
        ("incident 4", None),
        ("", None),
        ("1700000000", None),
    ],
)
def test_a_thread_is_a_ts_or_the_link_to_a_message(text: str, ts: str | None) -> None:
    assert thread_of(text) == ts


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("user:U024BE7LH", "user:U024BE7LH"),
        ("<@U024BE7LH>", "user:U024BE7LH"),
        ("role:S0614TZR7", "role:S0614TZR7"),
        ("<!subteam^S0614TZR7>", "role:S0614TZR7"),
        ("<@&1>", "role:1"),
    ],
)
def test_people_and_groups_of_slack_can_be_named(written: str, read: str) -> None:
    assert parse_mention(written) == read


@pytest.mark.parametrize("written", ["user:bob", "<!channel>", "<!subteam^x>", "@U1"])
def test_what_names_nobody_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a mention"):
        parse_mention(written)
