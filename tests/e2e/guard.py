"""Takes a stack down when the test run is over, however it ended.

`python -m tests.e2e.guard DIR` waits until its standard input ends: the test run holds
the other side, and the system closes that even where the run is killed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from local.lifecycle import down
from local.place import settle


def main() -> None:
    """Wait, then stop everything that lives in the folder."""
    sys.stdin.read()
    down(settle(Path(sys.argv[1]), auto=True, environment=os.environ))


if __name__ == "__main__":
    main()
