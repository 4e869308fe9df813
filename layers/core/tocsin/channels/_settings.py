"""Settings: what an operator gave, parted into what is kept and what is hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from tocsin.errors import Fault, Invalid
from tocsin.events import Frozen


def parted(
    given: Mapping[str, Any],
    model: type[Frozen],
    faults_of: Callable[[ValidationError], list[Fault]],
    *,
    channel: str,
    hidden: str,
    read: Callable[[object], str],
) -> tuple[dict[str, Any], str]:
    """(settings to keep, the one that is `hidden` as `read` has it, or ""). All that is
    wrong is told at once. Raises `Invalid`, which never repeats the secret."""
    rest = {str(name): value for name, value in given.items() if name != hidden}
    faults: list[Fault] = []
    kept: dict[str, Any] = {}
    secret = ""
    try:
        if given.get(hidden) is not None:
            secret = read(given[hidden])
    except ValueError as error:
        faults.append(Fault(hidden, str(error)))
    try:
        own = model.model_validate(rest)
        kept = own.model_dump(mode="json", exclude_defaults=True)
    except ValidationError as error:
        faults += faults_of(error)
    if faults:
        raise Invalid(f"the {channel} destination is not valid", faults)
    return kept, secret
