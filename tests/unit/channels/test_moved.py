"""A destination that was put elsewhere: what happens at its old place is no fault of
the new one, which must not be disabled for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.messages import message
from tocsin.channels import channel
from tocsin.ports import Editor, Kind, Target

DISCORD = f"{'M' * 24}.Gabcde.{'x' * 38}"
TELEGRAM = "110201543:AAE-abc_defghijklmnopqrstuvwxyz0123"
SLACK = "xoxb-123456789012-1234567890123-aBcDeFgHiJkLmNoPqRsTuVwX"
KICKED = {"ok": False, "description": "Forbidden: bot was kicked from the group chat"}
CASES = [
    pytest.param(
        ("discord", {"channel_id": "1012345678901234567"}, DISCORD),
        (403, {"code": 50001}),
        ("1012345678901234567", "1099999999999999999"),
        id="a bot that does not see the old channel of Discord",
    ),
    pytest.param(
        ("telegram", {"chat": "-1001234567890"}, TELEGRAM),
        (403, KICKED),
        ("-1001234567890", "-42"),
        id="a bot that was removed from the old group of Telegram",
    ),
    pytest.param(
        ("slack", {"channel_id": "C0123456789"}, SLACK),
        (200, {"ok": False, "error": "is_archived"}),
        ("C0123456789", "C0999999999"),
        id="an archived channel of Slack",
    ),
]


@pytest.mark.parametrize(("put", "answer", "places"), CASES)
def test_what_is_gone_elsewhere_is_a_message_and_not_the_destination(
    put: tuple[str, dict[str, Any], str],
    answer: tuple[int, Any],
    places: tuple[str, str],
) -> None:
    name, settings, secret = put
    target = Target("ops", settings, secret)
    with loopback.provider(loopback.answer(*answer)) as told:
        opened = channel(name, told.base)
        assert isinstance(opened, Editor)
        kinds = [opened.edit([message()], target, "7", each).kind for each in places]

    assert kinds == [Kind.GONE, Kind.MISSING]
