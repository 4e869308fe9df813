"""Webhook: which settings are taken, and how the others are refused."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from tocsin.channels import channel
from tocsin.errors import Invalid

URL = "https://hooks.example.com/in/t0ken-in-path?key=t0ken-in-query"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_" + b64encode(bytes(range(64))).decode()


def split(**given: Any) -> tuple[dict[str, Any], str]:
    """What the channel keeps, and what it hides."""
    return channel("webhook").split(given)


def test_all_that_is_secret_is_packed_together() -> None:
    kept, secret = split(
        url=f" {URL}#part ",
        secret=SECRET,
        old_secrets=[OLD],
        headers={"Authorization": "Bearer s3cr3t"},
        method="put",
    )

    assert kept == {"method": "PUT"}
    assert json.loads(secret) == {
        "url": URL,
        "secret": SECRET,
        "old_secrets": [OLD],
        "headers": {"Authorization": "Bearer s3cr3t"},
    }


def test_settings_change_without_the_secret_being_given_again() -> None:
    assert split(method="POST") == ({}, "")
    assert split(method="PUT") == ({"method": "PUT"}, "")


def test_a_missing_secret_is_refused_with_the_command_that_makes_one() -> None:
    with pytest.raises(Invalid) as caught:
        split(url=URL)

    (fault,) = caught.value.faults
    assert fault.field == "secret"
    assert 'echo "whsec_$(openssl rand -base64 32)"' in fault.reason


def test_a_missing_url_is_refused_with_the_reason() -> None:
    with pytest.raises(Invalid) as caught:
        split(secret=SECRET)

    (fault,) = caught.value.faults
    assert fault.field == "url"
    assert "give all of them again" in fault.reason


@pytest.mark.parametrize("size", [24, 32, 64])
@pytest.mark.parametrize("padded", [True, False])
def test_a_secret_of_the_right_size_is_taken(size: int, padded: bool) -> None:
    text = b64encode(b"k" * size).decode()

    assert split(url=URL, secret="whsec_" + (text if padded else text.rstrip("=")))[1]


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa S",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaé",
        "whsec_" + b64encode(b"k" * 23).decode(),
        "whsec_" + b64encode(b"k" * 65).decode(),
        7,
        ["x"],
    ],
)
@pytest.mark.parametrize("field", ["secret", "old_secrets"])
def test_another_secret_is_refused_and_not_repeated(field: str, secret: object) -> None:
    wrong = secret if field == "secret" else [secret]
    with pytest.raises(Invalid) as caught:
        split(**{"url": URL, "secret": SECRET, field: wrong})

    (fault,) = caught.value.faults
    assert fault.field.split(".")[0] == field
    assert len(str(secret)) < 7 or str(secret) not in f"{caught.value.detail}{fault}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        7,
        "hooks.example.com/in",
        "http://hooks.example.com/in",
        "https://hooks.example.com:8080/in",
        "https://user:t0ken@hooks.example.com/in",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://localhost/in",
        "https://10.0.0.1/in",
        "https://[::1]/in",
        "https://2130706433/in",
        "https://0x7f.1/in",
        "https://hooks.example.com./in",
        "https://bücher.example/in",
        "https://hooks.example.com/in\r\nHost: evil",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/" + "x" * 2000,
        "https://[",
        "https://",
    ],
)
def test_an_address_that_is_not_public_https_is_refused(url: object) -> None:
    with pytest.raises(Invalid) as caught:
        split(url=url, secret=SECRET)

    (fault,) = caught.value.faults
    assert fault.field == "url"
    assert "t0ken" not in f"{caught.value.detail}{fault}"


@pytest.mark.parametrize(
    "headers",
    [
        *({name: "x"} for name in ("Host", "content-length", "Content-Type")),
        *({name: "x"} for name in ("Connection", "TE", "Transfer-Encoding", "Expect")),
        *({name: "x"} for name in ("Keep-Alive", "Upgrade", "Proxy-Authorization")),
        *({name: "x"} for name in ("webhook-id", "Webhook-Signature", "WEBHOOK-X")),
        {"X-A": "1", "x-a": "2"},
        {"X A": "1"},
        {"X-Ä": "1"},
        {"": "1"},
        {"X-A\r\nX-B": "1"},
        {"X-A": "s3cr3t\r\nX-B: 1"},
        {"X-A": "s3cr3té"},
        {"X-A": " s3cr3t"},
        {"X-A": ""},
        {"X-A": "s3cr3t" * 400},
        {"X-A": 7},
        {f"X-{n}": "s3cr3t" for n in range(21)},
        ["X-A"],
    ],
)
def test_a_header_that_is_ours_or_odd_is_refused(headers: object) -> None:
    with pytest.raises(Invalid) as caught:
        split(url=URL, secret=SECRET, headers=headers)

    assert {fault.field.split(".")[0] for fault in caught.value.faults} == {"headers"}
    assert "s3cr3t" not in f"{caught.value.detail}{caught.value.faults}"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"method": "GET"}, "method"),
        ({"method": 1}, "method"),
        ({"old_secrets": [OLD] * 11}, "old_secrets"),
        ({"old_secrets": [OLD, OLD]}, "old_secrets"),
        ({"old_secrets": [SECRET]}, "old_secrets"),
        ({"uri": URL}, "uri"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        split(**{"url": URL, "secret": SECRET, **given})

    (fault,) = caught.value.faults
    assert fault.field == field
    assert fault.reason


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        split(url="x", secret="y", method="z", other=1)

    fields = {fault.field for fault in caught.value.faults}
    assert fields == {"url", "secret", "method", "other"}
