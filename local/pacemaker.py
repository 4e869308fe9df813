"""Calls sweep and digest at a sped-up clock's pace: `python -m local.pacemaker ...`.

The emulator's own schedules tick once a minute; where a minute lasts a second, that
would be an hour of waiting for every retry.
"""

from __future__ import annotations

import argparse
import time
from itertools import count
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.deployment import client
from local.place import Place, Ports


def main() -> None:
    """Invoke, wait, invoke again, until ended."""
    parser = argparse.ArgumentParser(prog="python -m local.pacemaker")
    parser.add_argument("--emulator-port", type=int, required=True)
    parser.add_argument("--every", type=float, required=True, help="seconds a minute")
    parser.add_argument("--sweep", required=True, help="called each minute")
    parser.add_argument("--digest", required=True, help="called every fifth minute")
    options = parser.parse_args()
    place = Place(Path(), Ports(emulator=options.emulator_port))
    functions = client(place, "lambda")
    for minute in count():
        began = time.monotonic()
        called = [options.sweep] if minute % 5 else [options.sweep, options.digest]
        for name in called:
            try:
                functions.invoke(FunctionName=name, Payload=b"{}")
            except (BotoCoreError, ClientError) as error:
                print(f"{name} could not be called: {error}")
        time.sleep(max(options.every - (time.monotonic() - began), 0.05))


if __name__ == "__main__":
    main()
