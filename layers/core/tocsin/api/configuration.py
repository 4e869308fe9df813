"""The routing file: read, put, checked, and its editions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from tocsin import presenting, shapes
from tocsin.api.answering import media_type
from tocsin.api.operation import Answer, Call, Nothing, Operation, Request
from tocsin.api.queries import DAY_MS
from tocsin.api.reach import Reach
from tocsin.comparing import changes, examples
from tocsin.configuring import draft, put_config
from tocsin.desk import EDITIONS_KEPT, Media
from tocsin.errors import Fault, NotFound, Unsupported
from tocsin.events import Frozen
from tocsin.explaining import explain, warnings
from tocsin.intake.reading import read_json, read_text
from tocsin.notification import Notification
from tocsin.routing_file import LARGEST, Document, read, words_of
from tocsin.rules.config import Config
from tocsin.settings import Destination, Scope
from tocsin.yaml_document import parse_yaml

_YAML = "application/yaml"
_YAML_TYPES = (_YAML, "application/x-yaml", "text/yaml", "text/x-yaml")
_GUESSED = ("", "text/plain", "application/x-www-form-urlencoded")
_PAGE, _PAGES = 100, 5
_EXAMPLES = 7  # of each kind


class Which(Frozen):
    """An older edition, by its ETag."""

    etag: Annotated[str, Field(pattern=r"^\d{0,10}$")] = ""


class Lately(Frozen):
    """How far back; of more than 500 events, the latest."""

    days: Annotated[int, Field(ge=1, le=31)] = 1


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operations on the routing file."""
    both = ("application/json", _YAML)
    return [
        Operation(
            "GET",
            "/v1/config",
            "Read the routing file, in YAML (its own words) or JSON, by Accept.",
            partial(_read, reach),
            Scope.ADMIN,
            Which,
            Nothing,
            dict[str, Any],
            media=both,
        ),
        Operation(
            "PUT",
            "/v1/config",
            "Put a routing file live; If-Match guards against others' changes. "
            "Answered when it is live everywhere.",
            partial(_put, reach),
            Scope.ADMIN,
            Nothing,
            None,
            shapes.ConfigReport,
            media=both,
        ),
        Operation(
            "POST",
            "/v1/config/check",
            "Check and explain a routing file, and show which recent events it would "
            "send elsewhere. Changes nothing.",
            partial(_check, reach),
            Scope.ADMIN,
            Lately,
            None,
            shapes.CheckReport,
            media=both,
        ),
        Operation(
            "GET",
            "/v1/config/editions",
            "List the latest routing files; read one with GET /v1/config?etag=.",
            partial(_editions, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.EditionList,
        ),
    ]


def _read(reach: Reach, call: Call[Which, Nothing]) -> Answer:
    live = reach.settings.fresh()
    etag = call.query.etag or live.etag
    kept = reach.settings.editions(1 if etag == live.etag else EDITIONS_KEPT)
    edition = next((each for each in kept if each.etag == etag), None)
    config = live.config
    if etag != live.etag:
        if edition is None:
            raise NotFound("there is no edition with this ETag, or not any more")
        document = _document(edition.text.encode(), edition.media)
        config = read(document)
    tag = {"etag": f'"{etag}"', "vary": "accept"}
    if "yaml" in call.request.headers.get("accept", "").lower():
        return Answer(words_of(config, edition, "yaml"), 200, tag, _YAML)
    return Answer(config.dump(), 200, tag)


def _put(reach: Reach, call: Call[Nothing, Any]) -> Answer:
    document = document_of(call.request)
    etag = put_config(
        document,
        if_match=_if_match(call.request),
        actor=call.actor,
        desk=reach.settings,
        channels=reach.channels,
        clock=reach.clock,
    )
    live = reach.settings.fresh()
    report: shapes.ConfigReport = {
        "etag": etag,
        "explanation": explain(live.config),
        "warnings": _warnings(live.config, live.destinations, reach.clock.now()),
    }
    return Answer(report, 200, {"etag": f'"{etag}"'})


def _check(reach: Reach, call: Call[Lately, Any]) -> Answer:
    live = reach.settings.fresh()
    drafted = draft(document_of(call.request), live, reach.channels)
    now = reach.clock.now()
    since = now - call.query.days * DAY_MS
    recent: list[Notification] = []
    cursor = ""
    for _ in range(_PAGES):
        page, cursor = reach.archive.recent(
            since=since, until=now + 1, limit=_PAGE, cursor=cursor
        )
        recent += page
        if not cursor:
            break
    proposed = replace(
        live, config=drafted.config, destinations=drafted.destinations
    ).rules()
    found = changes(recent, live=live.rules(), proposed=proposed)
    report: shapes.CheckReport = {
        "etag": live.etag,
        "explanation": explain(drafted.config),
        "warnings": _warnings(drafted.config, drafted.destinations, now, recent),
        "recent_checked": len(recent),
        "would": presenting.change_counts(found),
        "changes": [presenting.change(each) for each in examples(found, _EXAMPLES)],
    }
    return Answer(report)


def _warnings(
    config: Config,
    destinations: Mapping[str, Destination],
    now: int,
    recent: Sequence[Notification] = (),
) -> list[str]:
    found = warnings(config, destinations)
    if config.templates:
        # Jinja2 is imported by those who use it.
        from tocsin.templating import sampling  # noqa: PLC0415

        found += sampling.odd_templates(config, now)
        found += sampling.failing_templates(config, recent, now)
    return found


def _editions(reach: Reach, _: Call[Nothing, Nothing]) -> Answer:
    listed = [presenting.edition(each) for each in reach.settings.editions()]
    return Answer({"editions": listed})


def document_of(request: Request) -> Document:
    """The routing file in a request, in the language that its content type names.
    Raises `Unsupported` for another, `Malformed`, `Invalid` or `TooLarge`."""
    media = media_type(request)
    if media in _YAML_TYPES:
        return _document(request.body, "yaml")
    if media == "application/json" or media.endswith("+json"):
        return _document(request.body, "json")
    if media in _GUESSED:
        looks_json = request.body.lstrip().startswith(b"{")
        return _document(request.body, "json" if looks_json else "yaml")
    raise Unsupported(
        f"{media[:60]!r} is not read here",
        [Fault("Content-Type", f"send {_YAML} or application/json")],
    )


def _document(body: bytes, media: Media) -> Document:
    text = read_text(body, LARGEST)
    if media == "json":
        return Document(text, media, read_json(text))
    value, lines = parse_yaml(text)
    return Document(text, media, value, lines)


def _if_match(request: Request) -> str | None:
    """The ETag in If-Match; `*` and none at all mean whatever is there."""
    given = request.headers.get("if-match", "").strip()
    if given in ("", "*"):
        return None
    return given.removeprefix("W/").strip('"')
