"""Prefect: hooks that tell how a run ended, and a task that tells anything.

    @flow(on_failure=[on_failure()], on_completion=[on_completion()])

Prefect itself is imported by `notify_task` only. A failure to notify is logged, and
never fails the flow.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from tocsin_client.batches import new_key
from tocsin_client.client import Tocsin, shared
from tocsin_client.events import LONGEST_FINGERPRINT, merged
from tocsin_client.failures import LONGEST_TRACE
from tocsin_client.plain import clip, said

logger = logging.getLogger("tocsin_client")
Hook = Callable[[Any, Any, Any], None]


def on_failure(tocsin: Tocsin | None = None, **keys: Any) -> Hook:
    """A hook for `on_failure` and `on_crashed`, of flows and of tasks."""

    def tocsin_on_failure(what: Any, run: Any, state: Any) -> None:
        words = {"type": "flow.error", "severity": "high", "word": "failed"}
        _tell(tocsin, what, run, state, {**words, **keys})

    return tocsin_on_failure


def on_completion(tocsin: Tocsin | None = None, **keys: Any) -> Hook:
    """A hook for `on_completion`, of flows and of tasks."""

    def tocsin_on_completion(what: Any, run: Any, state: Any) -> None:
        words = {"type": "flow.completed", "severity": "success", "word": "completed"}
        _tell(tocsin, what, run, state, {**words, **keys})

    return tocsin_on_completion


def notify_task(tocsin: Tocsin | None = None, **options: Any) -> Any:
    """A Prefect task with the arguments of `Tocsin.notify`; `options` are those of
    `prefect.task`. It returns whether the event was accepted, and does not fail."""
    from prefect import task  # noqa: PLC0415

    def notify(type: str, title: str = "", message: str = "", **keys: Any) -> bool:
        try:
            client = tocsin or shared()
            result = client.notify(type, title, message, **keys)
        except Exception as error:  # noqa: BLE001 - the flow matters more
            logger.warning("the flow's notification failed: %s", error)
            return False
        if not result:
            logger.warning("the flow's notification failed: %s", result.error)
        return bool(result)

    return task(**{"name": "tocsin-notify", **options})(notify)


def _tell(
    tocsin: Tocsin | None, what: Any, run: Any, state: Any, keys: Mapping[str, Any]
) -> None:
    try:
        told = merged(_event(what, run, state, keys), _without_word(keys))
        # Waited for: the process of a flow's run may end right after.
        result = (tocsin or shared()).notify(idempotency_key=new_key(), **told)
    except Exception as error:  # noqa: BLE001 - the flow matters more
        logger.warning("the flow's end could not be told: %s", error)
        return
    if not result:
        logger.warning("the flow's end could not be told: %s", result.error)


def _without_word(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in keys.items() if name != "word"}


def _event(what: Any, run: Any, state: Any, keys: Mapping[str, Any]) -> dict[str, Any]:
    name = said(getattr(what, "name", None) or "flow")
    parameters = getattr(run, "parameters", None)
    return {
        "title": f"{name} {keys['word']}",
        "message": clip(said(getattr(state, "message", None) or ""), LONGEST_TRACE),
        "fields": {
            "Run": getattr(run, "name", None),
            "State": getattr(state, "name", None),
            "Tries": _tries(run),
            "Took": _took(run),
            "Parameters": ", ".join(parameters) if parameters else None,
        },
        "labels": {"flow": name},
        "fingerprint": clip(f"{keys['type']}:{name}", LONGEST_FINGERPRINT),
        "data": {"run_id": said(getattr(run, "id", ""))},
    }


def _tries(run: Any) -> object:
    count = getattr(run, "run_count", None)
    return count if isinstance(count, int) and count > 1 else None


def _took(run: Any) -> str | None:
    took = getattr(run, "total_run_time", None)
    seconds = getattr(took, "total_seconds", None)
    return f"{seconds():.1f} s" if seconds and seconds() > 0 else None
