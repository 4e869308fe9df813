"""Originals on S3: bodies too large for a row, as they came, for two weeks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from tocsin.aws.calls import available


class S3Originals:
    """Named by their content: the same body twice is one object. `client` makes an S3
    client at first use, which is rare."""

    def __init__(self, client: Callable[[], Any], bucket: str) -> None:
        self._make = client
        self._made: Any = None
        self._bucket = bucket

    @available
    def keep(self, source: str, body: bytes) -> str:
        """The name under which it is kept. Raises `Unavailable`."""
        if self._made is None:
            self._made = self._make()
        name = f"hooks/{source}/{hashlib.sha256(body).hexdigest()}"
        self._made.put_object(Bucket=self._bucket, Key=name, Body=body)
        return f"s3://{self._bucket}/{name}"
