"""The operate API: what operators call, and the answer to every stray path."""

from __future__ import annotations

import gc
from pathlib import Path

gc.disable()  # a full pass in the middle of the imports costs INIT up to 45 ms

from aws_lambda_powertools import Logger  # noqa: E402

from tocsin.api.answering import Api  # noqa: E402
from tocsin.api.console import Console  # noqa: E402
from tocsin.api.gateway import handler_of  # noqa: E402
from tocsin.api.reach import Reach  # noqa: E402
from tocsin.api.resources import all_operations  # noqa: E402
from tocsin.bootstrap import Ports  # noqa: E402

logger = Logger()
ports = Ports()
reach = Reach(
    ledger=ports.ledger,
    archive=ports.reading,
    calendar=ports.reading,
    outbox=ports.outbox,
    dead_letters=ports.dead_letters,
    settings=ports.settings,
    health=ports.health,
    vault=ports.vault,
    signing_vault=ports.signing_vault,
    channels=ports.channel,
    links=ports.links,
    clock=ports.clock,
    timing=ports.timing,
    attic=ports.attic,
)
console = Console(Path(__file__).parent / "console", ports.sign_in)
operations = [*all_operations(reach), *console.operations()]
handler = handler_of(Api(operations, ports.gatekeeper))

gc.enable()
gc.freeze()
