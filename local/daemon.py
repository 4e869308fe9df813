"""Processes in the background: started, known to live, stopped gently."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.place import ROOT, read_json, write_json

PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Daemon:
    """A named background process of one stack, outliving the one that started it.

    It inherits a locked file, and the lock ends with it: whether it lives is thus known
    without trusting that its number was not given to another process meanwhile.
    """

    folder: Path
    name: str

    @property
    def _lock(self) -> Path:
        return self.folder / f"{self.name}.lock"

    @property
    def _record(self) -> Path:
        return self.folder / f"{self.name}.json"

    def alive(self) -> bool:
        """Whether it runs now."""
        if not self._lock.exists():
            return False
        with self._lock.open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run `python <arguments>` in its own session; its output goes to the log."""
        with (
            self._lock.open("w") as lock,
            (self.folder / f"{self.name}.log").open("ab") as log,
        ):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[lock.fileno()],
            )
        write_json(self._record, {"pid": process.pid})
        # It is meant to outlive us: Popen must not warn that nobody waited for it.
        process.returncode = 0

    def stop(self, patience: float) -> bool:
        """Ask it to end, and wait; end it by force after `patience` seconds.

        Returns whether it ended by itself.
        """
        gentle = self._signal(signal.SIGTERM, patience)
        if not gentle:
            self._signal(signal.SIGKILL, patience)
        self._record.unlink(missing_ok=True)
        return gentle

    def _signal(self, what: signal.Signals, patience: float) -> bool:
        pid = read_json(self._record).get("pid")
        if not self.alive() or not isinstance(pid, int):
            return True
        if what is signal.SIGKILL:
            os.killpg(pid, what)
        else:
            os.kill(pid, what)
        deadline = time.monotonic() + patience
        while self.alive():
            if time.monotonic() > deadline:
                return False
            _reap(pid)
            time.sleep(PAUSE)
        _reap(pid)
        return True


def _reap(pid: int) -> None:
    # Only a child of this very process leaves something to reap.
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
