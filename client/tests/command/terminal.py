"""A terminal with a person at it: the command runs in one, and is typed to."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Mapping

PATIENCE = 20.0
PROGRAM = "from tocsin_client.command import main; main()"


class Terminal:
    """The command at a pseudo-terminal; `seen` is all that stood on the screen."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self._running = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            env=dict(environment),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = b""

    def type(self, text: str, *, after: str) -> None:
        """Wait for a question, then answer it."""
        while after.encode() not in self.seen and self._read():
            pass
        assert after.encode() in self.seen, self.seen
        os.write(self._ours, text.encode())

    def end(self) -> int:
        """Wait for the end; returns the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        return self._running.wait(PATIENCE)

    def _read(self) -> bytes:
        # Not `select`, which takes no descriptor above 1,023.
        waiting = select.poll()
        waiting.register(self._ours, select.POLLIN | select.POLLHUP)
        ready = waiting.poll(PATIENCE * 1000)
        if not ready:
            self._running.kill()
        try:
            more = os.read(self._ours, 4096)
        except OSError:  # Linux says so at the end of a terminal.
            return b""
        self.seen += more
        return more
