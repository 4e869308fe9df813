"""Layer: how large what ships is, zipped as SAM zips it.

python -m bench.layer
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import TemporaryFile

from bench.measuring.figures import Results
from bench.measuring.layers import built, pythons

MB = 1_000_000


def main() -> None:
    """The layer for Lambda's newest Python that is found here."""
    results = Results("layer: size of what ships")
    version = max(pythons(), key=lambda text: int(text.split(".")[1]))
    for arch in ("arm64", "x86_64"):
        root = built(version, arch) / "python"
        files = [path for path in root.rglob("*") if path.is_file()]
        plain = sum(path.stat().st_size for path in files) / MB
        bytecode = any(path.suffix == ".pyc" for path in files)
        results.say(f"python{version} {arch}", f"{len(files)} files, {plain:.1f} MB")
        results.say("  with bytecode", "yes" if bytecode else "no")
        results.at_most("  zipped", zipped(root, files) / MB, 10, "MB")
    results.finish()


def zipped(root: Path, files: list[Path]) -> int:
    """Bytes of the archive."""
    with TemporaryFile() as sink:
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(root.parent))
        return sink.tell()


if __name__ == "__main__":
    main()
