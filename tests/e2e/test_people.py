"""People sign in with an account: the running stack is told an issuer, as its owner would
tell it, or makes a pool of Cognito, and a browser goes there and back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import chromium
from tests.e2e.parameters import page_of, tell
from tests.e2e.pools import PASSWORD, Pool, choose_password, give, pool_of
from tests.e2e.stack import Reply, Stack
from tests.e2e.visiting import Visit, Visitor, visit
from tests.fakes.issuer import CLIENT, ISSUER, Issuer, packed

WITH: Final = "Sign in with 127.0.0.1"
LIST, SOURCES = "/v1/notifications", "/v1/sources"
PARAMETERS: Final = {
    "OidcIssuer": ISSUER,
    "OidcClientId": CLIENT,
    "OidcOperators": "oncall",
    "OidcAdmins": "platform",
}
OWN_POOL: Final = {"CognitoDomain": "tocsin-e2e"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For this file only: an event loop runs as long as it is there."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def told(stack: Stack, issuer: Issuer) -> Iterator[Issuer]:
    """The issuer, once the stack's parameters name it; they are taken back after."""
    tell(stack, PARAMETERS)
    yield issuer
    tell(stack, dict.fromkeys([*PARAMETERS, *OWN_POOL], ""))


@pytest.fixture
def pool(told: Issuer, stack: Stack) -> Pool:
    """The stack's own, from now on: for the last story here."""
    told.pools = stack.described["endpoint_url"]
    tell(stack, {**dict.fromkeys(PARAMETERS, ""), **OWN_POOL})
    found = pool_of(stack)
    found.lead_back_to(stack.described["console_url"])
    return found


@pytest.fixture
def arrive(told: Issuer, browser: Browser, stack: Stack) -> Iterator[Visit]:
    """Stand before the door. Nobody's token may ever be seen in an address."""
    told.person = {}
    visitors: list[Visitor] = []

    def arrived(path: str = "") -> Visitor:
        visitors.append(visit(browser, stack))
        visitors[-1].go(path)
        return visitors[-1]

    yield arrived
    for each in visitors:
        token = each.page.evaluate("sessionStorage['tocsin.key'] ?? 'none'")
        assert [url for url in each.called if token in url] == []
        each.close()


def enter(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name=WITH).click()


def test_where_no_issuer_is_told_the_door_takes_keys_alone(stack: Stack) -> None:
    assert b'sign-in" content=""' in page_of(stack)


def test_an_operator_sees_the_overview_and_is_written_down_by_name(
    arrive: Visit, stack: Stack
) -> None:
    box = stack.mailbox()
    sent = box.send("Who is on it?", state="firing")
    visitor = arrive("overview")
    page = visitor.page
    enter(visitor)

    expect(page.get_by_text("Ann@example.com")).to_be_visible()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    visitor.go(f"notifications/{sent}")
    page.locator(".pane").get_by_role("button", name="Acknowledge").click()
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("ann@example.com is on it")).to_be_visible()

    assert stack.read(sent)["ack_by"] == "ann@example.com"


def test_an_operator_is_shown_no_settings_and_an_admin_is(
    arrive: Visit, told: Issuer
) -> None:
    operator = arrive("setup/keys")
    enter(operator)
    expect(
        operator.page.get_by_text("needs a key with the scope admin")
    ).to_be_visible()

    told.person = {"groups": ["platform"]}
    admin = arrive("setup/keys")
    enter(admin)
    expect(admin.page.get_by_role("button", name="New key")).to_be_visible()


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ({"groups": ["visitors"]}, "the call needs operate"),
        ({"aud": "another-app"}, "another audience"),
        ({"exp": 1}, "has expired"),
    ],
)
def test_who_may_not_come_in_is_told_why_at_the_door(
    arrive: Visit, told: Issuer, person: dict[str, Any], why: str
) -> None:
    visitor = arrive()
    told.person = person
    enter(visitor)

    expect(visitor.page.get_by_role("alert")).to_contain_text(why)
    assert visitor.page.evaluate("sessionStorage.length") == 0


def called(stack: Stack, token: str, path: str = LIST) -> Reply:
    return stack.call("GET", path, key=token)


def test_a_token_is_as_good_as_a_key_as_far_as_its_groups_go(
    told: Issuer, stack: Stack
) -> None:
    told.person = {}
    ann = told.token(told.claims())
    bo = told.token(told.claims(groups=["platform"]))

    assert called(stack, ann).status == 200
    assert called(stack, ann, SOURCES).status == 403
    assert called(stack, bo, SOURCES).status == 200
    assert called(stack, "admin").status == 200


def unsigned(claims: Mapping[str, Any]) -> str:
    """As RFC 7519, section 6, has it: no algorithm, no signature."""
    parts = ({"alg": "none"}, claims)
    return ".".join(packed(json.dumps(part).encode()) for part in parts) + "."


def test_what_the_issuer_did_not_sign_for_us_and_for_now_is_refused(
    told: Issuer, stack: Stack
) -> None:
    told.person = {}
    claims = told.claims(groups=["platform"])
    hour_ago = int(time.time()) - 2 * 3600
    whole, other = told.token(claims), told.token(told.claims())
    spliced = f"{other.rpartition('.')[0]}.{whole.rpartition('.')[2]}"
    refused = {
        told.token(told.claims(hour_ago)): "has expired",
        told.token({**claims, "aud": "another-app"}): "another audience",
        told.token({**claims, "iss": "https://evil.example.com"}): "another issuer",
        told.token(claims, key=1): "signature does not fit",
        told.token(claims, kid="k9"): "not one that the issuer publishes",
        told.token(claims, alg="HS256"): "RS256 or ES256",
        told.token(claims, alg="none"): "RS256 or ES256",
        unsigned(claims): "neither a key nor a signed token",
        spliced: "signature does not fit",
    }

    assert called(stack, whole, SOURCES).status == 200
    for token, why in refused.items():
        reply = called(stack, token, SOURCES)
        assert reply.status == 401, why
        assert why in reply.json["detail"]
        assert token not in reply.body.decode()


def test_who_was_invited_signs_in_acts_under_their_name_and_leaves(
    arrive: Visit, pool: Pool, stack: Stack
) -> None:
    box = stack.mailbox()
    sent, ann = box.send("Who is on it?", state="firing"), f"{box.name}@example.com"
    pool.invite(ann, "operators")
    visitor = arrive(f"notifications/{sent}")
    page = visitor.page
    pool.listen(page)
    enter(visitor)
    give(page, ann, pool.first_password(ann))
    choose_password(page)

    expect(page.get_by_text(ann)).to_be_visible()
    page.locator(".pane").get_by_role("button", name="Acknowledge").click()
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text(f"{ann} is on it")).to_be_visible()
    assert stack.read(sent)["ack_by"] == ann

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(stack.described["console_url"])
    expect(page.get_by_role("button", name=WITH)).to_be_visible()
    assert [url for url in visitor.called if "/logout?client_id=" in url]
    assert page.evaluate("sessionStorage.length") == 0
    assert_only_the_id_token_counts(pool, visitor)
    assert_who_is_disabled_does_not_come_in(pool, visitor, ann)


def assert_only_the_id_token_counts(pool: Pool, visitor: Visitor) -> None:
    """And that none of them stands in an address or a log."""
    tokens = {k: v for k, v in pool.tokens.items() if k.endswith("_token")}
    status = {name: called(pool.stack, tokens[name]).status for name in tokens}
    said = pool.stack.place.log("emulator").read_text(errors="replace")

    assert status == {"id_token": 200, "access_token": 401, "refresh_token": 401}
    for token in tokens.values():
        assert [url for url in visitor.called if token in url] == []
        assert token not in said


def assert_who_is_disabled_does_not_come_in(
    pool: Pool, visitor: Visitor, who: str
) -> None:
    pool.disable(who)
    enter(visitor)
    give(visitor.page, who, PASSWORD)
    expect(visitor.page.get_by_text("User is disabled.")).to_be_visible()
