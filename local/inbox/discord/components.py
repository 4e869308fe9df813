"""Components: what a webhook may post, in the classic form and in version 2."""

from __future__ import annotations

from typing import Any, Final

from local.inbox.discord.form import WEB_OR_APP, WEB_OR_ATTACHMENT, Form, Json, Path

ROWS: Final = 5
ROW_BUTTONS: Final = 5
LABEL: Final = 80
BUTTON_URL: Final = 512
CUSTOM_ID: Final = 100
TOTAL_V2: Final = 40
TEXT_V2: Final = 4000

ROW, BUTTON, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = (
    1,
    2,
    9,
    10,
    11,
    12,
    13,
    14,
    17,
)
_SELECTS: Final = (3, 5, 6, 7, 8)
_LINK: Final = 5
_TOP_V1: Final = (ROW,)
_TOP_V2: Final = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
_IN_CONTAINER: Final = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)


class ComponentReader:
    """Reads one message's components. `interactive` is allowed for hooks of an app."""

    def __init__(self, form: Form, *, v2: bool, interactive: bool) -> None:
        self._form = form
        self._v2 = v2
        self._interactive = interactive
        self._count = 0
        self._custom_ids: set[str] = set()
        self.words: list[str] = []

    def read(self, path: Path, value: object) -> list[Json]:
        """Check all; the texts met on the way are in `words` (they can ping)."""
        kinds = _TOP_V2 if self._v2 else _TOP_V1
        limit = TOTAL_V2 if self._v2 else ROWS
        found = self._children(path, value, kinds, limit)
        if self._v2 and self._count > TOTAL_V2:
            told = f"Must be {TOTAL_V2} or fewer in total."
            self._form.refuse(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", told)
        if sum(len(text) for text in self.words) > TEXT_V2:
            told = f"The text of all components must be {TEXT_V2} or fewer in length."
            self._form.refuse(path, "COMPONENT_MAX_TOTAL_TEXT_EXCEEDED", told)
        return found

    def _children(
        self, path: Path, value: object, kinds: tuple[int, ...], limit: int
    ) -> list[Json]:
        records = self._form.records(path, value, limit)
        return [self._one(here, given, kinds) for here, given in records]

    def _one(self, path: Path, given: Json, kinds: tuple[int, ...]) -> Json:
        self._count += 1
        kind = given.get("type")
        if kind is None:
            self._form.required((*path, "type"))
        elif kind not in kinds:
            told = f'Value of field "type" must be one of {kinds}.'
            self._form.refuse((*path, "type"), "UNION_TYPE_CHOICES", told)
        else:
            return {"type": kind, **_READERS[kind](self, path, given)}
        return {"type": kind}

    def _row(self, path: Path, given: Json) -> Json:
        here = (*path, "components")
        kinds = (BUTTON, *_SELECTS)
        children = self._children(here, given.get("components"), kinds, ROW_BUTTONS)
        if not children:
            self._form.required(here)
        selects = [child for child in children if child["type"] in _SELECTS]
        if selects and len(children) > 1:
            told = "A row holds up to five buttons or one select."
            self._form.refuse(here, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", told)
        return {"components": children}

    def _button(self, path: Path, given: Json) -> Json:
        style = self._form.integer((*path, "style"), given.get("style"), 1, 6)
        label = self._form.text((*path, "label"), given.get("label"), LABEL)
        if label is None and not given.get("emoji"):
            self._form.required((*path, "label"))
        button: Json = {"style": style, "label": label}
        if given.get("emoji"):
            button["emoji"] = given["emoji"]
        if given.get("disabled"):
            button["disabled"] = True
        if style == _LINK:
            button["url"] = self._link(path, given)
        else:
            button |= self._interaction(path, given)
        return button

    def _link(self, path: Path, given: Json) -> str | None:
        here = (*path, "url")
        url = self._form.url(here, given.get("url"), WEB_OR_APP, BUTTON_URL)
        if url is None:
            self._form.required(here)
        if given.get("custom_id"):
            told = "A custom id and url cannot both be specified"
            self._form.refuse(path, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", told)
        return url

    def _interaction(self, path: Path, given: Json) -> Json:
        if not self._interactive:
            told = "Only an application's webhook can send interactive components."
            self._form.refuse(path, "COMPONENT_TYPE_INVALID", told)
        here = (*path, "custom_id")
        custom = self._form.text(here, given.get("custom_id"), CUSTOM_ID, required=True)
        if custom in self._custom_ids:
            told = "Component custom id cannot be duplicated"
            self._form.refuse(here, "COMPONENT_CUSTOM_ID_DUPLICATED", told)
        self._custom_ids.add(custom or "")
        return {"custom_id": custom}

    def _select(self, path: Path, given: Json) -> Json:
        self._form.items((*path, "options"), given.get("options"), 25)
        placeholder = self._form.text(
            (*path, "placeholder"), given.get("placeholder"), 150
        )
        return {"placeholder": placeholder, **self._interaction(path, given)}

    def _section(self, path: Path, given: Json) -> Json:
        children = self._children(
            (*path, "components"), given.get("components"), (TEXT,), 3
        )
        here = (*path, "accessory")
        accessory = self._form.record(here, given.get("accessory"))
        if accessory is None:
            self._form.required(here)
            return {"components": children}
        kinds = (BUTTON, THUMBNAIL)
        return {
            "components": children,
            "accessory": self._one(here, accessory, kinds),
        }

    def _text(self, path: Path, given: Json) -> Json:
        here = (*path, "content")
        words = self._form.text(here, given.get("content"), TEXT_V2, required=True)
        self.words.append(words or "")
        return {"content": words or ""}

    def _media(self, path: Path, given: Json) -> Json:
        key = "file" if given.get("type") == FILE else "media"
        media = self._form.record((*path, key), given.get(key)) or {}
        url = self._form.url((*path, key, "url"), media.get("url"), WEB_OR_ATTACHMENT)
        if url is None:
            self._form.required((*path, key, "url"))
        about = (*path, "description")
        words = self._form.text(about, given.get("description"), 1024)
        return {key: {"url": url}, "description": words}

    def _gallery(self, path: Path, given: Json) -> Json:
        records = self._form.records((*path, "items"), given.get("items"), 10)
        if not records:
            self._form.required((*path, "items"))
        return {"items": [self._media(here, item) for here, item in records]}

    def _separator(self, path: Path, given: Json) -> Json:
        spacing = self._form.integer((*path, "spacing"), given.get("spacing"), 1, 2)
        return {"divider": given.get("divider", True), "spacing": spacing or 1}

    def _container(self, path: Path, given: Json) -> Json:
        here = (*path, "accent_color")
        accent = self._form.integer(here, given.get("accent_color"), 0, 0xFFFFFF)
        inside = (*path, "components")
        children = self._children(
            inside, given.get("components"), _IN_CONTAINER, TOTAL_V2
        )
        return {"accent_color": accent, "components": children}


_READERS: Final[dict[int, Any]] = {
    ROW: ComponentReader._row,
    BUTTON: ComponentReader._button,
    **dict.fromkeys(_SELECTS, ComponentReader._select),
    SECTION: ComponentReader._section,
    TEXT: ComponentReader._text,
    THUMBNAIL: ComponentReader._media,
    GALLERY: ComponentReader._gallery,
    FILE: ComponentReader._media,
    SEPARATOR: ComponentReader._separator,
    CONTAINER: ComponentReader._container,
}
