"""The gatekeeper: who is calling, and may they?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tocsin.errors import Unauthorized
from tocsin.keys import administered, bearer, find, require
from tocsin.ports import SettingsBook
from tocsin.settings import Scope, Settings, Source


class FirstKeys(Protocol):
    """The keys that were generated with the stack, before there was any source."""

    def adopt(self) -> Settings:
        """Write them as sources; returns the settings that have them."""


class SignedIn(Protocol):
    """People who have signed in elsewhere, and bring a token that says so."""

    def who(self, text: str) -> Source:
        """Whose token this is. Raises `Unauthorized` or `Unavailable`."""


class Gatekeeper:
    """Admits callers by key. A key unknown costs no read beyond the settings' own, so
    guessing keys cannot be used to load the table. `people` is called for the first
    token that comes; None = keys only."""

    def __init__(
        self,
        book: SettingsBook,
        first_keys: FirstKeys,
        people: Callable[[], SignedIn] | None = None,
    ) -> None:
        self._book = book
        self._first_keys = first_keys
        self._people = people

    def admit(self, headers: Mapping[str, str], scope: Scope) -> Source:
        """The calling source. Raises `Unauthorized`, `Forbidden` or `Unavailable`."""
        text = bearer(headers)
        source = self._signed_in(text) or self.known(text)
        if source is None:
            raise Unauthorized("this key is not known")
        require(source, scope)
        return source

    def _signed_in(self, text: str) -> Source | None:
        # No key of ours has a dot in it, and every signed token has two.
        if self._people is None or text.count(".") != 2:
            return None
        return self._people().who(text)

    def known(self, key: str) -> Source | None:
        """Whose key this is. Raises `Unavailable`."""
        return find(self._settings().sources.values(), key)

    def named(self, name: str) -> Source | None:
        """The source of this name, which is not yet shown to be the caller.

        Raises `Unavailable`.
        """
        return self._settings().sources.get(name)

    def _settings(self) -> Settings:
        settings = self._book.current()
        if not administered(settings.sources.values()):
            settings = self._first_keys.adopt()
        return settings
