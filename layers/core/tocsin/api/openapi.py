"""The OpenAPI 3.1 document, composed from the operations and their models.

Composed when it is asked for: schemas of everything would lengthen every cold start.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from tocsin import __version__
from tocsin.api import attachments, hooks
from tocsin.api.operation import Operation
from tocsin.events import Event
from tocsin.shapes import DeliveryBrief, StepShape
from tocsin.uploading import Upload

_REF = "#/components/schemas/{model}"
_ERRORS = {
    "400": "Malformed",
    "401": "Key missing or unknown",
    "403": "The key lacks the scope",
    "404": "Not found",
    "409": "Conflict",
    "412": "Changed meanwhile",
    "413": "Too large",
    "415": "Unsupported content type",
    "422": "A field is wrong; `errors` says which and why",
    "429": "More than the source may send in a minute; `Retry-After` says when",
    "503": "Not available now; send the same request again",
}

_REFUSED_EVENTS = ("400", "401", "403", "409", "413", "415", "422", "429", "503")
_REFUSED_UPLOADS = ("400", "401", "403", "413", "415", "422", "429", "503")
_REFUSED_HOOKS = (*_REFUSED_EVENTS, "404")


class FaultShape(TypedDict):
    """One thing wrong: a dotted path, and what to change."""

    field: str
    reason: str


class ProblemShape(TypedDict):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultShape]


class AcceptedShape(TypedDict):
    """An event that is durable (202)."""

    id: str
    status: str
    deliveries: list[DeliveryBrief]
    trace: list[StepShape]


class _Schemas:
    """Collects the schemas that the paths refer to."""

    def __init__(self) -> None:
        self.named: dict[str, Any] = {}

    def of(self, kind: Any, *, given: bool = False) -> dict[str, Any]:
        """A schema; `given`: as callers write it, not as we answer it."""
        schema = TypeAdapter(kind).json_schema(
            ref_template=_REF, mode="validation" if given else "serialization"
        )
        self.named |= schema.pop("$defs", {})
        name = getattr(kind, "__name__", "")
        if schema.get("type") == "object" and name and name != "dict":
            self.named[name] = schema
            return {"$ref": _REF.format(model=name)}
        return schema


def document_of(operations: Iterable[Operation[Any, Any]]) -> dict[str, Any]:
    """The whole document, the ingest call included."""
    schemas = _Schemas()
    events = _events(schemas)
    paths: dict[str, dict[str, Any]] = {"/v1/events": {"post": events}}
    answers = {status: events["responses"][status] for status in ("200", "202")}
    kept = schemas.of(Upload)
    paths |= attachments.described(kept, _listed(_REFUSED_UPLOADS))
    paths |= hooks.described(answers, _listed(sorted(_REFUSED_HOOKS)))
    for operation in operations:
        described = paths.setdefault(operation.path, {})
        described[operation.method.lower()] = _described(operation, schemas)
    problem = schemas.of(ProblemShape)
    schemas.named["ProblemShape"]["required"].remove("errors")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tocsin",
            "version": __version__,
            "description": "Events in, messages to people out, nothing lost.",
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.named.items())),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                **hooks.SCHEMES,
            },
            "responses": {"Problem": _problem(problem)},
        },
    }


def _described(operation: Operation[Any, Any], schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _operation_id(operation),
        "summary": operation.does,
        "tags": [_tag(operation.path)],
        "parameters": [*_in_path(operation), *_in_query(operation, schemas)],
        "responses": {str(operation.status): _answered(operation, schemas)},
    }
    if operation.scope is not None:
        key = {"key": [operation.scope.value]}
        described["security"] = [key, {}] if operation.open else [key]
    else:
        described["security"] = []
    body = _body(operation, schemas)
    if body:
        described["requestBody"] = body
    if operation.path.startswith("/v1/config") and operation.method == "PUT":
        described["parameters"].append(
            {"name": "If-Match", "in": "header", "schema": {"type": "string"}}
        )
    described["responses"] |= _refusals(operation)
    return described


def _operation_id(operation: Operation[Any, Any]) -> str:
    words = operation.path.removeprefix("/v1").replace("{", "").replace("}", "")
    return operation.method.lower() + "".join(
        part.capitalize()
        for part in words.replace("-", "/").replace(".", "/").split("/")
    )


def _tag(path: str) -> str:
    parts = path.removeprefix("/v1").strip("/").split("/")
    return parts[0] if parts[0] not in ("health", "openapi.json", "docs") else "service"


def _in_path(operation: Operation[Any, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": part[1:-1],
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
        }
        for part in operation.path.split("/")
        if part.startswith("{")
    ]


def _in_query(
    operation: Operation[Any, Any], schemas: _Schemas
) -> list[dict[str, Any]]:
    schema = TypeAdapter(operation.query).json_schema(ref_template=_REF)
    schemas.named |= schema.get("$defs", {})
    return [
        {"name": name, "in": "query", "schema": _as_text(each)}
        for name, each in schema.get("properties", {}).items()
    ]


def _as_text(schema: dict[str, Any]) -> dict[str, Any]:
    """A list in a query is written with commas."""
    if schema.get("type") != "array":
        return schema
    kept = {name: each for name, each in schema.items() if name == "description"}
    return {"type": "string", **kept}


def _body(operation: Operation[Any, Any], schemas: _Schemas) -> dict[str, Any]:
    if operation.method in ("GET", "DELETE"):
        return {}
    if operation.body is None:
        content = {media: {"schema": {"type": "object"}} for media in operation.media}
        return {"required": True, "content": content}
    if not operation.body.model_fields:
        return {}
    fields = operation.body.model_fields.values()
    return {
        "required": any(each.is_required() for each in fields),
        "content": {
            "application/json": {"schema": schemas.of(operation.body, given=True)}
        },
    }


def _answered(operation: Operation[Any, Any], schemas: _Schemas) -> dict[str, Any]:
    if operation.status == 204:
        return {"description": "Done"}
    schema = {} if operation.returns is None else schemas.of(operation.returns)
    media = operation.media if operation.method == "GET" else ("application/json",)
    return {
        "description": "Done",
        "content": {
            each: {"schema": schema if each == "application/json" else {}}
            for each in media
        },
    }


def _refusals(operation: Operation[Any, Any]) -> dict[str, Any]:
    wanted = {"422"} if operation.query.model_fields else set()
    if operation.scope is not None:
        wanted |= {"401", "403", "503"}
    if "{" in operation.path:
        wanted |= {"404"}
    if operation.method != "GET":
        wanted |= {"409"}
    if operation.method in ("PATCH", "POST", "PUT"):
        wanted |= {"400", "413", "415", "422"}
    if operation.path == "/v1/config" and operation.method == "PUT":
        wanted |= {"412"}
    return _listed(sorted(wanted))


def _listed(statuses: Iterable[str]) -> dict[str, Any]:
    return {
        status: {
            "$ref": "#/components/responses/Problem",
            "description": _ERRORS[status],
        }
        for status in statuses
    }


def _problem(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": "Refused, with the reason",
        "content": {"application/problem+json": {"schema": schema}},
    }


def _events(schemas: _Schemas) -> dict[str, Any]:
    """`POST /v1/events`, which the ingest function serves."""
    event = schemas.of(Event, given=True)
    many = {"type": "array", "items": event, "minItems": 1, "maxItems": 100}
    accepted = schemas.of(AcceptedShape)
    results = {
        "type": "object",
        "properties": {
            "accepted": {"type": "integer"},
            "rejected": {"type": "integer"},
            "results": {"type": "array", "items": {"type": "object"}},
        },
    }
    answer = {"application/json": {"schema": {"anyOf": [accepted, results]}}}
    foreign = {"schema": {"type": "object"}}
    return {
        "operationId": "postEvents",
        "summary": "Send one event, a list of up to 100, or CloudEvents. "
        "202 means durable.",
        "tags": ["events"],
        "security": [{"key": ["ingest"]}],
        "parameters": [
            {
                "name": "dry_run",
                "in": "query",
                "description": "Decide and explain; store and send nothing.",
                "schema": {"type": "boolean"},
            },
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key and body within 24 h count once.",
                "schema": {"type": "string"},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"anyOf": [event, many]}},
                "application/cloudevents+json": foreign,
                "application/cloudevents-batch+json": foreign,
            },
        },
        "responses": {
            "200": {"description": "The decision of a dry run", "content": answer},
            "202": {"description": "Durable", "content": answer},
            **_listed(_REFUSED_EVENTS),
        },
    }
