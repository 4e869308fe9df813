"""Running the examples as their readers would, each under a source of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.place import ROOT
from tests.e2e.stack import Mailbox, Stack

FOLDER = ROOT / "examples"
PATIENCE = 300.0  # s; the first `go run` of a machine compiles the standard library
PYTHON = sys.executable


@dataclass(frozen=True)
class Reader:
    """Someone who tries examples: a mailbox, and the key of a source that leads there.

    `tools` is a folder before all others on PATH.
    """

    box: Mailbox
    key: str = field(repr=False)
    tools: Path

    def run(self, *command: str, **more: str) -> Ended:
        """Run a program in the repository's root; it finds the stack as documented."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**self._environment(), **more},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def _environment(self) -> dict[str, str]:
        ours = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
        return {
            **ours,
            "PATH": f"{self.tools}{os.pathsep}{ours['PATH']}",
            "PYTHONPATH": str(ROOT / "client" / "src"),
            "TOCSIN_URL": self.box.stack.described["api_url"],
            "TOCSIN_KEY": self.key,
            "TOCSIN_SEND_UNDER_PYTEST": "1",
        }


@dataclass(frozen=True)
class Ended:
    """What is left of a program."""

    code: int
    out: str
    err: str

    @property
    def well(self) -> bool:
        """Nothing was lost; a slow machine may make it say that it tries again."""
        lost = any(word in self.err for word in ("not told:", "not sent", "dropped"))
        return self.code == 0 and not lost


def readers(stack: Stack, count: int, tools: Path) -> Sequence[Reader]:
    """So many, each with a route by its source's name; the routing file is put once."""
    command = tools / "tocsin"
    program = "from tocsin_client.command import main; main()"
    command.write_text(f'#!/bin/sh\nexec "{PYTHON}" -c "{program}" "$@"\n')
    command.chmod(0o755)
    boxes = [stack.mailbox() for _ in range(count)]
    stack.add_routes(*(_route(box) for box in boxes))
    return [Reader(box, _key(stack, box.name), tools) for box in boxes]


def _route(box: Mailbox) -> dict[str, object]:
    return {
        "name": f"examples of {box.name}",
        "match": {"source": box.name},
        "to": [box.name],
        "mentions": {"critical": ["@everyone"]},
    }


def _key(stack: Stack, name: str) -> str:
    made = stack.call("POST", "/v1/sources", {"name": name})
    assert made.status == 201, made.body
    return str(made.json["key"])
