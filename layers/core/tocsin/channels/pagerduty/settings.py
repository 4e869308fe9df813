"""What an operator says of a PagerDuty destination: the routing key and the region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError

from tocsin.channels import _complaints
from tocsin.channels._settings import parted
from tocsin.errors import Fault
from tocsin.events import Frozen

_KEY = re.compile(r"[A-Za-z0-9]{32}")
_FORM = (
    "not a routing key; it is the 32 letters and digits called Integration Key, of an "
    "Events API v2 integration of the service"
)


class Settings(Frozen):
    """All that may be said besides the routing key."""

    region: Literal["us", "eu"] = "us"


def routing_key(value: object) -> str:
    """The key. Raises ValueError, which never repeats it."""
    text = value.strip() if isinstance(value, str) else ""
    if _KEY.fullmatch(text) is None:
        raise ValueError(_FORM)
    return text


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(settings to keep, the routing key or ""). Raises `Invalid`."""
    return parted(
        given,
        Settings,
        _faults_of,
        channel="PagerDuty",
        hidden="routing_key",
        read=routing_key,
    )


def why(error: ValueError) -> str:
    """What is wrong, without what was given."""
    return _complaints.why(error, _faults_of)


def _faults_of(error: ValidationError) -> list[Fault]:
    words = {"extra_forbidden": "not a setting of PagerDuty destinations"}
    return _complaints.faults_of(error, words)
