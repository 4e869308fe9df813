"""`preview`: an event as it would be told, with nothing sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack

EVENT = {
    "type": "order.created",
    "title": "Order 7",
    "message": "Ada pays",
    "data": {"number": 7},
    "fields": [{"name": "Plan", "value": "pro"}],
}


@pytest.fixture
def file(home: Path) -> Path:
    (home / "event.json").write_text(json.dumps(EVENT))
    return home / "event.json"


def test_an_event_is_shown_as_it_would_be_told(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    result = tocsin("preview", str(file), "--channel", "slack", "--channel", "email")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("Order 7") == 2
    assert [
        each
        for each in ("slack", "email", "Ada pays", "Plan", "pro")
        if each not in result.stdout
    ] == []
    assert stack.world.ledger.kept == {}


def test_the_payload_is_what_the_provider_would_be_handed(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    result = tocsin("preview", str(file), "--channel", "discord", "--payload")

    assert '"embeds"' in result.stdout


def test_templates_of_a_file_can_be_tried(
    stack: Stack, tocsin: Run, file: Path, home: Path
) -> None:
    path = home / "tocsin.yaml"
    path.write_text('templates:\n  "order.*":\n    title: "No. {{ data.number }}"\n')
    tried = tocsin("preview", str(file), "--channel", "slack", "--routing", str(path))

    path.write_text('templates:\n  "order.*":\n    title: "{{ 1 / 0 }}"\n')
    broken = tocsin("preview", str(file), "--channel", "slack", "--routing", str(path))

    path.write_text('templates:\n  "order.*":\n    title: "{{ x"\n')
    wrong = tocsin("preview", str(file), "--channel", "slack", "--routing", str(path))

    assert "No. 7" in tried.stdout
    assert "title, line 1: divides by zero" in broken.stderr
    assert wrong.exit_code == 4
    assert "templates.order.*.title" in wrong.stderr


def test_json_is_the_answer_itself(stack: Stack, tocsin: Run, file: Path) -> None:
    result = tocsin("preview", str(file), "--json", "--channel", "webhook")

    (found,) = json.loads(result.stdout)["previews"]
    assert found["payload"]["data"]["title"] == "Order 7"


def test_a_list_has_no_preview(stack: Stack, tocsin: Run, home: Path) -> None:
    path = home / "list.json"
    path.write_text(json.dumps([EVENT]))

    assert tocsin("preview", str(path)).exit_code == 2
