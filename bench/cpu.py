"""CPU: what the warm handlers spend on an event, in milliseconds of one core.

    python -m bench.cpu [--profile]

With the layer as it ships, on Lambda's Python where that is found. Process time, so
that waiting costs nothing. Twice: Tocsin's own work, with the AWS
client and the provider's socket stubbed; and all included, against canned servers on
loopback in a process of their own. Beside them the floor: the same AWS calls with a
plain botocore client, and nothing else.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from botocore.session import Session

from bench import ROOT
from bench.measuring.canned import canned
from bench.measuring.emulator import (
    KEY,
    WEBHOOK,
    Context,
    function_environment,
    load,
    request,
    silenced,
)
from bench.measuring.events import notice
from bench.measuring.figures import Results
from bench.measuring.layers import built, compared, pythons
from bench.measuring.overheard import Call, Overheard, again
from bench.measuring.stubs import StubClient, StubHttp
from tocsin.aws import items, settings_items
from tocsin.channels.discord import Discord
from tocsin.channels.discord.settings import split
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.identity import fingerprint_of, new_id
from tocsin.keys import kept_key
from tocsin.notification import Notification, Step
from tocsin.rules.config import Config, Route
from tocsin.settings import Destination, Scope, Source

RUNS = 60  # short ones: the longer a run, the more of it is disturbed by others
LAYER = "TOCSIN_BENCH_LAYER"
QUEUE = "http://127.0.0.1:1/000000000000/bench.fifo"
Items = list[dict[str, Any]]


def main() -> None:
    """Own work, then everything."""
    parser = argparse.ArgumentParser(prog="python -m bench.cpu")
    parser.add_argument("--profile", action="store_true", help="what it is spent on")
    options = parser.parse_args()
    if LAYER not in os.environ:
        sys.exit(on_the_layer())
    results = Results("cpu: warm handlers, per event of 1 KB")
    settings, secret = split({"url": WEBHOOK})
    stored = furniture(settings)
    rows = [row(number) for number in range(100)]
    table = [*stored, *(item for _, item in rows)]
    ids = [name for name, _ in rows]
    with environment("http://127.0.0.1:1"):
        own = functions(StubClient(table, secret))
        own_ms = figures(own, ids)
        if options.profile:
            profile(own, ids)
        heard = calls_of(StubClient(table, secret), ids)
    with canned(table, secret) as address, environment(address):
        whole = {name: load(name) for name in ("ingest", "sender")}
        whole_ms = figures(whole, ids)
        bare_ms = milliseconds(bare_handler(), 15)
        floor_ms = {
            name: milliseconds(again(heard[name]), times) / events
            for name, (_, events, times) in cases(whole, ids).items()
        }
        if options.profile:
            profile(whole, ids)
    report(results, own_ms, whole_ms, floor_ms, bare_ms)
    results.finish()


def report(
    results: Results,
    own: dict[str, float],
    whole: dict[str, float],
    floor: dict[str, float],
    bare: float,
) -> None:
    """All, beside each other and beside the targets."""
    for name, alone in own.items():
        told = f"{alone:.3f} ms own, {whole[name]:.3f} in all"
        results.say(name, f"{told}; its AWS calls, plain: {floor[name]:.3f}")
    results.say("a bare handler of one put and one message", f"{bare:.3f} ms")
    single, listed = whole["one event"], 100 * whole["list of 100"]
    results.at_most("ingest, one event, over the bare handler", single / bare, 1.4, "x")
    results.at_most("ingest, one event, all included", single, 2.0, "ms")
    results.at_most("a list of 100 over a single event", listed / single, 10, "x")
    for name in ("10 messages of 1", "10 messages of 10"):
        results.at_most(f"sender, {name}, own work", own[name], 0.1, "ms")


def on_the_layer(module: str = "bench.cpu") -> int:
    """The same benchmark in an interpreter that has the built layer only."""
    found = pythons()
    version = max(found, key=lambda text: int(text.split(".")[1]))
    layer = built(version) / "python"
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    path = os.pathsep.join([str(layer), str(ROOT)])
    command = [found[version], "-s", "-m", module, *sys.argv[1:]]
    told = {
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        LAYER: str(layer),
        # The layer describes to botocore only what we ask through it.
        "AWS_DATA_PATH": str(compared(version, found[version]) / "botocore" / "data"),
    }
    return subprocess.run(
        command, cwd=ROOT, env={**plain, **told}, check=False
    ).returncode


def bare_handler() -> Callable[[], Any]:
    """What people write: one put, one message, the client as it comes."""
    session = Session()
    table: Any = session.create_client("dynamodb")
    queue: Any = session.create_client("sqs")
    event = request(json.dumps(notice(1)))

    def handle() -> None:
        told = json.loads(event["body"])
        item = {"pk": {"S": "a"}, "sk": {"S": "b"}, "event": {"S": event["body"]}}
        table.put_item(TableName="bench", Item=item)
        queue.send_message(
            QueueUrl=QUEUE,
            MessageBody=json.dumps({"title": told["title"], "id": "a"}),
            MessageGroupId="all",
            MessageDeduplicationId="a",
        )

    return handle


def figures(apps: dict[str, Any], ids: list[str]) -> dict[str, float]:
    """Milliseconds an event, by case."""
    return {
        name: milliseconds(call, times) / events
        for name, (call, events, times) in cases(apps, ids).items()
    }


def calls_of(client: StubClient, ids: list[str]) -> dict[str, list[Call]]:
    """The AWS calls of each case, once settings and health are known."""
    overheard = Overheard(client)
    found = {}
    for name, (call, _, _) in cases(functions(overheard), ids).items():
        with silenced():
            call()
            overheard.calls.clear()
            call()
        found[name] = list(overheard.calls)
    return found


def cases(
    apps: dict[str, Any], ids: list[str]
) -> dict[str, tuple[Callable[[], Any], int, int]]:
    """(what to call, events in a call, calls in a run)."""
    ingest, sender = apps["ingest"].handler, apps["sender"].handler
    one = request(json.dumps(notice(1)))
    many = request(json.dumps([notice(number) for number in range(100)]))
    tens = [ids[start : start + 10] for start in range(0, 100, 10)]
    singles = sqs_event([[name] for name in ids[:10]])
    full = sqs_event(tens)
    lone = sqs_event([[ids[0]]])
    return {
        "one event": (lambda: _accepted(ingest(one, Context())), 1, 15),
        "list of 100": (lambda: _accepted(ingest(many, Context())), 100, 1),
        "1 message of 1": (lambda: _sent(sender(lone, Context())), 1, 10),
        "10 messages of 1": (lambda: _sent(sender(singles, Context())), 10, 5),
        "10 messages of 10": (lambda: _sent(sender(full, Context())), 100, 1),
    }


def milliseconds(call: Callable[[], Any], times: int) -> float:
    """The least of several runs' process time for one call: whatever else the machine
    does only adds to it."""
    with silenced():
        for _ in range(3):
            call()
        spent = []
        for _ in range(RUNS):
            began = time.process_time()
            for _ in range(times):
                call()
            spent.append((time.process_time() - began) / times * 1000)
    return min(spent)


def profile(apps: dict[str, Any], ids: list[str]) -> None:
    """Where it goes, by own time."""
    for name, (call, _, times) in cases(apps, ids).items():
        profiler = cProfile.Profile()
        with silenced():
            call()
            profiler.enable()
            for _ in range(times * 12):
                call()
            profiler.disable()
        print(f"--- {name}")
        pstats.Stats(profiler).sort_stats("tottime").print_stats(22)


@contextmanager
def environment(address: str) -> Any:
    """The functions' variables, pointing at a stand-in."""
    kept = dict(os.environ)
    os.environ.update(
        function_environment(
            endpoint=address, queue_url=QUEUE, discord_base=f"{address}/discord"
        )
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def functions(client: StubClient | Overheard) -> dict[str, Any]:
    """Ingest and sender, with stubs where AWS clients and sockets would be."""
    apps = {name: load(name) for name in ("ingest", "sender")}
    for app in apps.values():
        for made in ("ledger", "outbox", "settings", "gatekeeper", "inflight"):
            app.ports.__dict__.pop(made, None)
        app.ports.__dict__["_dynamodb"] = client
        app.ports.__dict__["_sqs"] = client
        app.ports.vault._made = client
        app.ports._channels["discord"] = Discord(StubHttp())  # type: ignore[arg-type]
    return apps


def furniture(settings: dict[str, Any]) -> Items:
    """One route to one destination, two keys: what is read as settings."""
    source = Source("ingest", frozenset({Scope.INGEST}), (kept_key(KEY, 0),))
    admin = Source("admin", frozenset(Scope), (kept_key("other", 0),))
    ops = Destination("ops", "discord", settings, "ops", 1, "hint")
    config = Config(routes=(Route(name="all", to=("ops",)),))
    routing = settings_items.routing_item(config, 1)
    documents = [
        {
            **settings_items.key_of(value),
            "document": items.text(settings_items.encode(value)),
        }
        for value in (source, admin, ops)
    ]
    return [routing, *documents]


def row(number: int) -> tuple[str, dict[str, Any]]:
    """A queued notification: (id, item)."""
    at = int(time.time() * 1000)
    name = new_id(at, number.to_bytes(10, "big"))
    event = Event.model_validate(notice(number))
    one = Notification(
        id=name,
        event=event,
        fingerprint=fingerprint_of(event),
        state="notice",
        sender="ingest",
        accepted_at=at,
        last_at=at,
        deliveries={"ops": Delivery("ops", route="all", updated_at=at)},
        trace=(Step("all", "matched"),),
    )
    return name, items.pack(one, 90 * items.DAY_MS)


def sqs_event(parcels: list[list[str]]) -> dict[str, Any]:
    """What Lambda hands to the sender."""
    attributes = {
        "SentTimestamp": str(int(time.time() * 1000)),
        "ApproximateReceiveCount": "1",
    }
    return {
        "Records": [
            {
                "messageId": f"message-{position}",
                "receiptHandle": f"receipt-{position}",
                "attributes": attributes,
                "body": json.dumps(
                    {
                        "to": "ops",
                        "urgent": False,
                        "tickets": [[each, 0] for each in names],
                    }
                ),
            }
            for position, names in enumerate(parcels)
        ]
    }


def _accepted(answer: Any) -> None:
    if answer["statusCode"] != 202:
        raise RuntimeError(f"refused: {answer}")


def _sent(answer: Any) -> None:
    if answer["batchItemFailures"]:
        raise RuntimeError(f"not sent: {answer}")


if __name__ == "__main__":
    main()
