"""JSON services: AWS asked over one kept connection, with no model of each operation.

DynamoDB, SQS, SSM and Secrets Manager all take a POST of JSON whose header names the
operation. botocore spends two thirds of such a call's CPU elsewhere: on its own events,
endpoint rules, and on checking each value against every type that it could have
(ADR 0021; `python -m bench.cpu`).
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from random import random
from typing import Any, NamedTuple

from pydantic_core import PydanticSerializationError, from_json, to_json

from tocsin import __version__
from tocsin.aws.endpoints import host_of
from tocsin.aws.role import Request, credentials, signed
from tocsin.channels._http import Http, NetworkFault, Response

ATTEMPTS = 4
FIRST_PAUSE = 0.05  # seconds; doubled each time, ten times as long when throttled
LONGEST_PAUSE = 2.0
LARGEST = 20 * 1024 * 1024  # bytes; DynamoDB answers with 16 MB at most
AGENT = f"tocsin/{__version__}"
_OK = 200
_THEIRS = (500, 502, 503, 504)
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        # The same token's first try, of which no answer came, is still under way.
        "TransactionInProgressException",
    }
)
_PASSING = frozenset({"RequestTimeout", "RequestTimeoutException"})
# Within a text this could not stand: its quotation marks would be escaped.
_BINARY = re.compile(rb'\{"B":"[^"]*')
_STANDARD = bytes.maketrans(b"-_", b"+/")


class Protocol(NamedTuple):
    """How a service is asked: before the operation in its header, and JSON's kind."""

    target: str
    kind: str


PROTOCOLS = {
    "dynamodb": Protocol("DynamoDB_20120810", "application/x-amz-json-1.0"),
    "sqs": Protocol("AmazonSQS", "application/x-amz-json-1.0"),
    "ssm": Protocol("AmazonSSM", "application/x-amz-json-1.1"),
    "secretsmanager": Protocol("secretsmanager", "application/x-amz-json-1.1"),
}


class Refusal(Exception):
    """AWS said no. `response` holds its answer as botocore's `ClientError` does."""

    def __init__(self, operation: str, answer: Mapping[str, Any]) -> None:
        code = str(answer.get("__type", "")).rpartition("#")[2]
        super().__init__(f"{operation}: {code}")
        self.response: dict[str, Any] = {**answer, "Error": {"Code": code}}


class Unreached(Exception):
    """No answer, however often it was asked; the words say why."""


class JsonService:
    """One service, asked as botocore's client is: `put_item(TableName=...)`."""

    def __init__(
        self,
        name: str,
        *,
        environ: Mapping[str, str] = os.environ,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name = name
        self._protocol = PROTOCOLS[name]
        self._region = environ.get("AWS_REGION") or environ["AWS_DEFAULT_REGION"]
        host = host_of(name, self._region, environ)
        base = _stand_in(name, environ)
        self._host = base.rpartition("//")[2].partition("/")[0] if base else host
        self._url = f"https://{host}/"
        self._http = Http((host,), base, largest=LARGEST)
        self._pause = pause

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        """The operation of that name."""
        if name.startswith("_"):
            raise AttributeError(name)
        operation = name.title().replace("_", "")
        return lambda **asked: self._call(operation, asked)

    def _call(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Raises `Refusal` or `Unreached`."""
        if operation == "TransactWriteItems":
            # Asked again under the same token, what was written stays written once.
            asked.setdefault("ClientRequestToken", secrets.token_hex(16))
        body = _written(asked)
        pause = FIRST_PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            answer = self._ask(operation, body)
            if isinstance(answer, Response) and answer.status == _OK:
                with suppress(ValueError):  # What is no JSON is no answer of AWS's.
                    return self._read(answer)
            passing, patience = _judged(answer)
            if not passing or attempt == ATTEMPTS:
                break
            self._pause(min(LONGEST_PAUSE, pause * patience) * random())
            pause *= 2
        raise _error(operation, answer)

    def _ask(self, operation: str, body: bytes) -> Response | NetworkFault:
        service, protocol = self._name, self._protocol
        target = f"{protocol.target}.{operation}"
        request = Request(
            service, self._region, self._host, protocol.kind, target, body
        )
        headers = signed(request, credentials(), time.time())
        headers["user-agent"] = AGENT
        return self._http.call("POST", self._url, body=body, headers=headers)

    def _read(self, told: Response) -> dict[str, Any]:
        """Raises ValueError for what broke off: nothing at all would say that there is
        nothing."""
        empty = told.headers.get("content-length") == "0"
        answer: dict[str, Any] = {} if empty else from_json(told.body)
        if self._name == "dynamodb":
            for item in _items(answer):
                for value in item.values():
                    if "B" in value:
                        value["B"] = b64decode(value["B"])
        return answer


def _stand_in(service: str, environ: Mapping[str, str]) -> str | None:
    """An address of the service's own, or of all, in place of AWS's."""
    if environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    told = "SECRETS_MANAGER" if service == "secretsmanager" else service.upper()
    own = environ.get(f"AWS_ENDPOINT_URL_{told}")
    return own or environ.get("AWS_ENDPOINT_URL") or None


def _judged(answer: Response | NetworkFault) -> tuple[bool, int]:
    """(whether asking again may help, how many times as long to wait before)."""
    if isinstance(answer, NetworkFault):
        return True, 1
    code = _code(_fields(answer))
    if code in _THROTTLED:
        return True, 10
    return answer.status in (_OK, *_THEIRS) or code in _PASSING, 1


def _error(operation: str, answer: Response | NetworkFault) -> Refusal | Unreached:
    if isinstance(answer, NetworkFault):
        return Unreached(f"{operation}: {answer.reason}")
    fields = _fields(answer)
    if _code(fields):
        return Refusal(operation, fields)
    return Unreached(f"{operation}: AWS answered {answer.status}, and not why")


def _fields(answer: Response) -> Mapping[str, Any]:
    fields = answer.json()
    return fields if isinstance(fields, dict) else {}


def _code(fields: Mapping[str, Any]) -> str:
    return str(fields.get("__type", "")).rpartition("#")[2]


def _items(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Binary values are found where our items have them: as attributes of their own."""
    yield from answer.get("Items", ())
    for found in answer.get("Responses", {}).values():
        yield from found
    for name in ("Item", "Attributes"):
        if name in answer:
            yield answer[name]


def _written(asked: dict[str, Any]) -> bytes:
    """By pydantic's writer, in a third of the standard library's time; its base64 is
    that of addresses, where two signs are others."""
    try:
        told = to_json(asked, bytes_mode="base64")
    except PydanticSerializationError:
        return _escaped(asked).encode()  # Half a character.
    return _BINARY.sub(lambda found: found[0].translate(_STANDARD), told)


def _binary(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"no attribute value: {type(value).__name__}")


_escaped = json.JSONEncoder(separators=(",", ":"), default=_binary).encode
