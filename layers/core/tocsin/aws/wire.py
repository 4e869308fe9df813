"""Wire: DynamoDB's JSON, written and read in one pass instead of along its models.

botocore checks each value against the description of every type it could have, which
for a transaction of ten is a fifth of the call's CPU, and for a read of a hundred rows
three quarters. Everything else stays botocore's: endpoints, signing, retries, errors.

Binary values are found where our items have them: as attributes of their own.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json

_BODY = "tocsin-body"
_OK = 200


def install(client: Any) -> None:
    """Let a botocore client of DynamoDB write and read this way."""
    events = client.meta.events
    # Named widely, since narrow names go first: after all of botocore's own handlers,
    # one of which gives transactions their token.
    events.register_last("before-parameter-build", _write)
    events.register_first("before-call.dynamodb", _put_in)
    events.register("before-parse.dynamodb", _read)


def _write(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """Leave botocore what it finds the endpoint by, and nothing to serialise."""
    context[_BODY] = _dense(params).encode()
    for name, value in params.items():
        if isinstance(value, dict | list):
            params[name] = type(value)()


def _put_in(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    params["body"] = context.pop(_BODY)


def _read(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    """Errors are left to botocore, and so is what is no JSON at all."""
    if response_dict["status_code"] != _OK:
        return
    try:
        answer = from_json(response_dict["body"])
    except ValueError:
        return
    for item in _items(answer):
        for value in item.values():
            if "B" in value:
                value["B"] = b64decode(value["B"])
    customized_response_dict.update(answer)
    response_dict["body"] = b""


def _items(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from answer.get("Items", ())
    for found in answer.get("Responses", {}).values():
        yield from found
    for name in ("Item", "Attributes"):
        if name in answer:
            yield answer[name]


def _binary(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"no attribute value: {type(value).__name__}")


_dense = json.JSONEncoder(separators=(",", ":"), default=_binary).encode
