"""The console in a real browser: how much the first load is, and how soon it answers.

    python -m bench.console [--rounds 7]

On the local stack, through the real API, each time in a new browser profile with
nothing cached. Needs Debian's Chromium. "Interactive" is when the door takes a key, and
when a list of notifications, signed in, can be moved through.
"""

from __future__ import annotations

import argparse
import gzip
import json
from time import perf_counter
from urllib.request import ProxyHandler, build_opener

from playwright.sync_api import Browser, Page, sync_playwright

from bench.measuring.events import notice
from bench.measuring.figures import Results, spread
from bench.measuring.stacks import Stack, private_stack
from local.calls import call

CHROMIUM = "/usr/bin/chromium"
HELD = 100
LARGEST_KB = 150
LONGEST_MS = 1_000


def main() -> None:
    """Load it some times."""
    parser = argparse.ArgumentParser(prog="python -m bench.console")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    results = Results("console: the first load, nothing cached")
    with private_stack() as stack, sync_playwright() as play:
        _fill(stack)
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        loads = [_load(browser, stack) for _ in range(options.rounds)]
        browser.close()
    kilobytes = max(weight for weight, _, _ in loads) / 1024
    results.at_most("files, compressed", kilobytes, LARGEST_KB, "KB")
    for what, place in (("the door", 1), ("a list of notifications", 2)):
        times = [load[place] * 1000 for load in loads]
        results.say(f"{what} is there after, ms", spread(times, 0))
        middle = sorted(times)[len(times) // 2]
        results.at_most(f"{what}, median", middle, LONGEST_MS, "ms")
    results.finish()


def _fill(stack: Stack) -> None:
    events = json.dumps([notice(number) for number in range(HELD)]).encode()
    status, answer = call("POST", stack.events_url, events, key=stack.key)
    if status != 202:
        raise RuntimeError(f"refused: {answer}")


def _load(browser: Browser, stack: Stack) -> tuple[int, float, float]:
    """(bytes of all files, seconds to the door, seconds from the key to the list)."""
    context = browser.new_context()
    page = context.new_page()
    called: list[str] = []
    page.on("request", lambda made: called.append(made.url))
    began = perf_counter()
    page.goto(f"{stack.described['console_url']}#/notifications")
    page.get_by_label("Key").wait_for()
    door = perf_counter() - began
    listed = _signed_in(page, stack.described["admin_key"])
    files = {url for url in called if "/console/" in url and "/v1/" not in url}
    context.close()
    return sum(map(_compressed, files)), door, listed


def _signed_in(page: Page, key: str) -> float:
    page.get_by_label("Key").fill(key)
    began = perf_counter()
    page.get_by_role("button", name="Sign in").click()
    page.locator("li.item").first.wait_for()
    return perf_counter() - began


def _compressed(url: str) -> int:
    opener = build_opener(ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        return len(gzip.compress(answer.read()))


if __name__ == "__main__":
    main()
