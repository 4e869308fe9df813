"""Webhooks: signed by the published rules, and verified by the guide's own code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.messages import message
from tests.unit.channels.webhook_receiver import (
    NOW,
    OLD,
    SECRET,
    opened,
    target,
    verified,
)
from tocsin.channels.webhook import signing

GUIDE = Path(__file__).parents[3] / "docs" / "channels" / "webhook.md"


def test_the_published_example_is_signed_as_published() -> None:
    signed = signing.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        [signing.key_of(SECRET)],
    )

    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_while_secrets_change_each_of_them_verifies(secret: str) -> None:
    with loopback.provider(loopback.answer(204)) as told:
        opened(told.base).send([message()], target())

    (request,) = told.requests
    assert verified(request, secret)
    assert len(request.headers["webhook-signature"].split(" ")) == 2


def test_a_secret_that_was_taken_away_signs_no_more() -> None:
    with loopback.provider(loopback.answer(204)) as told:
        opened(told.base).send([message()], target(old_secrets=[]))

    (request,) = told.requests
    assert verified(request, SECRET)
    assert not verified(request, OLD)


def test_a_retry_keeps_its_id_and_has_its_own_time() -> None:
    one = replace(message(), id="01jd8zq3k4m5n6p7q8r9s0t1v2-crm")
    with loopback.provider(loopback.answer(500), loopback.answer(200)) as told:
        opened(told.base, NOW).send([one], target())
        opened(told.base, NOW + 60).send([one], target())

    first, second = told.requests
    assert {each.headers["webhook-id"] for each in told.requests} == {one.id}
    assert first.headers["webhook-timestamp"] == "1793707200"
    assert second.headers["webhook-timestamp"] == "1793707260"
    assert first.body == second.body
    assert verified(first, SECRET)
    assert verified(second, SECRET)


def test_a_message_without_an_id_is_named_by_its_content() -> None:
    with loopback.provider(loopback.answer(200)) as told:
        for text in ("a", "a", "b"):
            opened(told.base).send([message(text)], target())

    ids = [each.headers["webhook-id"] for each in told.requests]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("test-")
    assert "." not in ids[0]


SNIPPETS = re.findall(r"```(python|js)\n(.*?)```", GUIDE.read_text(), re.DOTALL)
OWN = {kind: code for kind, code in SNIPPETS if "verified(" in code}
MOMENT = {"secret": SECRET, "id": "a-b", "body": '{"é": 1}'}


def signed_now(**changed: str) -> dict[str, Any]:
    """What a receiver gets to see, signed with the real time."""
    told = MOMENT | changed
    keys = map(signing.key_of, (OLD, SECRET))
    headers = signing.headers("a-b", int(time.time()), MOMENT["body"].encode(), keys)
    return {**told, "headers": headers | {"webhook-id": told["id"]}}


@pytest.mark.parametrize(
    ("changed", "genuine"),
    [
        ({}, True),
        ({"secret": OLD}, True),
        ({"id": "a-c"}, False),
        ({"body": '{"é": 2}'}, False),
        ({"secret": "whsec_" + "A" * 32}, False),
    ],
)
def test_the_guide_s_code_tells_the_genuine_from_the_forged(
    changed: dict[str, str], genuine: bool
) -> None:
    told = signed_now(**changed)
    room: dict[str, Any] = {}
    exec(OWN["python"], room)

    body = told["body"].encode()
    assert room["verified"](told["secret"], told["headers"], body) is genuine


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_the_guide_s_code_for_node_says_the_same() -> None:
    cases = [signed_now(), signed_now(id="a-c"), signed_now(secret=OLD)]
    code = (
        f"{OWN['js']}\nconst cases = JSON.parse(process.argv[1]);"
        "console.log(JSON.stringify(cases.map((c) => verified(c.secret, c.headers, c.body))))"
    )
    command = ["node", "--input-type=module", "-e", code, json.dumps(cases)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)

    assert json.loads(told.stdout) == [True, False, True]
