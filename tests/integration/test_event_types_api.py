"""GET /v1/event-types: what may be sent, and how it would look here."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.fakes.api import ApiWorld
from tests.integration.test_openapi import conform
from tocsin.catalog import TYPES


def listed(world: ApiWorld) -> dict[str, dict[str, Any]]:
    reply = world.call("GET", "/v1/event-types", key="shop")
    assert reply.status == 200
    conform(reply, "GET", "/v1/event-types")
    return {each["type"]: each for each in reply.json["event_types"]}


def test_every_type_is_listed_in_the_catalogues_order() -> None:
    assert list(listed(ApiWorld())) == list(TYPES)


def test_each_sample_conforms_to_the_schema_of_its_data() -> None:
    for each in listed(ApiWorld()).values():
        data = {
            name: value
            for name, value in each["sample"].get("data", {}).items()
            if value is not None
        }
        Draft202012Validator.check_schema(each["data"])
        Draft202012Validator(each["data"]).validate(data)


def test_a_type_tells_its_defaults_and_how_its_sample_looks() -> None:
    lead = listed(ApiWorld())["lead.hot"]

    assert (lead["severity"], lead["threshold"]) == ("medium", {"score": 80})
    assert lead["needs"] == ["score"]
    assert lead["shown"]["title"] == "Min-Ji Park - Score: 85"
    assert lead["shown"]["facts"][0]["name"] == "Email"


def test_samples_are_shown_as_this_routing_file_would() -> None:
    world = ApiWorld()
    text = (
        "links: {conversation: 'https://app.example.com/c?id={data.conversation_id}'}\n"
    )
    headers = {"content-type": "application/yaml"}
    world.call("PUT", "/v1/config", body=text.encode(), headers=headers)
    shown = listed(world)["conversation.message_failed"]["shown"]

    assert shown["url"] == "https://app.example.com/c?id=cv%208%2F17"


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("ops", 403)])
def test_it_is_for_those_who_send(key: str | None, status: int) -> None:
    assert ApiWorld().call("GET", "/v1/event-types", key=key).status == status
