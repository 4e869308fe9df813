"""Chromium: where it is, how it is started, what it complains of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

# The shell is the same engine without windows: it takes half the time.
BROWSERS = (
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
)
# Where there is none these tests are skipped; in CI they fail instead.
CHROMIUM = next(
    (path for path in BROWSERS if Path(path).exists()),
    BROWSERS[0] if os.environ.get("CI") else "",
)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 60_000
WIDE = (1360, 900)
PHONE = (390, 844)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. While it is there an event loop runs in this thread."""
    if not CHROMIUM:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as play:
        launched = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        expect.set_options(timeout=PATIENCE_MS)
        yield launched
        launched.close()


def listen(page: Page, complaints: list[str]) -> None:
    """Note whatever goes wrong on a page: what was thrown, what its policy refused,
    what a script that got in would do to be noticed."""

    def heard(kind: str, text: str) -> None:
        # A refusal that a test provokes is no fault of the page.
        if kind in ("error", "warning") and "the server responded with" not in text:
            complaints.append(text)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: heard(said.type, said.text))
