"""Templates of the operator's own, from the routing file to what people see."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.stack import Mailbox, Stack, shown_in, until

TEMPLATE: dict[str, Any] = {
    "title": "Order {{ data.number }} over {{ data.total | money }}",
    "format": "markdown",
    "body": "**{{ data.customer }}** ordered:\n"
    "{% for each in data.lines %}\n- {{ each.name }} × {{ each.count }}\n{% endfor %}",
    "facts": [{"name": "Each", "value": "{{ (data.total / data.count) | money }}"}],
}
DATA = {
    "number": 7,
    "total": 120,
    "count": 4,
    "customer": "Ada *the* [first](https://evil.example)",
    "lines": [{"name": "pen", "count": 3}, {"name": "ink", "count": 1}],
}


@pytest.fixture(scope="module")
def box(stack: Stack) -> Mailbox:
    """A mailbox whose type has a template."""
    found = stack.mailbox()
    put_templates(stack, {found.type: TEMPLATE})
    return found


def put_templates(stack: Stack, templates: dict[str, Any]) -> None:
    """Whatever others do to the file meanwhile."""

    def done() -> bool:
        live = stack.call("GET", "/v1/config")
        known = live.json.get("templates", {})
        config = {**live.json, "templates": {**known, **templates}}
        tag = {"If-Match": live.headers["ETag"]}
        put = stack.call("PUT", "/v1/config", config, headers=tag)
        assert put.status in (200, 412), put.body
        return put.status == 200

    until(done, "the routing file")


def told(box: Mailbox, title: str) -> dict[str, Any]:
    """The notification of this title, once it is there; it may have come with others."""
    message = box.wait(contains=title)[-1]
    (embed,) = [each for each in shown_in(message) if each["title"].endswith(title)]
    return embed


def test_an_event_is_told_in_the_words_of_its_template(
    stack: Stack, box: Mailbox
) -> None:
    name = box.send("Somebody ordered", data=DATA)

    embed = told(box, "Order 7 over $120")
    assert embed["description"].startswith(
        "**Ada ∗the∗ (first)(https://evil.example)**"
    )
    assert "- pen × 3\n- ink × 1" in embed["description"]
    assert [each["value"] for each in embed["fields"]] == ["$30"]

    shown = stack.call("GET", f"/v1/notifications/{name}/preview").json["previews"]
    assert [each["payload"]["embeds"][0]["title"] for each in shown] == [embed["title"]]


def test_data_that_breaks_it_is_told_in_the_built_in_look_which_says_so(
    stack: Stack, box: Mailbox
) -> None:
    box.send("An order of nothing", data={**DATA, "count": 0})

    embed = told(box, "An order of nothing")
    assert "facts.0, line 1: divides by zero" in str(embed)


def test_one_that_cannot_be_read_is_not_put(stack: Stack, box: Mailbox) -> None:
    text = (
        f"templates:\n  {box.type}:\n    body: |\n      fine\n"
        "      {% for x in data.lines %}\n"
    )

    reply = stack.call(
        "POST",
        "/v1/config/check",
        text.encode(),
        headers={"Content-Type": "application/yaml"},
    )

    assert reply.status == 422
    (fault,) = reply.json["errors"]
    assert fault["field"] == f"templates.{box.type}.body"
    assert fault["reason"].startswith("line 5: ")


def test_a_template_can_be_tried_before_it_is_put(stack: Stack, box: Mailbox) -> None:
    body = {
        "event": box.event("x", data=DATA),
        "channels": ["discord", "email", "slack"],
        "destinations": [box.name],
        "templates": {box.type: {"title": "Tried: {{ data.number }}"}},
    }

    reply = stack.call("POST", "/v1/preview", body)

    assert reply.status == 200, reply.body
    titles = [each["shown"]["title"] for each in reply.json["previews"]]
    assert titles == ["Tried: 7"] * 4
    assert box.token.encode() not in reply.body
