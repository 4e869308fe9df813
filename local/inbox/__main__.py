"""Starts the inbox: `python -m local.inbox --port 8025 [--front-port 8080]`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from local.inbox.app import HOST, build, listen, listen_front, listen_mail
from local.inbox.front_door import FrontDoor
from local.inbox.journal import FileJournal


def main() -> None:
    """Read the command line and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m local.inbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8025, help="page and stand-ins")
    parser.add_argument("--front-port", type=int, help="a clean address for the API")
    parser.add_argument("--smtp-port", type=int, help="where mail is taken")
    parser.add_argument("--api-upstream", default="", help="where the API runs")
    parser.add_argument("--state-dir", type=Path, help="keep what arrives in here")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options))


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    url = f"http://{HOST}:{options.port}"
    door = FrontDoor(options.api_upstream, url)
    journal = FileJournal(options.state_dir) if options.state_dir else None
    inbox = build(journal=journal, door=door)
    if journal:
        inbox.store.restore(journal.read())
    runners = [await listen(inbox, options.port)]
    print(f"inbox       {url}/")
    if options.front_port:
        runners.append(await listen_front(door, options.front_port))
        print(f"front door  http://{HOST}:{options.front_port}/")
    mail = await listen_mail(inbox, options.smtp_port) if options.smtp_port else None
    if mail:
        print(f"mail        smtp://{HOST}:{options.smtp_port}")
    sys.stdout.flush()
    await _told_to_stop()
    if mail:
        mail.close()
    for runner in runners:
        await runner.cleanup()
    await door.stop()
    if journal:
        journal.close()


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()


if __name__ == "__main__":
    main()
