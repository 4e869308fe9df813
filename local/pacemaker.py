"""Calls the sweep at the pace of a sped-up clock: `python -m local.pacemaker ...`.

The emulator's own schedules tick once a minute; where a minute lasts a second, that
would be an hour of waiting for every retry.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.deployment import client
from local.place import Place, Ports


def main() -> None:
    """Invoke, wait, invoke again, until ended."""
    parser = argparse.ArgumentParser(prog="python -m local.pacemaker")
    parser.add_argument("--emulator-port", type=int, required=True)
    parser.add_argument("--function", required=True)
    parser.add_argument("--every", type=float, required=True, help="seconds")
    options = parser.parse_args()
    place = Place(Path(), Ports(emulator=options.emulator_port))
    functions = client(place, "lambda")
    while True:
        began = time.monotonic()
        try:
            functions.invoke(FunctionName=options.function, Payload=b"{}")
        except (BotoCoreError, ClientError) as error:
            print(f"the sweep could not be called: {error}")
        time.sleep(max(options.every - (time.monotonic() - began), 0.05))


if __name__ == "__main__":
    main()
