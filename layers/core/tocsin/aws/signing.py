"""Signing: calls that a channel makes to AWS itself, signed as the role we run as."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from tocsin.aws.role import credentials


def sign(
    service: str,
    region: str,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
) -> dict[str, str]:
    """`ports.Sign`: the headers with date and signature. Raises `Unavailable`.

    botocore knows how each method, path and query is signed; few calls need it.
    """
    auth = import_module("botocore.auth")
    requests = import_module("botocore.awsrequest")
    request = requests.AWSRequest(method, url, headers=dict(headers), data=body)
    auth.SigV4Auth(credentials(), service, region).add_auth(request)
    return {name: str(value) for name, value in request.headers.items()}
