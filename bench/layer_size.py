"""The layer's size, zipped as Lambda gets it: `python bench/layer_size.py`.

Builds for the default target and for the other architecture, and fails above 10 MB.
The ratio is to the same wheels left whole.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 10_000_000
MB = 1_000_000


def main() -> int:
    """Print a line per architecture; 1 if any layer is over the limit."""
    worst = 0
    for arch in ("arm64", "x86_64"):
        with tempfile.TemporaryDirectory() as folder:
            built, whole = Path(folder, "built"), Path(folder, "whole")
            build(built, arch)
            size = zipped(built, Path(folder, "layer.zip"))
            fetch(whole)
            ratio = size / zipped(whole, Path(folder, "whole.zip"))
        worst = max(worst, size)
        print(
            f"python3.13 {arch:<7} layer {size / MB:5.1f} MB zipped with bytecode, "
            f"{ratio:.2f} of the whole wheels without"
        )
    print(f"limit {LIMIT / MB:.0f} MB: {'met' if worst <= LIMIT else 'EXCEEDED'}")
    return 0 if worst <= LIMIT else 1


def build(target: Path, arch: str) -> None:
    """As `sam build` does it."""
    environment = {**os.environ, "TOCSIN_BUILD_ARCH": arch}
    environment["TOCSIN_BUILD_RUNTIME"] = "python3.13"
    script = ROOT / "layers" / "core" / "build.py"
    subprocess.run([sys.executable, script, target], env=environment, check=True)


def fetch(target: Path) -> None:
    """The same requirements, with nothing left out."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    command += ["--no-compile", "--only-binary=:all:", "--target", str(target)]
    command += ["--requirement", str(ROOT / "layers" / "core" / "requirements.txt")]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def zipped(folder: Path, archive: Path) -> int:
    """Bytes of the folder, deflated."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as sink:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                sink.write(path, path.relative_to(folder))
    return archive.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
