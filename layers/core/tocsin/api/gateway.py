"""The gateway: an HTTP API's event (payload 2.0) in, its response out.

The one module that knows Powertools: it matches paths, and could be left again by
rewriting this file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from tocsin.api.answering import Api, refusal
from tocsin.api.operation import Answer, Operation, Request
from tocsin.errors import Refused
from tocsin.intake.gateway import body_of

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def handler_of(api: Api) -> Handler:
    """A Lambda handler that serves all operations of `api`."""
    app = APIGatewayHttpResolver()
    for operation in api.operations:
        rule = operation.path.replace("{", "<").replace("}", ">")
        app.route(rule, method=operation.method)(_view(app, api, operation))

    @app.not_found
    def stray(_: Exception) -> Response[str]:
        return _response(_served(app, api.stray))

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        answered: dict[str, Any] = app.resolve(event, context)
        return answered

    return handle


def request_of(event: dict[str, Any], path: str) -> Request:
    """The request in an event. Raises `Refused` for a body that cannot be read."""
    headers = event.get("headers") or {}
    return Request(
        method=event["requestContext"]["http"]["method"],
        path=path,
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in headers.items()},
        body=body_of(event),
    )


def _view(
    app: APIGatewayHttpResolver, api: Api, operation: Operation[Any, Any]
) -> Callable[..., Response[str]]:
    def view(**params: str) -> Response[str]:
        return _response(
            _served(app, lambda request: api.answer(operation, request, params))
        )

    return view


def _served(app: APIGatewayHttpResolver, serve: Callable[[Request], Answer]) -> Answer:
    event = app.current_event
    try:
        request = request_of(event.raw_event, event.path)
    except Refused as error:
        return refusal(error)
    return serve(request)


def _response(answer: Answer) -> Response[str]:
    as_it_is = isinstance(answer.content, str | bytes)
    body = answer.content if as_it_is else json.dumps(answer.content)
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(
        status_code=answer.status,
        content_type=answer.media,
        body=body if answer.status != 204 else "",
        headers={**headers, **answer.headers},
    )
