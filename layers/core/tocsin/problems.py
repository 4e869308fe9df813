"""Problems: errors as RFC 9457 problem details, telling callers what to change."""

from __future__ import annotations

import json
from dataclasses import field
from typing import Any

from tocsin.errors import Refused, Stale, TooMany, Unauthorized, Unavailable
from tocsin.values import dataclass

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER_S = 2
_TYPE = "urn:tocsin:problem:"


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal, ready to be sent."""

    status: int
    document: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """The document as JSON in ASCII, whatever text the caller had sent."""
        return json.dumps(self.document)

    def response(self) -> dict[str, Any]:
        """What a Lambda function behind an HTTP API returns (payload 2.0)."""
        headers = {"content-type": MEDIA_TYPE, **self.headers}
        return {"statusCode": self.status, "headers": headers, "body": self.body}


def problem_of(error: BaseException, *, instance: str = "") -> Problem:
    """Any error as a problem. What is not meant for the caller's eyes is left out.

    `instance` names the occurrence: the request's id, which is also in the log.
    """
    headers: dict[str, str] = {}
    if isinstance(error, Refused):
        kind, status = type(error).__name__, error.status
        document = {"title": error.title, "status": status, "detail": error.detail}
        if error.faults:
            document["errors"] = [
                {"field": fault.field, "reason": fault.reason} for fault in error.faults
            ]
        if isinstance(error, Unauthorized):
            headers["www-authenticate"] = 'Bearer realm="tocsin"'
        if isinstance(error, TooMany):
            headers["retry-after"] = str(error.wait_s)
    elif isinstance(error, Stale):
        kind, status = "Conflict", 409
        detail = "It changed at the same moment; read it again."
        document = {"title": "Conflict", "status": status, "detail": detail}
    elif isinstance(error, Unavailable):
        kind, status = "Unavailable", 503
        detail = "Something we rely on does not answer; send the same request again."
        document = {"title": "Not available now", "status": status, "detail": detail}
        headers["retry-after"] = str(_RETRY_AFTER_S)
    else:
        kind, status = "Internal", 500
        detail = "This is our fault; it is in the log."
        document = {"title": "Internal error", "status": status, "detail": detail}
    typed = {"type": _TYPE + kind.lower(), **document}
    if instance:
        typed["instance"] = f"urn:request:{instance}"
    return Problem(status, typed, headers)
