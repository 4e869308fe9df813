"""What an operator says of an SMS destination: the number, and from where and whom.

https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationError

from tocsin.channels import _complaints
from tocsin.channels._aws import region_of
from tocsin.channels._telephones import telephone
from tocsin.errors import Fault, Invalid
from tocsin.events import Frozen

# Every destination has a secret; this one says only that our role takes its place.
STAND_IN = "sns://role"
_SENDER = re.compile(r"(?=\d{0,10}[A-Za-z])[A-Za-z0-9]{1,11}", re.ASCII)
_AGAIN = "its secret is not the one of an SMS destination"
_WORDS = {"missing": "is missing", "extra_forbidden": "not a setting of SMS"}


def _sender(value: str) -> str:
    if _SENDER.fullmatch(value) is None:
        raise ValueError("not 1 to 11 letters and digits with a letter among them")
    return value


class Settings(Frozen):
    """All that may be said; there is no secret. Without a Region it is our own."""

    number: Annotated[str, AfterValidator(telephone)]
    region: Annotated[str, AfterValidator(region_of)] | None = None
    sender_id: Annotated[str, AfterValidator(_sender)] | None = None


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(settings to keep, a stand-in for a secret). Raises `Invalid`."""
    rest = {str(name): value for name, value in given.items()}
    try:
        own = Settings.model_validate(rest)
    except ValidationError as error:
        raise Invalid("the SMS destination is not valid", _faults_of(error)) from None
    return own.model_dump(exclude_defaults=True), STAND_IN


def stored(settings: Mapping[str, Any], secret: str) -> Settings:
    """What is stored. Raises ValueError."""
    own = Settings.model_validate(dict(settings))
    if secret != STAND_IN:
        raise ValueError(_AGAIN)
    return own


def why(error: ValueError) -> str:
    """What is wrong, without what was given."""
    return _complaints.why(error, _faults_of)


def _faults_of(error: ValidationError) -> list[Fault]:
    return _complaints.faults_of(error, _WORDS)
