"""For everyone: names and labels, contrast, the phone's width, the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, Sit
from tests.browser.story import (
    ALARM,
    bare_world,
    lived_world,
    planned_world,
    ready_world,
    told,
)
from tests.fakes.api import ApiWorld

PAGES: dict[str, str] = {
    "overview": ".share",
    "notifications": ".list li",
    "dead": ".reasons",
    "setup/destinations": ".cards",
    "setup/destinations/new": ".channels",
    "setup/destinations/new/webhook": ".guided",
    "setup/keys": ".cards",
    "routes": ".note",
    "routes/silences": ".empty",
}
NAMELESS = """() => [...document.querySelectorAll(
  'button, a[href], input, select, textarea, [role=img], summary')]
  .filter((e) => e.offsetParent || e.getClientRects().length)
  .filter((e) => !(e.ariaLabel || e.title || e.textContent.trim() && !e.matches('input, select, textarea')
    || e.labels?.length && [...e.labels].some((l) => l.textContent.trim())
    || e.closest('svg')))
  .map((e) => e.outerHTML.slice(0, 120))"""
FAINT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] > 250) return colour;
    }
    return rgba('white');
  };
  const found = [];
  for (const e of document.querySelectorAll('main *, header *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.getClientRects().length || e.closest('[disabled], svg, .look')) continue;
    const style = getComputedStyle(e);
    const [one, two] = [light(rgba(style.color)), light(ground(e))].sort((a, b) => b - a);
    const ratio = (one + .05) / (two + .05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${e.outerHTML.slice(0, 100)}`);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def lived() -> Callable[[], ApiWorld]:
    """One past for all of these: they change nothing."""
    world = lived_world()
    return lambda: world


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_page_has_names_contrast_and_room(
    sit: Sit, lived: Callable[[], ApiWorld], size: tuple[int, int], dark: bool
) -> None:
    seat = sit(lived(), size=size, dark=dark)
    for path, there in PAGES.items():
        seat.go(path)
        seat.page.locator(there).first.wait_for()

        assert seat.page.evaluate(NAMELESS) == [], path
        assert seat.page.evaluate(FAINT) == [], path
        wider = "document.documentElement.scrollWidth - innerWidth"
        assert seat.page.evaluate(wider) <= 0, path
        assert seat.page.locator("h1").count() == 1, path


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_open_notification_can_be_read_by_everyone(
    sit: Sit, lived: Callable[[], ApiWorld], dark: bool
) -> None:
    page = sit(lived(), "notifications", dark=dark).page
    for title in (ALARM["title"], "Certificate of shop", "Hot lead"):
        page.get_by_role("link", name=title).click()
        expect(page.locator(".pane h2")).to_contain_text(title)

        assert page.evaluate(NAMELESS) == []
        assert page.evaluate(FAINT) == []


def test_the_door_can_be_used_by_everyone(sit: Sit) -> None:
    page = sit(bare_world(), key=None, size=PHONE).page
    page.get_by_role("button", name="Sign in").wait_for()

    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(FAINT) == []


def test_focus_is_seen_on_everything_that_tab_reaches(
    sit: Sit, lived: Callable[[], ApiWorld]
) -> None:
    page = sit(lived(), "notifications").page
    page.locator(".list li").first.wait_for()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    for _ in range(18):
        page.keyboard.press("Tab")
        assert page.evaluate(outline) != "none"


def test_times_tell_the_exact_moment_in_the_readers_zone(
    sit: Sit, lived: Callable[[], ApiWorld]
) -> None:
    page = sit(lived(), "notifications").page
    told = page.locator(".list time").first.get_attribute("title") or ""

    assert "GMT+1" in told or "GMT+2" in told or "CE" in told


def test_every_page_is_still_while_it_loads(
    sit: Sit, lived: Callable[[], ApiWorld]
) -> None:
    seat = sit(lived())
    moved = """() => new Promise((done) => new PerformanceObserver((list) => done(
      list.getEntries().filter((e) => !e.hadRecentInput).reduce((s, e) => s + e.value, 0)
    )).observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done(0), 300))"""
    for path, there in PAGES.items():
        seat.go(path)
        seat.page.reload()
        seat.page.locator(there).first.wait_for()

        assert seat.page.evaluate(moved) < 0.1, path


SHIFTS = """window.shifts = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifts += each.value;
}).observe({type: 'layout-shift', buffered: true});"""


def test_nothing_moves_under_the_reader(sit: Sit) -> None:
    seat = sit(planned_world(), "setup", size=PHONE)
    seat.page.add_init_script(SHIFTS)
    for path, there in PAGES.items():
        seat.go(path)
        seat.page.reload()
        last = ".waits" if path == "routes/silences" else there
        seat.page.locator(last).first.wait_for()
        seat.page.wait_for_load_state("networkidle")

        # Below 0.1 is held to be good.
        assert seat.page.evaluate("shifts") < 0.03, path


def test_words_without_end_break_on_a_phone(sit: Sit) -> None:
    world = ready_world()
    long = {
        "title": "t" * 250,
        "message": "m" * 400,
        "source": "s" * 60,
        "branch": "b" * 60,
        "fields": [{"name": "n" * 60, "value": "v" * 500}],
        "links": [{"label": "l" * 60, "url": f"https://example.com/{'p' * 200}"}],
    }
    name = told(world, 3, "dead", {**ALARM, **long})
    seat = sit(world, size=PHONE)
    for path, there in (
        ("overview", ".waiting"),
        ("dead", ".reasons"),
        (f"notifications/{name}", ".timeline"),
    ):
        seat.go(path)
        seat.page.locator(there).wait_for()

        wider = "document.documentElement.scrollWidth - innerWidth"
        assert seat.page.evaluate(wider) <= 0, path
