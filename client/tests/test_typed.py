"""Typed: the functions say what the catalogue says, and the server takes them so."""

from __future__ import annotations

import ast
import time
from typing import Any

import pytest

from local.client_types import FILE, module
from tocsin.catalog import TYPES, kind_of
from tocsin.catalog.dressing import dress
from tocsin.events import Event
from tocsin.intake.native import read_event
from tocsin.intake.reading import read_body
from tocsin.rules.config import Config
from tocsin_client import Tocsin, typed
from tocsin_client.plain import encode

Captured = list[dict[str, Any]]


def stored(event: dict[str, Any]) -> Event:
    """As the server keeps it."""
    read = read_event(read_body(encode(event))).event
    return dress(read, Config(), int(time.time() * 1000))


def test_the_file_is_what_the_catalogue_says() -> None:
    """Else: make docs"""
    assert FILE.read_text(encoding="utf-8") == module()


def test_it_is_python_3_9() -> None:
    ast.parse(FILE.read_text(encoding="utf-8"), feature_version=(3, 9))


@pytest.mark.parametrize("name", TYPES)
def test_each_type_is_a_function_of_its_data(
    tocsin_outbox: Captured, name: str
) -> None:
    kind = kind_of(name)
    assert kind is not None
    data = {key: kind.sample.get("data", {}).get(key) for key in kind.model_fields}

    Tocsin("http://127.0.0.1:9", "key").post(
        **getattr(typed, name.replace(".", "_"))(title="Mine", **data)
    )

    (event,) = tocsin_outbox
    assert event["type"] == name
    assert event["title"] == "Mine"
    assert stored(event).data == {
        key: value for key, value in data.items() if value is not None
    }


def test_what_is_left_out_is_not_sent_and_own_data_stands_beside() -> None:
    event = typed.peer_joined(peer_name="Bo", data={"ping": 3}, severity="low")

    assert event["data"] == {"peer_name": "Bo", "ping": 3}
    assert event["severity"] == "low"


def test_a_day_may_be_a_date() -> None:
    from datetime import date

    event = typed.obligation_due(obligation="VAT", due_date=date(2026, 11, 24))

    assert stored(event).data["due_date"] == "2026-11-24"
