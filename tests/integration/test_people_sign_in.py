"""People sign in with an issuer: whose tokens count, for what, and who is written down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.api import KEYS, ApiWorld
from tests.fakes.desk import LIST, SOURCES, Desk
from tests.fakes.issuer import CLIENT, ISSUER, Issuer, packed, public_ec, public_rsa
from tocsin.events import Event

MINUTE = 60_000


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    served = Issuer()
    yield served
    served.close()


@pytest.fixture
def desk(issuer: Issuer) -> Desk:
    return Desk(issuer)


def opened(world: ApiWorld) -> str:
    """A problem that nobody is on; its id."""
    event = Event.model_validate({"type": "t", "title": "t", "state": "firing"})
    (name,) = world.accept(event)
    return name


def test_a_group_of_operators_operates_and_its_people_are_written_down(
    desk: Desk,
) -> None:
    one = opened(desk.world)
    token = desk.token()

    assert desk.call(token).status == 200
    assert desk.call(token, "POST", f"{LIST}/{one}/acknowledge").status == 200
    found = desk.world.ledger.kept[one]
    assert (found.ack_by, found.actions[-1].actor) == ("ann@example.com",) * 2


def test_a_group_of_admins_may_do_everything(desk: Desk) -> None:
    assert desk.call(desk.token(groups=["platform"]), path=SOURCES).status == 200


@pytest.mark.parametrize("groups", [[], ["visitors"], None, 7, "onc", {"oncall": True}])
def test_who_is_in_no_such_group_is_told_which_scope_is_missing(
    desk: Desk, groups: Any
) -> None:
    refused = desk.call(desk.token(groups=groups))

    assert refused.status == 403
    told = "this sign-in has the scopes none; the call needs operate"
    assert refused.json["detail"] == told


def test_an_operator_is_told_that_admin_is_missing(desk: Desk) -> None:
    refused = desk.call(desk.token(), path=SOURCES)

    assert refused.status == 403
    assert refused.json["detail"].endswith("operate; the call needs admin")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"aud": "another-app"}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"aud": ["a", "b"]}, "another audience"),
        ({"aud": {CLIENT: 1}}, "another audience"),
        ({"iss": "https://evil.example.com"}, "another issuer"),
        ({"iss": ISSUER + "/"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"exp": 1_000_000}, "has expired"),
        ({"exp": None}, "no exp"),
        ({"exp": "tomorrow"}, "no exp"),
        ({"exp": True}, "no exp"),
        ({"exp": float("nan")}, "cannot be read"),
        ({"iat": float("inf")}, "cannot be read"),
        ({"nbf": 2**40}, "not valid yet"),
        ({"iat": 2**40}, "not valid yet"),
        ({"email": None, "sub": None}, "names nobody"),
        ({"email": None, "sub": "a\nb"}, "names nobody"),
        ({"email": None, "sub": "x" * 256}, "names nobody"),
    ],
)
def test_a_token_that_is_not_for_us_is_refused_with_the_reason(
    desk: Desk, more: dict[str, Any], why: str
) -> None:
    refused = desk.call(desk.token(**more))

    assert refused.status == 401
    assert why in refused.json["detail"]


def test_a_sign_in_ends_with_its_token(desk: Desk) -> None:
    token = desk.token()
    desk.world.clock.sleep(61 * MINUTE)

    assert "has expired" in desk.call(token).json["detail"]


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS512", "PS256", ""])
def test_only_signatures_by_a_published_key_count(desk: Desk, alg: str) -> None:
    refused = desk.call(desk.issuer.token(desk.claims(), alg=alg))

    assert refused.status == 401
    assert "RS256 or ES256" in refused.json["detail"]
    assert desk.issuer.calls == []


@pytest.mark.parametrize("alg", [["RS256"], {"RS256": 1}, None, 256, True])
def test_an_algorithm_that_is_no_name_is_refused(desk: Desk, alg: Any) -> None:
    parts = ({"alg": alg, "kid": "k0"}, desk.claims())
    words = ".".join(packed(json.dumps(part).encode()) for part in parts)

    refused = desk.call(f"{words}.{packed(bytes(256))}")

    assert refused.status == 401
    assert "RS256 or ES256" in refused.json["detail"]


def test_where_no_audience_is_told_no_token_is_for_us(issuer: Issuer) -> None:
    desk = Desk(issuer, oidc_client_id="", oidc_audience="")

    for more in ({"aud": ""}, {"aud": [""]}, {"aud": None, "client_id": ""}):
        refused = desk.call(desk.token(**more))
        assert "another audience" in refused.json["detail"]


def test_a_token_without_a_signature_is_refused(desk: Desk) -> None:
    unsigned = desk.token().rpartition(".")[0] + "."

    assert desk.call(unsigned).status == 401


def test_the_algorithm_cannot_be_another_than_the_keys(desk: Desk) -> None:
    forged = desk.issuer.token(desk.claims(), alg="ES256")

    assert "signature does not fit" in desk.call(forged).json["detail"]


def test_what_was_changed_after_signing_is_refused(desk: Desk) -> None:
    header, _, signature = desk.token().split(".")
    other = desk.token(groups=["platform"]).split(".")[1]

    refused = desk.call(f"{header}.{other}.{signature}", path=SOURCES)

    assert refused.status == 401
    assert "signature does not fit" in refused.json["detail"]


def test_another_key_under_a_known_name_is_refused(desk: Desk) -> None:
    forged = desk.issuer.token(desk.claims(), key=1)

    assert desk.call(forged).status == 401


@pytest.mark.parametrize("told", [{"use": "enc"}, {"alg": "RS512"}, {"kty": "oct"}])
def test_a_key_that_is_published_for_something_else_signs_nothing(
    desk: Desk, told: dict[str, str]
) -> None:
    desk.issuer.keys[0] |= told

    assert "signature does not fit" in desk.call(desk.token()).json["detail"]


def test_an_elliptic_key_is_good_too(desk: Desk) -> None:
    desk.issuer.keys.append(public_ec("e0"))
    token = desk.issuer.token(desk.claims(), alg="ES256", kid="e0")

    assert desk.call(token).status == 200


def test_a_key_that_the_issuer_does_not_publish_is_refused(desk: Desk) -> None:
    refused = desk.call(desk.issuer.token(desk.claims(), kid="k9"))

    assert refused.status == 401
    assert "not one that the issuer publishes" in refused.json["detail"]


def test_guessed_keys_make_us_ask_the_issuer_once_a_minute(desk: Desk) -> None:
    for number in range(20):
        desk.call(desk.issuer.token(desk.claims(), kid=f"guess-{number}"))

    assert desk.issuer.calls.count("/keys") == 1


def test_keys_are_rotated_without_anyone_telling_us(desk: Desk) -> None:
    assert desk.call(desk.token()).status == 200
    desk.issuer.keys[:] = [public_rsa("k1", 1)]
    desk.world.clock.sleep(MINUTE)

    new = desk.issuer.token(desk.claims(), kid="k1", key=1)
    assert desk.call(new).status == 200
    assert desk.call(desk.token()).status == 401


def test_a_key_that_is_taken_back_counts_for_an_hour_at_most(desk: Desk) -> None:
    assert desk.call(desk.token()).status == 200
    desk.issuer.keys.clear()
    desk.world.clock.sleep(60 * MINUTE)

    assert desk.call(desk.token()).status == 401


def test_while_the_issuer_is_down_known_keys_go_on_and_new_ones_wait(
    desk: Desk,
) -> None:
    assert desk.call(desk.token()).status == 200
    desk.issuer.down = True
    desk.world.clock.sleep(2 * 60 * MINUTE)

    assert desk.call(desk.token()).status == 200
    new = desk.issuer.token(desk.claims(), kid="k1", key=1)
    assert desk.call(new).status == 503
    assert desk.call(KEYS["ops"]).status == 200


def test_keys_and_people_are_let_in_beside_each_other(desk: Desk) -> None:
    assert desk.call(KEYS["ops"]).status == 200
    assert desk.call(desk.token()).status == 200
    assert desk.call("a.b.c").status == 401
    assert desk.call("toc_nobody-knows-it").status == 401


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"email_verified": False}, "sub:8b1f7c"),
        ({"email_verified": None}, "sub:8b1f7c"),
        ({"email": "nna\u202e@example.com"}, "sub:8b1f7c"),
        ({"email": "an\0n@example.com"}, "sub:8b1f7c"),
        ({"email": None}, "sub:8b1f7c"),
        ({"email": "a <b>@example.com"}, "sub:8b1f7c"),
        ({"email_verified": "true"}, "ann@example.com"),
    ],
)
def test_nobody_chooses_their_own_name(
    desk: Desk, more: dict[str, Any], name: str
) -> None:
    assert desk.people.who(desk.token(**more)).name == name


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ("cognito:groups", {"cognito:groups": ["platform"]}),
        ("realm_access.roles", {"realm_access": {"roles": ["x", "platform"]}}),
        ("https://example.com/roles", {"https://example.com/roles": "platform"}),
        ("scope", {"scope": "openid platform"}),
    ],
)
def test_groups_stand_where_each_issuer_puts_them(
    issuer: Issuer, claim: str, told: dict[str, Any]
) -> None:
    desk = Desk(issuer, oidc_claim=claim)

    assert desk.call(desk.token(groups=None, **told), path=SOURCES).status == 200


def test_a_star_lets_in_whoever_can_sign_in(issuer: Issuer) -> None:
    desk = Desk(issuer, oidc_operators="*")

    assert desk.call(desk.token(groups=None)).status == 200
    assert desk.call(desk.token(groups=None), path=SOURCES).status == 403
    assert Desk(issuer, oidc_operators="").call(desk.token(groups=["*"])).status == 403


def test_a_token_names_one_of_the_audiences_that_are_told(issuer: Issuer) -> None:
    desk = Desk(issuer, oidc_audience="https://tocsin.example.com, tocsin-console")

    assert desk.call(desk.token(aud=["https://tocsin.example.com"])).status == 200
    assert desk.call(desk.token(aud=["x", CLIENT])).status == 200
    for more in ({"aud": "x"}, {"aud": None}):
        assert desk.call(desk.token(**more, client_id=CLIENT)).status == 401


@pytest.mark.parametrize(
    ("claim", "told", "status"),
    [
        ("groups", "platform", 200),
        ("groups", "not platform", 403),
        ("groups", ["not platform"], 403),
        ("scope", "not platform", 200),
    ],
)
def test_only_a_scope_is_parted_at_its_spaces(
    issuer: Issuer, claim: str, told: Any, status: int
) -> None:
    desk = Desk(issuer, oidc_claim=claim)

    token = desk.token(**{"groups": None, claim: told})

    assert desk.call(token, path=SOURCES).status == status


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"exp": -59}, 200),
        ({"exp": -60}, 401),
        ({"nbf": 60}, 200),
        ({"nbf": 61}, 401),
        ({"iat": 60}, 200),
        ({"iat": 61}, 401),
    ],
)
def test_clocks_may_differ_by_a_minute(
    desk: Desk, more: dict[str, int], status: int
) -> None:
    now = desk.world.clock.now() // 1000

    token = desk.token(**{name: now + apart for name, apart in more.items()})

    assert desk.call(token).status == status


@pytest.mark.parametrize(
    "token", ["e.e.e", "..", "{}.{}.{}", "W10.W10.W10", "é.é.é", "a" * 20_000 + ".b.c"]
)
def test_what_is_no_token_is_refused(desk: Desk, token: str) -> None:
    assert desk.call(token).status == 401
    assert desk.issuer.calls == []


def test_without_the_parameter_nothing_of_it_is_loaded() -> None:
    code = (
        "import sys, tocsin.bootstrap, tocsin.api.console, tocsin.api.resources\n"
        "found = [m for m in sys.modules if m.startswith(('tocsin.openid', 'cryptogr'))]\n"
        "sys.exit(str(found) if found else 0)"
    )
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, env=here
    )

    assert done.returncode == 0, done.stderr
