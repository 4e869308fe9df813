"""Where a local stack lives: its folder, its ports, its files."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from local.trouble import Trouble

ROOT: Final = Path(__file__).resolve().parents[1]
HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports: the API's front door, the inbox, the AWS emulator, mail."""

    api: int = 8700
    inbox: int = 8701
    emulator: int = 8702
    smtp: int = 8703


@dataclass(frozen=True, slots=True)
class Place:
    """One stack's folder and ports. Several may run side by side."""

    folder: Path
    ports: Ports

    @property
    def endpoint(self) -> str:
        """Where the emulator answers for every AWS service."""
        return f"http://{HOST}:{self.ports.emulator}"

    @property
    def api_url(self) -> str:
        """The API's clean address."""
        return f"http://{HOST}:{self.ports.api}"

    @property
    def inbox_url(self) -> str:
        """The inbox's page."""
        return f"http://{HOST}:{self.ports.inbox}"

    @property
    def smtp(self) -> str:
        """Where the inbox takes mail."""
        return f"{HOST}:{self.ports.smtp}"

    @property
    def summary(self) -> Path:
        """The file that tells programs where everything is."""
        return self.folder / "stack.json"

    def log(self, name: str) -> Path:
        """Where a step or a process writes."""
        return self.folder / f"{name}.log"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder: two `make up` at once would start everything twice."""
        with (self.folder / "busy.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def settle(folder: Path, *, auto: bool, environment: Mapping[str, str]) -> Place:
    """The place in `folder`, with the ports of its first start unless told otherwise;
    `auto` takes free ones at that first start.

    Raises Trouble where a port is not a number, or the kept state forbids it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = read_json(folder / "ports.json")
    first = asdict(_free() if auto else Ports())
    ports = Ports(**(first | kept | _wanted(environment)))
    moved = kept and kept["emulator"] != ports.emulator
    if moved and (folder / "state").exists():
        raise Trouble(
            f"the state in {folder} belongs to port {kept['emulator']}; keep that "
            f"port, or remove the folder to start afresh on {ports.emulator}"
        )
    write_json(folder / "ports.json", asdict(ports))
    return Place(folder, ports)


def check_free(port: int, variable: str) -> None:
    """Raise Trouble where another program listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise Trouble(
                f"port {port} is taken by another program; choose a free one: "
                f"{variable}={port + 100} make up"
            ) from None


def variable_of(name: str) -> str:
    """The environment variable that sets a port."""
    return f"TOCSIN_{name.upper()}_PORT"


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write whole or not at all, so that no reader meets half a file."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(value, indent=2) + "\n")
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The file's object; {} where it is missing or broken."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _wanted(environment: Mapping[str, str]) -> dict[str, int]:
    wanted = {}
    for field in fields(Ports):
        text = environment.get(variable_of(field.name), "")
        if text and not text.isdecimal():
            raise Trouble(f"{variable_of(field.name)}={text} is not a port")
        if text:
            wanted[field.name] = int(text)
    return wanted


def _free() -> Ports:
    probes = [socket.socket() for _ in fields(Ports)]
    for probe in probes:
        probe.bind((HOST, 0))
    numbers = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return Ports(*numbers)
