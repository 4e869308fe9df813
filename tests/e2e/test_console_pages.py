"""Every page of the console on the running stack, with what really happened there: one
visit, in which nothing fails, nothing is refused and axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.axe import violations
from tests.browser.chromium import chromium
from tests.e2e.stack import Mailbox, Stack, until
from tests.e2e.visiting import Visitor, visit

CHANNELS = (
    "discord",
    "slack",
    "telegram",
    "teams",
    "email",
    "webhook",
    "pagerduty",
    "whatsapp",
    "sms",
    "apprise",
)
# Overview and search read back for a month, which takes a busy emulator its time, and
# several calls at once are several cold starts.
LONG_MS = 60_000
REFUSALS = (
    "addEventListener('securitypolicyviolation', (e) => console.error(e.blockedURI))"
)


@dataclass
class Past:
    """What the pages tell of: one mailbox that was sent, refused, kept quiet and held."""

    box: Mailbox
    later: Mailbox
    problem: str
    refused: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def past(stack: Stack) -> Past:
    box, later = stack.mailbox(), stack.new_mailbox(digest={"at": "04:00"})
    box.behave("status", status=400, times=1, body={"message": "Invalid Form Body"})
    stack.settled(box.send("Refused"), status="dead_letter")
    stack.settled(box.send("Told"), status="sent")
    facts = [{"name": "Value", "value": "7.25 > 5 %"}]
    problem = box.send("On fire", state="firing", severity="critical", fields=facts)
    stack.settled(problem, status="sent")
    later.send("Report of the day", severity="low")
    silence = {"match": {"type": [f"{box.type}.x"]}, "for": "4h", "comment": box.name}
    assert stack.operate("POST", "/v1/silences", silence)[0] == 201
    return Past(box, later, problem)


@pytest.fixture(scope="module")
def visitor(browser: Browser, stack: Stack, past: Past) -> Iterator[Visitor]:
    """Signed in. Whatever the page complains of fails when it is left."""
    entered = visit(browser, stack)
    page = entered.page
    page.add_init_script(REFUSALS)
    page.reload()
    page.on("response", lambda answer: note(answer, past.refused))
    page.on("requestfailed", lambda made: lost(made.failure, made.url, past.refused))
    entered.sign_in()
    yield entered
    entered.close()


def note(answer: Response, refused: list[str]) -> None:
    if answer.status >= 400:
        refused.append(f"{answer.status} {answer.url}")


def lost(why: str | None, url: str, refused: list[str]) -> None:
    """A page that is left calls off what it still waits for."""
    if "ERR_ABORTED" not in (why or ""):
        refused.append(f"{why} {url}")


def pages(past: Past) -> dict[str, tuple[str, str]]:
    """By address: where to look, and what stands there."""
    box, name = past.box, past.box.name
    return {
        "overview": (".health", name),
        f"notifications?type={box.type}": (".list", "On fire"),
        f"notifications/{past.problem}": (".pane", "7.25 > 5 %"),
        "notifications?q=nowhere&since=1h": ("main", "Nothing fits these filters."),
        f"dead?destination={name}": (".reasons", "Invalid Form Body"),
        "setup/destinations": (".cards", name),
        "setup/destinations/new": (".channels", "PagerDuty"),
        f"setup/destinations/{name}": ("main h2", name),
        "setup/keys": (".cards", "ingest"),
        "routes": (".told", "would go elsewhere"),
        "routes/silences": (".calendar", name),
    }


def test_every_page_shows_what_happened_and_nothing_fails(
    visitor: Visitor, past: Past
) -> None:
    page = visitor.page
    for path, (where, told) in pages(past).items():
        if path != "overview":  # where one comes in
            visitor.go(path)
        shown = page.locator(where).filter(has_text=told).first
        expect(shown).to_be_visible(timeout=LONG_MS)

        assert violations(page) == [], path
        assert width_beyond(page) <= 0, path
    expect(page.locator(".waits")).to_contain_text(past.later.name)
    assert past.refused == []


def test_a_message_is_drawn_for_each_channel(visitor: Visitor, past: Past) -> None:
    page = visitor.page
    visitor.go(f"notifications/{past.problem}")
    page.locator("summary", has_text="As each channel shows it").click()
    expect(page.locator(".look-one h4").first).to_contain_text(past.box.name)
    for channel in CHANNELS:
        page.get_by_label("Channel").select_option(channel)
        look = page.locator(".look-one")
        expect(look).to_have_count(1)
        expect(look).to_contain_text("On fire")
    assert violations(page) == []
    assert past.refused == []


def test_each_channel_is_set_up_by_steps_and_fields(
    visitor: Visitor, past: Past
) -> None:
    page = visitor.page
    for channel in CHANNELS:
        visitor.go(f"setup/destinations/new/{channel}")
        expect(page.get_by_label("Name", exact=True)).to_be_focused()
        expect(page.locator(".steps li").first).to_be_visible()
        expect(page.get_by_role("button", name="Save and test")).to_be_visible()
    assert past.refused == []


def test_what_goes_wrong_would_be_found_out(visitor: Visitor, past: Past) -> None:
    page = visitor.page
    visitor.go("notifications/00000000000000000000000000")
    expect(page.get_by_text("There is no notification with this id.")).to_be_visible()
    until(lambda: past.refused, "the refusal")
    assert past.refused[0].startswith("404 ")

    wide = "document.querySelector('main').append(document.createElement('button'))"
    page.evaluate(wide)
    assert any(each.startswith("button-name") for each in violations(page))


def width_beyond(page: Page) -> int:
    """How many pixels of the page lie beyond the window."""
    beyond = "document.documentElement.scrollWidth - innerWidth"
    return int(page.evaluate(beyond))
