"""The role: what we sign calls to AWS with, and how the signature is made.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import os
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from importlib import import_module
from time import gmtime, strftime
from typing import Any, NamedTuple

from tocsin.errors import Unavailable


class Credentials(NamedTuple):
    """A key pair, named as botocore does; `token` is empty for one that lasts."""

    access_key: str
    secret_key: str
    token: str


class Request(NamedTuple):
    """A POST to the root of a service; `target` names the operation."""

    service: str
    region: str
    host: str
    kind: str
    target: str
    body: bytes


def credentials() -> Credentials:
    """Lambda's, out of the environment; anywhere else, what botocore finds.

    Raises `Unavailable`.
    """
    key_id = os.environ.get("AWS_ACCESS_KEY_ID")
    secret = os.environ.get("AWS_SECRET_ACCESS_KEY")
    if key_id and secret:
        return Credentials(key_id, secret, os.environ.get("AWS_SESSION_TOKEN", ""))
    made = session()
    try:
        found = made.get_credentials()
        if found is None:
            raise Unavailable("sign: no AWS credentials")
        access_key, secret, token = found.get_frozen_credentials()[:3]
    except import_module("botocore.exceptions").BotoCoreError as error:
        raise Unavailable(f"sign: {type(error).__name__}") from error
    return Credentials(access_key, secret, token or "")


@lru_cache(maxsize=1)
def session() -> Any:
    """botocore's, made where it is needed: to import it takes longer than all else."""
    return import_module("botocore.session").Session()


def signed(request: Request, role: Credentials, at: float) -> dict[str, str]:
    """The headers of the request, but for those that say how it is sent; `at` is epoch
    seconds."""
    stamp = strftime("%Y%m%dT%H%M%SZ", gmtime(at))
    headers = {
        "content-type": request.kind,
        "host": request.host,
        "x-amz-date": stamp,
        "x-amz-target": request.target,
    }
    if role.token:
        headers["x-amz-security-token"] = role.token
    names = ";".join(sorted(headers))
    told = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    asked = f"POST\n/\n\n{told}\n{names}\n{sha256(request.body).hexdigest()}"
    scope = f"{stamp[:8]}/{request.region}/{request.service}/aws4_request"
    words = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(asked.encode()).hexdigest()}"
    key = _key(role.secret_key, stamp[:8], request.region, request.service)
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={role.access_key}/{scope}, SignedHeaders={names},"
        f" Signature={digest(key, words.encode(), 'sha256').hex()}"
    )
    return headers


@lru_cache(maxsize=16)
def _key(secret: str, *scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (*scope, "aws4_request"):
        key = digest(key, part.encode(), "sha256")
    return key
