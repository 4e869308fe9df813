"""Build the layers for any target on any host: wheels, our package, bytecode.

    python build.py <folder>                          the core layer
    python build.py <folder> requirements-hooks.txt   one with these wheels only

The target is named by the environment, because SAM tells a makefile nothing:

    TOCSIN_BUILD_RUNTIME   python3.13 (default); must equal the parameter Runtime
    TOCSIN_BUILD_ARCH      arm64 (default) or x86_64; must equal Architecture.
                           host: for the very Python that runs this (the local stack)

Uses the standard library and pip only: it runs wherever SAM runs.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORE = "requirements.txt"
HOST = "host"
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# glibc of Amazon Linux 2 (python3.11) and of Amazon Linux 2023 (all later ones).
GLIBCS = {
    "python3.11": ("manylinux_2_17", "manylinux_2_26"),
    "": ("manylinux_2_17", "manylinux_2_26", "manylinux_2_28", "manylinux_2_34"),
}
# botocore's descriptions of every AWS service are 90 % of its size. What every event
# asks, DynamoDB and SQS among it, we ask without one (tocsin.aws.json_service).
SERVICES = {"cloudwatch", "s3", "sns", "sts"}
# CloudWatch's endpoints stand under the name that they have.
ENDPOINTS = SERVICES | {"monitoring"}
JUNK = (
    "bin",
    "_yaml",
    "*.dist-info",
    "**/__pycache__",
    "**/*.pyi",
    "**/py.typed",
    "botocore/data/*/*/completions-*",
    "botocore/data/*/*/examples-*",
    "botocore/data/*/*/waiters-*",
    # PyYAML works without its C parser, which is as large as all of our own code.
    "yaml/_yaml.*",
    # What reads and writes .gz files.
    "isal/igzip*.py",
    "isal/isa-l",
    # Our documentation page brings its own; Powertools keeps a megabyte for its own.
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/*.js",
    "aws_lambda_powertools/utilities/auth_alpha",
    "aws_lambda_powertools/utilities/circuit_breaker",
    "aws_lambda_powertools/utilities/data_masking",
    "aws_lambda_powertools/utilities/feature_flags",
    "aws_lambda_powertools/utilities/idempotency",
    "aws_lambda_powertools/utilities/kafka",
    "aws_lambda_powertools/utilities/streaming",
)

GUARD = '''"""Found only where the compiled module beside it does not fit."""

import platform
import sys

raise ImportError(
    "This layer was built for {runtime} on {arch}, and this function runs on "
    f"python{{sys.version_info[0]}}.{{sys.version_info[1]}} on {{platform.machine()}}. "
    "Build with TOCSIN_BUILD_RUNTIME and TOCSIN_BUILD_ARCH set to the values of the "
    "template's parameters Runtime and Architecture, then deploy again."
)
'''


class BuildError(Exception):
    """The layer cannot be built; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Build into the folder named; 1 and one line on stderr where it cannot be."""
    runtime = os.environ.get("TOCSIN_BUILD_RUNTIME", "python3.13")
    arch = os.environ.get("TOCSIN_BUILD_ARCH", "arm64")
    try:
        wanted = arguments[1] if len(arguments) > 1 else CORE
        build(Path(arguments[0]) / "python", runtime, arch, wanted)
    except BuildError as error:
        print(f"layer: {error}", file=sys.stderr)
        return 1
    return 0


def build(target: Path, runtime: str, arch: str, wanted: str = CORE) -> None:
    """Fill `target` with what goes on the function's path. Raises BuildError."""
    if arch not in {*MACHINES, HOST} or not runtime.startswith("python3."):
        raise BuildError(f"no such target: {runtime} on {arch}")
    target.mkdir(parents=True, exist_ok=True)
    fetch(target, runtime, arch, wanted)
    prune(target)
    if wanted == CORE:
        slim_botocore(target / "botocore" / "data")
        guard(target, runtime, arch)
        shutil.copytree(
            HERE / "tocsin",
            target / "tocsin",
            ignore=shutil.ignore_patterns("__pycache__", ".*"),
            dirs_exist_ok=True,
        )
    compiled = compile_for(target, runtime)
    say(f"built for {runtime} on {arch}: deploy with these as Runtime and Architecture")
    if not compiled:
        version = runtime.removeprefix("python")
        say(f"WARNING: no Python {version} on this host, so no bytecode in the layer:")
        say("WARNING: every cold start will take about 2.6 times as long.")
        say(f"WARNING: install Python {version} (any way) and build again.")


def say(line: str) -> None:
    """Tell whoever builds: SAM shows stdout, and keeps stderr for failures."""
    print(f"layer: {line}", flush=True)


def fetch(target: Path, runtime: str, arch: str, wanted: str = CORE) -> None:
    """Download and unpack the wheels of the target platform. Raises BuildError."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--no-compile", "--target", str(target)]
    command += ["--only-binary=:all:"]
    if arch != HOST:
        command += ["--implementation", "cp"]
        command += ["--python-version", runtime.removeprefix("python")]
        for tag in platforms(runtime, arch):
            command += ["--platform", tag]
    command += ["--requirement", str(HERE / wanted)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["pip said nothing"]
        raise BuildError(f"pip could not fetch the dependencies: {lines[-1]}")


def platforms(runtime: str, arch: str) -> list[str]:
    """The wheel tags that run on that runtime's Amazon Linux."""
    glibcs = GLIBCS.get(runtime, GLIBCS[""])
    return [f"{tag}_{MACHINES[arch]}" for tag in ("manylinux2014", *glibcs)]


def prune(target: Path) -> None:
    """Leave out what no function reads: it costs space and time in every cold start."""
    for pattern in JUNK:
        for path in sorted(target.glob(pattern)):
            remove(path)


def slim_botocore(data: Path) -> None:
    """Keep the services that we call, without what describes them to people."""
    for path in sorted(data.iterdir()):
        if path.is_dir() and path.name not in SERVICES:
            remove(path)
    slim_endpoints(data / "endpoints.json")
    for path in sorted(data.glob("*/*/service-2.json.gz")):
        slim_service(path)


def slim_endpoints(path: Path) -> None:
    """Keep the Regions and the services that we call: 18 ms of parsing become one."""
    endpoints = json.loads(path.read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: known
            for name, known in partition["services"].items()
            if name in ENDPOINTS
        }
    path.write_text(json.dumps(endpoints, separators=(",", ":")))


def slim_service(path: Path) -> None:
    """Drop the prose out of a service's description, and unpack it beforehand."""
    described = without_prose(json.loads(gzip.decompress(path.read_bytes())))
    if isinstance(described, dict):
        for each in described.get("clientContextParams", {}).values():
            each["documentation"] = ""  # botocore asks for it, if only here
    path.with_suffix("").write_text(json.dumps(described, separators=(",", ":")))
    path.unlink()


def without_prose(value: object) -> object:
    """The same JSON value without its "documentation" texts."""
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without_prose(item)
        for key, item in value.items()
        if not (key == "documentation" and isinstance(item, str))
    }


def remove(path: Path) -> None:
    """Delete a file or a whole folder."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def guard(target: Path, runtime: str, arch: str) -> None:
    """Make a layer on the wrong function say so, at no cost on the right one.

    Python takes a compiled module before a source of the same name, and the source
    only when the compiled one was made for another interpreter or processor.
    """
    source = target / "pydantic_core" / "_pydantic_core.py"
    source.write_text(GUARD.format(runtime=runtime, arch=arch))


def compile_for(target: Path, runtime: str) -> bool:
    """Add the target version's bytecode; False when this host lacks that Python.

    Unchecked hashes: zipping rewrites the times that Python would compare, and a layer
    is mounted read-only, so that stale bytecode would be made anew at each cold start.
    """
    interpreter = find_interpreter(runtime)
    if interpreter is None:
        return False
    command = [interpreter, "-m", "compileall", "-q", "-j", "0", "-s", str(target)]
    command += ["--invalidation-mode", "unchecked-hash", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(
            f"{interpreter} could not compile the layer: {done.stdout[-200:]}"
        )
    return True


def find_interpreter(runtime: str) -> str | None:
    """A Python of exactly that version on this host, wherever it may be."""
    return next((found for found in _candidates(runtime) if _is(found, runtime)), None)


def _candidates(runtime: str) -> Iterator[str]:
    version = runtime.removeprefix("python")
    yield sys.executable
    on_path = shutil.which(runtime)
    if on_path:
        yield on_path
    for root in (os.environ.get("PYENV_ROOT", "~/.pyenv"), "~/.local/share/mise"):
        folder = Path(root).expanduser()
        yield from map(str, folder.glob(f"**/{version}.*/bin/{runtime}"))
    uv = shutil.which("uv")
    if uv:
        found = subprocess.run(
            [uv, "python", "find", "--no-project", version],
            capture_output=True,
            text=True,
            check=False,
        )
        yield found.stdout.strip()


def _is(interpreter: str, runtime: str) -> bool:
    """Whether it runs and is that version: a pyenv shim may exist and do neither."""
    probe = "import sys; print('python%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [interpreter, "-c", probe], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == runtime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
