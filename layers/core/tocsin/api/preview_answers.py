"""Previews, answered: what `api.previews` serves, imported by its first call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from pydantic import JsonValue

from tocsin import presenting
from tocsin.api.operation import Answer, Call, Nothing
from tocsin.api.preview_shapes import (
    MOST,
    Imagined,
    PreviewShape,
    Shown,
    WaitList,
    WaitShape,
    Where,
    Whose,
    WordsShape,
)
from tocsin.api.reach import Reach
from tocsin.channels.previewing import payload_of
from tocsin.destinations import named
from tocsin.errors import Fault, NotFound, Refused
from tocsin.identity import is_id
from tocsin.keys import allows
from tocsin.message import Message, Text
from tocsin.notification import Notification
from tocsin.previewing import Preview, imagined, preview
from tocsin.routing_file import Document
from tocsin.rules.config import Config
from tocsin.settings import Scope, Settings, Source
from tocsin.validation import invalid
from tocsin.waiting import waiting

_CHANNEL = "discord"  # where nobody said which, and there is none yet
Place = tuple[str, str]
"""Channel, and a destination of it or ""."""


def imagine(reach: Reach, call: Call[Nothing, Imagined]) -> Answer:
    """An event that nobody sent, on channels and at destinations."""
    live, asked = reach.settings.current(), call.body
    config = live.config
    if asked.templates is not None:
        config = _with(config, asked.templates, reach)
    places = [
        *_channels(reach, asked.channels, "channels"),
        *_destinations(live, asked.destinations, "destinations"),
    ]
    if not places:
        used = {each.channel for each in live.destinations.values()}
        places = [(name, "") for name in sorted(used or {_CHANNEL})]
    now = reach.clock.now()
    made = imagined(asked.event, sender=call.actor, config=config, now=now)
    return _answer(made, places, live, config, now, call.caller)


def show(reach: Reach, call: Call[Where, Nothing]) -> Answer:
    """A notification as it stands now."""
    live, asked = reach.settings.current(), call.query
    name = call.params["id"].lower()
    found = reach.ledger.load([name]).get(name) if is_id(name) else None
    if found is None:
        raise NotFound("there is no notification with this id")
    places = [
        *_channels(reach, asked.channel, "query.channel"),
        *_destinations(live, asked.destination, "query.destination"),
    ]
    if not places:
        known = [name for name in found.deliveries if name in live.destinations]
        places = [(live.destinations[name].channel, name) for name in known]
    places = places or [(_CHANNEL, "")]
    now = reach.clock.now()
    return _answer(found, places, live, live.config, now, call.caller)


def wait(reach: Reach, call: Call[Whose, Nothing]) -> Answer:
    """What is held for a destination."""
    live = reach.settings.current()
    name = named(call.query.destination, live).name
    [told], more = _held(reach, [name], live, call.caller)
    return Answer({**told, "more": more or told["more"]})


def wait_all(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    """What is held anywhere."""
    live = reach.settings.current()
    told, more = _held(reach, live.destinations, live, call.caller)
    return Answer({"digests": [each for each in told if each["waiting"]], "more": more})


def _held(
    reach: Reach, names: Collection[str], live: Settings, caller: Source | None
) -> tuple[list[WaitList], bool]:
    """Of each destination, and whether others may wait that were not read."""
    now, config = reach.clock.now(), live.config
    found, more = waiting(
        names,
        calendar=reach.calendar,
        ledger=reach.ledger,
        zone=config.timezone,
        now=now,
        timing=reach.timing,
    )
    told: list[WaitList] = []
    for name in names:
        waits = found.get(name, [])
        place = (live.destinations[name].channel, name)
        shown: list[WaitShape] = [
            {
                "waits_for": each.hold,
                "at": presenting.iso(each.at),
                "count": each.count,
                "preview": _preview(
                    each.notification, place, live, config, now, caller
                ),
            }
            for each in waits[:MOST]
        ]
        told.append({"destination": name, "waiting": shown, "more": len(waits) > MOST})
    return told, more


def _with(
    config: Config, templates: Mapping[str, dict[str, JsonValue]], reach: Reach
) -> Config:
    """The live file with these templates. Raises `Invalid`."""
    from tocsin.templating.checking import require_templates  # noqa: PLC0415

    proposed = config.model_copy(update={"templates": dict(templates)})
    document = Document("", "json", {})
    require_templates(proposed, document, reach.channels)
    return proposed


def _channels(reach: Reach, names: Iterable[str], field: str) -> Iterator[Place]:
    for name in names:
        try:
            reach.channels(name)
        except Refused as error:
            reason = error.faults[0].reason if error.faults else error.detail
            raise invalid([Fault(field, reason)]) from None
        yield name, ""


def _destinations(live: Settings, names: Iterable[str], field: str) -> Iterator[Place]:
    for name in names:
        try:
            yield named(name, live).channel, name
        except NotFound as error:
            raise invalid([Fault(field, str(error))]) from None


def _answer(
    notification: Notification,
    places: list[Place],
    live: Settings,
    config: Config,
    now: int,
    caller: Source | None,
) -> Answer:
    shown = [
        _preview(notification, place, live, config, now, caller)
        for place in places[:MOST]
    ]
    return Answer({"previews": shown})


def _preview(
    notification: Notification,
    place: Place,
    live: Settings,
    config: Config,
    now: int,
    caller: Source | None,
) -> PreviewShape:
    """Settings are an administrator's to read: so is where a destination leads."""
    channel, destination = place
    made = preview(
        notification, channel=channel, destination=destination, config=config, now=now
    )
    known = live.destinations.get(destination)
    payload = payload_of(channel, made.message, known.settings if known else None)
    if caller is None or not allows(caller, Scope.ADMIN):
        payload = payload.unaddressed
    return {
        "channel": channel,
        "destination": destination,
        "fallback": made.fallback,
        "shown": _shown(made),
        "payload": payload.content,
        "method": payload.method,
        "headers": dict(payload.headers),
        "reason": payload.reason,
    }


def _shown(made: Preview) -> Shown:
    message: Message = made.message
    return {
        "icon": message.icon,
        "title": message.title,
        "url": message.url,
        "colour": f"#{message.colour:06X}",
        "preview": message.preview,
        "state_line": message.state_line,
        "body": _words(message.body) if message.body else None,
        "code": message.code,
        "facts": [
            {"name": each.name, "inline": each.inline, **_words(each.value)}
            for each in message.facts
        ],
        "links": [
            {"label": each.label, "url": each.url, "acts": each.acts}
            for each in message.links
        ],
        "footer": message.footer,
        "picture": message.picture,
        "pings": list(message.pings),
        "at": message.at.isoformat(),
    }


def _words(text: Text) -> WordsShape:
    return {"text": text.text, "markdown": text.markup}
