"""Discord-shaped refusals, and the form that collects what is wrong with a payload."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

Path = tuple[str | int, ...]
Json = dict[str, Any]

WEB = ("http", "https")
WEB_OR_ATTACHMENT = ("http", "https", "attachment")
WEB_OR_APP = ("http", "https", "discord")

_URL_LIMIT = 2048


class Refusal(Exception):
    """An answer in the 4xx range, with the body that Discord would send."""

    def __init__(
        self, status: int, code: int, message: str, errors: Json | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> Json:
        """The JSON body: message, code and, for forms, the tree of errors."""
        body: Json = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body

    def reason(self) -> str:
        """The same in one line for people: where, and what."""
        leaves = _leaves(self.errors or {}, "")
        told = [f"{path}: {text.rstrip('.')}" for path, text in leaves]
        return "; ".join(told) or self.message


def _leaves(tree: Json, path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, branch in tree.items():
        if key == "_errors":
            found += [(path or "body", error["message"]) for error in branch]
        else:
            found += _leaves(branch, f"{path}.{key}" if path else key)
    return found


class Form:
    """Reads values at their paths; `settle` raises once for everything that is wrong.

    Text is trimmed before it is counted, and counted in code points. What Discord
    silently forgives or drops is kept in `warnings`.
    """

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._tree: Json = {}

    def refuse(self, path: Path, code: str, message: str) -> None:
        """Note an error at a path."""
        node = self._tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def warn(self, text: str) -> None:
        """Note something that Discord lets pass but that is likely a mistake."""
        if text not in self.warnings:
            self.warnings.append(text)

    def settle(self) -> None:
        """Raise Refusal 50035 when anything was noted."""
        if self._tree:
            raise Refusal(400, 50035, "Invalid Form Body", self._tree)

    def unknown(self, path: Path, given: Json, known: frozenset[str]) -> None:
        """Warn about keys that Discord ignores."""
        for key in given.keys() - known:
            where = ".".join(str(step) for step in (*path, key))
            self.warn(f"ignored: {re.sub(r'[0-9]+', 'n', where)}")

    def text(
        self, path: Path, value: object, limit: int, *, required: bool = False
    ) -> str | None:
        """Text, trimmed; None where absent or empty."""
        if isinstance(value, (dict, list)):
            self.refuse(path, "STRING_TYPE_CONVERT", "Could not interpret as string.")
            return None
        trimmed = "" if value is None else str(value).strip()
        if not trimmed:
            if required:
                self.required(path)
            return None
        if len(trimmed) > limit:
            told = f"Must be {limit} or fewer in length."
            self.refuse(path, "BASE_TYPE_MAX_LENGTH", told)
        return trimmed

    def required(self, path: Path) -> None:
        """Note that something is missing."""
        self.refuse(path, "BASE_TYPE_REQUIRED", "This field is required")

    def url(
        self,
        path: Path,
        value: object,
        schemes: tuple[str, ...] = WEB,
        limit: int = _URL_LIMIT,
    ) -> str | None:
        """A web address; None where absent or empty."""
        given = self.text(path, value, limit)
        if given is None:
            return None
        scheme, wellformed = _parts(given)
        if scheme and scheme not in schemes:
            told = f'Scheme "{scheme}" must be one of {schemes}.'
            self.refuse(path, "URL_TYPE_INVALID_SCHEME", told)
        elif not wellformed:
            self.refuse(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        return given

    def integer(self, path: Path, value: object, low: int, high: int) -> int | None:
        """A whole number within bounds; None where absent."""
        if value is None:
            return None
        try:
            number = int(value)  # type: ignore[call-overload]
        except (TypeError, ValueError):
            told = f'Value "{value}" is not int.'
            self.refuse(path, "NUMBER_TYPE_COERCE", told)
            return None
        if number > high:
            told = f"int value should be less than or equal to {high}."
            self.refuse(path, "NUMBER_TYPE_MAX", told)
        if number < low:
            told = f"int value should be greater than or equal to {low}."
            self.refuse(path, "NUMBER_TYPE_MIN", told)
        return int(number)

    def boolean(self, path: Path, value: object) -> bool:
        """A flag; false where absent."""
        if value in (True, False, None, "true", "false", "True", "False"):
            return value in (True, "true", "True")
        self.refuse(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return False

    def record(self, path: Path, value: object) -> Json | None:
        """An object; None where absent."""
        if value is None or isinstance(value, dict):
            return value
        told = "Only dictionaries may be used in a ModelType."
        self.refuse(path, "MODEL_TYPE_CONVERT", told)
        return None

    def items(self, path: Path, value: object, limit: int) -> list[Any]:
        """A list of at most `limit`; empty where absent."""
        if value is None:
            return []
        if not isinstance(value, list):
            told = "Only iterables may be used in a ListType."
            self.refuse(path, "LIST_TYPE_CONVERT", told)
            return []
        if len(value) > limit:
            told = f"Must be {limit} or fewer in length."
            self.refuse(path, "BASE_TYPE_MAX_LENGTH", told)
        return value[: limit + 1]

    def records(
        self, path: Path, value: object, limit: int
    ) -> list[tuple[tuple[str | int, ...], Json]]:
        """A list of objects, each with its own path."""
        found = []
        for index, item in enumerate(self.items(path, value, limit)):
            here = (*path, index)
            record = self.record(here, item)
            if record is not None:
                found.append((here, record))
            elif item is None:
                self.required(here)
        return found

    def snowflake(self, path: Path, value: object) -> str | None:
        """An id; None where absent."""
        if value is None or value == "":
            return None
        if not str(value).isascii() or not str(value).isdigit():
            told = f'Value "{value}" is not snowflake.'
            self.refuse(path, "NUMBER_TYPE_COERCE", told)
            return None
        return str(value)


def _parts(url: str) -> tuple[str, bool]:
    try:
        split = urlsplit(url)
        host = split.hostname or ""
    except ValueError:
        return "", False
    loose = split.scheme in ("attachment", "discord")
    plain = not re.search(r"[\s<>\"\\^`{|}]", url)
    named = loose or "." in host or ":" in host or host == "localhost"
    return split.scheme, bool(split.scheme and host and plain and named)
