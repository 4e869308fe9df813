"""Tocsin's client: tell what happened; never block, never raise, count what is lost.

from tocsin_client import Tocsin

tocsin = Tocsin()                      # TOCSIN_URL, TOCSIN_KEY
tocsin.post("backup.failed", "Backup of db-main failed", severity="high")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin_client.answers import Fault as Fault
from tocsin_client.client import Tocsin as Tocsin
from tocsin_client.client import shared as shared
from tocsin_client.cloudevents import to_cloudevent as to_cloudevent
from tocsin_client.results import Delivery as Delivery
from tocsin_client.results import NotSent as NotSent
from tocsin_client.results import Result as Result
from tocsin_client.results import Step as Step
from tocsin_client.transport import VERSION

if TYPE_CHECKING:
    from tocsin_client.asynchronous import AsyncTocsin as AsyncTocsin
    from tocsin_client.logs import TocsinHandler as TocsinHandler

__all__ = [
    "AsyncTocsin",
    "Delivery",
    "Fault",
    "NotSent",
    "Result",
    "Step",
    "Tocsin",
    "TocsinHandler",
    "__version__",
    "shared",
    "to_cloudevent",
]
__version__ = VERSION
_LATER = {
    "AsyncTocsin": "tocsin_client.asynchronous",
    "TocsinHandler": "tocsin_client.logs",
}


def __getattr__(name: str) -> Any:
    """What few need, and what brings asyncio along, is imported when asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_LATER[name]), name)
