"""A destination's signature: whose presses of its buttons are believed. Write-only."""

from __future__ import annotations

from functools import partial
from typing import Any

from pydantic import SecretStr

from tocsin import presenting, shapes
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.destinations import named
from tocsin.events import Frozen
from tocsin.press_secrets import put_secret, revoke_older, take_away
from tocsin.settings import Destination, Scope


class NewPressSecret(Frozen):
    """With what the provider signs: Slack's signing secret, or the secret token of
    Telegram's webhook. It cannot be read again."""

    secret: SecretStr


_ONE = "/v1/destinations/{name}/signature"


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operations on what makes a destination's buttons act."""
    return [
        Operation(
            "GET",
            _ONE,
            "Do its buttons act? Since when each secret is live; none: links only.",
            partial(_read, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.PressSecretsShape,
        ),
        Operation(
            "PUT",
            _ONE,
            "Let its buttons act: presses signed with this secret are believed. A "
            "second one is live beside the first.",
            partial(_put, reach),
            Scope.ADMIN,
            Nothing,
            NewPressSecret,
            shapes.PressSecretsShape,
        ),
        Operation(
            "POST",
            f"{_ONE}/revoke",
            "Forget the older of its two secrets.",
            partial(_revoke, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.PressSecretsShape,
        ),
        Operation(
            "DELETE",
            _ONE,
            "Show links again instead of buttons that act, and forget its secrets.",
            partial(_take_away, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            None,
            204,
        ),
    ]


def _read(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    return _told(named(call.params["name"], reach.settings.fresh()))


def _put(reach: Reach, call: Call[Nothing, NewPressSecret]) -> Answer:
    secret = call.body.secret.get_secret_value()
    name, channels = call.params["name"], reach.channels
    return _told(put_secret(name, secret, channels=channels, **_written(reach)))


def _revoke(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    return _told(revoke_older(call.params["name"], **_written(reach)))


def _take_away(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    take_away(call.params["name"], **_written(reach))
    return Answer(status=204)


def _written(reach: Reach) -> dict[str, Any]:
    return {
        "desk": reach.settings,
        "vault": reach.signing_vault,
        "clock": reach.clock,
    }


def _told(known: Destination) -> Answer:
    made = [presenting.iso(each.secret_version) for each in known.signing]
    told: shapes.PressSecretsShape = {
        "name": known.name,
        "secrets": [{"made_at": at} for at in made],
    }
    return Answer(told)
