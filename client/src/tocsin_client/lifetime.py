"""Lifetime: what happens to outboxes when their process forks or ends."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
import weakref
from typing import Protocol

logger = logging.getLogger("tocsin_client")


class Keeper(Protocol):
    """What holds events that are not sent yet."""

    exit_patience: float

    def renew(self) -> None:
        """Begin anew, in a child."""

    def flush(self, timeout: float) -> bool:
        """Send everything within so many seconds, if that can be."""

    def waiting(self) -> int:
        """How many events are held."""


_importing = threading.RLock()
_kept: weakref.WeakSet[Keeper] = weakref.WeakSet()
_in_children: set[int] = set()


def keep(keeper: Keeper) -> None:
    """Look after it until it is gone."""
    _kept.add(keeper)


def flush_in_children() -> None:
    """A child of `multiprocessing` ends without `atexit`, but not without this."""
    util = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if util is None or process is None or os.getpid() in _in_children:
        return
    if process.parent_process() is not None:
        _in_children.add(os.getpid())
        util.Finalize(None, flush_all, exitpriority=0)


def flush_all() -> None:
    """Give every outbox its last chance; all of them together take as long as the one
    with the most patience."""
    began = time.monotonic()
    for keeper in list(_kept):
        left = keeper.exit_patience - (time.monotonic() - began)
        if not keeper.flush(max(left, 0.0)) and keeper.waiting():
            left_over = keeper.waiting()
            words = "event was" if left_over == 1 else "events were"
            logger.warning("%d %s not sent before the end", left_over, words)


def importing() -> threading.RLock:
    """To be held while a module is imported in a thread: no fork takes place meanwhile,
    since the child would be left with half a module for ever."""
    return _importing


def _before_fork() -> None:
    _importing.acquire()


def _after_fork() -> None:
    _importing.release()


def _in_child() -> None:
    global _importing  # noqa: PLW0603 - a lock of the parent may never be released here
    _importing = threading.RLock()
    for keeper in list(_kept):
        keeper.renew()


atexit.register(flush_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_in_child
    )
