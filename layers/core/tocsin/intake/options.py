"""Options: what an operator may set for an adapter, checked when it is set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, JsonValue, ValidationError

from tocsin.errors import Invalid
from tocsin.events import Frozen
from tocsin.intake.faults import faults_of
from tocsin.intake.native import summary
from tocsin.severity import Severity, parse_severity


def _severity(value: Any) -> Severity:
    if not isinstance(value, str):
        raise ValueError("a severity is text")
    return parse_severity(value)


class Options(Frozen):
    """What every adapter takes: the severity of what states none itself."""

    severity: Annotated[Severity, BeforeValidator(_severity)] | None = None


Kind = TypeVar("Kind", bound=Frozen)


def read_options(kind: type[Kind], told: Mapping[str, JsonValue]) -> Kind:
    """The options as their model. Raises `Invalid`, naming `options.<field>`."""
    try:
        return kind.model_validate(dict(told))
    except ValidationError as error:
        faults = faults_of(error, "options")
        raise Invalid(summary(faults), faults) from None
