"""Hooks, described: the hooks function serves them, and tools know their own bodies."""

from __future__ import annotations

from typing import Any

from tocsin.intake.hooks import ADAPTERS

_DOES = "Post what a tool sends, in its own form. 202 means durable."
# Not events of their sender's own: SNS speaks of topics, WhatsApp of our messages.
_APART = ("sns", "whatsapp")
_PRESSED = ["discord", "slack", "telegram"]
_FORMS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
)


def described(accepted: dict[str, Any], refused: dict[str, Any]) -> dict[str, Any]:
    """The paths of the hooks; what they answer is as for events."""
    by_key = {
        **_post([_in_path("adapter", "A tool", enum=sorted([*ADAPTERS, *_APART]))]),
        "operationId": "postHook",
        "security": [{"key": ["ingest"]}, {"password": []}, {"header": []}],
        "responses": {**accepted, **refused},
    }
    token = _in_path("token", "A key, or the name of a source that signs its calls")
    by_token = {
        **by_key,
        "operationId": "postHookByToken",
        "parameters": [*by_key["parameters"], token],
        "security": [],
    }
    return {
        "/v1/hooks/{adapter}": {"post": by_key},
        "/v1/hooks/{adapter}/{token}": {"post": by_token},
        "/v1/interactions/{channel}": {"post": _interactions(refused)},
    }


def _interactions(refused: dict[str, Any]) -> dict[str, Any]:
    """What a provider passes on when somebody presses a button. Its form is its own."""
    anything: dict[str, Any] = {"application/json": {"schema": {}}}
    forms: dict[str, Any] = {media: {"schema": {}} for media in _FORMS[:2]}
    told = "What the provider is to show or to do; nothing where it asks for nothing"
    answered = {"description": told, "content": anything}
    return {
        "summary": "Presses of buttons, and commands, signed by the provider.",
        "tags": ["hooks"],
        "operationId": "postInteraction",
        "parameters": [_in_path("channel", "The provider", enum=_PRESSED)],
        "requestBody": {"required": True, "content": forms},
        "security": [],
        "responses": {"200": answered, **refused},
    }


SCHEMES = {
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "The key as password, for hooks only; the user is anyone.",
    },
    "header": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Tocsin-Key",
        "description": "For hooks only.",
    },
}


def _post(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    anything: dict[str, Any] = {"schema": {}}
    dry_run = {
        "name": "dry_run",
        "in": "query",
        "description": "Decide and explain; store and send nothing.",
        "schema": {"type": "boolean"},
    }
    return {
        "summary": _DOES,
        "tags": ["hooks"],
        "parameters": [dry_run, *parameters],
        "requestBody": {
            "required": True,
            "content": dict.fromkeys(_FORMS, anything),
        },
    }


def _in_path(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {
            "type": "string",
            **{key: told for key, told in schema.items() if told},
        },
    }
