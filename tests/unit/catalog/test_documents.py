"""The pages about event types say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from local.event_types import PAGE, page
from tests.unit.catalog.dressed import NOW
from tocsin.catalog.describing import shown
from tocsin.rules.config import Config
from tocsin.yaml_document import parse_yaml

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_of_event_types_is_current() -> None:
    """Else: python -m local.event_types"""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_example_of_own_types_can_be_put_live() -> None:
    text = (DOCS / "own-types.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    value, _ = parse_yaml(block)
    config = Config.model_validate(value)
    data = {"number": 814, "amount": 1250.5, "note": "gift"}
    message = shown({"type": "order.paid", "data": data}, config, NOW)

    assert (message.icon, message.title) == ("🛒", "Order 814 over $1,250.50")
    assert [fact.name for fact in message.facts] == ["Amount", "Note"]
    assert message.url == "https://shop.example.com/orders/814"
