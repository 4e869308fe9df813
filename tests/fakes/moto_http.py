"""AWS's JSON services in this process: moto where our own client would call AWS."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber

from tests.fakes.strictness import refusal_of
from tests.unit.write_units import size_of
from tocsin.channels._http import Response

LARGEST: Final = 4 * 1024 * 1024


class MotoHttp:
    """In place of `Http`; every call is kept as (operation, what was asked)."""

    calls: Final[list[tuple[str, Any]]] = []

    def __init__(
        self, _hosts: Iterable[str], _base: str | None = None, *, largest: int = 0
    ) -> None:
        self._moto: Any = BotocoreStubber()

    def call(
        self, method: str, url: str, *, body: bytes, headers: Mapping[str, str]
    ) -> Response:
        """What moto answers."""
        operation = headers["x-amz-target"].partition(".")[2]
        asked = json.loads(body)
        self.calls.append((operation, asked))
        if headers["x-amz-target"].startswith("DynamoDB"):
            # As DynamoDB does, and moto does not.
            why = refusal_of(operation, asked) or _too_large(asked)
            if why:
                return _refused(why)
        told: Any = HTTPHeaders.from_dict(dict(headers))
        request = AWSPreparedRequest(method, url, told, body, stream_output=False)
        status, answered, text = self._moto.process_request(request)
        content = text.encode() if isinstance(text, str) else text
        return Response(status, {k.lower(): v for k, v in answered.items()}, content)


def _refused(why: str) -> Response:
    told = {"__type": "com.amazon.coral.validate#ValidationException", "message": why}
    return Response(400, {}, json.dumps(told).encode())


def _too_large(asked: Mapping[str, Any]) -> str:
    size = sum(map(_put_size, asked.get("TransactItems", ())))
    return "Transaction size exceeded 4 MB" * (size > LARGEST)


def _put_size(write: Mapping[str, Any]) -> int:
    item = dict(write.get("Put", {}).get("Item", {}))
    for name, value in item.items():
        if "B" in value:
            item[name] = {"B": b64decode(value["B"])}
    return size_of(item)


def use_moto(patch: pytest.MonkeyPatch) -> None:
    """Let every client of ours made from now on ask moto."""
    patch.setattr("tocsin.aws.json_service.Http", MotoHttp)
    patch.setattr(MotoHttp, "calls", [])
