"""What an operator says of an Apprise destination: one URL, in Apprise's own form.

The whole URL is the secret: tokens stand anywhere in it.
https://appriseit.com/services/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tocsin import washing
from tocsin.channels import _redaction
from tocsin.channels.apprise import engine
from tocsin.channels.apprise.services import OWN, SERVICES, Service
from tocsin.errors import Fault, Invalid

LONGEST = 2000
TOLD = 160
MISSING = (
    "this installation is without the Apprise layer: deploy with Apprise=true, after "
    "make build APPRISE=1"
)
_PLAIN = re.compile(r"[!-~]+")
_SCHEME = re.compile(r"([a-z][a-z0-9]{1,20})://", re.IGNORECASE)
# What would change who answers for a send, or where it goes.
_RESERVED = frozenset(
    {"retry", "wait", "optional", "redirect", "verify", "cto", "rto", "overflow"}
    | {"store", "tag", "tags", "format", "emojis", "attach", "template"}
)


def url_of(value: object) -> str:
    """The URL. Raises ValueError, which never repeats it."""
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > LONGEST or _PLAIN.fullmatch(text) is None:
        raise ValueError("not a URL in the form of Apprise's documentation")
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    if scheme in OWN:
        raise ValueError(f"take the channel {OWN[scheme]}, which knows its limits")
    if scheme not in SERVICES:
        raise ValueError(f"not a known scheme; known: {', '.join(SERVICES)}")
    try:
        names = {name.lower() for name, _ in parse_qsl(urlsplit(text).query)}
    except ValueError:
        raise ValueError("not a URL in the form of Apprise's documentation") from None
    if taken := sorted(names & _RESERVED):
        raise ValueError(f"{taken[0]}= is not for a URL to say: leave it out")
    return text


def service_of(url: str) -> Service:
    """The service that a URL is of."""
    return SERVICES[url.partition("://")[0].lower()]


def plugin_of(url: str) -> Any:
    """What Apprise makes of it. Raises ValueError, which never repeats the URL, or
    `engine.MissingError`."""
    try:
        plugin = engine.plugin_of(url)
    except engine.UnfitError as error:
        told = shown(str(error), url)
        words = f"Apprise cannot read it as {service_of(url).title} ({told})"
        raise ValueError(words) from None
    count = engine.targets(plugin)
    if count != 1:
        raise ValueError(
            f"names {count} recipients: make a destination for each, since a failure "
            "of one would repeat the others"
        )
    return plugin


def shown(text: str, url: str, limit: int = TOLD) -> str:
    """Words of Apprise's or of a service's, without any part of the URL."""
    told = _redaction.shown(text.encode("utf-8", "replace"), secrets_in(url), limit)
    return washing.line(told) or "no reason given"


def secrets_in(url: str) -> Iterator[str]:
    """Every part of it may be one, the host as well."""
    yield from _redaction.secrets_in_url(url)
    parts = urlsplit(url)
    yield parts.netloc
    for part in re.split(r"[/@:?&=,+ ]", url.partition("://")[2]):
        yield part
        yield unquote(part)


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """({}, the URL or ""). Raises `Invalid`."""
    faults = [
        Fault(str(name), "not a setting of Apprise destinations")
        for name in given
        if name != "url"
    ]
    url = ""
    try:
        if given.get("url") is not None:
            url = url_of(given["url"])
            plugin_of(url)
    except engine.MissingError:
        faults.append(Fault("channel", MISSING))
    except ValueError as error:
        faults.append(Fault("url", str(error)))
    if faults:
        raise Invalid("the Apprise destination is not valid", faults)
    return {}, url
