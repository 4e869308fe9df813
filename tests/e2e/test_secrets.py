"""Secrets stay where they were put: in no answer, no item, no log, no queue."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from local.place import Place
from tests.e2e.stack import Stack
from tocsin.aws import dense

UNPACKING: tuple[Callable[[bytes], bytes], ...] = (
    dense.unpack,
    partial(zlib.decompress, wbits=zlib.MAX_WBITS | 32),
    partial(zlib.decompress, wbits=-zlib.MAX_WBITS),
)
READ = (
    "/v1/health",
    "/v1/config",
    "/v1/config/editions",
    "/v1/destinations",
    "/v1/sources",
    "/v1/dead-letters?limit=100",
    "/v1/notifications?since=24h&limit=100",
    "/v1/openapi.json",
    "/docs",
)


@pytest.fixture(scope="module")
def secrets(stack: Stack) -> dict[str, str]:
    """Every kind there is, each used at least once in every way it can go wrong."""
    box = stack.new_mailbox()
    for mode in ("status", "drop", "limited", "html", "unauthorized", "gone", "ok"):
        box.behave(mode, times=1)
        stack.operate("POST", f"/v1/destinations/{box.name}/test", {})
        stack.operate("GET", f"/v1/destinations/{box.name}/status")
    box.behave("status", status=404)
    stack.settled(box.send("Refused"), status="dead_letter", seconds=60)
    wrong = box.url.replace("discord.com", "discord.example")
    stack.operate("PUT", f"/v1/destinations/{box.name}", _discord(wrong))
    _, made = stack.operate("POST", "/v1/sources", {"name": "secretive"})
    stack.call("POST", "/v1/events", box.event("x"), key=made["key"])
    stack.call("POST", "/v1/events", b"{", key=made["key"])
    hook = f"/v1/hooks/generic/{made['key']}"
    for body in (b"{", b'{"title": "x"}'):
        stack.call("POST", hook, body, key=None)
    signing = "signing-secret-of-the-secretive"
    wanted = {"scheme": "github", "secret": signing}
    assert stack.call("PUT", "/v1/sources/secretive/signature", wanted).status == 200
    assert stack.call("POST", hook, b"{}", key=None).status == 401
    return {
        "signing secret": signing,
        "webhook token": box.token,
        "source key": made["key"],
        "admin key": stack.described["admin_key"],
        "ingest key": stack.described["ingest_key"],
        "token kept by an operator": stack.mailbox().token,
    }


def _discord(url: str) -> dict[str, str]:
    return {"channel": "discord", "url": url}


def found_in(secrets: dict[str, str], text: str) -> list[str]:
    return [name for name, secret in secrets.items() if secret in text]


def test_no_answer_holds_one(stack: Stack, secrets: dict[str, str]) -> None:
    paths = [*READ]
    for listed in stack.call("GET", "/v1/destinations").json["destinations"][-12:]:
        paths += [f"/v1/destinations/{listed['name']}"]
    recent = stack.call("GET", "/v1/notifications?limit=20").json["notifications"]
    paths += [f"/v1/notifications/{each['id']}" for each in recent]

    for path in paths:
        reply = stack.call("GET", path)
        told = json.dumps([reply.body.decode(), dict(reply.headers)])
        assert not found_in(secrets, told), path
    for accept in ("application/json", "application/yaml"):
        reply = stack.call("GET", "/v1/config", headers={"Accept": accept})
        assert not found_in(secrets, reply.body.decode())


def test_the_table_holds_none(stack: Stack, secrets: dict[str, str]) -> None:
    texts = [_text(item) for item in stack.table()]

    assert len(texts) > 20
    assert any("Refused" in text for text in texts)  # what is packed is unpacked
    for text in texts:
        assert not found_in(secrets, text), text[:200]


def _text(value: Any) -> str:
    """Everything in an item, what is compressed included."""
    parts: list[str] = []

    def walk(each: Any) -> None:
        if isinstance(each, dict):
            parts.extend(map(str, each))
            for inner in each.values():
                walk(inner)
        elif isinstance(each, list):
            for inner in each:
                walk(inner)
        elif isinstance(each, bytes):
            for unpack in UNPACKING:
                with suppress(zlib.error):
                    parts.append(unpack(each).decode(errors="replace"))
        else:
            parts.append(str(each))

    walk(value)
    return "\n".join(parts)


def test_no_log_holds_one(stack: Stack, secrets: dict[str, str]) -> None:
    """What the functions say goes to CloudWatch and, here, to the emulator's log."""
    lines = list(_cloudwatch(stack))

    assert len(lines) > 20
    assert not found_in(secrets, "\n".join(lines))
    for name in ("emulator", "pacemaker", "deploy", "build"):
        text = _log(stack.place, name)
        assert not found_in(secrets, text), name


def _cloudwatch(stack: Stack) -> Iterator[str]:
    logs = stack.aws("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=group["logGroupName"]):
            for event in page["events"]:
                yield event["message"]


def _log(place: Place, name: str) -> str:
    path = place.log(name)
    return path.read_text(errors="replace") if path.exists() else ""


def test_no_queue_holds_one(stack: Stack, secrets: dict[str, str]) -> None:
    found = stack.aws("sqs").receive_message(
        QueueUrl=stack.described["dlq_url"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=1,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )

    assert found.get("Messages")
    assert not found_in(secrets, json.dumps(found, default=str))


def test_a_destination_shows_which_webhook_it_is_and_no_more(
    stack: Stack, secrets: dict[str, str]
) -> None:
    box = stack.new_mailbox()

    shown = stack.call("GET", f"/v1/destinations/{box.name}").json

    assert shown["secret_hint"] == f"discord.com {box.webhook}"
    assert "url" not in shown
