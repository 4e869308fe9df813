"""Calls: clients of AWS as we want them, and its errors in our words."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from tocsin.aws.json_service import AGENT, PROTOCOLS, JsonService, Refusal, Unreached
from tocsin.aws.role import session
from tocsin.errors import Unavailable

_P = ParamSpec("_P")
_R = TypeVar("_R")

CONDITION_FAILED = "ConditionalCheckFailedException"
TRANSACTION_CANCELED = "TransactionCanceledException"
TRANSACTION_CONFLICT = "TransactionConflictException"


def client(service: str) -> Any:
    """A client that gives up soon, since a retry elsewhere is cheap: our own for what
    every event asks, botocore's for what is asked now and then."""
    if service in PROTOCOLS:
        return JsonService(service)
    config = import_module("botocore.config").Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 4},
        max_pool_connections=16,
        parameter_validation=False,
        tcp_keepalive=True,
        user_agent=AGENT,
    )
    return session().create_client(service, config=config)


def code_of(error: Exception) -> str:
    """AWS's name for what went wrong, of a `Refusal` or botocore's `ClientError`."""
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


def available(call: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn what AWS could not do into `Unavailable`, naming the call, not its data."""

    @functools.wraps(call)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return call(*args, **kwargs)
        except Unreached as error:
            raise Unavailable(f"{call.__name__}: {error}") from error
        except Exception as error:
            if not isinstance(error, (Refusal, *_of_botocore())):
                raise
            reason = code_of(error) or type(error).__name__
            raise Unavailable(f"{call.__name__}: {reason}") from error

    return guarded


def _of_botocore() -> tuple[type[Exception], ...]:
    """Its errors, if anyone has imported it: otherwise none can be one of them."""
    known: Any = sys.modules.get("botocore.exceptions")
    return (known.BotoCoreError, known.ClientError) if known else ()
