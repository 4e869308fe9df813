"""The body of a webhook call: the documented rules, kept as strictly as Discord's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from local.inbox.discord.components import ComponentReader
from local.inbox.discord.embeds import read_embeds
from local.inbox.discord.form import Form, Json, Refusal
from local.inbox.discord.mentions import read_allowed_mentions

CONTENT: Final = 2000
USERNAME: Final = 80
THREAD_NAME: Final = 100
TAGS: Final = 5
ATTACHMENTS: Final = 10
ATTACHMENT_ABOUT: Final = 1024

SUPPRESS_EMBEDS: Final = 4
SUPPRESS_NOTIFICATIONS: Final = 4096
COMPONENTS_V2: Final = 32768
_FLAGS: Final = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2

_FORBIDDEN_INSIDE: Final = ("clyde", "discord")
_FORBIDDEN_WHOLE: Final = ("everyone", "here")
_LEGACY: Final = ("content", "embeds", "poll")
_POST_KEYS: Final = frozenset(
    [
        "content",
        "username",
        "avatar_url",
        "tts",
        "embeds",
        "allowed_mentions",
        "components",
        "attachments",
        "flags",
        "thread_name",
        "applied_tags",
        "poll",
        "payload_json",
    ]
)
_EDIT_KEYS: Final = frozenset(
    [
        "content",
        "embeds",
        "allowed_mentions",
        "components",
        "attachments",
        "flags",
        "poll",
        "payload_json",
    ]
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides about a body besides the body: query, hook and files."""

    with_components: bool = False
    app_owned: bool = False
    files: int = 0
    was_v2: bool = False


@dataclass(slots=True)
class Draft:
    """A body that passed. `parts` holds only what was given, as Discord keeps it."""

    parts: Json
    words: list[str] = field(default_factory=list)
    allowed: Json | None = None
    warnings: list[str] = field(default_factory=list)


def read_post(body: object, around: Circumstances) -> Draft:
    """Check the body of an execute call. Raises Refusal."""
    given = _object(body)
    form = Form()
    form.unknown((), given, _POST_KEYS)
    draft = _common(form, given, around)
    draft.parts["username"] = _username(form, given.get("username"))
    draft.parts["avatar_url"] = form.url(("avatar_url",), given.get("avatar_url"))
    draft.parts["tts"] = form.boolean(("tts",), given.get("tts"))
    draft.parts["thread_name"] = form.text(
        ("thread_name",), given.get("thread_name"), THREAD_NAME
    )
    form.items(("applied_tags",), given.get("applied_tags"), TAGS)
    form.settle()
    if not around.files and not any(
        draft.parts.get(key) for key in ("content", "embeds", "components", "poll")
    ):
        raise empty_message()
    return draft


def read_edit(body: object, around: Circumstances) -> Draft:
    """Check the body of an edit: everything is optional and may be null."""
    given = _object(body)
    form = Form()
    form.unknown((), given, _EDIT_KEYS)
    if "allowed_mentions" not in given:
        form.warn("an edit without allowed_mentions parses mentions by the defaults")
    draft = _common(form, given, around)
    form.settle()
    return draft


def empty_message() -> Refusal:
    """The refusal of a message with nothing in it."""
    return Refusal(400, 50006, "Cannot send an empty message")


def _object(body: object) -> Json:
    if isinstance(body, dict):
        return body
    form = Form()
    told = "Only dictionaries may be used in a ModelType."
    form.refuse((), "MODEL_TYPE_CONVERT", told)
    form.settle()
    raise AssertionError("a form with an error settles by raising")


def _common(form: Form, given: Json, around: Circumstances) -> Draft:
    flags = form.integer(("flags",), given.get("flags"), 0, 2**31) or 0
    if flags & ~_FLAGS:
        form.warn("ignored: flags that a webhook cannot set")
    v2 = around.was_v2 or bool(flags & COMPONENTS_V2)
    if v2:
        _refuse_legacy(form, given)
    draft = Draft({"flags": flags & _FLAGS} if "flags" in given else {})
    if "content" in given:
        content = form.text(("content",), given["content"], CONTENT)
        draft.parts["content"] = content or ""
        draft.words.append(content or "")
    if "embeds" in given:
        draft.parts["embeds"] = read_embeds(form, ("embeds",), given["embeds"])
    if "components" in given:
        _components(form, draft, given["components"], around, v2=v2)
    if given.get("poll") is not None:
        draft.parts["poll"] = _poll(form, given["poll"])
    if "attachments" in given:
        draft.parts["attachments"] = _attachments(form, given["attachments"])
    draft.allowed = read_allowed_mentions(
        form, ("allowed_mentions",), given.get("allowed_mentions")
    )
    draft.warnings = form.warnings
    return draft


def _refuse_legacy(form: Form, given: Json) -> None:
    for key in _LEGACY:
        if given.get(key):
            told = f"The '{key}' field cannot be used with IS_COMPONENTS_V2."
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            form.refuse((key,), code, told)


def _components(
    form: Form, draft: Draft, value: object, around: Circumstances, *, v2: bool
) -> None:
    if not (around.with_components or around.app_owned):
        if value:
            form.warn("components are dropped without with_components=true")
        return
    reader = ComponentReader(form, v2=v2, interactive=around.app_owned)
    draft.parts["components"] = reader.read(("components",), value)
    draft.words += reader.words


def _username(form: Form, value: object) -> str | None:
    name = form.text(("username",), value, USERNAME)
    lowered = (name or "").lower()
    for word in _FORBIDDEN_INSIDE:
        if word in lowered:
            told = f'Username cannot contain "{word}"'
            form.refuse(("username",), "USERNAME_INVALID_CONTAINS", told)
    if lowered in _FORBIDDEN_WHOLE:
        told = f'Username cannot be "{lowered}"'
        form.refuse(("username",), "USERNAME_INVALID", told)
    return name


def _attachments(form: Form, value: object) -> list[Json]:
    path = ("attachments",)
    found = []
    for here, given in form.records(path, value, ATTACHMENTS):
        about = (*here, "description")
        form.text(about, given.get("description"), ATTACHMENT_ABOUT)
        if given.get("id") is None:
            form.required((*here, "id"))
        found.append(given)
    return found


def _poll(form: Form, value: object) -> Json:
    path = ("poll",)
    given = form.record(path, value) or {}
    question = form.record((*path, "question"), given.get("question")) or {}
    here = (*path, "question", "text")
    form.text(here, question.get("text"), 300, required=True)
    answers = form.records((*path, "answers"), given.get("answers"), 10)
    if not answers:
        form.required((*path, "answers"))
    for place, answer in answers:
        media = form.record((*place, "poll_media"), answer.get("poll_media")) or {}
        form.text((*place, "poll_media", "text"), media.get("text"), 55, required=True)
    form.integer((*path, "duration"), given.get("duration"), 1, 32 * 24)
    return given
