"""Signing: calls that a channel makes to AWS itself, signed as the role we run as."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from tocsin.errors import Unavailable


class SigV4:
    """`ports.Sign`, with whatever credentials botocore finds; on Lambda, the role's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(
        self,
        service: str,
        region: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> dict[str, str]:
        """The headers with date and signature. Raises `Unavailable`."""
        try:
            found = self._session.get_credentials()
            if found is None:
                raise Unavailable("sign: no AWS credentials")
            frozen = found.get_frozen_credentials()
        except BotoCoreError as error:
            raise Unavailable(f"sign: {type(error).__name__}") from error
        request = AWSRequest(method, url, headers=dict(headers), data=body)
        SigV4Auth(frozen, service, region).add_auth(request)
        return {name: str(value) for name, value in request.headers.items()}
