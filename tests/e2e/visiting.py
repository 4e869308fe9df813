"""Someone before the console of a running stack, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page

from tests.browser.chromium import PATIENCE_MS, WIDE, listen
from tests.e2e.stack import Stack


@dataclass
class Visitor:
    """A tab: what it complained of, and every address it has called."""

    stack: Stack
    page: Page
    complaints: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Go to a page of the console by its address, as a bookmark would."""
        self.page.goto(f"{self.stack.described['console_url']}#/{path}")

    def sign_in(self) -> None:
        """At the door, with the admin key."""
        self.page.get_by_label("Key").fill(self.stack.described["admin_key"])
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("navigation").wait_for()

    def close(self) -> None:
        """Leave; fails where anything went wrong, or a key stood in an address."""
        self.page.context.close()
        assert self.complaints == []
        keys = [self.stack.described[f"{name}_key"] for name in ("admin", "ingest")]
        assert [url for url in self.called if any(key in url for key in keys)] == []


Visit = Callable[..., Visitor]


def visit(
    browser: Browser, stack: Stack, *, size: tuple[int, int] = WIDE, hand: bool = False
) -> Visitor:
    """Open the console. `hand`: a telephone, which is touched."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        has_touch=hand,
        is_mobile=hand,
        reduced_motion="reduce",
        timezone_id="Europe/Zurich",
    )
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(stack, context.new_page())
    listen(visitor.page, visitor.complaints)
    visitor.page.on("request", lambda made: visitor.called.append(made.url))
    visitor.go("")
    return visitor
