"""What an operator says of a Teams destination: the address of a workflow.

It is taken as it is: whoever knows it may post, and Microsoft has changed its form more
than once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tocsin.channels._public import is_public_url
from tocsin.errors import Fault, Invalid

_HOSTS = (
    ".logic.azure.com",
    ".logic.azure.us",
    ".environment.api.powerplatform.com",
    ".powerplatform.microsoft.us",
)
_RETIRED = (".webhook.office.com", "outlook.office.com", "outlook.office365.com")
_LONGEST = 2000
_PLAIN = re.compile(r"[!-~]+")
_FORM = (
    "copy it out of the Teams workflow 'When a Teams webhook request is received': it "
    "is on …environment.api.powerplatform.com, and has sig= in it"
)


def workflow(url: object) -> str:
    """The address. Raises ValueError, which never repeats it."""
    text = url.strip() if isinstance(url, str) else ""
    if len(text) > _LONGEST or _PLAIN.fullmatch(text) is None:
        raise ValueError(f"not an address; {_FORM}")
    try:
        parts = urlsplit(text)
        public = is_public_url(parts)
    except ValueError:
        raise ValueError(f"not an address; {_FORM}") from None
    host = parts.hostname or ""
    if host.endswith(_RETIRED):
        raise ValueError(
            "connectors (webhook.office.com) were retired in May 2026; make a workflow "
            f"and {_FORM}"
        )
    if not (public and host.endswith(_HOSTS)):
        raise ValueError(f"not the address of a workflow; {_FORM}")
    if "sig=" not in parts.query:
        raise ValueError(f"the address is not whole, its sig= is missing; {_FORM}")
    return text


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """({}, the address or ""). Raises `Invalid`."""
    faults = [
        Fault(str(name), "not a setting of Teams destinations")
        for name in given
        if name != "url"
    ]
    url = ""
    try:
        if given.get("url") is not None:
            url = workflow(given["url"])
    except ValueError as error:
        faults.append(Fault("url", str(error)))
    if faults:
        raise Invalid("the Teams destination is not valid", faults)
    return {}, url
