"""The environment: what a client is given, and what it reads where nothing is given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tocsin_client.transport import Transport

if TYPE_CHECKING:
    import urllib3


def transport_of(
    url: str | None,
    key: str | None,
    *,
    timeout: float,
    pool: urllib3.PoolManager | None,
) -> Transport:
    """Raises ValueError, saying what to set."""
    address = os.environ.get("TOCSIN_URL", "") if url is None else url
    secret = os.environ.get("TOCSIN_KEY", "") if key is None else key
    if not address:
        raise ValueError("no address: set TOCSIN_URL, or give `url`")
    if not secret:
        raise ValueError("no key: set TOCSIN_KEY, or give `key`")
    return Transport(address, secret, timeout=timeout, pool=pool)


def defaults_of(
    source: str | None, branch: str | None, labels: Mapping[str, object] | None
) -> dict[str, Any]:
    """The keys that are on every event; none is empty."""
    told = {
        "source": os.environ.get("TOCSIN_SOURCE", "") if source is None else source,
        "branch": os.environ.get("TOCSIN_BRANCH", "") if branch is None else branch,
        "labels": dict(labels or {}),
    }
    return {name: value for name, value in told.items() if value}
