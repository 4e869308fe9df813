"""Events: what happened, as a sender tells it; the shape validated at the border."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)
from pydantic_core import core_schema

from tocsin.look import Look
from tocsin.severity import Severity, parse_severity

State = Literal["firing", "resolved", "info"]

_UPLOAD = re.compile(r"[a-z2-7]{32}", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d{1,9})([smhd])")
_ID = r"(?:\d{1,20}|[SUW][A-Z0-9]{4,20})"  # Discord's are digits, Slack's are not
_MENTION = re.compile(rf"@everyone|@here|(?:user|role):{_ID}", re.ASCII)
_NATIVE_MENTION = re.compile(rf"<(?:@([!&]?)|!(subteam)\^)({_ID})>", re.ASCII)


def parse_duration(value: object) -> int:
    """Seconds out of 90, "90s", "15m", "2h" or "7d". Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('not a duration; write seconds or "90s", "15m", "2h", "7d"')
    return int(match[1]) * _UNITS[match[2]]


def parse_mention(value: object) -> str:
    """Normalise `@everyone`, `@here`, `user:1`, `role:1`, and what Discord and Slack
    write for these: `<@1>`, `<@&1>`, `<@U1234>`, `<!subteam^S1234>`."""
    text = value.strip() if isinstance(value, str) else ""
    native = _NATIVE_MENTION.fullmatch(text)
    if native is not None:
        role = native[1] == "&" or native[2]
        text = f"{'role' if role else 'user'}:{native[3]}"
    if _MENTION.fullmatch(text) is None:
        raise ValueError(
            "not a mention; write @everyone, @here, user:<id> or role:<id>"
        )
    return text


def _severity(value: object) -> Severity:
    if not isinstance(value, str):
        raise ValueError("a severity is text")
    return parse_severity(value)


def _number(value: object) -> object:
    """Python takes true for 1."""
    if isinstance(value, bool):
        raise ValueError("should be a whole number, not true or false")
    return value


def _upload_id(value: str) -> str:
    if _UPLOAD.fullmatch(value) is None:
        raise ValueError("not the id of an upload, as POST /v1/attachments answers it")
    return value


class _WebAddress:
    """Checked by pydantic's reader of addresses, which also brings it into its usual
    form; kept as the text that everybody wants of it."""

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> core_schema.CoreSchema:
        address = core_schema.url_schema(
            max_length=2000, allowed_schemes=["http", "https"]
        )
        return core_schema.no_info_after_validator_function(
            str, address, serialization=core_schema.simple_ser_schema("str")
        )


Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Url = Annotated[str, _WebAddress]
Seconds = Annotated[int, BeforeValidator(parse_duration), Field(ge=1, le=31_536_000)]
Percent = Annotated[int, BeforeValidator(_number), Field(ge=0, le=100)]
Mention = Annotated[str, BeforeValidator(parse_mention)]
EventType = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]*$", max_length=100)
]


class Frozen(BaseModel):
    """What all border models share: immutable, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(Frozen):
    """A short named value; `inline` facts stand side by side."""

    name: Name
    value: Annotated[str, Field(max_length=4000)]
    inline: bool = True
    format: Literal["text", "markdown"] = "text"


class Link(Frozen):
    """A place to go next; shown as a button where the channel has them."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    url: Url


class Attachment(Frozen):
    """A file: one that stands somewhere on the web (`name`, `url`), shown as a link, or
    one that was uploaded (`id`, as `POST /v1/attachments` answered), sent along where
    the channel can. `media` and `size` are found out by us, never told."""

    name: Annotated[str, Field(max_length=200)] = ""
    url: Url | None = None
    id: Annotated[str, AfterValidator(_upload_id)] | None = None
    media: Annotated[str, Field(max_length=100)] = ""
    size: Annotated[int, BeforeValidator(_number), Field(ge=0)] = 0

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.url is None) == (self.id is None):
            raise ValueError("give either url, or the id of an upload")
        if self.url is not None and not self.name:
            raise ValueError("name is missing")
        if self.url is not None and (self.media or self.size):
            raise ValueError("media and size are not told of a url")
        return self


class Event(Frozen):
    """One event. Only `type` is needed, and one of `title` / `message`: given, or made
    of `data` when the event comes in (`catalog.dressing`)."""

    type: EventType
    title: Annotated[str, Field(max_length=1000)] = ""
    message: Annotated[str, Field(max_length=50_000)] = ""
    format: Literal["text", "markdown"] = "text"
    severity: Annotated[Severity, BeforeValidator(_severity)] = Severity.INFO
    state: State | None = None
    source: Annotated[str, Field(max_length=200)] = ""
    branch: Annotated[str, Field(max_length=200)] = ""
    fingerprint: Annotated[str, Field(max_length=500)] = ""
    labels: Annotated[
        dict[Name, Annotated[str, Field(max_length=1000)]], Field(max_length=64)
    ] = {}
    fields: Annotated[tuple[Fact, ...], Field(max_length=50)] = ()
    links: Annotated[tuple[Link, ...], Field(max_length=20)] = ()
    url: Url | None = None
    data: dict[str, JsonValue] = {}
    look: Look | None = None
    occurred_at: AwareDatetime | None = None
    thread: Annotated[str, Field(max_length=100)] = ""
    progress: Percent | None = None
    mentions: Annotated[tuple[Mention, ...], Field(max_length=20)] = ()
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=10)] = ()
    ack_required: bool = False
    ttl: Seconds | None = None

    @property
    def is_problem(self) -> bool:
        """Problems open and stay open until resolved; notices are over at once."""
        return self.state in ("firing", "resolved")

    @property
    def counts(self) -> bool:
        """Whether it is about something that is open until it is over: a problem, or
        work that tells its progress. Others like it then count on one notification."""
        return self.is_problem or self.progress is not None

    def dump(self) -> dict[str, Any]:
        """The event as plain JSON values, without what was not said."""
        return self.model_dump(mode="json", exclude_defaults=True)
