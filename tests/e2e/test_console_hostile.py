"""Whatever strangers write, the console shows it as text: on every page, through the real
API, in a real browser that would run what gets in."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import chromium
from tests.e2e.stack import Mailbox, Stack, until
from tests.e2e.visiting import Visitor, visit

# Each tells on itself when it runs: by a global, by a call that the policy refuses, by
# an element that was not there.
MARKUP = (
    "<script>window.owned=1</script><img src=x onerror=window.owned=1>"
    "<svg/onload=window.owned=1><a href='javascript:window.owned=1'>here</a>"
    "<iframe srcdoc='<script>parent.owned=1</script>'></iframe>"
    "\"'`--><style>*{display:none}</style>{{7*7}}${7*7}"
)
TURNED = "\u202ediova ot\u202c\u2066\u200bx"
SCRIPT = "javascript:window.owned=1//"
OURS = "document.querySelectorAll('script').length"
INTRUDERS = (
    "main img:not([alt='']), main script, main iframe, main style,"
    " [onerror], [onload], a[href^='javascript' i], main svg[onload]"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def box(stack: Stack) -> Mailbox:
    """A mailbox to which strangers write, and whose provider answers in kind: one
    arrived, one is dead for a reason of the provider's own words."""
    box = stack.mailbox()
    box.behave("status", status=400, times=1, body={"message": MARKUP + TURNED})
    stack.settled(box.send(f"dead {MARKUP}", **hostile()), status="dead_letter")
    box.behave("ok")
    shown = box.send(f"sent {MARKUP}", state="firing", **hostile())
    stack.settled(shown, status="sent")
    note = {"note": MARKUP, "for": "4h"}
    assert (
        stack.operate("POST", f"/v1/notifications/{shown}/acknowledge", note)[0] == 200
    )
    silence = {
        "match": {"type": ["nothing.at.all"]},
        "for": "1h",
        "comment": MARKUP + TURNED,
    }
    status, made = stack.operate("POST", "/v1/silences", silence)
    assert status in (200, 201), made
    return box


def hostile() -> dict[str, object]:
    return {
        "message": MARKUP + TURNED,
        "source": f"<b>{TURNED}",
        "branch": f"<i>{TURNED}",
        "fields": [{"name": MARKUP[:100], "value": SCRIPT + MARKUP}],
        "links": [{"label": SCRIPT, "url": "https://example.com/?<script>"}],
        "labels": {"team": MARKUP[:100]},
    }


@pytest.fixture(scope="module")
def opened(browser: Browser, stack: Stack) -> Iterator[Visitor]:
    """The console, entered once."""
    entered = visit(browser, stack)
    entered.page.on("dialog", lambda shown: entered.complaints.append(shown.message))
    entered.page.add_init_script(
        "addEventListener('securitypolicyviolation', (e) => console.error(e.blockedURI))"
    )
    entered.page.reload()
    entered.sign_in()
    yield entered
    entered.close()


@pytest.fixture
def visitor(opened: Visitor) -> Visitor:
    """Whatever its page complains of is a failure: refusals of the policy, errors,
    dialogs. Each test begins with a page that knows nothing of the last one."""
    opened.page.reload()
    return opened


def nothing_ran(visitor: Visitor) -> None:
    page = visitor.page
    assert visitor.complaints == []
    assert page.evaluate("window.owned ?? 0") == 0
    assert page.locator(INTRUDERS).count() == 0
    assert page.evaluate(OURS) == 1
    shown = page.locator("body").inner_text()
    assert "\u202e" not in shown
    assert "{{7*7}}" in shown


def test_in_the_list_and_the_search(visitor: Visitor, box: Mailbox) -> None:
    visitor.go(f"notifications?type={box.type}")
    page = visitor.page
    expect(page.locator(".list li")).to_have_count(2)

    nothing_ran(visitor)
    page.get_by_placeholder("Search").fill(MARKUP)
    expect(page.locator(".list li")).to_have_count(2)
    nothing_ran(visitor)


def test_in_the_notification_with_all_that_is_told_of_it(
    visitor: Visitor, box: Mailbox
) -> None:
    page = visitor.page
    visitor.go(f"notifications?type={box.type}")
    for title in ("sent ", "dead "):
        page.get_by_role("link").filter(has_text=f"{title}<script>").first.click()
        expect(page.locator(".pane h2")).to_contain_text(f"{title}{MARKUP}")
        page.get_by_text("Event as it came").click()

        nothing_ran(visitor)
        expect(page.locator(".message")).to_contain_text("diova otx")
    links = page.locator(".links a")
    assert [each.get_attribute("rel") for each in links.all()] == [
        "noopener noreferrer"
    ]
    page.locator(".pane").get_by_role("button", name="Resolve").click()
    page.get_by_role("dialog").wait_for()
    nothing_ran(visitor)


def test_in_dead_letters_and_their_reasons(visitor: Visitor, box: Mailbox) -> None:
    visitor.go(f"dead?destination={box.name}")
    page = visitor.page
    page.get_by_role("button", name="Show them").first.click()
    page.get_by_text("dead <script>").wait_for()

    nothing_ran(visitor)
    page.get_by_label("Choose dead <script>").check()
    page.get_by_role("button", name="Replay 1 chosen").click()
    page.get_by_role("dialog").wait_for()
    nothing_ran(visitor)


@pytest.mark.parametrize("path", ["routes/silences", "overview"])
def test_on_the_pages_that_tell_of_it_in_passing(
    visitor: Visitor, box: Mailbox, path: str, stack: Stack
) -> None:
    # The overview names the first ones that nobody is on: this shall be one of them.
    for other in stack.listed("state=firing&severity=critical&limit=100"):
        stack.operate("POST", f"/v1/notifications/{other['id']}/acknowledge", {})
    opened = box.send(MARKUP, state="firing", severity="critical", source="x")
    stack.settled(opened, status="sent")
    visitor.go(path)
    visitor.page.get_by_text("{{7*7}}").first.wait_for()

    nothing_ran(visitor)
    stack.operate("POST", f"/v1/notifications/{opened}/resolve", {})


def test_in_a_routing_file_and_what_is_said_of_it(
    visitor: Visitor, box: Mailbox
) -> None:
    visitor.go("routes")
    page = visitor.page
    editor = page.get_by_label("Routing file in YAML")
    expect(page.get_by_text("The file is valid.")).to_be_visible()
    for wrong in (
        f"routes: '{SCRIPT}{{{{7*7}}}}<script>'",
        f'"{MARKUP[:31]}{{{{7*7}}}}": 1',
    ):
        editor.fill(wrong)
        page.get_by_text("The file has mistakes.").wait_for()
        assert page.evaluate("window.owned ?? 0") == 0
        assert page.locator(INTRUDERS).count() == 0
    page.get_by_role("button", name="Undo my changes").click()


def test_in_what_a_destinations_test_is_answered(
    visitor: Visitor, box: Mailbox, stack: Stack
) -> None:
    other = stack.mailbox()
    other.behave("status", status=403, body={"message": f"{{{{7*7}}}}{MARKUP}"})
    visitor.go("setup/destinations")
    card = visitor.page.locator("li.card").filter(has_text=other.name)
    card.get_by_role("button", name="Test").click()
    card.get_by_text("The test failed.").wait_for()

    nothing_ran(visitor)
    other.behave("ok")


def test_what_gets_in_would_be_found_out(visitor: Visitor) -> None:
    page = visitor.page
    page.evaluate("(text) => document.querySelector('main').innerHTML = text", MARKUP)

    assert page.locator(INTRUDERS).count() >= 3
    until(lambda: visitor.complaints, "the policy's refusal")
    assert page.evaluate("window.owned ?? 0") == 0
    page.reload()
    visitor.complaints.clear()


def test_links_that_would_run_are_refused_at_the_door(
    stack: Stack, box: Mailbox
) -> None:
    for url in (SCRIPT, "data:text/html,<script>", "vbscript:x", "file:///etc/passwd"):
        event = box.event("x", links=[{"label": "x", "url": url}])
        refused = stack.send(event)

        assert refused.status == 422
        assert refused.json["errors"][0]["field"].startswith("links")


def test_no_other_page_can_frame_the_console_or_the_docs(
    visitor: Visitor, stack: Stack
) -> None:
    for path in ("/console/", "/docs"):
        answer = stack.call("GET", path, key=None)
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    with visitor.page.context.expect_page() as opened:
        visitor.page.evaluate("window.open('about:blank', '_blank', 'noopener')")
    frame = f"<iframe src='{stack.described['console_url']}'></iframe>"
    other = opened.value
    other.set_content(frame)

    until(lambda: len(other.frames) == 2 and other.frames[1].url, "the frame")
    time.sleep(0.5)
    assert other.frames[1].locator(".sign-in, nav").count() == 0
