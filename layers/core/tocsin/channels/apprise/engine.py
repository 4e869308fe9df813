"""The engine: Apprise's plugins put messages into calls, our HTTP seam makes the calls.

Only this module knows Apprise, which comes in a layer of its own. A plugin calls
`requests.post` and the like by the name `requests` in its module; that name is bound to
an object that sends through `PublicHttp`. So the guard of addresses, the deadline and
the refusal of redirects hold for every plugin, and the answers are known, where Apprise
itself would tell True or False.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from importlib import import_module
from threading import local
from typing import Any

from tocsin.channels._http import NetworkFault, Response
from tocsin.channels._public import PublicHttp
from tocsin.channels.apprise.services import SERVICES
from tocsin.ports import Kind
from tocsin.values import dataclass

CALLS = 8
_VERBS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
_WORDS_KEPT = 5


class MissingError(Exception):
    """Apprise is not installed: its layer is not part of this function."""


class UnfitError(ValueError):
    """Apprise makes nothing of this URL. Its text may repeat parts of it."""


@dataclass(slots=True)
class Talk:
    """What happened in one send: every call's answer, and what Apprise complained of.
    `told` is Apprise's own word; `over`: no further call is made."""

    deadline: float
    answers: list[Response | NetworkFault] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    told: bool = False
    over: bool = False


def plugin_of(url: str) -> Any:
    """Apprise's object for one URL, with its pauses and redirects off. Raises
    `MissingError` or `UnfitError`; calls nobody."""
    service = SERVICES[url.partition("://")[0].lower()]
    try:
        apprise = import_module("apprise")
        module = import_module(f"apprise.plugins.{service.module}")
    except ImportError:
        raise MissingError from None
    _bind(module)
    talk = Talk(0.0)
    with _listening(talk):
        try:
            plugin = _made(apprise, getattr(module, service.plugin), url)
        except Exception as error:  # noqa: BLE001 - it raises whatever it likes
            raise UnfitError(_said(talk) or str(error)) from None
    plugin.request_rate_per_sec = 0
    plugin.redirects = False
    plugin.throttle = _no_pause
    return plugin


def _made(apprise: Any, plugin_class: Any, url: str) -> Any:
    parsed = plugin_class.parse_url(url)
    if not parsed:
        raise UnfitError("it is not whole")
    asset = apprise.AppriseAsset(secure_logging=True, http_redirects=False)
    return plugin_class(**{**parsed, "asset": asset})


def targets(plugin: Any) -> int:
    """How many recipients it has."""
    return len(plugin)


def room(plugin: Any) -> tuple[int, int]:
    """How many characters title and body may have; 0 for the title if it has none."""
    return int(plugin.title_maxlen), int(plugin.body_maxlen)


def is_marked_up(plugin: Any) -> bool:
    """Whether it shows Markdown as a look, and so would show a stranger's."""
    return str(plugin.resolve_format("text").value) == "markdown"


def notify(
    plugin: Any, title: str, body: str, look: str, http: PublicHttp, deadline: float
) -> Talk:
    """Let it send. Never raises."""
    talk = Talk(deadline)
    shape = "markdown" if is_marked_up(plugin) else "text"
    with _listening(talk), _through(http, talk):
        try:
            talk.told = bool(
                plugin.notify(
                    body=body,
                    title=title,
                    notify_type=look,
                    body_format=shape,
                    overflow="truncate",
                )
            )
        except Exception as error:  # noqa: BLE001 - a plugin's mistake is an outcome
            talk.words.append(type(error).__name__)
    return talk


def _no_pause(*_given: Any, **_named: Any) -> None:
    """The sender keeps the pace, not the plugin."""


class _Requests:
    """`requests` for plugins: its verbs go through the seam, all else is as it is."""

    def __getattr__(self, name: str) -> Any:
        if name in _VERBS:
            return lambda url, **how: self.request(name.upper(), url, **how)
        return getattr(import_module("requests"), name)

    def request(self, method: str, url: str, **how: Any) -> Any:
        """As `requests.request`."""
        requests = import_module("requests")
        http, talk = _current.http, _current.talk
        for setting in ("timeout", "verify", "allow_redirects", "stream", "cert"):
            how.pop(setting, None)
        with requests.Session() as session:
            # Neither proxies nor passwords out of the environment.
            session.trust_env = False
            ready = session.prepare_request(requests.Request(method, url, **how))
            answer = _called(ready, http, talk)
        if isinstance(answer, NetworkFault):
            raise requests.ConnectionError(answer.reason)
        return _response(requests, ready, answer)


class _Ear(logging.Handler):
    """Hears what Apprise warns of, for the send of the thread that it is said in."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the words with their send; nothing of it reaches a log."""
        talk = getattr(_current, "ear", None)
        if talk is not None and len(talk.words) < _WORDS_KEPT:
            talk.words.append(record.getMessage())


_current = local()
_shim = _Requests()
_ear = _Ear(logging.WARNING)


def _called(ready: Any, http: PublicHttp, talk: Talk) -> Response | NetworkFault:
    """One call. None follows upon a call that failed: what a plugin would try then is
    for the retry schedule to try."""
    if talk.over or len(talk.answers) >= CALLS:
        return NetworkFault(Kind.TRANSIENT, "no further call")
    body = ready.body
    headers = {**ready.headers, "Accept-Encoding": "identity"}
    answer = http.call(
        ready.method,
        ready.url,
        body=body.encode() if isinstance(body, str) else body,
        headers={name: _plain(value) for name, value in headers.items()},
        deadline=talk.deadline,
    )
    talk.answers.append(answer)
    talk.over = _ends(ready.method, answer)
    return answer


def _ends(method: str, answer: Response | NetworkFault) -> bool:
    """A refused login must not become a registration; a page that is not there may."""
    if isinstance(answer, NetworkFault):
        return True
    refused = answer.status >= 400 and method != "GET"
    return refused or answer.status == 429 or answer.status >= 500


def _plain(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _response(requests: Any, ready: Any, answer: Response) -> Any:
    made = requests.Response()
    made.status_code = answer.status
    made.headers.update(answer.headers)
    made.url, made.request, made.encoding = ready.url, ready, "utf-8"
    made._content = answer.body
    return made


@contextmanager
def _through(http: PublicHttp, talk: Talk) -> Iterator[None]:
    _current.http, _current.talk = http, talk
    try:
        yield
    finally:
        del _current.http, _current.talk


@contextmanager
def _listening(talk: Talk) -> Iterator[None]:
    logger = logging.getLogger("apprise")
    logger.handlers[:] = [_ear]
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    _current.ear = talk
    try:
        yield
    finally:
        del _current.ear


def _bind(module: Any) -> None:
    names: Mapping[str, Any] = vars(module)
    if names.get("requests") is not _shim:
        module.requests = _shim


def _said(talk: Talk) -> str:
    return "; ".join(talk.words[:1])
