"""Answering: the one way from a request to an answer, whatever goes wrong on it."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from tocsin.api.operation import Answer, Call, Operation, Request
from tocsin.errors import (
    Fault,
    Invalid,
    NotAllowed,
    NotFound,
    TocsinError,
    Unavailable,
    Unsupported,
)
from tocsin.gatekeeper import Gatekeeper
from tocsin.intake.reading import read_body
from tocsin.problems import MEDIA_TYPE, problem_of
from tocsin.settings import Source
from tocsin.validation import validated

_LOG = logging.getLogger(__name__)
_LARGEST = 64 * 1024
# `curl -d` and Python's urllib say "form" without having been asked to.
_READ_AS_JSON = ("", "application/json", "application/x-www-form-urlencoded")

# Served by other functions; here only to answer a wrong method on their paths.
_SERVED_ELSEWHERE = {
    re.compile(r"/v1/(events|attachments|(hooks|interactions)/[^/]+)"): ["POST"],
    re.compile(r"/v1/hooks/[^/]+/[^/]+"): ["GET", "POST"],
}


class Api:
    """All operations, and the gatekeeper before them."""

    def __init__(
        self, operations: Sequence[Operation[Any, Any]], gatekeeper: Gatekeeper
    ) -> None:
        self.operations = tuple(operations)
        self._gatekeeper = gatekeeper

    def answer(
        self,
        operation: Operation[Any, Any],
        request: Request,
        params: Mapping[str, str],
    ) -> Answer:
        """Run it. Everything raised becomes a problem document."""
        try:
            call = Call(
                request=request,
                params=params,
                caller=self._admitted(operation, request),
                query=validated(operation.query, dict(request.query), inside="query"),
                body=_body(operation, request),
            )
            return operation.run(call)
        except Unavailable as error:
            # Its text names the call of ours that failed, never what was sent. Nor is
            # the path told: in a link's stands what makes it good.
            asked = f"{operation.method} {operation.path}"
            _LOG.error("not available: %s: %s", asked, error)
            return refusal(error)
        except TocsinError as error:
            return refusal(error)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            return _broken(error)

    def stray(self, request: Request) -> Answer:
        """What is answered where no operation is: 405 on a path that exists, or 404."""
        allowed = sorted(
            {
                operation.method
                for operation in self.operations
                if operation.params_of(request.path) is not None
            }
        )
        for path, methods in _SERVED_ELSEWHERE.items():
            if path.fullmatch(request.path):
                allowed += methods
        if not allowed or request.method in allowed:
            # The latter: a part of the path holds what no name here is made of.
            return refusal(NotFound("there is nothing at this path; see /docs"))
        allow = ", ".join(allowed)
        return refusal(NotAllowed(f"this path takes {allow}"), allow=allow)

    def _admitted(
        self, operation: Operation[Any, Any], request: Request
    ) -> Source | None:
        if operation.scope is None:
            return None
        if operation.open and "authorization" not in request.headers:
            return None
        return self._gatekeeper.admit(request.headers, operation.scope)


def refusal(error: BaseException, **headers: str) -> Answer:
    """An error as an answer."""
    problem = problem_of(error)
    return Answer(
        problem.document, problem.status, {**problem.headers, **headers}, MEDIA_TYPE
    )


def media_type(request: Request) -> str:
    """The content type without its parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _body(operation: Operation[Any, Any], request: Request) -> Any:
    if operation.body is None or request.method in ("GET", "DELETE"):
        return None
    media = media_type(request)
    if media not in _READ_AS_JSON and not media.endswith("+json"):
        raise Unsupported(
            f"{media[:60]!r} is not read here",
            [Fault("Content-Type", "send application/json")],
        )
    given = read_body(request.body, _LARGEST) if request.body.strip() else {}
    if not isinstance(given, dict):
        raise Invalid("the body should be an object", [Fault("", "not an object")])
    return validated(operation.body, given)


def _broken(error: Exception) -> Answer:
    """Our own mistake. The error's text may quote what was sent, so only its kind and
    place are logged."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _LOG.error("unexpected %s\n%s", type(error).__name__, where)
    return refusal(error)
