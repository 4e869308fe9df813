"""Which Tocsin is called with which key, and that no key goes where it should not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack
from tests.fakes.api import KEYS
from tocsin_client.command.address import Address, Asked, find_address
from tocsin_client.command.profiles import (
    Profile,
    Profiles,
    config_file,
    read_profiles,
    write_profiles,
)
from tocsin_client.command.trouble import Exit, Trouble

PROD = Profile("https://tocsin.example.com", "toc_prod")
TEST = Profile("https://test.example.com", "toc_test")


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """Two profiles, the first of them the default."""
    environment = {"XDG_CONFIG_HOME": str(home / "config")}
    profiles = Profiles().with_one("prod", PROD).with_one("test", TEST)
    write_profiles(config_file(environment), profiles)
    return environment


def key_of(asked: Asked, environment: dict[str, str], **more: str) -> tuple[str, str]:
    found = find_address(asked, {**environment, **more})
    return found.url, found.key


def test_the_default_profile_is_used_when_nothing_is_said(
    environment: dict[str, str],
) -> None:
    assert key_of(Asked(), environment) == (PROD.url, "toc_prod")


def test_an_option_goes_before_the_environment_which_goes_before_the_default(
    environment: dict[str, str],
) -> None:
    named = {"TOCSIN_PROFILE": "test"}
    urls = {"TOCSIN_URL": "https://env.example.com", "TOCSIN_KEY": "toc_env"}

    assert key_of(Asked(), environment, **named) == (TEST.url, "toc_test")
    assert key_of(Asked(profile="prod"), environment, **named, **urls) == (
        PROD.url,
        "toc_prod",
    )
    assert key_of(Asked(), environment, **named, **urls) == (
        "https://env.example.com",
        "toc_env",
    )


def test_a_profile_s_key_goes_to_no_other_address(environment: dict[str, str]) -> None:
    elsewhere = "https://evil.example.com"

    for asked, more in (
        (Asked(url=elsewhere), {}),
        (Asked(), {"TOCSIN_URL": elsewhere}),
        (Asked(url=elsewhere, profile="prod"), {}),
        (Asked(url=elsewhere), {"TOCSIN_PROFILE": "prod"}),
    ):
        with pytest.raises(Trouble) as caught:
            key_of(asked, environment, **more)
        assert caught.value.code == Exit.USAGE


def test_a_local_stack_s_file_says_it_all(
    home: Path, stack: Stack, tocsin: Run
) -> None:
    told = {"api_url": stack.url, "admin_key": KEYS["admin"]}
    (home / "stack.json").write_text(json.dumps(told))

    before = tocsin("--stack", "stack.json", "health", key="")
    after = tocsin(
        "health", "--stack", str(home), key="", TOCSIN_URL="http://x.invalid"
    )

    assert before.exit_code == 0
    assert after.exit_code == 0
    missing = tocsin("health", "--stack", "nowhere.json")
    assert missing.exit_code == 2
    assert "make up" in missing.stderr


def test_with_nothing_set_up_it_says_how_to(tocsin: Run, home: Path) -> None:
    nothing = tocsin("list", key="", TOCSIN_URL="")
    (home / ".local").mkdir()
    (home / ".local" / "stack.json").write_text("{}")
    local = tocsin("list", key="", TOCSIN_URL="")

    assert nothing.exit_code == 2
    assert "tocsin profile add" in nothing.stderr
    assert "--stack .local/stack.json" in local.stderr


def test_a_profile_is_tried_then_kept_for_its_owner_only(
    stack: Stack, tocsin: Run, home: Path
) -> None:
    path = home / "config" / "tocsin" / "config.toml"

    wrong = tocsin("profile", "add", "local", "--key-stdin", key="", piped="toc_no")
    assert wrong.exit_code == 4
    assert not path.exists()
    result = tocsin(
        "profile", "add", "local", "--key-stdin", key="", piped=KEYS["admin"] + "\n"
    )

    assert result.exit_code == 0, result.stderr
    assert read_profiles(path).named["local"] == Profile(stack.url, KEYS["admin"])
    assert path.stat().st_mode & 0o777 == 0o600
    assert KEYS["admin"] not in result.stdout + result.stderr
    assert tocsin("list", key="", TOCSIN_URL="").exit_code == 0


def test_a_key_that_may_only_send_can_be_kept(tocsin: Run, home: Path) -> None:
    result = tocsin("profile", "add", "shop", key="shop")

    assert result.exit_code == 0
    assert "may send events, and not read" in result.stderr


def test_profiles_are_listed_without_keys_used_and_removed(
    tocsin: Run, environment: dict[str, str]
) -> None:
    assert "toc_" not in tocsin("profile").stdout + tocsin("profile", "--json").stdout
    shown = tocsin("profile", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert [line.split()[-1] for line in shown.splitlines()[1:]] == [
        "default",
        TEST.url,
    ]
    assert tocsin("profile", "use", "test").exit_code == 0
    assert read_profiles(config_file(environment)).default == "test"
    assert tocsin("profile", "remove", "test").exit_code == 0
    assert read_profiles(config_file(environment)) == Profiles("", {"prod": PROD})
    assert tocsin("profile", "use", "test").exit_code == 2


def test_a_file_that_others_can_read_is_warned_of(
    tocsin: Run, environment: dict[str, str]
) -> None:
    path = config_file(environment)
    path.chmod(0o644)

    result = tocsin("list", "--timeout", "0.2", key="", TOCSIN_URL="")

    assert f"chmod 600 {path}" in result.stderr


@pytest.mark.parametrize("text", ["default =", "[profiles.x]\nurl = 1", "profiles = 3"])
def test_a_broken_file_is_named(tocsin: Run, home: Path, text: str) -> None:
    path = config_file({"XDG_CONFIG_HOME": str(home / "config")})
    path.parent.mkdir(parents=True)
    path.write_text(text)

    result = tocsin("list", key="", TOCSIN_URL="")

    assert result.exit_code == 2
    assert str(path) in result.stderr.replace("\n", "")


def test_any_key_survives_the_file(home: Path) -> None:
    path = home / "c" / "config.toml"
    strange = Profiles("a", {"a": Profile('https://x.io/"\\', "\t\x7f ü 🚨 'k'")})

    write_profiles(path, strange)

    assert read_profiles(path) == strange
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("url", "exposed"),
    [
        ("http://tocsin.example.com", True),
        ("https://tocsin.example.com", False),
        ("http://127.0.0.1:8700", False),
        ("http://localhost:8700", False),
    ],
)
def test_a_key_in_the_clear_is_noticed(url: str, exposed: bool) -> None:
    assert Address(url, "k", "a test").exposed is exposed


def test_a_key_shows_in_no_repr() -> None:
    assert "toc_prod" not in repr(PROD) + repr(Address(PROD.url, PROD.key, "x"))
