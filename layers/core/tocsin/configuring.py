"""Configuring: the routing file is checked, explained, and put live."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tocsin.desk import Desk, Edition, Upsert
from tocsin.errors import Conflict, Fault, Invalid, Outdated, Refused, TooLarge
from tocsin.live import wait_until_live
from tocsin.ports import Channel, Clock
from tocsin.routing_file import Document, located, read, require_destinations
from tocsin.rules.config import Config, DestinationSettings
from tocsin.settings import Destination, Settings
from tocsin.validation import invalid
from tocsin.values import dataclass

Channels = Callable[[str], Channel]
MOST_DESTINATIONS = 40
MOST_STORED = 300_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A routing file that could be put live, and what it does to destinations."""

    config: Config
    upserts: tuple[Upsert, ...]
    destinations: Mapping[str, Destination]


def draft(document: Document, settings: Settings, channels: Channels) -> Draft:
    """Judge a file against what exists. Raises `Invalid`."""
    config = read(document)
    if len(config.model_dump_json(by_alias=True)) > MOST_STORED:
        # Aliases let a small file say much.
        raise TooLarge("written out, the file is too large to be stored")
    if config.templates:
        # Jinja2 is imported by those who use it.
        from tocsin.templating.checking import require_templates  # noqa: PLC0415

        require_templates(config, document, channels)
    upserts = tuple(_upserts(config, settings, channels, document))
    named = {upsert.new.name: upsert.new for upsert in upserts}
    destinations = {**settings.destinations, **named}
    require_destinations(config, destinations, document)
    return Draft(config, upserts, destinations)


def put_config(
    document: Document,
    *,
    if_match: str | None,
    actor: str,
    desk: Desk,
    channels: Channels,
    clock: Clock,
) -> str:
    """Put a file live; returns its ETag once it holds everywhere.

    `if_match` is the ETag that the caller had read (None = replace whatever is there).
    Raises `Invalid`, `Outdated` or `Conflict`; then nothing has changed.
    """
    settings = desk.fresh()
    if if_match is not None and if_match != settings.etag:
        raise Outdated(f'the current file has the ETag "{settings.etag}"')
    drafted = draft(document, settings, channels)
    edition = Edition(document.text, document.media, actor, clock.now())
    try:
        etag = desk.put_config(
            drafted.config, edition, after=settings.etag, upserts=drafted.upserts
        )
    except Outdated as error:
        if if_match is None:
            raise Conflict("another file was put live at the same moment") from error
        raise
    wait_until_live(clock)
    return etag


def _upserts(
    config: Config, settings: Settings, channels: Channels, document: Document
) -> Iterator[Upsert]:
    named = config.destinations or {}
    if len(named) > MOST_DESTINATIONS:
        reason = f"at most {MOST_DESTINATIONS} destinations in one file"
        raise invalid(located([Fault("destinations", reason)], document))
    faults: list[Fault] = []
    for name, wanted in named.items():
        old = settings.destinations.get(name)
        try:
            new = _destination(name, wanted, old, channels)
        except Refused as error:
            faults += _inside(name, error)
            continue
        if new != old:
            yield Upsert(old, new)
    if faults:
        raise invalid(located(faults, document))


def _destination(
    name: str,
    wanted: DestinationSettings,
    old: Destination | None,
    channels: Channels,
) -> Destination:
    given = wanted.model_extra or {}
    settings, secret = channels(wanted.channel).split(given)
    if secret:
        raise Invalid(
            "a secret does not belong in the file; give it with "
            f"PUT /v1/destinations/{name}, or name an SSM parameter in `secret`"
        )
    if wanted.secret:
        return Destination(
            name,
            wanted.channel,
            settings,
            wanted.secret,
            hint=f"SSM {wanted.secret}",
            upkeep=wanted.upkeep,
            signing=old.signing if old and old.channel == wanted.channel else (),
        )
    if old is not None and old.channel == wanted.channel:
        return replace(old, settings=settings, upkeep=wanted.upkeep)
    return Destination(name, wanted.channel, settings, upkeep=wanted.upkeep)


def _inside(name: str, error: Refused) -> list[Fault]:
    """What a channel said, seen from the whole file."""
    inner = error.faults or (Fault("", error.detail),)
    return [
        Fault(f"destinations.{name}.{fault.field}".rstrip("."), fault.reason)
        for fault in inner
    ]
