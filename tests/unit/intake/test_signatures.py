"""Signatures: each scheme's own example holds, and nothing that was changed does."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import Invalid, Unauthorized
from tocsin.intake.signatures import (
    NAMES,
    SCHEMES,
    TOLERANCE_S,
    check_secret,
    verify,
)

NOW = 1_800_000_000_000
AT = str(NOW // 1000)
BODY = '{"text": "größer"}'.encode()
OLD, NEW = "whsec_b2xkIG9sZCBvbGQ=", "whsec_bmV3IG5ldyBuZXc="
Headers = dict[str, str]


def mac(key: bytes | str, content: bytes) -> bytes:
    key = key.encode() if isinstance(key, str) else key
    return hmac.new(key, content, hashlib.sha256).digest()


def github(secret: str, body: bytes, at: str = AT) -> Headers:
    signature = f"sha256={mac(secret, body).hex()}"
    return {"x-hub-signature-256": signature, "x-github-delivery": "d1"}


def sentry(secret: str, body: bytes, at: str = AT) -> Headers:
    return {"sentry-hook-signature": mac(secret, body).hex(), "request-id": "r1"}


def grafana(secret: str, body: bytes, at: str = AT) -> Headers:
    return {"x-grafana-alerting-signature": mac(secret, body).hex()}


def grafana_timed(secret: str, body: bytes, at: str = AT) -> Headers:
    signature = mac(secret, f"{at}:".encode() + body).hex()
    return {
        "x-grafana-alerting-signature": signature,
        "x-grafana-alerting-timestamp": at,
    }


def slack(secret: str, body: bytes, at: str = AT) -> Headers:
    signature = mac(secret, f"v0:{at}:".encode() + body).hex()
    return {
        "x-slack-signature": f"v0={signature}",
        "x-slack-request-timestamp": at,
    }


def stripe(secret: str, body: bytes, at: str = AT) -> Headers:
    signature = mac(secret, f"{at}.".encode() + body).hex()
    return {"stripe-signature": f"t={at},v1={'0' * 64},v1={signature},v0=old"}


def standard(secret: str, body: bytes, at: str = AT) -> Headers:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(mac(key, f"m1.{at}.".encode() + body)).decode()
    return {
        "webhook-id": "m1",
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{'A' * 43}= v1,{signature}",
    }


Signer = Callable[..., Headers]
SIGNERS: dict[str, Signer] = {
    "github": github,
    "grafana": grafana,
    "sentry": sentry,
    "slack": slack,
    "standard": standard,
    "stripe": stripe,
    "whatsapp": github,
}
CASES = [*SIGNERS.items(), ("grafana", grafana_timed)]
TIMED = [
    ("grafana", grafana_timed),
    ("slack", slack),
    ("standard", standard),
    ("stripe", stripe),
]


def test_every_scheme_is_tried_here() -> None:
    assert SIGNERS.keys() == SCHEMES.keys()


def test_github_s_own_example_holds() -> None:
    """From GitHub's page on validating deliveries."""
    given = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"x-hub-signature-256": f"sha256={given}"}

    verify("github", headers, b"Hello, World!", ["It's a Secret to Everybody"], NOW)


def test_slack_s_own_example_holds() -> None:
    """From Slack's page on verifying requests."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA"
        b"&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    given = "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    headers = {
        "x-slack-signature": f"v0={given}",
        "x-slack-request-timestamp": "1531420618",
    }

    verify("slack", headers, body, ["8f742231b10e8888abcd99yyyzzz85a5"], 1531420618_000)


def test_standard_webhooks_own_example_holds() -> None:
    """From the specification's test vectors."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    verify("standard", headers, b'{"test": 2432232314}', [secret], 1614265330_000)


@pytest.mark.parametrize(("scheme", "sign"), CASES)
@pytest.mark.parametrize("secret", [OLD, NEW])
def test_each_of_two_live_secrets_is_good(
    scheme: str, sign: Signer, secret: str
) -> None:
    found = verify(scheme, sign(secret, BODY), BODY, [OLD, NEW], NOW)

    assert len(found.digest) == 64


@pytest.mark.parametrize(("scheme", "sign"), CASES)
def test_another_secret_is_refused(scheme: str, sign: Signer) -> None:
    with pytest.raises(Unauthorized, match="does not fit"):
        verify(scheme, sign(OLD, BODY), BODY, [NEW], NOW)


@pytest.mark.parametrize(("scheme", "sign"), CASES)
def test_a_changed_body_is_refused(scheme: str, sign: Signer) -> None:
    with pytest.raises(Unauthorized, match="does not fit"):
        verify(scheme, sign(OLD, BODY), BODY + b" ", [OLD], NOW)


@pytest.mark.parametrize(("scheme", "sign"), CASES)
def test_no_live_secret_lets_nothing_pass(scheme: str, sign: Signer) -> None:
    with pytest.raises(Unauthorized):
        verify(scheme, sign(OLD, BODY), BODY, [], NOW)


@pytest.mark.parametrize(("scheme", "sign"), CASES)
def test_a_missing_header_is_named(scheme: str, sign: Signer) -> None:
    (first, *_) = sign(OLD, BODY)
    with pytest.raises(Unauthorized, match="missing"):
        verify(scheme, {}, BODY, [OLD], NOW)
    with pytest.raises(Unauthorized):
        verify(scheme, {first: ""}, BODY, [OLD], NOW)


@pytest.mark.parametrize(("scheme", "sign"), TIMED)
@pytest.mark.parametrize("off", [-TOLERANCE_S, TOLERANCE_S])
def test_five_minutes_are_allowed_and_no_more(
    scheme: str, sign: Signer, off: int
) -> None:
    now = NOW + off * 1000
    verify(scheme, sign(OLD, BODY), BODY, [OLD], now)
    with pytest.raises(Unauthorized, match="five minutes"):
        verify(scheme, sign(OLD, BODY), BODY, [OLD], now + (1000 if off > 0 else -1000))


@pytest.mark.parametrize(("scheme", "sign"), TIMED)
def test_a_changed_time_is_refused(scheme: str, sign: Signer) -> None:
    later = str(int(AT) + 1)
    headers = {
        name: value.replace(AT, later) for name, value in sign(OLD, BODY).items()
    }
    with pytest.raises(Unauthorized, match="does not fit"):
        verify(scheme, headers, BODY, [OLD], NOW)


def test_the_same_content_has_the_same_digest_and_another_time_another() -> None:
    first = verify("slack", slack(OLD, BODY), BODY, [OLD], NOW)
    again = verify("slack", slack(OLD, BODY), BODY, [OLD], NOW)
    later = verify("slack", slack(OLD, BODY, str(int(AT) + 1)), BODY, [OLD], NOW)

    assert first.digest == again.digest != later.digest


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_name_that_is_not_signed_is_not_believed(scheme: str) -> None:
    sent = dict.fromkeys(NAMES, "m1") | SIGNERS[scheme](OLD, BODY)

    found = verify(scheme, sent, BODY, [OLD], NOW)

    signed = {"webhook-id"} if scheme == "standard" else set()
    assert found.headers.keys() & NAMES == signed
    assert sent.keys() - found.headers.keys() == NAMES - signed


@pytest.fixture(scope="module")
def private() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def public(private: Ed25519PrivateKey) -> str:
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return "whpk_" + base64.b64encode(raw).decode()


def asymmetric(private: Ed25519PrivateKey, body: bytes) -> Headers:
    signature = private.sign(f"m1.{AT}.".encode() + body)
    told = base64.b64encode(signature).decode()
    return {
        "webhook-id": "m1",
        "webhook-timestamp": AT,
        "webhook-signature": f"v1a,!! v1a,{told}",
    }


def test_a_private_key_s_signature_is_checked_with_the_public_one(
    private: Ed25519PrivateKey,
) -> None:
    headers = asymmetric(private, BODY)
    verify("standard", headers, BODY, [OLD, public(private)], NOW)
    with pytest.raises(Unauthorized):
        verify("standard", headers, BODY + b" ", [public(private)], NOW)
    with pytest.raises(Unauthorized):
        verify("standard", headers, BODY, [OLD], NOW)


def test_a_public_key_is_no_secret_to_sign_with(private: Ed25519PrivateKey) -> None:
    """Whoever knows the public key must not be able to make a v1 signature of it."""
    key = public(private)
    forged = standard("whsec_" + key.removeprefix("whpk_"), BODY)
    with pytest.raises(Unauthorized):
        verify("standard", forged, BODY, [key], NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_good_secret_may_be_kept(scheme: str) -> None:
    check_secret(scheme, OLD)


@pytest.mark.parametrize(
    ("scheme", "secret"),
    [
        ("github", "short"),
        ("github", "x" * 513),
        ("github", "with a space in it"),
        ("github", "schlüssel-mit-umlaut"),
        ("standard", "whsec_not-base64!!"),
        ("standard", "whsec_========"),
        ("standard", "whpk_dG9vIHNob3J0"),
    ],
)
def test_a_secret_that_cannot_work_is_refused_without_being_told(
    scheme: str, secret: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_secret(scheme, secret)

    assert refused.value.faults[0].field == "secret"
    assert secret not in str(refused.value.detail)


HEADERS = sorted({name for _, sign in CASES for name in sign(OLD, BODY)})


@given(
    scheme=st.sampled_from(sorted(SCHEMES)),
    headers=st.dictionaries(st.sampled_from(HEADERS), st.text()),
    body=st.binary(),
)
def test_whatever_is_sent_is_refused_in_words(
    scheme: str, headers: Headers, body: bytes
) -> None:
    with pytest.raises(Unauthorized):
        verify(
            scheme,
            {**headers, "webhook-id": "\ud800"},
            body,
            ["whpk_" + "A" * 43 + "="],
            NOW,
        )
    with pytest.raises(Unauthorized):
        verify(scheme, headers, body, [OLD, NEW], NOW)
