"""Python: tell how a job went. Needs `pip install tocsin-client`.

Nothing here raises or blocks: what is posted is sent by a thread, what is notified is
waited for 10 seconds at most, and errors go on to whoever expects them.
"""

from __future__ import annotations

import sys

from tocsin_client import Tocsin

tocsin = Tocsin()  # TOCSIN_URL and TOCSIN_KEY say where, and who


@tocsin.on_error(severity="high", labels={"job": "invoices"})
def bill(order: int) -> None:
    """Told with its exception when it fails."""
    if order == 8:
        raise ValueError(f"order {order} has no address")


def main() -> None:
    """Bill some orders, one of which is wrong."""
    billed = 0
    with tocsin.progress("Invoices of November", total=3, every=50) as job:
        for order in (7, 8, 9):
            try:
                bill(order)
            except ValueError:
                continue
            finally:
                job.advance()
            billed += 1
    result = tocsin.notify(
        "invoices.sent",
        f"{billed} invoices are out",
        severity="success",
        fields={"Orders": 3, "Billed": billed},
        links={"Ledger": "https://example.com/ledger"},
    )
    if not result:
        print(f"not told: {result.error}", file=sys.stderr)
    tocsin.flush(10)  # a process that goes on need not wait


if __name__ == "__main__":
    main()
