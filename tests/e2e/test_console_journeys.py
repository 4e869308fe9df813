"""What people do in the console, from its first page to the message that arrives: in a
real browser, through the real API, on the running stack."""

from __future__ import annotations

import hashlib
import hmac
import re
import shlex
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PHONE, chromium
from tests.e2e.stack import Mailbox, Stack, until
from tests.e2e.test_alarms import alarm
from tests.e2e.visiting import Visit, Visitor, visit

DEAD, CHOSEN = 60, 40


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For this file only: an event loop runs as long as it is there."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def enter(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """Open the console and sign in."""
    visitors: list[Visitor] = []

    def entered(**how: object) -> Visitor:
        visitors.append(visit(browser, stack, **how))  # type: ignore[arg-type]
        visitors[-1].sign_in()
        return visitors[-1]

    yield entered
    for each in visitors:
        each.close()


def test_a_tool_is_made_to_sign_what_it_sends(enter: Visit, stack: Stack) -> None:
    name = f"signs-{time.time_ns()}"
    assert stack.call("POST", "/v1/sources", {"name": name}).status == 201
    visitor = enter()
    page = visitor.page

    visitor.go("setup/keys")
    page.get_by_role("link", name=f"Settings of {name}").click()
    page.get_by_label("Event types").fill("github.*")
    page.get_by_role("button", name="Save").click()
    page.locator(".toast").wait_for()
    page.get_by_role("button", name="Make one").click()
    secret = page.get_by_label("Signing secret").input_value()
    page.get_by_role("button", name="Ask for signed calls").click()
    expect(page.get_by_text("Only calls signed as GitHub")).to_be_focused()

    body = b'{"action": "created"}'
    fits = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    statuses = [
        stack.call(
            "POST",
            f"/v1/hooks/github/{name}",
            body,
            key=None,
            headers={"X-GitHub-Event": "star", "X-Hub-Signature-256": f"sha256={told}"},
        ).status
        for told in (fits, "00")
    ]
    assert statuses == [202, 401]
    known = next(each for each in sources(stack) if each["name"] == name)
    assert (known["types"], known["signature"]["scheme"]) == (["github.*"], "github")


def sources(stack: Stack) -> list[dict[str, Any]]:
    return list(stack.call("GET", "/v1/sources").json["sources"])


def test_from_nothing_to_a_first_discord_message(enter: Visit, stack: Stack) -> None:
    number = time.time_ns()
    name, webhook = f"first-{number}", str(number)
    visitor = enter()
    page = visitor.page

    page.get_by_role("link", name="Set-up").click()
    page.get_by_role("link", name="Add a destination").first.click()
    page.get_by_role("link", name="Discord").click()
    page.get_by_label("Name", exact=True).fill(name)
    url = f"https://discord.com/api/webhooks/{webhook}/{'t' * 60}"
    page.get_by_label("Webhook URL").fill(url)
    page.get_by_role("button", name="Save and test").click()
    expect(page.get_by_text("It works.")).to_be_visible()
    wait = partial(stack.inbox, "GET")
    assert wait(f"/wait?webhook={webhook}&count=1&timeout=10")["complete"]

    page.get_by_role("link", name="To the routes").click()
    route(page, name)
    key = made_key(page, f"of-{name}")
    curl = page.get_by_label("curl").inner_text()
    page.get_by_role("button", name="I have it").click()

    title = f"The first of {number}"
    sent = run_curl(stack, curl.replace("Backup of db-main failed", title), key)
    stack.settled(sent, status="sent")

    assert wait(f"/wait?webhook={webhook}&contains={number}&count=1&timeout=10")
    visitor.go("notifications")
    page.get_by_role("link", name=title).click()
    expect(page.locator(".deliveries")).to_contain_text("Sent")
    page.goto(stack.described["inbox_url"])
    page.locator(f'button.channel[title="{webhook}"]').click()
    expect(page.get_by_text(title).first).to_be_visible()


def route(page: Page, name: str) -> None:
    """Write a first route to this destination, and put it live."""
    editor = page.get_by_label("Routing file in YAML")
    expect(page.get_by_text("The file is valid.")).to_be_visible()
    mine = f"routes:\n- name: {name}\n  match: {{source: of-{name}}}\n  to: [{name}]\n"
    editor.fill(editor.input_value().replace("routes:\n", mine, 1))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Live as edition")).to_be_visible()


def made_key(page: Page, name: str) -> str:
    """A new key, as it is shown once."""
    page.get_by_role("link", name="Set-up").click()
    page.get_by_role("link", name="Keys").click()
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create").click()
    page.get_by_text("This key is shown once.").wait_for()
    return page.locator(".key code").inner_text()


def run_curl(stack: Stack, line: str, key: str) -> str:
    """What a shell would make of the line that the console shows; the id."""
    given, *words = shlex.split(line.replace("\\\n", " "))
    assert given == f"KEY={key}"
    words = [word.replace("$KEY", key) for word in words]
    assert words[1] == f"{stack.described['api_url']}/v1/events"
    headers = [words[at + 1] for at, word in enumerate(words) if word == "-H"]
    told = dict(each.split(": ", 1) for each in headers)
    body = words[words.index("-d") + 1].encode()
    reply = stack.call("POST", "/v1/events", body, key=None, headers=told)
    assert reply.status == 202, reply.body
    return str(reply.json["id"])


def test_the_3_am_alarm_on_a_phone_is_read_understood_and_acknowledged(
    enter: Visit, stack: Stack
) -> None:
    box = stack.mailbox()
    stack.publish(*alarm("metric", box))
    box.wait(contains=box.name)
    page = enter(size=PHONE, hand=True).page

    page.get_by_role("link", name="Notifications").tap()
    page.get_by_role("link", name=box.name).first.tap()
    expect(page.get_by_text("Nobody is on it yet.")).to_be_visible()
    expect(page.locator(".message")).to_contain_text("3 of the last 3 datapoints")
    expect(page.locator(".why")).to_contain_text(f"alarm {box.name}")

    page.get_by_role("button", name="Acknowledge", exact=True).tap()
    page.get_by_label("Note").fill("restarting checkout")
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").tap()

    expect(page.get_by_text("admin is on it")).to_be_visible()
    (card,) = box.wait(contains="restarting checkout")
    assert card["edited_at"] is not None
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_provider_was_down_and_forty_of_sixty_are_replayed(
    enter: Visit, stack: Stack
) -> None:
    box = stack.mailbox()
    titles = [f"Order {number:02} of {box.name}" for number in range(DEAD)]
    box.behave("gone")
    reply = stack.send([box.event(title) for title in titles])
    assert reply.json["accepted"] == DEAD
    until(lambda: len(dead(box)) == DEAD, "every one of them dead")
    visitor = enter()
    page = visitor.page
    mend(visitor, box)

    visitor.go(f"dead?destination={box.name}")
    expect(page.get_by_text(re.compile(rf"^{DEAD} (of \d+ )?dead"))).to_be_visible()
    # Those that were under way when the destination was disabled say so differently.
    while (closed := page.get_by_role("button", name="Show them")).count():
        closed.first.click()
    for title in titles[:CHOSEN]:
        page.get_by_label(f"Choose {title}", exact=True).check()
    page.get_by_role("button", name=f"Replay {CHOSEN} chosen").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{box.name}: {CHOSEN}")
    dialog.get_by_role("button", name=f"Replay {CHOSEN}").click()
    expect(page.get_by_role("progressbar")).to_be_attached()
    expect(page.get_by_text(f"{CHOSEN} dead letters queued again.")).to_be_visible()

    until(lambda: arrived(box) >= set(titles[:CHOSEN]), "those that were chosen")
    assert not arrived(box) & set(titles[CHOSEN:])
    assert {each["title"] for each in dead(box)} == set(titles[CHOSEN:])


def arrived(box: Mailbox) -> set[str]:
    """What people saw of it, without the icons."""
    return {each["title"].partition(" ")[2] for each in box.embeds()}


def dead(box: Mailbox) -> list[dict[str, Any]]:
    """Its notifications that are dead letters."""
    return box.stack.listed(f"type={box.type}&status=dead_letter&limit=100")


def mend(visitor: Visitor, box: Mailbox) -> None:
    """The webhook is back: put its address again, and see that it works."""
    visitor.go(f"setup/destinations/{box.name}")
    box.behave("ok")
    visitor.page.get_by_label("Webhook URL").fill(box.url)
    visitor.page.get_by_role("button", name="Save and test").click()
    expect(visitor.page.get_by_text("It works.")).to_be_visible()
