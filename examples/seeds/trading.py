"""Trading: alerts from P0 to DEV, and what a service should do around them.

The queue of 500 with its daemon thread, the wait after a 429, the guard under pytest
and `allowed_mentions` are the client's and Tocsin's; three of one fingerprint in 60 s,
the audit mirror and @everyone for P0 alone are the routing file's.
"""

from __future__ import annotations

import logging

from tocsin_client import Tocsin, typed

logger = logging.getLogger("trading")


def boot(tocsin: Tocsin, version: str) -> None:
    """A harmless event: a wrong address or key shows before the first real alert."""
    event = typed.service_started(service="order-router", version=version)
    result = tocsin.notify(**event)
    if not result:
        logger.warning("alerts do not work: %s", result.error)


def outage(tocsin: Tocsin) -> None:
    """P0 pages; the discussion goes to a thread of its own."""
    event = typed.ops_alert(
        summary="Order gateway is down",
        details="All three sessions were refused.",
        service="order-router",
        severity="P0",
        thread="Order gateway, 21 November",
        mentions=["@everyone"],
    )
    tocsin.post(**event)


def lesser(tocsin: Tocsin) -> None:
    """P1 and P2 wake nobody; P3 is good or neutral news; DEV is noise."""
    tocsin.post(**typed.ops_alert(summary="Order book is 40 s behind", severity="P1"))
    tocsin.post(**typed.ops_alert(summary="Disk is 81 % full", severity="P2"))
    tocsin.post(**typed.deploy_finished(service="order-router", version="1.4.2"))
    fill = typed.trade_executed(
        symbol="ACME", side="buy", quantity=1200, price=12.5, currency="USD"
    )
    tocsin.post(**fill)
    tocsin.post(**typed.ops_alert(summary="Cache was cold", severity="DEV"))


def storm(tocsin: Tocsin, times: int) -> None:
    """One error again and again: three are told, the others counted."""
    for _ in range(times):
        event = typed.app_error(
            exception="TimeoutError",
            where="place_order",
            message="The broker did not answer within 5 s.",
        )
        tocsin.post(**event)


def main() -> None:
    """A bad day."""
    tocsin = Tocsin()
    boot(tocsin, "1.4.2")
    outage(tocsin)
    lesser(tocsin)
    storm(tocsin, 10)
    tocsin.flush(10)


if __name__ == "__main__":
    main()
