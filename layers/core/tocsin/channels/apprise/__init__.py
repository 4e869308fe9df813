"""The long tail through Apprise: one notification, one call, one recipient.

Optional: Apprise comes in a layer of its own, and is imported when it is used.
https://github.com/caronc/apprise
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from tocsin.channels._public import PublicHttp
from tocsin.channels.apprise import answers, engine, settings, texts
from tocsin.message import Message
from tocsin.ports import Channel, Kind, Outcome, Probe, Target

PLUGINS_KEPT = 64
_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)
_UNASKED = (
    "Apprise reads this as {title}, which cannot be asked without posting; send a test"
)


class Apprise:
    """The channel `apprise`. It keeps its connections, and what URLs were read as."""

    def __init__(self, http: PublicHttp) -> None:
        self._http = http
        self._plugin = lru_cache(PLUGINS_KEPT)(settings.plugin_of)

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; the secret is the whole URL."""
        return settings.split(given)

    def fits(self, _messages: Sequence[Message]) -> int:
        """See `Channel.fits`: one."""
        return 1

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`."""
        if len(messages) != 1:
            return Outcome(Kind.PERMANENT, "an Apprise call holds one notification")
        try:
            url, plugin = self._opened(target)
        except ValueError as error:
            return Outcome(Kind.PERMANENT, str(error))
        (message,) = messages
        form = _form(url, plugin)
        talk = engine.notify(
            plugin,
            texts.title_of(message, form),
            texts.body_of(message, form),
            texts.look_of(message),
            self._http,
            self._http.deadline(),
        )
        title = settings.service_of(url).title
        return answers.judge(talk, name=target.name, title=title, url=url)

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: whether Apprise can read the URL; it asks nobody."""
        try:
            url, _ = self._opened(target)
        except ValueError as error:
            return Probe(False, str(error))
        return Probe(True, _UNASKED.format(title=settings.service_of(url).title))

    def _opened(self, target: Target) -> tuple[str, Any]:
        """(URL, plugin). Raises ValueError, in words for the operator."""
        try:
            url = settings.url_of(target.secret)
            return url, self._plugin(url)
        except engine.MissingError:
            raise ValueError(settings.MISSING) from None
        except ValueError as error:
            why = _BROKEN.format(name=target.name, why=error)
            raise ValueError(why) from None


def _form(url: str, plugin: Any) -> texts.Form:
    """What fits, by the service's own count where that is another than Apprise's."""
    title, body = engine.room(plugin)
    marked_up = engine.is_marked_up(plugin)
    held = settings.service_of(url).bytes_held
    if held is None:
        return texts.Form(title, body, marked_up)
    return texts.Form(*held, marked_up, texts.in_bytes)


def open_channel(base: str | None = None) -> Channel:
    """The channel; `base` stands in for every host of every service on local stacks."""
    return Apprise(PublicHttp(base))
