"""Email: which settings and addresses are taken, and how the others are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.channels.mail_server import GIVEN, PASSWORD
from tocsin.channels import channel
from tocsin.channels.email.addresses import mailbox_of
from tocsin.channels.email.settings import login_of
from tocsin.destinations import hint_of
from tocsin.errors import Fault, Invalid


def split(**given: Any) -> tuple[dict[str, Any], str]:
    """What the channel keeps, and what it hides."""
    whole = {**GIVEN, **given}
    return channel("email").split({k: v for k, v in whole.items() if v is not None})


def faults(**given: Any) -> tuple[Fault, ...]:
    """What it refuses."""
    with pytest.raises(Invalid) as caught:
        split(**given)
    return caught.value.faults


def test_the_password_is_hidden_and_the_rest_is_kept() -> None:
    kept, secret = split(subject_prefix=" [Shop] ", reply_to="Desk <desk@example.com>")

    assert kept == {
        "host": "smtp.example.com",
        "port": 587,
        "security": "starttls",
        "username": "alerts@example.com",
        "from": "Tocsin <alerts@example.com>",
        "to": ["ops@example.org", "oncall@example.org"],
        "reply_to": "Desk <desk@example.com>",
        "subject_prefix": "[Shop]",
    }
    assert secret == "smtp://alerts%40example.com:app-password-0815@smtp.example.com"
    assert hint_of(secret) == "smtp.example.com"


@pytest.mark.parametrize(
    "password", [PASSWORD, "a:b@c/d?e#f%41", "pässwörd ☂", "x" * 1000, "[::1]"]
)
def test_a_password_comes_back_as_it_went_in(password: str) -> None:
    _, secret = split(password=password)

    assert login_of(secret).password == password
    assert password not in repr(login_of(secret))


def test_settings_change_without_the_password_being_given_again() -> None:
    kept, secret = split(password=None, to=["new@example.org"])

    assert secret == ""
    assert kept["to"] == ["new@example.org"]


def test_a_relay_without_a_login_has_no_password() -> None:
    assert split(password=None, username=None)[1] == "smtp://smtp.example.com"


@pytest.mark.parametrize(
    ("given", "port", "security"),
    [
        ({}, 587, "starttls"),
        ({"security": "tls"}, 465, "tls"),
        ({"port": 465}, 465, "tls"),
        ({"port": 2465}, 2465, "tls"),
        ({"port": "2525"}, 2525, "starttls"),
        ({"port": 2525, "security": "tls"}, 2525, "tls"),
    ],
)
def test_port_and_security_tell_each_other(
    given: dict[str, Any], port: int, security: str
) -> None:
    kept, _ = split(**given)

    assert (kept["port"], kept["security"]) == (port, security)


def test_nobody_gets_it_twice() -> None:
    kept, _ = split(to=["a@example.org", "B <b@example.org>", "A <A@example.org>"])

    assert kept["to"] == ["a@example.org", "B <b@example.org>"]
    assert split(to="a@example.org")[0]["to"] == ["a@example.org"]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"colour": "red"}, "colour", "not a setting of email destinations"),
        ({"host": None}, "host", "is missing"),
        ({"from": None}, "from", "is missing"),
        ({"to": None}, "to", "is missing"),
        ({"to": []}, "to", "at least 1"),
        ({"to": [f"r{n}@b.ch" for n in range(51)]}, "to", "at most 50"),
        ({"to": ["ok@b.ch", "bad"]}, "to.1", "not a mail address"),
        ({"host": "localhost"}, "host", "public host"),
        ({"host": "10.0.0.1"}, "host", "public host"),
        ({"host": "169.254.169.254"}, "host", "public host"),
        ({"host": "a.example.com\r\nX"}, "host", "public host"),
        ({"host": "smtp.example.com:587"}, "host", "public host"),
        ({"port": 25}, "port", "AWS blocks port 25"),
        ({"port": 0}, "port", "greater than or equal to 1"),
        ({"port": 65536}, "port", "less than or equal to 65535"),
        ({"security": "plain"}, "security", "'tls' or 'starttls'"),
        ({"security": "none"}, "security", "'tls' or 'starttls'"),
        ({"port": 465, "security": "starttls"}, "security", "security is tls"),
        ({"port": 587, "security": "tls"}, "security", "security is starttls"),
        ({"username": None}, "username", "a password needs one"),
        ({"username": "a\r\nb"}, "username", "line ends"),
        ({"password": "abc"}, "password", "4 to 1000"),
        ({"password": "line\r\nend"}, "password", "line ends"),
        ({"password": 12345678}, "password", "text"),
        ({"subject_prefix": "a\r\nBcc: b@c.ch"}, "subject_prefix", "line ends"),
        ({"subject_prefix": "=?utf-8?q?x?="}, "subject_prefix", "=?"),
        ({"subject_prefix": "x" * 41}, "subject_prefix", "at most 40"),
        ({"reply_to": "a@b.ch, c@d.ch"}, "reply_to", "not plain"),
        ({"from": "a@b.ch\r\nBcc: c@d.ch"}, "from", "line ends"),
    ],
)
def test_what_is_wrong_is_named_with_the_reason(
    given: dict[str, Any], field: str, words: str
) -> None:
    (fault,) = faults(**given)

    assert fault.field == field
    assert words in fault.reason


def test_a_refusal_does_not_repeat_the_password() -> None:
    for wrong in (
        {"unknown": PASSWORD},
        {PASSWORD[:4]: 1},
        {"password": "\n" + PASSWORD},
    ):
        with pytest.raises(Invalid) as caught:
            split(**wrong)

        assert PASSWORD not in f"{caught.value.detail} {caught.value.faults}"
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("a@example.com", "a@example.com", ""),
        (" a@Example.COM ", "a@example.com", ""),
        ("<a@example.com>", "a@example.com", ""),
        ("Ann Lee <a@example.com>", "a@example.com", "Ann Lee"),
        ('"Lee, Ann" <a@example.com>', "a@example.com", "Lee, Ann"),
        ("Änn <a@example.com>", "a@example.com", "Änn"),
        ("a.b+tag=x@sub.example.co.uk", "a.b+tag=x@sub.example.co.uk", ""),
        ("o'neil@example.ie", "o'neil@example.ie", ""),
        ("a@bücher.example", "a@xn--bcher-kva.example", ""),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example", ""),
        (f"{'x' * 64}@example.com", f"{'x' * 64}@example.com", ""),
    ],
)
def test_addresses_that_are_taken(text: str, address: str, name: str) -> None:
    mailbox = mailbox_of(text)

    assert (mailbox.address, mailbox.name) == (address, name)
    assert mailbox_of(mailbox.text) == mailbox
    assert mailbox.header.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@example.com",
        "a@",
        "a@localhost",
        "a@example",
        "a@example.c",
        "a@-example.com",
        "a@example-.com",
        "a@example..com",
        "a@exa_mple.com",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "a b@example.com",
        '"a b"@example.com',
        "a@b@example.com",
        "a,b@example.com",
        "a@example.com, b@example.com",
        "a@example.com b@example.com",
        "a@example.com\nBcc: b@example.com",
        "a@example.com\rRCPT",
        "Ann\r\nBcc: <b@example.com>",
        "a@example.com\x00",
        "a@exam\u200bple.com\u2028",
        "ann@bank.example <a@example.com>",
        "=?utf-8?q?Bank?= <a@example.com>",
        'A "B" C <a@example.com>',
        "A <a@example.com> B",
        "A <<a@example.com>>",
        "ä@example.com",
        f"{'x' * 65}@example.com",
        f"a@{'x' * 64}.example.com",
        f"a@{'x.' * 130}example.com",
        f"{'N' * 81} <a@example.com>",
    ],
)
def test_addresses_that_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        mailbox_of(text)
