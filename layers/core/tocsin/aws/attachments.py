"""Attachments on S3: one object for each upload, which tells its name and type itself.

A crash after an upload leaves an object that nothing names; the bucket's lifecycle
removes it like all others.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import Any
from urllib.parse import quote, unquote

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.session import Session

from tocsin import __version__
from tocsin.attic import Kept
from tocsin.aws.calls import available, code_of
from tocsin.errors import NotFound, TooLarge, Unavailable

PREFIX = "attachments"
SHOWN_SECONDS = 300
CHUNK = 256 * 1024
# Without the right to list, S3 calls forbidden what is not there.
_MISSING = frozenset({"404", "NoSuchKey", "NotFound", "403", "AccessDenied"})
_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
    user_agent_extra=f"tocsin/{__version__}",
    # As for graphs: an address signed for S3's global host would be redirected.
    signature_version="s3v4",
    s3={"addressing_style": "virtual"},
)


class S3Attachments:
    """`attic.Attic`. Its client is made at first use, once for all threads."""

    def __init__(self, session: Session, bucket: str) -> None:
        self._session = session
        self._bucket = bucket
        self._made: Any = None
        self._making = Lock()

    @available
    def keep(self, source: str, name: str, kept: Kept, content: bytes) -> None:
        """See `Attic.keep`. Needs s3:PutObject."""
        self._client().put_object(
            **self._place(source, name),
            Body=content,
            ContentType=kept.media,
            Metadata={"name": quote(kept.name)},
        )

    @available
    def find(self, source: str, name: str) -> Kept | None:
        """See `Attic.find`. Needs s3:GetObject."""
        try:
            head = self._client().head_object(**self._place(source, name))
        except ClientError as error:
            if code_of(error) in _MISSING:
                return None
            raise
        told = unquote(head["Metadata"].get("name", ""))
        return Kept(told, head["ContentType"], head["ContentLength"])

    @available
    def fetch(self, source: str, name: str, most: int, seconds: float) -> bytes:
        """See `Attic.fetch`. Needs s3:GetObject."""
        client = self._client()
        deadline = time.monotonic() + seconds
        try:
            found = client.get_object(**self._place(source, name))
        except ClientError as error:
            if code_of(error) in _MISSING:
                raise NotFound("the file is not kept any more") from error
            raise
        with found["Body"] as body:
            if found["ContentLength"] > most:
                raise TooLarge(f"the file has {found['ContentLength']:,} bytes")
            return _read(body, deadline)

    @available
    def address(self, source: str, name: str, kept: Kept) -> str:
        """See `Attic.address`."""
        shown = "inline" if kept.media.startswith("image/") else "attachment"
        told = f"{shown}; filename*=UTF-8''{quote(kept.name)}"
        url: str = self._client().generate_presigned_url(
            "get_object",
            Params={
                **self._place(source, name),
                "ResponseContentDisposition": told,
                "ResponseContentType": kept.media,
            },
            ExpiresIn=SHOWN_SECONDS,
        )
        return url

    def _place(self, source: str, name: str) -> dict[str, str]:
        key = f"{PREFIX}/{quote(source, safe='')}/{name}"
        return {"Bucket": self._bucket, "Key": key}

    def _client(self) -> Any:
        with self._making:
            if self._made is None:
                self._made = self._session.create_client("s3", config=_CONFIG)
            return self._made


def _read(body: Any, deadline: float) -> bytes:
    """A body that trickles in gains nothing by it."""
    parts = []
    try:
        while part := body.read(CHUNK):
            parts.append(part)
            if time.monotonic() > deadline:
                raise Unavailable("fetch: the file did not come in time")
    except (OSError, HTTPClientError) as error:
        raise Unavailable(f"fetch: {type(error).__name__}") from error
    except BotoCoreError as error:
        raise Unavailable(f"fetch: {type(error).__name__}") from error
    return b"".join(parts)
