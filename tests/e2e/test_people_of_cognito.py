"""People sign in with a user pool that the stack makes for them: the emulator's Cognito
sends the invitation, asks for the password, and signs the tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from playwright.sync_api import Page, Response, expect

from local.deployment import STACK
from tests.browser.chromium import chromium
from tests.e2e.parameters import tell
from tests.e2e.stack import Stack
from tests.e2e.visiting import Visitor, visit
from tests.fakes.issuer import Issuer

PASSWORD: Final = "correct horse battery"
WITH: Final = "Sign in with 127.0.0.1"
PARAMETERS: Final = {"CognitoDomain": "tocsin-e2e"}


@dataclass
class Pool:
    """The pool as its owner's commands see it."""

    stack: Stack
    id: str
    client: dict[str, Any]
    tokens: dict[str, str] = field(default_factory=dict)

    def lead_back_to(self, console: str) -> None:
        """The template knows where AWS serves the console; here it stands elsewhere."""
        where = {"CallbackURLs": [console], "LogoutURLs": [console]}
        kept = {k: v for k, v in self.client.items() if v and not k.endswith("Date")}
        self.stack.aws("cognito-idp").update_user_pool_client(**{**kept, **where})

    def invite(self, address: str, group: str) -> None:
        """As docs/console.md has it."""
        verified = {"email": address, "email_verified": "true"}
        attributes = [{"Name": name, "Value": verified[name]} for name in verified]
        idp, who = self.stack.aws("cognito-idp"), {"Username": address}
        idp.admin_create_user(UserPoolId=self.id, **who, UserAttributes=attributes)
        idp.admin_add_user_to_group(UserPoolId=self.id, **who, GroupName=group)

    def first_password(self, address: str) -> str:
        """Out of the invitation."""
        (mail,) = self.stack.arrived(f"as {address}. Your first password")
        found = re.search(r"good for seven days: (\S+)$", mail["message"]["text"])
        assert found
        return found[1]

    def listen(self, page: Page) -> None:
        """Note the tokens that a page is given."""

        def heard(answer: Response) -> None:
            if answer.url.endswith("/oauth2/token"):
                self.tokens.update(answer.json())

        page.on("response", heard)


@pytest.fixture(scope="module")
def pool(stack: Stack, issuer: Issuer) -> Iterator[Pool]:
    """What `CognitoDomain` makes; taken back after."""
    issuer.pools = stack.described["endpoint_url"]
    tell(stack, PARAMETERS)
    (made,) = stack.aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    told = {each["OutputKey"]: each["OutputValue"] for each in made["Outputs"]}
    idp, named = stack.aws("cognito-idp"), {"UserPoolId": told["SignInPoolId"]}
    (one,) = idp.list_user_pool_clients(**named)["UserPoolClients"]
    found = idp.describe_user_pool_client(**named, ClientId=one["ClientId"])
    yield Pool(stack, named["UserPoolId"], found["UserPoolClient"])
    tell(stack, dict.fromkeys(PARAMETERS, ""))


@pytest.fixture
def visitor(pool: Pool) -> Iterator[Visitor]:
    """Before the door. No token may ever be seen in an address."""
    pool.lead_back_to(pool.stack.described["console_url"])
    with chromium() as browser:
        arrived = visit(browser, pool.stack)
        pool.listen(arrived.page)
        yield arrived
        arrived.close()
    for token in pool.tokens.values():
        assert [url for url in arrived.called if str(token) in url] == []


def sign_in(page: Page, who: str, password: str) -> None:
    page.get_by_role("button", name=WITH).click()
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def choose_password(page: Page) -> None:
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm new password").fill(PASSWORD)
    page.get_by_role("button", name="Update password").click()


def test_who_was_invited_signs_in_acts_under_their_name_and_leaves(
    pool: Pool, visitor: Visitor, stack: Stack
) -> None:
    box = stack.mailbox()
    sent, ann = box.send("Who is on it?", state="firing"), f"{box.name}@example.com"
    pool.invite(ann, "operators")
    page = visitor.page
    visitor.go(f"notifications/{sent}")
    sign_in(page, ann, pool.first_password(ann))
    choose_password(page)

    expect(page.get_by_text(ann)).to_be_visible()
    page.locator(".pane").get_by_role("button", name="Acknowledge").click()
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text(f"{ann} is on it")).to_be_visible()
    assert stack.read(sent)["ack_by"] == ann

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name=WITH)).to_be_visible()
    assert [url for url in visitor.called if "/logout?client_id=" in url]
    assert page.evaluate("sessionStorage.length") == 0
    assert_only_the_id_token_counts(pool)
    assert_who_is_disabled_does_not_come_in(pool, page, ann)


def assert_only_the_id_token_counts(pool: Pool) -> None:
    status = {
        name: pool.stack.call("GET", "/v1/notifications", key=token).status
        for name, token in pool.tokens.items()
        if name.endswith("_token")
    }
    assert status == {"id_token": 200, "access_token": 401, "refresh_token": 401}
    said = pool.stack.place.log("emulator").read_text(errors="replace")
    assert [name for name in status if pool.tokens[name] in said] == []


def assert_who_is_disabled_does_not_come_in(pool: Pool, page: Page, who: str) -> None:
    idp = pool.stack.aws("cognito-idp")
    idp.admin_disable_user(UserPoolId=pool.id, Username=who)
    sign_in(page, who, PASSWORD)
    expect(page.get_by_text("User is disabled.")).to_be_visible()
