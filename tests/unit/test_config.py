"""The routing file as a model, and the environment."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tocsin.config import read_environment
from tocsin.rules.config import Config

FULL: dict[str, Any] = {
    "timezone": "Europe/Zurich",
    "application": "Shop",
    "routes": [
        {
            "name": "pager",
            "match": {
                "severity": ">=high",
                "type": ["ssl_*", "aws.*"],
                "branch": "*",
                "labels": {"team": "web"},
            },
            "to": ["ops", "oncall"],
            "mentions": {"critical": ["@everyone"], "P1": ["<@&42>"]},
            "may_mention": ["user:7"],
            "on_unknown": "stop",
            "continue": True,
        },
        {"name": "rest", "match": {"severity": ["low", "info"]}, "to": "ops"},
    ],
}


def test_a_file_survives_being_stored() -> None:
    config = Config.model_validate(FULL)

    assert Config.model_validate(config.dump()) == config


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"colour": "red"}, "colour"),
        ({"routes": [{"name": "a"}]}, "routes.0.to"),
        ({"routes": [{"name": "a", "to": "Ops!"}]}, "routes.0.to.0"),
        (
            {"routes": [{"name": "a", "to": "x", "match": {"severity": ">bad"}}]},
            "routes.0.match.severity",
        ),
        (
            {
                "routes": [
                    {"name": "a", "to": "x", "match": {"severity": [">high", "low"]}}
                ]
            },
            "routes.0.match.severity",
        ),
        (
            {"routes": [{"name": "a", "to": "x", "mentions": {"high": ["@here"]}}]},
            "routes.0",
        ),
        ({"routes": [{"name": "a", "to": "x"}, {"name": "a", "to": "y"}]}, ""),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(FULL | change)

    places = {".".join(map(str, each["loc"])) for each in caught.value.errors()}
    assert any(each.startswith(place) for each in places)


def test_local_switches_do_not_exist_on_aws() -> None:
    variables = {
        "TOCSIN_TABLE": "t",
        "TOCSIN_TIME_SCALE": "60",
        "TOCSIN_DISCORD_BASE": "http://127.0.0.1:9/discord",
        "TOCSIN_SMTP": "127.0.0.1:9",
    }
    for endpoint in ("", "https://dynamodb.eu-central-1.amazonaws.com"):
        environment = read_environment({**variables, "AWS_ENDPOINT_URL": endpoint})
        assert not environment.local
        assert environment.bases == {}
        assert environment.timing.retries[0] == 60_000


def test_the_local_stack_may_speed_up_and_redirect() -> None:
    environment = read_environment(
        {
            "TOCSIN_TABLE": "t",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
            "TOCSIN_TIME_SCALE": "60",
            "TOCSIN_DISCORD_BASE": "http://127.0.0.1:9/discord",
            "TOCSIN_SMTP": "127.0.0.1:10",
        }
    )

    assert environment.bases == {
        "discord": "http://127.0.0.1:9/discord",
        "email": "127.0.0.1:10",
        "aws": "http://127.0.0.1:4566",
    }
    assert environment.timing.retries == (1_000, 5_000, 15_000, 30_000, 60_000)
