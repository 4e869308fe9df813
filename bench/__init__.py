"""Benchmarks: each is one command, `python -m bench.<name>`, and ends by itself.

Each prints what it measured, a ratio to something measured in the same run, and whether
the target is met. They work from a clean checkout: the package is found without being
installed.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
# Where the built layer is on the path, that one is measured.
if find_spec("tocsin") is None:
    sys.path.insert(0, str(ROOT / "layers" / "core"))
