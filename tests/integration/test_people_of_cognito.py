"""People sign in with a user pool of Cognito, whose tokens are of a kind of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.cognito import ACCESS_KEY, DOMAIN, ID_KEY, NAME, UserPool
from tests.fakes.desk import LIST, SOURCES, Desk
from tests.fakes.issuer import CLIENT, Issuer
from tocsin.errors import Unavailable
from tocsin.openid.cognito import leaving

MINUTE = 60_000
GROUPS = "cognito:groups"
NO_ADDRESSES = (
    "javascript:alert(1)",
    "ftp://x/logout",
    "https://[/logout",
    "https://\u2100/logout",
    "https://a:b@x/logout",
    "https://x;script-src-elem 'unsafe-inline'/logout",
)


@pytest.fixture
def pool() -> Iterator[UserPool]:
    served = UserPool()
    yield served
    served.close()


class Lobby(Desk):
    """Told of the pool as the template tells it."""

    def __init__(self, pool: Issuer) -> None:
        told = {"oidc_operators": "operators", "oidc_admins": "admins"}
        super().__init__(pool, oidc_claim=GROUPS, **told)

    def signed(self, claims: dict[str, Any], kid: str = ID_KEY, key: int = 0) -> str:
        return self.issuer.token(claims, kid=kid, key=key)

    def token(self, **more: Any) -> str:
        return self.signed(self.claims(**more))


@pytest.fixture
def lobby(pool: UserPool) -> Lobby:
    return Lobby(pool)


def test_an_id_token_of_the_pool_lets_its_groups_in_by_their_verified_address(
    lobby: Lobby,
) -> None:
    assert lobby.call(lobby.token()).status == 200
    assert lobby.call(lobby.token(), path=SOURCES).status == 403
    assert lobby.call(lobby.token(**{GROUPS: ["admins"]}), path=SOURCES).status == 200
    assert lobby.call(lobby.token(**{GROUPS: None})).status == 403
    assert lobby.people.who(lobby.token()).name == "ann@example.com"


def test_an_access_token_of_the_same_sign_in_lets_nobody_in(
    lobby: Lobby, pool: UserPool
) -> None:
    claims = pool.access(lobby.world.clock.now() // 1000)

    for more in ({}, {"aud": CLIENT, "email": "a@b.ch", "email_verified": True}):
        refused = lobby.call(lobby.signed({**claims, **more}, ACCESS_KEY, 1))
        assert refused.status == 401
        assert "no ID token" in refused.json["detail"]


@pytest.mark.parametrize(
    "use", ["access", "refresh", "ID", "", ["id"], {"id": 1}, True]
)
def test_what_a_token_is_for_is_said_exactly(lobby: Lobby, use: Any) -> None:
    assert lobby.call(lobby.token(token_use=use)).status == 401


@pytest.mark.parametrize(
    ("more", "kid", "key", "why"),
    [
        ({"iss": f"{NAME}x"}, ID_KEY, 0, "another issuer"),
        ({}, "of another pool", 2, "not one that the issuer publishes"),
        ({}, ID_KEY, 2, "signature does not fit"),
        ({}, ACCESS_KEY, 0, "signature does not fit"),
        ({"aud": "another client of this pool"}, ID_KEY, 0, "another audience"),
        ({"aud": None, "client_id": CLIENT}, ID_KEY, 0, "another audience"),
    ],
)
def test_what_another_pool_or_client_was_given_is_refused(
    lobby: Lobby, more: dict[str, Any], kid: str, key: int, why: str
) -> None:
    refused = lobby.call(lobby.signed(lobby.claims(**more), kid, key))

    assert refused.status == 401
    assert why in refused.json["detail"]


@pytest.mark.parametrize(
    "told",
    [
        ["admins "],
        ["operators admins"],
        "operators admins",
        [["admins"]],
        {"admins": 1},
    ],
)
def test_a_group_is_one_by_its_whole_name(lobby: Lobby, told: Any) -> None:
    assert lobby.call(lobby.token(**{GROUPS: told}), path=SOURCES).status == 403


def test_long_groups_are_read_as_far_as_a_request_could_carry_them(
    lobby: Lobby,
) -> None:
    # A gateway's headers hold 10 KB; as many groups, with names as long, as Cognito
    # lets anyone have would be more than is read.
    fits = lobby.token(**{GROUPS: ["x" * 100] * 60 + ["admins"]})
    bursts = lobby.token(**{GROUPS: ["x" * 128] * 99 + ["admins"]})

    assert len(fits) < 10_240 < 2**14 < len(bursts)
    assert lobby.call(fits, path=SOURCES).status == 200
    assert lobby.call(bursts, path=SOURCES).status == 401


def test_an_address_that_the_pool_has_not_verified_names_nobody(lobby: Lobby) -> None:
    for verified in (False, "false", None):
        name = lobby.people.who(lobby.token(email_verified=verified)).name
        assert name.startswith("sub:")


def test_who_is_removed_from_the_pool_is_in_until_their_token_ends(
    lobby: Lobby, pool: UserPool
) -> None:
    token = lobby.token()
    assert lobby.call(token).status == 200
    asked = len(pool.calls)

    assert lobby.call(token).status == 200
    assert len(pool.calls) == asked
    lobby.world.clock.sleep(61 * MINUTE)
    assert lobby.call(token, "POST", f"{LIST}/x/acknowledge").status == 401


def test_a_pool_may_name_itself_in_either_form() -> None:
    updated = UserPool(name=NAME.replace("//", "//issuer-"))
    lobby = Lobby(updated)

    assert lobby.call(lobby.token()).status == 200
    assert lobby.people.sign_in().leave != ""
    updated.close()


def test_the_door_leads_to_the_pages_of_the_pool_and_out_of_them(lobby: Lobby) -> None:
    offer = lobby.people.sign_in()

    assert offer.name == "tocsin-acme.auth.eu-central-1.amazoncognito.com"
    assert offer.authorize == f"{DOMAIN}/oauth2/authorize"
    assert offer.origin == DOMAIN
    assert offer.leave == f"{DOMAIN}/logout?client_id={CLIENT}&logout_uri="


@pytest.mark.parametrize(
    ("issuer", "leave"),
    [
        ("https://id.example.com", "https://id.example.com/logout"),
        (
            "https://cognito-idp.eu-central-1.amazonaws.com.evil.example/p",
            "https://x/y",
        ),
        ("https://evil.example/cognito-idp.eu-central-1.amazonaws.com", "https://x/y"),
        (NAME, ""),
    ],
)
def test_nobody_is_led_out_of_more_than_they_asked_for(issuer: str, leave: str) -> None:
    assert leaving(issuer, leave, CLIENT) == ""


@pytest.mark.parametrize("address", [*NO_ADDRESSES, "", 7, None])
def test_a_way_out_that_is_no_address_is_not_taken(
    lobby: Lobby, pool: UserPool, address: Any
) -> None:
    told = {**pool.discovered(), "end_session_endpoint": address}
    pool.discovered = lambda: told  # type: ignore[method-assign]

    offer = lobby.people.sign_in()

    assert offer.leave == ""
    assert offer.authorize


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_a_way_in_that_is_no_address_leaves_keys_alone(
    lobby: Lobby, pool: UserPool, address: str
) -> None:
    told = {**pool.discovered(), "token_endpoint": address}
    pool.discovered = lambda: told  # type: ignore[method-assign]

    for _ in range(2):
        with pytest.raises(Unavailable, match="token_endpoint is no address"):
            lobby.people.sign_in()
        assert lobby.call(lobby.token()).status == 503
        lobby.world.clock.sleep(MINUTE)
