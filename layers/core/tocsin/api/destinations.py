"""Destinations: listed, read, put, deleted, tried, asked after."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from pydantic import StringConstraints

from tocsin import presenting, shapes
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.destinations import (
    Endpoint,
    delete_destination,
    named,
    put_destination,
)
from tocsin.destinations import (
    reach as reach_out,
)
from tocsin.events import Frozen
from tocsin.rules.config import DestinationName
from tocsin.rules.policy import Upkeep, upkeep_of
from tocsin.settings import Scope
from tocsin.trying import try_out
from tocsin.validation import validated


class PutDestination(Upkeep):
    """A channel's name, how to serve it (`audit_to`, `window`, `storm`, `breaker`), and
    beside these the channel's own settings and its secret: for Discord `url`, for
    Telegram `token`. What a secret was cannot be read again; leave it out to keep it.
    """

    model_config = {**Frozen.model_config, "extra": "allow"}
    channel: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class _Named(Frozen):
    name: DestinationName


_ONE = "/v1/destinations/{name}"


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operations on destinations."""
    return [*_reading(reach), *_keeping(reach), *_asking(reach)]


def _reading(reach: Reach) -> list[Operation[Any, Any]]:
    return [
        Operation(
            "GET",
            "/v1/destinations",
            "List destinations.",
            partial(_list, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.DestinationList,
        ),
        Operation(
            "GET",
            _ONE,
            "Read one; its secret never shows.",
            partial(_read, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            dict[str, Any],
        ),
    ]


def _keeping(reach: Reach) -> list[Operation[Any, Any]]:
    return [
        Operation(
            "PUT",
            _ONE,
            "Make or replace one. Answered when it is live everywhere.",
            partial(_put, reach),
            Scope.ADMIN,
            Nothing,
            PutDestination,
            dict[str, Any],
        ),
        Operation(
            "DELETE",
            _ONE,
            "Delete one and its secrets, when no route uses it.",
            partial(_delete, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            None,
            204,
        ),
    ]


def _asking(reach: Reach) -> list[Operation[Any, Any]]:
    return [
        Operation(
            "POST",
            f"{_ONE}/test",
            "Send a harmless message through it and say why it failed if it did.",
            partial(_test, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.TrialShape,
        ),
        Operation(
            "GET",
            f"{_ONE}/status",
            "Ask the provider about it without posting.",
            partial(_status, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.StatusShape,
        ),
    ]


def _list(reach: Reach, _: Call[Nothing, Nothing]) -> Answer:
    known = reach.settings.fresh().destinations
    listed = [presenting.destination(known[name]) for name in sorted(known)]
    return Answer({"destinations": listed})


def _read(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    found = named(call.params["name"], reach.settings.fresh())
    return Answer(presenting.destination(found))


def _put(reach: Reach, call: Call[Nothing, PutDestination]) -> Answer:
    name = validated(_Named, dict(call.params), inside="path").name
    done = put_destination(
        name,
        call.body.channel,
        call.body.model_extra or {},
        upkeep=upkeep_of(call.body),
        desk=reach.settings,
        vault=reach.vault,
        signing_vault=reach.signing_vault,
        channels=reach.channels,
        clock=reach.clock,
    )
    return Answer(presenting.destination(done))


def _delete(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    delete_destination(
        call.params["name"],
        desk=reach.settings,
        vault=reach.vault,
        signing_vault=reach.signing_vault,
        clock=reach.clock,
    )
    return Answer(status=204)


def _test(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    done = try_out(_endpoint(reach, call), actor=call.actor, clock=reach.clock)
    return Answer(presenting.trial(done))


def _status(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    endpoint = _endpoint(reach, call)
    name = endpoint.target.name
    probe = endpoint.channel.probe(endpoint.target)
    answer: shapes.StatusShape = {
        "ok": probe.ok,
        "reason": probe.reason,
        "details": dict(probe.details),
        "health": presenting.health(reach.health.health([name]).get(name)),
    }
    return Answer(answer)


def _endpoint(reach: Reach, call: Call[Nothing, Nothing]) -> Endpoint:
    return reach_out(
        call.params["name"],
        settings=reach.settings.fresh(),
        vault=reach.vault,
        channels=reach.channels,
        health=reach.health,
    )
