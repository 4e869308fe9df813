"""The local stack: `python -m local.stack up|down|status|run`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.deployment import outputs
from local.furnishing import greet
from local.lifecycle import down, running, up
from local.place import ROOT, Place, read_json, settle
from local.surroundings import time_scale
from local.trouble import Trouble


def run(place: Place, environment: Mapping[str, str]) -> None:
    """Up, a first notification, then wait for Ctrl-C, and down. Raises Trouble."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    print("Starting Tocsin (the first time takes a minute) ...", flush=True)
    try:
        described = up(place, environment)
        shown = greet(place, described["ingest_key"])
        print(card(described))
        print(
            f"A first notification is visible at {shown}\nCtrl-C stops all.", flush=True
        )
        while not stop.wait(1.0):
            dead = [name for name in ("inbox", "emulator") if not running(place)[name]]
            if dead:
                raise Trouble(f"the {dead[0]} ended; see {place.log(dead[0])}")
    finally:
        down(place)
    print("Stopped. The state is kept.")


def card(described: Mapping[str, Any]) -> str:
    """What a person needs: where things are, the keys, a line to try."""
    api, key = described["api_url"], described["ingest_key"]
    return f"""
  Console     {described["console_url"]}
  API         {api}/v1
  API docs    {api}/docs
  Inbox       {described["inbox_url"]}
  Admin key   {described["admin_key"]}
  Ingest key  {key}

  curl {api}/v1/events -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"type": "backup.failed", "title": "Backup failed", "severity": "critical"}}'
"""


def status(place: Place, environment: Mapping[str, str]) -> int:
    """Print what lives; 0 when all of it does."""
    lives = running(place)
    if time_scale(environment) == 1:
        lives.pop("pacemaker")
    for name, alive in lives.items():
        print(f"{name:<10} {'up' if alive else 'down'}")
    whole = all(lives.values()) and bool(outputs(place))
    if whole:
        print(card(read_json(place.summary)))
    return 0 if whole else 1


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Trouble is one line on stderr and exit status 1."""
    parser = argparse.ArgumentParser(prog="python -m local.stack")
    parser.add_argument("command", choices=["up", "down", "status", "run"])
    parser.add_argument("--dir", type=Path, default=ROOT / ".local")
    parser.add_argument("--ports", choices=["fixed", "auto"], default="fixed")
    options = parser.parse_args(arguments)
    try:
        return _obey(options)
    except Trouble as trouble:
        print(f"tocsin: {trouble}", file=sys.stderr)
        return 1


def _obey(options: argparse.Namespace) -> int:
    environment = dict(os.environ)
    auto = options.ports == "auto"
    place = settle(options.dir.resolve(), auto=auto, environment=environment)
    if options.command == "up":
        print(card(up(place, environment)))
    elif options.command == "run":
        run(place, environment)
    elif options.command == "status":
        return status(place, environment)
    elif not down(place):
        print("tocsin: the emulator was ended by force; its state is not kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
