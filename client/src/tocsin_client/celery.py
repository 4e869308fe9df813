"""Celery: a task that fails is told, with its name, id and tries."""

from __future__ import annotations

import logging
from typing import Any

from celery.signals import task_failure, worker_process_shutdown

from tocsin_client.client import Tocsin, shared
from tocsin_client.watching import tell

logger = logging.getLogger("tocsin_client")
_UID = "tocsin"


def watch(tocsin: Tocsin | None = None) -> None:
    """Tell of each task that has failed for good: what is retried is not told. Its
    arguments are left out, since secrets travel there."""

    def received(
        sender: Any = None,
        task_id: str = "",
        exception: BaseException | None = None,
        **_: Any,
    ) -> None:
        if exception is None:
            return
        try:
            keys: Any = _context(sender, task_id)
            bound = (tocsin or shared()).bind(**keys)
            name = getattr(sender, "name", "") or "a task"
            tell(bound.post, exception, name, {"type": "task.error"})
        except Exception as other:  # noqa: BLE001 - the worker goes on
            logger.warning("a failed task could not be told of: %s", other)

    def ended(**_: Any) -> None:
        # Such a process ends without `atexit`.
        client = tocsin or shared()
        client.flush(client.exit_patience)

    for signal, receiver in (
        (task_failure, received),
        (worker_process_shutdown, ended),
    ):
        signal.disconnect(dispatch_uid=_UID)
        signal.connect(receiver, weak=False, dispatch_uid=_UID)


def _context(sender: Any, task_id: str) -> dict[str, Any]:
    request = getattr(sender, "request", None)
    retries = getattr(request, "retries", 0)
    return {
        "fields": {
            "Task": getattr(sender, "name", None),
            "Task id": task_id,
            "Retries": retries or None,
            "Worker": getattr(request, "hostname", None),
        },
        "labels": {"task": getattr(sender, "name", None) or "?"},
    }
