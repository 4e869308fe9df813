"""The layer as it ships, built for a Python of this machine, and Pythons to run it."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench import ROOT
from bench.measuring.stacks import FOLDER

HOUR = 3600
SOURCE = ROOT / "layers" / "core"


def base_python() -> str:
    """The interpreter behind the virtual environment."""
    found = getattr(sys, "_base_executable", sys.executable)
    return str(found or sys.executable)


def pythons() -> dict[str, str]:
    """Interpreters by version ("3.13"): the running one, and Lambda's if found. How it
    was built matters by half: `TOCSIN_BENCH_PYTHON` names another one than is found."""
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    told = os.environ.get("TOCSIN_BENCH_PYTHON", "")
    if told and _is(told, "3.13"):
        return {running: base_python(), "3.13": told}
    found = {running: base_python()}
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    candidates = [shutil.which("python3.13") or ""]
    candidates += sorted(map(str, root.glob("versions/3.13.*/bin/python3.13")))
    for candidate in candidates:
        if "3.13" not in found and candidate and _is(candidate, "3.13"):
            found["3.13"] = candidate
    return found


def built(version: str, arch: str = "") -> Path:
    """The layer for that Python, `python/` inside; built anew only when changed."""
    machine = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
    arch = arch or machine
    target = FOLDER / "layers" / f"{version}-{arch}-{_digest()}"
    if not target.exists():
        _forget_old(target.parent)
        draft = target.with_name(f".{os.getpid()}-{target.name}")
        draft.mkdir(parents=True)
        environment = {
            **os.environ,
            "TOCSIN_BUILD_RUNTIME": f"python{version}",
            "TOCSIN_BUILD_ARCH": arch,
        }
        command = [sys.executable, str(SOURCE / "build.py"), str(draft)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"the layer was not built: {done.stderr.strip()}")
        draft.replace(target)
    return target


def _forget_old(folder: Path) -> None:
    """Layers of an hour ago; younger ones may be in use by a benchmark beside us."""
    for old in folder.glob("*"):
        if time.time() - old.stat().st_mtime > HOUR:
            shutil.rmtree(old, ignore_errors=True)


def compared(version: str, interpreter: str) -> Path:
    """boto3 and pydantic as pip installs them, of the layer's own versions."""
    pins = dict(
        line.split("==")
        for line in (SOURCE / "requirements.txt").read_text().split()
        if "==" in line
    )
    wanted = [f"boto3=={pins['botocore']}", f"pydantic=={pins['pydantic']}"]
    target = FOLDER / "compared" / f"{version}-{pins['botocore']}-{pins['pydantic']}"
    if not (target / "done").exists():
        target.mkdir(parents=True, exist_ok=True)
        command = [interpreter, "-m", "pip", "install", "--quiet", "--target"]
        command += [str(target), "--disable-pip-version-check", *wanted]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"pip: {done.stderr.strip()[-300:]}")
        (target / "done").touch()
    return target


def _is(interpreter: str, version: str) -> bool:
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [interpreter, "-c", probe], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return done.stdout.strip() == version


def _digest() -> str:
    found = hashlib.sha256()
    for path in sorted(SOURCE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            found.update(path.read_bytes())
    return found.hexdigest()[:12]
