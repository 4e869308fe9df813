"""A pool of Cognito that the running stack has made, as its owner and its people use it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import Page, Response

from local.deployment import STACK
from tests.e2e.stack import Stack

PASSWORD: Final = "correct horse battery"


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

    def disable(self, address: str) -> None:
        idp = self.stack.aws("cognito-idp")
        idp.admin_disable_user(UserPoolId=self.id, Username=address)

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


def pool_of(stack: Stack) -> Pool:
    """The one that the stack's outputs name."""
    (made,) = stack.aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    told = {each["OutputKey"]: each["OutputValue"] for each in made["Outputs"]}
    idp, named = stack.aws("cognito-idp"), {"UserPoolId": told["SignInPoolId"]}
    (one,) = idp.list_user_pool_clients(**named)["UserPoolClients"]
    found = idp.describe_user_pool_client(**named, ClientId=one["ClientId"])
    return Pool(stack, named["UserPoolId"], found["UserPoolClient"])


def give(page: Page, who: str, password: str) -> None:
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def choose_password(page: Page) -> None:
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm new password").fill(PASSWORD)
    page.get_by_role("button", name="Update password").click()
