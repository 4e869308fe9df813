"""A browser for all tests, and a console of its own for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.site import Site
from tests.fakes.api import KEYS, ApiWorld

BROWSERS = ("/usr/bin/chromium", "/usr/bin/google-chrome")
# Where there is none these tests are skipped; in CI they fail instead.
CHROMIUM = next(
    (path for path in BROWSERS if Path(path).exists()),
    BROWSERS[0] if os.environ.get("CI") else "",
)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 15_000
WIDE = (1360, 900)
PHONE = (390, 844)


@dataclass
class Seat:
    """Someone before the console: the page, and what the browser complained of."""

    site: Site
    page: Page
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Go to a page by its address, as a bookmark would."""
        self.page.goto(f"{self.site.url}#/{path}")

    def sign_in(self, key: str) -> None:
        self.page.get_by_label("Key").fill(key)
        self.page.get_by_role("button", name="Sign in").click()


Sit = Callable[..., Seat]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as play:
        launched = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        expect.set_options(timeout=PATIENCE_MS)
        yield launched
        launched.close()


@pytest.fixture
def sit(browser: Browser) -> Iterator[Sit]:
    """Sit down before a console over a world; whatever goes wrong there fails. With
    `stopped` the page's clock moves by `page.clock` only."""
    seats: list[Seat] = []

    def sat(
        world: ApiWorld,
        path: str = "",
        *,
        key: str | None = "admin",
        size: tuple[int, int] = WIDE,
        dark: bool = False,
        stopped: bool = False,
    ) -> Seat:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            timezone_id="Europe/Zurich",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(PATIENCE_MS)
        seat = Seat(Site(world), context.new_page())
        seats.append(seat)
        seat.page.on("pageerror", lambda error: seat.complaints.append(str(error)))
        seat.page.on("console", lambda said: _heard(seat, said.type, said.text))
        if key is not None:
            # As signing in leaves it, which has tests of its own.
            scope = "admin" if key == "admin" else "operate"
            kept = f"['tocsin.key', {KEYS[key]!r}], ['tocsin.scope', {scope!r}]"
            context.add_init_script(
                f"for (const each of [{kept}]) sessionStorage.setItem(...each);"
            )
        if stopped:
            seat.page.clock.install()
        seat.go(path)
        return seat

    yield sat
    for seat in seats:
        seat.page.context.close()
        seat.site.close()
    assert [each for seat in seats for each in seat.complaints] == []


def _heard(seat: Seat, kind: str, text: str) -> None:
    # A refusal that a test provokes is no fault of the page.
    if kind in ("error", "warning") and "the server responded with" not in text:
        seat.complaints.append(text)
