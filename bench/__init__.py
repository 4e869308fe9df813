"""Benchmarks: each is one command, `python -m bench.<name>`, and ends by itself.

Each prints what it measured, a ratio to something measured in the same run, and whether
the target is met. They work from a clean checkout: the package is found without being
installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    path for path in (str(ROOT), str(ROOT / "layers/core")) if path not in sys.path
]
