"""Looks of the console: every page as people see it, as pictures in `docs/looks/`.

    python -m local.console_looks [--into docs/looks] [--browser /usr/bin/chromium]

Serves the console over the fakes of the browser tests, with the past that they tell.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from local.looks import FLAGS, SETTLED
from tests.browser.site import Site
from tests.browser.story import ALARM, planned_world
from tests.fakes.api import KEYS

SIZES = {"wide": (1360, 880), "phone": (390, 844)}
PAGES = {
    "overview": "overview",
    "notifications": "notifications",
    "detail": "notifications/{newest}",
    "dead": "dead",
    "destinations": "setup/destinations",
    "channel": "setup/destinations/new/discord",
    "keys": "setup/keys",
    "source": "setup/keys/shop",
    "routes": "routes",
    "silences": "routes/silences",
}
# What is pressed on a page before its picture is taken.
PRESSED = {
    "replay": ("dead", "button", "Replay all"),
    "preview": ("notifications/{newest}", "summary", "As each channel shows it"),
    "tools": ("setup/keys", "button", "How to use it"),
}


def sign_in(page: Page, url: str) -> None:
    """With the admin key of the tests."""
    page.goto(url)
    page.get_by_label("Key").fill(KEYS["admin"])
    page.get_by_role("button", name="Sign in").click()
    page.locator("nav a[aria-current]").wait_for()
    page.mouse.move(0, 0)


def photograph(browser: Browser, site: Site, into: Path) -> None:
    """One picture for each page, size and theme."""
    rows = site.world.ledger.kept.values()
    newest = max(each.id for each in rows if each.event.type == ALARM["type"])
    for theme in ("dark", "light"):
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
            )
            page = context.new_page()
            sign_in(page, site.url)
            for name, path in PAGES.items():
                page.goto(f"{site.url}#/{path.format(newest=newest)}")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(SETTLED)
                page.screenshot(path=into / f"console-{name}-{size}-{theme}.png")
            for name, (path, kind, text) in PRESSED.items():
                page.goto(f"{site.url}#/{path.format(newest=newest)}")
                page.locator(kind, has_text=text).first.click()
                page.wait_for_timeout(2 * SETTLED)
                page.locator(".looks, dialog").first.scroll_into_view_if_needed()
                page.screenshot(path=into / f"console-{name}-{size}-{theme}.png")
            context.close()


def main() -> None:
    """Read the arguments, take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--into", type=Path, default=Path("docs/looks"))
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    site = Site(planned_world())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.browser, args=FLAGS
        )
        photograph(browser, site, options.into)
        browser.close()
    site.close()


if __name__ == "__main__":
    main()
