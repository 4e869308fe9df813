"""Who is pinged: only by content, and only as far as allowed_mentions goes."""

from __future__ import annotations

from typing import Any

import pytest

from local.inbox.discord.mentions import pings

ALL = "@everyone <@1> <@!2> <@&3>"


@pytest.mark.parametrize(
    ("allowed", "everyone", "users", "roles"),
    [
        (None, False, ["1", "2"], []),
        ({}, False, [], []),
        ({"parse": []}, False, [], []),
        ({"parse": ["everyone"]}, True, [], []),
        ({"parse": ["users", "roles", "everyone"]}, True, ["1", "2"], ["3"]),
        ({"parse": [], "users": ["2", "9"]}, False, ["2"], []),
        ({"parse": [], "roles": ["3"]}, False, [], ["3"]),
    ],
)
def test_a_mention_pings_only_where_it_is_allowed(
    allowed: Any, everyone: bool, users: list[str], roles: list[str]
) -> None:
    found = pings(ALL, allowed)

    assert (found["everyone"], found["users"], found["roles"]) == (
        everyone,
        users,
        roles,
    )


def test_a_mention_in_code_is_no_mention() -> None:
    found = pings("`@everyone` ```\n<@1>\n```", {"parse": ["everyone", "users"]})

    assert (found["everyone"], found["users"]) == (False, [])


def test_a_mention_that_reaches_nobody_is_counted_as_looks_only() -> None:
    assert pings("@here <@1>", {"parse": []})["looked"] == 2
