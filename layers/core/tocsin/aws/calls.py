"""Calls: botocore clients as we want them, and its errors in our words."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from botocore import __version__ as botocore_version
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from tocsin import __version__
from tocsin.aws import wire
from tocsin.errors import Unavailable

# botocore would put its own together twice for each request, at a tenth of its cost.
AGENT = f"tocsin/{__version__} Botocore/{botocore_version}"

_P = ParamSpec("_P")
_R = TypeVar("_R")

CONDITION_FAILED = "ConditionalCheckFailedException"
TRANSACTION_CANCELED = "TransactionCanceledException"
TRANSACTION_CONFLICT = "TransactionConflictException"


def client(session: Session, service: str) -> Any:
    """A low-level client that gives up soon, since a retry elsewhere is cheap."""
    config = Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 4},
        max_pool_connections=16,
        parameter_validation=False,
        tcp_keepalive=True,
        user_agent=AGENT,
    )
    made = session.create_client(service, config=config)
    if service == "dynamodb":
        wire.install(made)
    return made


def code_of(error: ClientError) -> str:
    """AWS's name for what went wrong."""
    code = error.response.get("Error", {}).get("Code", "")
    return str(code)


def available(call: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn what AWS could not do into `Unavailable`, naming the call, not its data."""

    @functools.wraps(call)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return call(*args, **kwargs)
        except ClientError as error:
            raise Unavailable(f"{call.__name__}: {code_of(error)}") from error
        except BotoCoreError as error:
            raise Unavailable(f"{call.__name__}: {type(error).__name__}") from error

    return guarded
