"""Where people sign in: nowhere unless asked for, then by invitation, and with a second
factor."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from local.place import ROOT
from tests.unit.sam_template.reading import Loader

FUNCTIONS = ("IngestFunction", "ApiFunction")


@pytest.fixture(scope="module")
def pages() -> dict[str, Any]:
    """The template that is deployed only where the stack makes a pool."""
    found = yaml.load((ROOT / "sign-in.yaml").read_text(), Loader)
    assert isinstance(found, dict)
    return found


def properties(pages: dict[str, Any], name: str) -> dict[str, Any]:
    found = pages["Resources"][name]["Properties"]
    assert isinstance(found, dict)
    return found


def told(resources: dict[str, Any], function: str) -> dict[str, Any]:
    """Each of its variables that are about people."""
    variables = resources[function]["Properties"]["Environment"]["Variables"]
    start = "TOCSIN_OIDC_"
    return {
        name.removeprefix(start): value
        for name, value in variables.items()
        if name.startswith(start)
    }


def test_people_sign_in_only_where_an_issuer_or_a_page_is_named(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    only_then = {"Fn::If": ["HasOidc", {"Ref": "HooksLayer"}, {"Ref": "AWS::NoValue"}]}

    assert template["Parameters"]["OidcIssuer"]["Default"] == ""
    assert template["Parameters"]["CognitoDomain"]["Default"] == ""
    assert resources["SignIn"]["Condition"] == "HasCognito"
    for name in FUNCTIONS:
        assert only_then in resources[name]["Properties"]["Layers"]


def test_what_is_not_settled_by_the_pool_is_settled_by_a_parameter(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    parameters = {each for each in template["Parameters"] if each.startswith("Oidc")}
    first, second = (told(resources, name) for name in FUNCTIONS)

    assert first == second
    chosen = [each["Fn::If"] for each in first.values()]
    assert {condition for condition, _, _ in chosen} == {"HasCognito"}
    assert {otherwise["Ref"] for _, _, otherwise in chosen} == parameters
    for name, (_, _, otherwise) in zip(first, chosen, strict=True):
        words = name.title().replace("_", "")
        assert otherwise == {"Ref": f"Oidc{words}"}


def test_the_functions_are_told_the_pool_s_own_words(
    resources: dict[str, Any], pages: dict[str, Any]
) -> None:
    made = {
        name: each["Fn::If"][1] for name, each in told(resources, "ApiFunction").items()
    }
    groups = {properties(pages, each)["GroupName"] for each in ("Operators", "Admins")}

    assert made["ISSUER"] == {"Fn::GetAtt": "SignIn.Outputs.Issuer"}
    assert made["CLIENT_ID"] == {"Fn::GetAtt": "SignIn.Outputs.ClientId"}
    assert {made["OPERATORS"], made["ADMINS"]} == groups
    assert made["CLAIM"] == "cognito:groups"
    assert made["SCOPE"].split() == properties(pages, "Client")["AllowedOAuthScopes"]
    assert made["AUDIENCE"] == ""


def test_a_pool_and_another_issuer_exclude_each_other(template: dict[str, Any]) -> None:
    rule = template["Rules"]["OneIssuer"]

    assert rule["RuleCondition"] == template["Conditions"]["HasCognito"]
    (assertion,) = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "OidcIssuer"}, ""]}


def test_a_region_without_user_pools_is_told_of_none(resources: dict[str, Any]) -> None:
    kinds = {each["Type"] for each in resources.values()}

    assert [kind for kind in kinds if "Cognito" in kind] == []


def test_people_come_by_invitation_and_with_a_second_factor(
    pages: dict[str, Any],
) -> None:
    pool = properties(pages, "Pool")

    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["MfaConfiguration"] == "ON"
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["UsernameAttributes"] == pool["AutoVerifiedAttributes"] == ["email"]
    message = pool["AdminCreateUserConfig"]["InviteMessageTemplate"]["EmailMessage"]
    for needed in ("{username}", "{####}", "${ConsoleUrl}"):
        assert needed in message["Fn::Sub"]


def test_a_pool_that_is_no_longer_asked_for_keeps_its_people(
    pages: dict[str, Any],
) -> None:
    assert pages["Resources"]["Pool"]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert pages["Resources"]["Pool"]["UpdateReplacePolicy"] == "Retain"


def test_the_console_is_a_client_without_a_secret_and_leads_back_to_itself_alone(
    resources: dict[str, Any], pages: dict[str, Any]
) -> None:
    client = properties(pages, "Client")
    given = resources["SignIn"]["Properties"]["Parameters"]

    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["CallbackURLs"] == client["LogoutURLs"] == [{"Ref": "ConsoleUrl"}]
    assert given["ConsoleUrl"]["Fn::Sub"].endswith("/console/")
    assert set(given) == set(pages["Parameters"])
