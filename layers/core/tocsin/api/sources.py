"""Sources: listed, made, bounded, rotated, revoked, deleted."""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, SecretStr, StringConstraints

from tocsin import presenting, shapes
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.errors import Fault, Invalid, NotFound
from tocsin.events import Frozen
from tocsin.intake.hooks import check_options
from tocsin.intake.signatures import check_secret
from tocsin.rules.config import DestinationName
from tocsin.settings import Scope
from tocsin.signing import revoke_old_secret, sign_source, unsign_source
from tocsin.sources import (
    bound_source,
    create_source,
    delete_source,
    revoke_old_key,
    rotate_key,
)


class NewSource(Frozen):
    """A name of its own, and what its key may do."""

    name: DestinationName
    scopes: Annotated[frozenset[Scope], Field(min_length=1)] = frozenset({Scope.INGEST})


Glob = Annotated[str, StringConstraints(pattern=r"^[\w.*?\[\]!:/-]{1,100}$")]
Options = dict[str, dict[str, JsonValue]]


class ChangeSource(Frozen):
    """What is asked of its events; what is left out stays as it is. `types` are globs
    (none = any), `rate` is events in a minute (0 = no limit), `options` are what
    adapters are told about its calls, by adapter."""

    types: Annotated[tuple[Glob, ...], Field(max_length=50)] = ()
    rate: Annotated[int, Field(ge=0, le=100_000, strict=True)] = 0
    options: Annotated[Options, Field(max_length=20)] = Field(default_factory=dict)


class NewSignature(Frozen):
    """How its calls are signed, and with which secret; that cannot be read again."""

    scheme: Literal[
        "github", "grafana", "sentry", "slack", "standard", "stripe", "whatsapp"
    ]
    secret: SecretStr


OPTIONS_LENGTH = 8_192
_ONE = "/v1/sources/{name}"


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operations on sources."""
    return [
        *_reading(reach),
        *_keeping(reach),
        *_key_operations(reach),
        *_signature_operations(reach),
        Operation(
            "DELETE",
            _ONE,
            "Delete it, its keys and secrets. The last admin stays.",
            partial(_delete, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            None,
            204,
        ),
    ]


def _reading(reach: Reach) -> list[Operation[Any, Any]]:
    return [
        Operation(
            "GET",
            "/v1/sources",
            "List sources, with the first characters of their keys.",
            partial(_list, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.SourceList,
        ),
    ]


def _keeping(reach: Reach) -> list[Operation[Any, Any]]:
    return [
        Operation(
            "POST",
            "/v1/sources",
            "Make one. Its key is shown this once.",
            partial(_create, reach),
            Scope.ADMIN,
            Nothing,
            NewSource,
            shapes.SourceWithKey,
            201,
        ),
        Operation(
            "PATCH",
            _ONE,
            "Change which types and how much it may send, and adapters' options.",
            partial(_change, reach),
            Scope.ADMIN,
            Nothing,
            ChangeSource,
            shapes.SourceShape,
        ),
    ]


def _key_operations(reach: Reach) -> list[Operation[Any, Any]]:
    return [
        Operation(
            "POST",
            f"{_ONE}/rotate",
            "Give it a second key; both are live until the old one is revoked.",
            partial(_rotate, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.SourceWithKey,
        ),
        Operation(
            "POST",
            f"{_ONE}/revoke",
            "Revoke the older of its two keys.",
            partial(_revoke, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.SourceShape,
        ),
    ]


def _signature_operations(reach: Reach) -> list[Operation[Any, Any]]:
    return [
        Operation(
            "PUT",
            f"{_ONE}/signature",
            "Ask for signed calls. A second secret of the same scheme is live beside "
            "the first.",
            partial(_sign, reach),
            Scope.ADMIN,
            Nothing,
            NewSignature,
            shapes.SourceShape,
        ),
        Operation(
            "POST",
            f"{_ONE}/signature/revoke",
            "Forget the older of its two secrets.",
            partial(_revoke_secret, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.SourceShape,
        ),
        Operation(
            "DELETE",
            f"{_ONE}/signature",
            "Ask for its key only, and forget its secrets.",
            partial(_unsign, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            None,
            204,
        ),
    ]


def _list(reach: Reach, _: Call[Nothing, Nothing]) -> Answer:
    known = reach.settings.fresh().sources
    return Answer(
        {"sources": [presenting.source(known[name]) for name in sorted(known)]}
    )


def _create(reach: Reach, call: Call[Nothing, NewSource]) -> Answer:
    made, key = create_source(
        call.body.name, call.body.scopes, desk=reach.settings, clock=reach.clock
    )
    return Answer(presenting.source_with_key(made, key), status=201)


def _change(reach: Reach, call: Call[Nothing, ChangeSource]) -> Answer:
    bounds = {name: getattr(call.body, name) for name in call.body.model_fields_set}
    for adapter, told in bounds.get("options", {}).items():
        _check_options(adapter, told)
    if len(json.dumps(bounds.get("options", {}))) > OPTIONS_LENGTH:
        reason = f"together at most {OPTIONS_LENGTH:,} bytes"
        raise Invalid(f"options: {reason}", [Fault("options", reason)])
    name = call.params["name"]
    changed = bound_source(name, bounds, desk=reach.settings, clock=reach.clock)
    return Answer(presenting.source(changed))


def _check_options(adapter: str, told: dict[str, JsonValue]) -> None:
    try:
        check_options(adapter, told)
    except NotFound as error:
        field = f"options.{adapter[:60]}"
        raise Invalid(
            f"{field}: {error.detail}", [Fault(field, error.detail)]
        ) from None


def _sign(reach: Reach, call: Call[Nothing, NewSignature]) -> Answer:
    secret = call.body.secret.get_secret_value()
    check_secret(call.body.scheme, secret)
    name = call.params["name"]
    signing = sign_source(name, call.body.scheme, secret, **_written(reach))
    return Answer(presenting.source(signing))


def _revoke_secret(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    left = revoke_old_secret(call.params["name"], **_written(reach))
    return Answer(presenting.source(left))


def _unsign(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    unsign_source(call.params["name"], **_written(reach))
    return Answer(status=204)


def _written(reach: Reach) -> dict[str, Any]:
    return {
        "desk": reach.settings,
        "vault": reach.signing_vault,
        "clock": reach.clock,
    }


def _rotate(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    name = call.params["name"]
    made, key = rotate_key(name, desk=reach.settings, clock=reach.clock)
    return Answer(presenting.source_with_key(made, key))


def _revoke(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    name = call.params["name"]
    left = revoke_old_key(name, desk=reach.settings, clock=reach.clock)
    return Answer(presenting.source(left))


def _delete(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    delete_source(call.params["name"], **_written(reach))
    return Answer(status=204)
