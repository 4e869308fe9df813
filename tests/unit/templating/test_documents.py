"""The guide: its template works, and its lists are complete."""

from __future__ import annotations

import re
from pathlib import Path

from tests.unit.templating.test_checking import yaml
from tocsin.channels import channel
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.notification import Notification
from tocsin.rendering import render
from tocsin.routing_file import read
from tocsin.templating.applying import replaced
from tocsin.templating.checking import require_templates
from tocsin.templating.filters import FILTERS, TESTS
from tocsin.templating.view import NAMES

GUIDE = Path(__file__).parents[3] / "docs/templates.md"
NOW = 1_793_707_200_000


def words() -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", GUIDE.read_text(encoding="utf-8")))


def test_it_names_everything_there_is() -> None:
    assert NAMES | FILTERS.keys() | TESTS.keys() <= words()


def test_its_example_is_taken_and_tells_an_order() -> None:
    found = re.search(
        r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    document = yaml(found[1])
    config = read(document)
    require_templates(config, document, channel)
    data = {
        "number": "A 7",
        "total": 120,
        "currency": "CHF",
        "customer": {"name": "Ada"},
        "items": [{"name": "pen", "count": 3}, {"name": "ink", "count": 1}],
    }
    event = Event.model_validate({"type": "order.paid", "title": "x", "data": data})
    notification = Notification("1" * 26, event, "", "notice", "shop", NOW, NOW)
    delivery = Delivery("ops")
    built_in = render(notification, delivery, zone="UTC", application="T", now=NOW)

    message = replaced(
        built_in,
        notification,
        delivery,
        templates=config.templates,
        channel="discord",
        application="T",
    )

    assert message.title == "Order A 7 over $120"
    assert message.body is not None
    assert message.body.text == (
        "**Ada** ordered, [see it](https://shop.example.com/orders/A%207):\n"
        "- pen × 3\n- ink × 1"
    )
    assert [fact.value.text for fact in message.facts] == ["CHF 120"]
