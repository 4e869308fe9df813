"""When the API fails, hangs or turns one away: said in words on every page, and undone."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Seat, Sit
from tests.browser.story import ALARM, bare_world, lived_world, ready_world
from tests.fakes.api import KEYS, ApiWorld

API = "**/v1/**"
PAGES = (
    "overview",
    "notifications",
    "notifications/01jd0000000000000000000000",
    "dead",
    "setup/destinations",
    "setup/destinations/ops",
    "setup/keys",
    "setup/keys/shop",
    "routes",
    "routes/silences",
)


def answering(status: int) -> Callable[[Route], None]:
    """What stands in between answers, as a gateway or the Wi-Fi's own page would."""
    page = "<html>Sign in to the Wi-Fi</html>"
    return lambda route: route.fulfill(
        status=status, body=page, content_type="text/html"
    )


FAILING: dict[str, tuple[Callable[[Route], None], str, str]] = {
    "offline": (lambda route: route.abort(), "cannot be reached", "Check your conn"),
    "500": (answering(500), "was 500", "look into the log"),
    "504": (answering(504), "was 504", "look into the log"),
    "429": (answering(429), "was 429", "Wait a minute"),
    "strange": (answering(200), "Something between", "Check your conn"),
}


@pytest.fixture
def world() -> ApiWorld:
    return lived_world()


def revoked(world: ApiWorld, name: str) -> None:
    for step in ("rotate", "revoke"):
        assert world.call("POST", f"/v1/sources/{name}/{step}").status == 200


def editor(seat: Seat) -> tuple[Page, Callable[[str], None]]:
    area = seat.page.get_by_label("Routing file in YAML")
    return seat.page, lambda text: expect(area).to_have_value(text)


@pytest.mark.parametrize("kind", ["504", "strange"])
def test_each_page_says_what_is_wrong_and_what_to_do(
    sit: Sit, world: ApiWorld, kind: str
) -> None:
    fail, said, advice = FAILING[kind]
    seat = sit(world, "overview", key=None)
    page = seat.page
    seat.sign_in(KEYS["admin"])
    page.get_by_role("navigation").first.wait_for()
    page.route(API, fail)
    for path in PAGES:
        page.goto("about:blank")
        seat.go(path)
        alert = page.get_by_role("alert").first
        expect(alert, path).to_contain_text(said)
        expect(alert, path).to_contain_text(advice)
    # What a browser itself says of a call that failed is no fault of the page.
    seat.complaints.clear()


@pytest.mark.parametrize("kind", FAILING)
def test_what_is_wrong_is_said_in_words(sit: Sit, world: ApiWorld, kind: str) -> None:
    fail, said, advice = FAILING[kind]
    seat = sit(world, "overview")
    page = seat.page
    page.locator(".tiles").wait_for()
    page.route(API, fail)
    seat.go("dead")

    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_role("alert")).to_contain_text(advice)
    seat.complaints.clear()


@pytest.mark.parametrize(
    "errors", ["no", {"code": 7}, [None], [7], [{"code": 7}], [{"field": 7}]]
)
def test_errors_of_another_form_than_ours_keep_nothing_from_being_said(
    sit: Sit, world: ApiWorld, errors: object
) -> None:
    seat = sit(world, "setup/keys/shop")
    page = seat.page
    page.get_by_label("Event types").fill("backup.*")
    body = json.dumps({"title": "Blocked by the firewall", "errors": errors})
    page.route(API, lambda route: route.fulfill(status=403, body=body))

    for _ in range(2):
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("Blocked by the firewall")
        page.get_by_label("Event types").fill("backup.*, disk.*")
    seat.go("dead")
    expect(page.get_by_role("alert")).to_contain_text("Blocked by the firewall")
    seat.complaints.clear()


@pytest.mark.parametrize(
    ("path", "then"),
    [
        ("dead", "Hot lead"),
        ("setup/destinations/ops", "fake"),
        ("setup/keys", "toc_inge"),
        ("setup/keys/shop", "What it may send"),
        ("routes", "everything: all events go to feed."),
        ("routes/silences", "Nothing is silenced."),
    ],
)
def test_what_is_not_asked_again_by_itself_can_be_tried_again(
    sit: Sit, world: ApiWorld, path: str, then: str
) -> None:
    seat = sit(world, "overview")
    page = seat.page
    page.locator(".tiles").wait_for()
    page.route(API, lambda route: route.abort())
    seat.go(path)
    again = page.get_by_role("button", name="Try again")
    again.first.wait_for()
    page.unroute(API)
    again.first.click()
    if path == "dead":
        page.get_by_role("button", name="Show them").first.click()

    expect(page.get_by_text(then).first).to_be_visible()
    seat.complaints.clear()


def test_a_call_that_hangs_is_given_up_and_said(sit: Sit, world: ApiWorld) -> None:
    seat = sit(world, "notifications", stopped=True)
    page = seat.page
    expect(page.locator(".list li")).to_have_count(9)
    page.route(API, lambda _: None)
    page.clock.run_for(5_100)
    page.clock.run_for(40_100)

    expect(page.get_by_role("alert")).to_contain_text("No answer came within 40 sec")
    expect(page.get_by_text("Not reachable; trying again")).to_be_visible()
    expect(page.locator(".list li")).to_have_count(9)


def test_what_was_sent_without_an_answer_may_have_been_done(
    sit: Sit, world: ApiWorld
) -> None:
    seat = sit(world, "notifications")
    page = seat.page
    page.get_by_role("link", name=ALARM["title"]).click()
    page.get_by_role("button", name="Acknowledge", exact=True).click()
    page.route("**/acknowledge", lambda route: route.abort())
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Acknowledge").click()

    expect(dialog.get_by_role("alert")).to_contain_text("It may have been done")
    page.unroute("**/acknowledge")
    dialog.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("admin is on it")).to_be_visible()
    seat.complaints.clear()


def test_one_that_is_open_on_a_phone_says_when_it_may_be_old(
    sit: Sit, world: ApiWorld
) -> None:
    seat = sit(world, "notifications", size=PHONE, stopped=True)
    page = seat.page
    page.get_by_role("link", name=ALARM["title"]).click()
    pane = page.locator(".pane")
    expect(pane.locator("h2")).to_have_text(ALARM["title"])
    seat.site.refusing = True
    page.clock.run_for(5_100)

    expect(pane.get_by_role("alert")).to_be_visible()
    expect(pane.locator("h2")).to_have_text(ALARM["title"])
    seat.site.refusing = False
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(pane.get_by_role("alert")).to_have_count(0)


def test_who_is_turned_away_is_told_why_and_comes_back_to_where_they_were(
    sit: Sit, world: ApiWorld
) -> None:
    seat = sit(world, "notifications?severity=critical", key="ops", stopped=True)
    page = seat.page
    expect(page.locator(".list li")).to_have_count(1)
    page.keyboard.press("x")
    revoked(world, "ops")
    page.clock.run_for(5_100)

    expect(page.get_by_role("alert")).to_contain_text("You were signed out")
    assert page.evaluate("sessionStorage.length") == 0
    seat.sign_in(KEYS["admin"])
    expect(page.locator(".list li")).to_have_count(1)


def test_who_signs_out_is_told_nothing(sit: Sit, world: ApiWorld) -> None:
    page = sit(world, "overview").page
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_label("Key")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_draft_of_the_routing_file_survives_a_look_at_other_pages(
    sit: Sit, world: ApiWorld
) -> None:
    seat = sit(world, "routes")
    page, shows = editor(seat)
    expect(page.get_by_text("The file is valid.")).to_be_visible()
    page.get_by_label("Routing file in YAML").fill("routes: []\n")
    page.get_by_role("link", name="Notifications").click()
    expect(page.locator(".list li")).to_have_count(9)
    page.get_by_role("link", name="Routes").click()

    shows("routes: []\n")
    expect(page.get_by_text("Changed, not saved")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    seat.sign_in(KEYS["admin"])
    page.get_by_role("link", name="Routes").click()
    expect(page.get_by_text("As it is live")).to_be_visible()


def test_nothing_is_written_before_the_file_is_there(sit: Sit) -> None:
    seat = sit(ready_world(), "overview")
    page = seat.page
    page.locator(".tiles, .steps").first.wait_for()
    held: list[Route] = []
    page.route("**/v1/config", lambda route, _: held.append(route))
    with page.expect_request("**/v1/config"):
        seat.go("routes")
    area = page.get_by_label("Routing file in YAML")
    expect(area).not_to_be_editable()
    held[0].continue_()

    expect(area).to_be_editable()


def test_an_empty_file_shows_what_one_may_look_like(sit: Sit) -> None:
    world = bare_world()
    seat = sit(world, "routes")
    page, shows = editor(seat)
    expect(page.get_by_text("The file is valid.")).to_be_visible()
    put = {"channel": "fake", "url": "https://chat.example/ops/t0ken"}
    world.call("PUT", "/v1/destinations/team", put)
    page.reload()

    shows(
        "# The first route that fits takes the event.\n"
        "routes:\n  - name: everything\n    to: [team]\n"
    )
    expect(page.get_by_text("everything: all events go to team.")).to_be_visible()


def test_a_key_without_a_scope_is_not_made(sit: Sit, world: ApiWorld) -> None:
    page = sit(world, "setup/keys").page
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("web")
    dialog.get_by_label("ingest: send events").uncheck()
    dialog.get_by_role("button", name="Create").click()

    expect(dialog.get_by_role("alert")).to_have_text("Choose at least one scope.")
    assert "web" not in world.settings.current().sources


def test_the_focus_stays_where_cards_are_drawn_anew(sit: Sit, world: ApiWorld) -> None:
    seat = sit(world, "dead")
    page = seat.page
    page.get_by_role("button", name="Show them").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Hide them")).to_be_focused()
    box = page.get_by_label("Choose Hot lead")
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 of 1 chosen")).to_be_visible()
    expect(box).to_be_focused()

    seat.go("setup/keys")
    card = page.locator(".card", has_text="shop")
    card.get_by_role("button", name="Rotate").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    page.get_by_role("dialog").get_by_role("button", name="I have it").click()
    expect(card.get_by_role("button", name="Revoke the older key")).to_be_visible()
    expect(card.get_by_role("button", name="Rotate")).to_be_focused()
