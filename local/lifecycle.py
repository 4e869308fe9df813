"""Bringing a local stack up and down, and saying where it is."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any, Final

from local.calls import TIMEOUT, answers, call, wait_until
from local.daemon import Daemon
from local.deployment import client, deploy, outputs
from local.furnishing import furnish
from local.place import Place, check_free, read_json, variable_of, write_json
from local.surroundings import of_emulator, plain, time_scale
from local.trouble import Trouble, last_lines

START_SECONDS: Final = 40.0
# The emulator writes its whole state when it ends.
STOP_SECONDS: Final = 30.0
ATTEMPTS: Final = 2
ORDER: Final = ("inbox", "emulator", "pacemaker")


def up(place: Place, environment: Mapping[str, str]) -> dict[str, Any]:
    """Start what does not run, deploy what changed, wait until healthy.

    Returns what `stack.json` says. Raises Trouble.
    """
    check_tools()
    with place.alone():
        _restart_if_told_otherwise(place, environment)
        _start_inbox(place, environment)
        _start_emulator(place, environment)
        standing = deploy(place, environment)
        _point_front_door(place, standing)
        described = describe(place, standing)
        health = f"{place.api_url}/v1/health"
        # A call that is given up leaves a function that starts, and asks for another.
        if not wait_until(lambda: answers(health, within=TIMEOUT), START_SECONDS):
            raise Trouble(f"the API does not answer; see {place.log('emulator')}")
        furnish(place, described["admin_key"])
        _start_pacemaker(place, environment, standing)
        write_json(place.summary, described)
    return described


def reopen(place: Place, environment: Mapping[str, str]) -> None:
    """Start the front door and the inbox behind it again; all else goes on as it is.

    Raises Trouble.
    """
    with place.alone():
        _start_inbox(place, environment)
        _point_front_door(place, outputs(place))


def down(place: Place) -> bool:
    """Stop everything; the state stays. Returns whether all of it is on disk."""
    with place.alone():
        clean = True
        for name in reversed(ORDER):
            clean &= Daemon(place.folder, name).stop(STOP_SECONDS)
        place.summary.unlink(missing_ok=True)
    return clean


def describe(place: Place, standing: Mapping[str, str]) -> dict[str, Any]:
    """Addresses and keys, as programs read them from `stack.json`."""
    secrets = client(place, "secretsmanager")

    def key(output: str) -> str:
        value = secrets.get_secret_value(SecretId=standing[output])
        return str(value["SecretString"])

    return {
        "api_url": place.api_url,
        "console_url": f"{place.api_url}/console/",
        "inbox_url": f"{place.inbox_url}/",
        "admin_key": key("AdminKeySecretArn"),
        "ingest_key": key("IngestKeySecretArn"),
        "queue_url": standing["QueueUrl"],
        "dlq_url": standing["DlqUrl"],
        "table": standing["TableName"],
        "topic_arn": standing["AlarmTopicArn"],
        "endpoint_url": place.endpoint,
        "sweep_function": standing["SweepFunctionName"],
    }


def check_tools() -> None:
    """Raise Trouble where something is missing that pip cannot bring."""
    if shutil.which("make") is None:
        raise Trouble("make is missing: SAM builds the layer with it")
    for name in ("ministack", "samcli"):
        if find_spec(name) is None:
            raise Trouble(f"{name} is not installed: run `make install`")


def running(place: Place) -> dict[str, bool]:
    """Which of the processes live."""
    return {name: Daemon(place.folder, name).alive() for name in ORDER}


def _restart_if_told_otherwise(place: Place, environment: Mapping[str, str]) -> None:
    """Functions inherit the emulator's variables: new ones need a new emulator."""
    told: dict[str, Any] = {
        name: value
        for name, value in of_emulator(place, environment).items()
        if name.startswith("TOCSIN_")
    }
    told["ports"] = asdict(place.ports)
    kept = place.folder / "told.json"
    if read_json(kept) != told:
        for name in reversed(ORDER):
            Daemon(place.folder, name).stop(STOP_SECONDS)
    write_json(kept, told)


def _start_inbox(place: Place, environment: Mapping[str, str]) -> None:
    daemon = Daemon(place.folder, "inbox")
    ports = place.ports
    arguments = ["-m", "local.inbox", "--port", str(ports.inbox)]
    arguments += ["--front-port", str(ports.api), "--smtp-port", str(ports.smtp)]
    arguments += ["--state-dir", str(place.folder / "inbox")]
    if not daemon.alive():
        check_free(ports.inbox, variable_of("inbox"))
        check_free(ports.api, variable_of("api"))
        check_free(ports.smtp, variable_of("smtp"))
    health = f"{place.inbox_url}/_control/health"
    _start(place, daemon, arguments, plain(environment), health)


def _point_front_door(place: Place, standing: Mapping[str, str]) -> None:
    upstream = f"{place.endpoint}/_aws/execute-api/{standing['ApiId']}/$default"
    call("POST", f"{place.inbox_url}/_control/upstream", {"url": upstream})


def _start_emulator(place: Place, environment: Mapping[str, str]) -> None:
    daemon = Daemon(place.folder, "emulator")
    for name in ("state", "tmp"):
        (place.folder / name).mkdir(exist_ok=True)
    address = place.endpoint.removeprefix("http://")
    arguments = ["-m", "hypercorn", "ministack.app:app", "--bind", address]
    # No worker process: one that outlived its parent would keep the port.
    arguments += ["--keep-alive", "75", "--workers", "0"]
    if not daemon.alive():
        check_free(place.ports.emulator, variable_of("emulator"))
    surroundings = of_emulator(place, environment)
    health = f"{place.endpoint}/_ministack/health"
    _start(place, daemon, arguments, surroundings, health)


def _start(
    place: Place,
    daemon: Daemon,
    arguments: Sequence[str],
    surroundings: Mapping[str, str],
    health: str,
) -> None:
    for _ in range(ATTEMPTS):
        if not daemon.alive():
            daemon.start(arguments, surroundings)
        wait_until(lambda: answers(health) or not daemon.alive(), START_SECONDS)
        if daemon.alive() and answers(health):
            return
        daemon.stop(1.0)
    log = place.log(daemon.name)
    raise Trouble(f"the {daemon.name} does not start: {last_lines(log)} (see {log})")


def _start_pacemaker(
    place: Place, environment: Mapping[str, str], standing: Mapping[str, str]
) -> None:
    scale = time_scale(environment)
    daemon = Daemon(place.folder, "pacemaker")
    if scale == 1 or daemon.alive():
        return
    arguments = ["-m", "local.pacemaker", "--every", str(60 / scale)]
    arguments += ["--emulator-port", str(place.ports.emulator)]
    arguments += ["--sweep", standing["SweepFunctionName"]]
    arguments += ["--digest", standing["DigestFunctionName"]]
    daemon.start(arguments, plain(environment))
