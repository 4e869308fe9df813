"""Build and deploy the real template to the emulator, when something changed."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from local.place import ROOT, Place, read_json, write_json
from local.surroundings import REGION, toward_emulator
from local.trouble import Trouble, last_lines

STACK: Final = "tocsin-local"
SOURCES: Final = (
    "template.yaml",
    "sign-in.yaml",
    "samconfig.toml",
    "functions",
    "layers",
)
ARCHITECTURES: Final = {"aarch64": "arm64", "arm64": "arm64"}
ATTEMPTS: Final = 2


def client(place: Place, service: str) -> Any:
    """A client of the emulator, blind to whatever AWS account this machine knows."""
    return Session().create_client(
        service,
        region_name=REGION,
        endpoint_url=place.endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(proxies={}, retries={"total_max_attempts": 2}, read_timeout=60),
    )


def runtime() -> str:
    """The Lambda runtime that this very Python can stand in for."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def architecture() -> str:
    """The Lambda architecture of this machine."""
    return ARCHITECTURES.get(platform.machine(), "x86_64")


def digest(root: Path = ROOT) -> str:
    """What is deployed depends on: sources, Python, machine."""
    found = hashlib.sha256(f"{runtime()} {architecture()} {sys.prefix}".encode())
    for path in sources(root):
        found.update(str(path.relative_to(root)).encode() + b"\0")
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


def sources(root: Path) -> Iterator[Path]:
    """Every file that goes into a deployment, in a fixed order."""
    for name in SOURCES:
        top = root / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            parts = path.relative_to(root).parts
            hidden = any(
                part.startswith(".") or part == "__pycache__" for part in parts
            )
            if path.is_file() and not hidden:
                yield path


def outputs(place: Place) -> dict[str, str]:
    """What the deployed stack says of itself; {} where none stands."""
    try:
        found = client(place, "cloudformation").describe_stacks(StackName=STACK)
    except (BotoCoreError, ClientError):
        return {}
    stack = found["Stacks"][0]
    if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return {}
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def deploy(place: Place, environment: Mapping[str, str]) -> dict[str, str]:
    """Bring the deployed stack up to date, and return its outputs. Raises Trouble.

    Nothing is built when the sources are as they were, and nothing deployed when the
    emulator has kept that very deployment.
    """
    wanted, deployed = digest(), place.folder / "deployed.json"
    standing = outputs(place)
    if standing and read_json(deployed).get("digest") == wanted:
        return standing
    template = build(place, environment)
    deployed.unlink(missing_ok=True)
    _deploy(place, toward_emulator(place, environment), template)
    write_json(deployed, {"digest": wanted})
    standing = outputs(place)
    if not standing:
        raise Trouble(f"the stack did not come up; see {place.log('deploy')}")
    return standing


def build(place: Place, environment: Mapping[str, str]) -> Path:
    """Build what is not built yet; the template of it. Raises Trouble."""
    wanted, built = digest(), place.folder / "built.json"
    template = place.folder / "build" / "template.yaml"
    if read_json(built).get("digest") != wanted or not template.exists():
        _build(place, toward_emulator(place, environment))
        write_json(built, {"digest": wanted})
    return template


def _build(place: Place, surroundings: Mapping[str, str]) -> None:
    target = {
        "TOCSIN_BUILD_RUNTIME": runtime(),
        "TOCSIN_BUILD_ARCH": "host",
        "PYTHON": sys.executable,
    }
    arguments = ["build", "--template", str(ROOT / "template.yaml")]
    arguments += ["--build-dir", str(place.folder / "build")]
    log = place.log("build")
    if not _sam(arguments, {**surroundings, **target}, log):
        told = last_lines(log, "layer: ") or last_lines(log, "Error: ")
        raise Trouble(f"the build failed: {told or 'no reason given'} (see {log})")


def _deploy(place: Place, surroundings: Mapping[str, str], template: Path) -> None:
    arguments = ["deploy", "--config-file", str(ROOT / "samconfig.toml")]
    arguments += ["--config-env", "local", "--template-file", str(template)]
    log = place.log("deploy")
    for _ in range(ATTEMPTS):
        if _sam(arguments, surroundings, log):
            return
    told = _refusals(place) or last_lines(log, "Error: ") or "no reason given"
    raise Trouble(f"the deployment failed: {told} (see {log})")


def _sam(arguments: list[str], surroundings: Mapping[str, str], log: Path) -> bool:
    """Run SAM with the host's parameters; whether it went well."""
    overrides = [f"Runtime={runtime()}", f"Architecture={architecture()}"]
    command = [sys.executable, "-m", "samcli", *arguments]
    command += ["--parameter-overrides", *overrides]
    with log.open("wb") as sink:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=dict(surroundings),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return done.returncode == 0


def _refusals(place: Place) -> str:
    """Why CloudFormation gave up, as it says itself."""
    try:
        found = client(place, "cloudformation").describe_stack_events(StackName=STACK)
    except (BotoCoreError, ClientError):
        return ""
    told = [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in found["StackEvents"]
        if "FAILED" in event["ResourceStatus"] and event.get("ResourceStatusReason")
    ]
    return told[0] if told else ""
