"""Pages of the issuer: its own document, and the one with its keys."""

from __future__ import annotations

from urllib.parse import urlsplit

from tocsin.channels._http import Http, NetworkFault
from tocsin.errors import Unavailable


class IssuerPages:
    """GET over https from where the stack's owner, or the issuer, says. `base` takes
    the place of every host on local stacks."""

    def __init__(self, base: str | None = None) -> None:
        self._base = base

    def fetch(self, url: str) -> bytes:
        """What stands there. Raises `Unavailable`."""
        host = urlsplit(url).hostname or ""
        answer = Http([host], self._base).call("GET", url)
        if isinstance(answer, NetworkFault):
            raise Unavailable(f"the issuer: {answer.reason}")
        if answer.status != 200:
            raise Unavailable(f"the issuer answered {answer.status}")
        return answer.body
