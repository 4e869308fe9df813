"""Signing in with an account: to the issuer and back, and what is left of it where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, WIDE, Seat, Sit
from tests.browser.site import Site
from tests.browser.story import ALARM, bare_world, lived_world
from tests.fakes.api import KEYS, ApiWorld, api_event
from tests.fakes.cognito import NAME
from tests.fakes.issuer import CLIENT, Issuer
from tocsin.config import Environment
from tocsin.openid.people import People, people_of

WITH = "Sign in with 127.0.0.1"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    served = Issuer()
    yield served
    served.close()


def people(issuer: Issuer, world: ApiWorld) -> People:
    """Those whom this issuer vouches for."""
    given = {
        "table": "t",
        "oidc_issuer": issuer.name,
        "oidc_client_id": CLIENT,
        "oidc_scope": "openid email",
        "oidc_claim": "groups",
        "oidc_operators": "oncall",
        "oidc_admins": "platform",
        "bases": {"oidc": issuer.base},
    }
    return people_of(Environment.model_validate(given), world.clock)


def arrive(sit: Sit, issuer: Issuer, path: str = "", **how: object) -> Seat:
    """Before the door, where both ways in are offered."""
    world = lived_world()
    return sit(world, path, key=None, people=people(issuer, world), **how)


def enter(seat: Seat) -> None:
    seat.page.get_by_role("button", name=WITH).click()


def test_an_operator_signs_in_and_acknowledges_under_their_own_name(
    sit: Sit, issuer: Issuer
) -> None:
    seat = arrive(sit, issuer, "notifications?state=firing")
    page = seat.page
    enter(seat)

    expect(page.get_by_text("Ann@example.com")).to_be_visible()
    page.get_by_role("link", name=ALARM["title"]).click()
    page.locator(".pane").get_by_role("button", name="Acknowledge").click()
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("ann@example.com is on it")).to_be_visible()


def test_the_address_that_was_wanted_is_shown_and_nothing_secret_is_left_in_it(
    sit: Sit, issuer: Issuer
) -> None:
    seat = arrive(sit, issuer, "notifications?state=firing")
    asked: list[str] = []
    seat.page.on("request", lambda made: asked.append(made.url))
    enter(seat)

    expect(seat.page.get_by_text("Ann@example.com")).to_be_visible()
    assert seat.page.url == f"{seat.site.url}#/notifications?state=firing"
    token = seat.page.evaluate("sessionStorage['tocsin.key']")
    assert token.count(".") == 2
    assert [url for url in asked if token in url] == []
    assert seat.page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    assert seat.page.evaluate("sessionStorage['tocsin.pending'] ?? ''") == ""
    (sent,) = (url for url in asked if urlsplit(url).path == "/authorize")
    told = parse_qs(urlsplit(sent).query)
    assert told["code_challenge_method"] == ["S256"]
    assert "client_secret" not in sent


def test_after_signing_out_nothing_is_left(sit: Sit, issuer: Issuer) -> None:
    seat = arrive(sit, issuer)
    enter(seat)
    seat.page.get_by_role("button", name="Sign out").click()

    expect(seat.page.get_by_role("button", name=WITH)).to_be_visible()
    assert seat.page.evaluate("sessionStorage.length") == 0
    # What else their company has they did not ask to leave.
    assert "/logout" not in issuer.calls


def test_who_leaves_a_pool_too_leaves_no_page_to_come_back_to(
    sit: Sit, issuer: Issuer
) -> None:
    issuer.name = NAME
    seat = arrive(sit, issuer, "notifications")
    page = seat.page
    enter(seat)
    page.get_by_role("link", name=ALARM["title"]).wait_for()
    # An answer without content leaves the page that was there, as a browser's way back
    # would show it.
    page.route("**/logout?*", lambda route: route.fulfill(status=204))
    with page.expect_request("**/logout?*"):
        page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("button", name=WITH)).to_be_visible()
    expect(page.get_by_text(ALARM["title"])).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0


def test_an_address_with_a_code_lets_in_once(sit: Sit, issuer: Issuer) -> None:
    seat = arrive(sit, issuer)
    page, asked = seat.page, []
    page.on("request", lambda made: asked.append(made.url))
    enter(seat)
    expect(page.get_by_text("Ann@example.com")).to_be_visible()
    (used,) = (url for url in asked if "code=" in url and "state=" in url)

    page.goto(used)
    expect(page.get_by_text("Ann@example.com")).to_be_visible()
    assert "code=" not in page.url
    page.get_by_role("button", name="Sign out").click()
    page.goto(used)

    expect(page.get_by_role("alert")).to_contain_text("this tab has begun")
    assert "code=" not in page.url
    assert issuer.calls.count("/token") == 1


def test_an_admin_sees_the_settings(sit: Sit, issuer: Issuer) -> None:
    issuer.person = {"groups": ["platform"]}
    seat = arrive(sit, issuer, "setup/keys")
    enter(seat)

    expect(seat.page.get_by_role("button", name="New key")).to_be_visible()


def test_an_admin_tries_an_event_too(sit: Sit, issuer: Issuer) -> None:
    issuer.person = {"groups": ["platform"]}
    seat = arrive(sit, issuer, "routes")
    enter(seat)
    seat.page.get_by_text("Try an event").click()
    seat.page.get_by_role("button", name="Dry run").click()

    expect(seat.page.get_by_text("It would go to ops, oncall, feed.")).to_be_visible()


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ({"groups": ["visitors"]}, "the call needs operate"),
        ({"aud": "another-app"}, "another audience"),
        ({"exp": 1}, "has expired"),
        ({"nonce": "of another sign-in"}, "no sign-in that this tab has begun"),
    ],
)
def test_who_may_not_come_in_is_told_why(
    sit: Sit, issuer: Issuer, person: dict[str, object], why: str
) -> None:
    issuer.person = person
    if "nonce" in person:
        issuer.claims = lambda **_: {**person}  # type: ignore[method-assign]
    seat = arrive(sit, issuer)
    enter(seat)

    expect(seat.page.get_by_role("alert")).to_contain_text(why)
    assert seat.page.evaluate("sessionStorage.length") == 0


def test_who_changes_their_mind_at_the_issuer_stands_before_the_door_again(
    sit: Sit, issuer: Issuer
) -> None:
    issuer.refused = ["access_denied"]
    seat = arrive(sit, issuer)
    enter(seat)

    expect(seat.page.get_by_role("alert")).to_contain_text("access_denied")
    seat.sign_in(KEYS["ops"])
    expect(seat.page.get_by_text("operate key")).to_be_visible()


def test_an_answer_that_nobody_asked_for_is_not_taken(sit: Sit, issuer: Issuer) -> None:
    seat = arrive(sit, issuer)
    seat.page.goto(f"{seat.site.url}?code=stolen&state=theirs")

    expect(seat.page.get_by_role("alert")).to_contain_text("this tab has begun")
    assert "/token" not in issuer.calls
    assert "stolen" not in seat.page.url


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_both_ways_in_can_be_used_by_everyone(
    sit: Sit, issuer: Issuer, size: tuple[int, int], dark: bool
) -> None:
    seat = arrive(sit, issuer, size=size, dark=dark)
    seat.page.get_by_role("button", name=WITH).wait_for()

    assert violations(seat.page) == []


def test_a_long_address_of_the_issuer_fits_a_phone(sit: Sit, issuer: Issuer) -> None:
    seat = arrive(sit, issuer, size=PHONE)
    button = seat.page.get_by_role("button", name=WITH)
    name = "tocsin-acme-production.auth.ap-southeast-1.amazoncognito.com"

    button.evaluate("(it, name) => it.textContent = `Sign in with ${name}`", name)

    width = seat.page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE[0]


def policy(site: Site) -> str:
    answer = site.respond(api_event("GET", "/console/"))
    return str(answer["headers"]["content-security-policy"])


def test_the_page_may_call_the_issuer_only_where_there_is_one(issuer: Issuer) -> None:
    world = bare_world()
    with_issuer, without = Site(world, people(issuer, world)), Site(world)
    allowed = re.compile(r"connect-src ([^;]*);")

    assert allowed.findall(policy(with_issuer)) == [f"'self' {issuer.base}"]
    assert allowed.findall(policy(without)) == ["'self'"]
    for site in (with_issuer, without):
        site.close()


def test_the_page_comes_back_anew_when_the_issuer_does(issuer: Issuer) -> None:
    world = bare_world()
    site = Site(world, people(issuer, world))
    tag = site.respond(api_event("GET", "/console/"))["headers"]["etag"]
    plain = Site(world)
    again = {"if-none-match": tag}

    assert (
        site.respond(api_event("GET", "/console/", headers=again))["statusCode"] == 304
    )
    assert (
        plain.respond(api_event("GET", "/console/", headers=again))["statusCode"] == 200
    )
    for each in (site, plain):
        each.close()
