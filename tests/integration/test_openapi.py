"""The OpenAPI document says what the API does, and the docs page shows all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

from jsonschema import Draft202012Validator

from tests.fakes.api import ApiWorld
from tests.integration.operating import kill, put_ops, told


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = ApiWorld().call("GET", "/v1/openapi.json", key=None).json
    return found


def refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from refs(each)
    elif isinstance(value, list):
        for each in value:
            yield from refs(each)


def conform(reply: Any, method: str, path: str) -> None:
    """The reply's body fits the schema that the document promises for its status."""
    described = document()["paths"][path][method.lower()]["responses"]
    answered = described[str(reply.status)]
    if reply.status == 204:
        return
    if "$ref" in answered:
        answered = document()["components"]["responses"]["Problem"]
    (media,) = (
        media
        for media in answered["content"]
        if reply.headers["Content-Type"].startswith(media)
    )
    schema = {**answered["content"][media]["schema"], "components": components()}
    faults = [
        each.message for each in Draft202012Validator(schema).iter_errors(reply.json)
    ]
    assert faults == []


@cache
def components() -> dict[str, Any]:
    """Shapes are closed here: what the document does not name must not be answered."""
    closed: dict[str, Any] = json.loads(json.dumps(document()["components"]))
    for name, schema in closed["schemas"].items():
        if name.endswith(("Shape", "Brief", "Page", "List", "Report", "Key")):
            schema.setdefault("additionalProperties", False)
    return closed


def test_every_operation_is_described_and_the_event_call_too() -> None:
    served = {(each.method.lower(), each.path) for each in ApiWorld().operations}
    described = {
        (method, path)
        for path, methods in document()["paths"].items()
        for method in methods
    }

    hooks = ("hooks/{adapter}", "hooks/{adapter}/{token}", "interactions/{channel}")
    elsewhere = ("events", "attachments", *hooks)

    assert described == served | {("post", f"/v1/{path}") for path in elsewhere}


def test_every_reference_leads_somewhere() -> None:
    for ref in refs(document()):
        found: Any = document()
        for part in ref.removeprefix("#/").split("/"):
            assert part in found, ref
            found = found[part]


def test_operation_ids_are_unique_and_path_parameters_declared() -> None:
    ids = []
    for path, methods in document()["paths"].items():
        for described in methods.values():
            ids.append(described["operationId"])
            declared = {
                each["name"] for each in described["parameters"] if each["in"] == "path"
            }
            assert declared == set(re.findall(r"\{(\w+)\}", path))

    assert len(ids) == len(set(ids))


def test_every_schema_is_one() -> None:
    for schema in document()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_an_event_is_described_as_the_border_reads_it() -> None:
    event = document()["components"]["schemas"]["Event"]

    assert "type" in event["required"]
    assert event["additionalProperties"] is False
    assert {"severity", "fields", "links", "data"} <= set(event["properties"])


GITHUB = {"scheme": "github", "secret": "a long signing secret".replace(" ", "-")}


def test_answers_are_as_described(world: ApiWorld) -> None:
    (one, other) = told(world, "a", "b", severity="high")
    kill(world, one)
    world.call("POST", "/v1/sources", {"name": "ci"})
    notification = "/v1/notifications/{id}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/v1/notifications", None),
        ("GET", notification, None),
        ("GET", f"{notification}/preview", None),
        ("POST", "/v1/preview", {"event": {"type": "a", "title": "b"}}),
        ("GET", "/v1/digests", None),
        ("GET", "/v1/digests/preview", None),
        ("GET", "/v1/dead-letters", None),
        ("POST", f"{notification}/replay", None),
        ("POST", f"{notification}/acknowledge", {"note": "n"}),
        ("POST", f"{notification}/unacknowledge", {"note": "back"}),
        ("POST", f"{notification}/resolve", None),
        ("POST", "/v1/dead-letters/replay", {"dry_run": True}),
        ("GET", "/v1/config", None),
        ("PUT", "/v1/config", {"routes": [{"name": "new", "to": []}]}),
        ("POST", "/v1/config/check", {"routes": []}),
        ("PUT", "/v1/config", {"rutes": []}),
        ("GET", "/v1/config/editions", None),
        ("PUT", "/v1/destinations/{name}", {"channel": "nope"}),
        ("GET", "/v1/destinations", None),
        ("GET", "/v1/destinations/{name}", None),
        ("GET", "/v1/destinations/{name}/status", None),
        ("POST", "/v1/destinations/{name}/test", None),
        ("GET", "/v1/destinations/{name}/signature", None),
        ("PUT", "/v1/destinations/{name}/signature", {"secret": "s" * 32}),
        ("POST", "/v1/destinations/{name}/signature/revoke", None),
        ("DELETE", "/v1/destinations/{name}/signature", None),
        ("DELETE", "/v1/destinations/{name}", None),
        ("GET", "/v1/sources", None),
        ("POST", "/v1/sources", {"name": "cd", "scopes": ["ingest"]}),
        ("POST", "/v1/sources/{name}/rotate", None),
        ("POST", "/v1/sources/{name}/revoke", None),
        ("PATCH", "/v1/sources/{name}", {"types": ["ci.*"], "rate": 60}),
        ("PUT", "/v1/sources/{name}/signature", GITHUB),
        ("PUT", "/v1/sources/{name}/signature", GITHUB),
        ("POST", "/v1/sources/{name}/signature/revoke", None),
        ("DELETE", "/v1/sources/{name}/signature", None),
        ("DELETE", "/v1/sources/{name}", None),
        ("GET", "/v1/event-types", None),
        ("POST", "/v1/silences", {"match": {"type": "a"}, "for": "2h"}),
        ("GET", "/v1/silences", None),
        ("DELETE", "/v1/silences/{id}", None),
        ("GET", "/v1/health", None),
        ("GET", "/v1/metrics", None),
        ("GET", "/v1/outlook", None),
    ]
    for method, path, body in calls:
        name = "ci" if "sources" in path else "ops"
        reply = world.call(
            method, path.replace("{id}", one).replace("{name}", name), body
        )
        conform(reply, method, path)
    assert {(method, path) for method, path, _ in calls} | {
        ("GET", "/docs"),
        ("GET", "/v1/openapi.json"),
        *(("GET", "/a/{link}"), ("POST", "/a/{link}")),  # pages: test_links.py
        ("GET", "/f/{link}"),  # test_attachments.py
    } == {(each.method, each.path) for each in world.operations}
    assert other


class Page(HTMLParser):
    """Gathers what a browser would load, run, or jump to."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in {"script", "img", "link", "iframe", "form"} or "src" in found:
            self.loaded.append(tag)
        if any(name.startswith("on") or name == "style" for name in found):
            self.loaded.append("inline")
        if found.get("id"):
            self.ids.add(str(found["id"]))
        if found.get("href"):
            self.links.append(str(found["href"]))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_docs_page_loads_nothing_and_shows_every_operation() -> None:
    reply = ApiWorld().call("GET", "/docs", key=None)
    page = Page()
    page.feed(reply.body)

    assert reply.headers["Content-Type"].startswith("text/html")
    assert page.loaded == []
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "unsafe" not in reply.headers["content-security-policy"]
    for path in document()["paths"]:
        assert path in page.words
    for link in page.links:
        assert link == "v1/openapi.json" or link.removeprefix("#") in page.ids, link


def test_the_docs_page_escapes_what_it_shows() -> None:
    from tocsin.api.docs_page import render

    hostile = json.loads(json.dumps(document()))
    hostile["info"]["description"] = "<script>alert(1)</script>"
    hostile["components"]["schemas"]["Event"]["description"] = "<b onclick=x>"
    page = Page()
    page.feed(render(hostile))

    assert page.loaded == []


def test_settings_of_a_destination_are_told_as_they_were_put(world: ApiWorld) -> None:
    put_ops(world, username="U")

    assert world.call("GET", "/v1/destinations/ops").json["username"] == "U"
