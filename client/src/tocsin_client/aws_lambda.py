"""AWS Lambda: a handler whose errors are told before the machine is frozen.

@watch(tocsin)
def handler(event, context): ...
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

from tocsin_client.client import Tocsin, shared
from tocsin_client.watching import tell

logger = logging.getLogger("tocsin_client")
H = TypeVar("H", bound=Callable[..., Any])
RESERVE = 0.5  # s left to the handler's own end


def watch(
    tocsin: Tocsin | None = None, *, patience: float = 3.0, **keys: Any
) -> Callable[[H], H]:
    """A decorator: tell of what the handler raises, which goes on to Lambda, and send
    what it has posted before it returns: a frozen machine sends nothing. That takes
    `patience` seconds at most, and never the handler's last half second."""

    def decorated(handler: H) -> H:
        @functools.wraps(handler)
        def watched(event: Any, context: Any = None, *more: Any) -> Any:
            try:
                return handler(event, context, *more)
            except Exception as error:
                _report(tocsin, error, context, keys)
                raise
            finally:
                _flush(tocsin, patience, context)

        return cast("H", watched)

    return decorated


def _report(tocsin: Tocsin | None, error: Exception, context: Any, keys: Any) -> None:
    try:
        name = getattr(context, "function_name", None) or "a Lambda function"
        fields: Any = {
            "Function": getattr(context, "function_name", None),
            "Version": getattr(context, "function_version", None),
            "Request id": getattr(context, "aws_request_id", None),
            "Log stream": getattr(context, "log_stream_name", None),
        }
        bound = (tocsin or shared()).bind(fields=fields)
        tell(bound.post, error, name, {"type": "lambda.error", **keys})
    except Exception as other:  # noqa: BLE001 - the handler's own error matters
        logger.warning("a failed invocation could not be told of: %s", other)


def _flush(tocsin: Tocsin | None, patience: float, context: Any) -> None:
    left = patience
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    try:
        if remaining is not None:
            left = min(left, remaining() / 1000 - RESERVE)
        client = tocsin or shared()
        if not client.flush(max(0.0, left)):
            logger.warning("%d events wait for the next invocation", client.waiting)
    except Exception as other:  # noqa: BLE001 - see above
        logger.warning("what was posted could not be sent: %s", other)
