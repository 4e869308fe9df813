"""Pages of SNS: its certificates, and where it takes a yes. Only its own hosts."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.channels._http import Http, NetworkFault
from tocsin.errors import Unavailable


class SnsPages:
    """GET from the hosts named. `base` takes their place on local stacks."""

    def __init__(self, hosts: Iterable[str], base: str | None = None) -> None:
        self._http = Http(hosts, base)

    def fetch(self, url: str) -> bytes:
        """What stands there. Raises `Unavailable`."""
        answer = self._http.call("GET", url)
        if isinstance(answer, NetworkFault):
            raise Unavailable(f"SNS: {answer.reason}")
        if answer.status != 200:
            raise Unavailable(f"SNS answered {answer.status}")
        return answer.body
