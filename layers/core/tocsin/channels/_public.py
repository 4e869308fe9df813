"""The HTTP seam for channels that call whatever host an operator names.

Only public addresses are connected to. What is judged is the very address that the
socket connects to, after the name was looked up, so that a name server which answers
otherwise the second time gains nothing: there is no second time.
"""

from __future__ import annotations

import ssl
from urllib.parse import SplitResult

from tocsin.channels._addresses import is_public, is_public_host
from tocsin.channels._http import CONNECT, TOTAL, Http, Idle, Place
from tocsin.channels._wire import Wire, connect

PORTS = frozenset({443, 8443})
KEPT_IN_ALL = 32


class PublicHttp(Http):
    """Calls to any public host, over https, at port 443 or 8443.

    `base` (local stacks and tests) is called instead, as `<base>/<host>/<path>`.
    """

    def __init__(
        self,
        base: str | None = None,
        *,
        connect_within: float = CONNECT,
        total: float = TOTAL,
    ) -> None:
        super().__init__((), base, connect_within=connect_within, total=total)

    def _allowed(self, url: SplitResult) -> bool:
        return is_public_url(url)

    def _place(self, url: SplitResult) -> tuple[Place, str]:
        if self._base is None:
            return ("https", url.hostname or "", url.port or 443), ""
        place, prefix = super()._place(url)
        return place, f"{prefix}/{url.netloc.lower()}"

    def _dial(
        self, host: str, port: int, within: float, tls: ssl.SSLContext | None
    ) -> Wire:
        permits = is_public if self._base is None else None
        return connect(host, port, within, tls, permits)

    def _keep(self, place: Place, idle: Idle) -> None:
        super()._keep(place, idle)
        for one in self._surplus():
            one.connection.close()

    def _surplus(self) -> list[Idle]:
        """There is no end to the hosts, but to the connections kept to them."""
        found = []
        with self._lock:
            kept = sum(map(len, self._idle.values()))
            for _ in range(kept - KEPT_IN_ALL):
                full = {place: kept for place, kept in self._idle.items() if kept}
                oldest = min(full, key=lambda place: full[place][0].since)
                found.append(full[oldest].pop(0))
        return found


def is_public_url(url: SplitResult) -> bool:
    """Whether an address is https, at a port that is called, and names a public host
    without user or password. Says nothing of what the host resolves to."""
    try:
        port, host = url.port, url.hostname or ""
    except ValueError:
        return False
    return (
        url.scheme == "https"
        and (port is None or port in PORTS)
        and "@" not in url.netloc
        and not url.netloc.endswith(":")
        and is_public_host(host)
    )
