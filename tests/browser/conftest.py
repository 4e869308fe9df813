"""A browser for all tests, and a console of its own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import PATIENCE_MS, PHONE, WIDE, chromium, listen
from tests.browser.site import Site
from tests.fakes.api import KEYS, ApiWorld
from tocsin.openid.people import People

__all__ = ["PHONE", "WIDE", "Seat", "Sit"]


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
        self.page.get_by_role("button", name="Sign in", exact=True).click()


Sit = Callable[..., Seat]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def sit(browser: Browser) -> Iterator[Sit]:
    """Sit down before a console over a world; whatever goes wrong there fails. With
    `stopped` the page's clock moves by `page.clock` only; `people` have no key."""
    seats: list[Seat] = []

    def sat(
        world: ApiWorld,
        path: str = "",
        *,
        key: str | None = "admin",
        size: tuple[int, int] = WIDE,
        dark: bool = False,
        stopped: bool = False,
        people: People | None = None,
    ) -> Seat:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            timezone_id="Europe/Zurich",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(PATIENCE_MS)
        seat = Seat(Site(world, people), context.new_page())
        seats.append(seat)
        listen(seat.page, seat.complaints)
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
