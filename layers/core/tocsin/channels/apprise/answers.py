"""What became of a send: by the answers to its calls, then by Apprise's own word."""

from __future__ import annotations

from tocsin import washing
from tocsin.channels._answers import limited
from tocsin.channels._http import NetworkFault, Response
from tocsin.channels.apprise.engine import Talk
from tocsin.channels.apprise.settings import shown
from tocsin.ports import Kind, Outcome

REASON = 300
WAIT = 30_000
_LATER = (408, 425)
_AGAIN = "check its URL, and put destination {name} again"
_REFUSED = (Kind.PERMANENT, f"{{title}} refuses us ({{status}}); {_AGAIN}")
_REFUSALS = {
    401: _REFUSED,
    403: _REFUSED,
    404: _REFUSED,
    410: (Kind.GONE, f"{{title}} no longer knows this address; {_AGAIN}"),
}


def judge(talk: Talk, *, name: str, title: str, url: str) -> Outcome:
    """The outcome for the destination called `name`, of the service called `title`."""
    answer = talk.answers[-1] if talk.answers else None
    if answer is None:
        said = shown("; ".join(talk.words), url)
        return Outcome(Kind.PERMANENT, f"Apprise made no call to {title} ({said})")
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"{title}: {answer.reason}")
    kind, words = _verdict(answer.status, told=talk.told)
    if kind is Kind.OK:
        return Outcome(kind)
    if kind is Kind.LIMITED:
        return limited(title, answer, WAIT)
    form = words.format(name=name, title=title, status=answer.status)
    reason = f"{form}: {_said(answer, talk, url)}"
    return Outcome(kind, washing.shortened(reason, REASON))


def _verdict(status: int, *, told: bool) -> tuple[Kind, str]:
    if told and status < 400:
        return Kind.OK, ""
    if status == 429:
        return Kind.LIMITED, ""
    if 200 <= status < 300:
        return Kind.UNKNOWN, (
            "{title} took the call ({status}), and Apprise finds its answer wrong"
        )
    if status in _LATER or not 400 <= status < 500:
        return Kind.TRANSIENT, "{title} has a problem ({status}); it is tried again"
    return _REFUSALS.get(
        status, (Kind.PERMANENT, "{title} refuses the message ({status})")
    )


def _said(answer: Response, talk: Talk, url: str) -> str:
    """The service's own words, else Apprise's."""
    body = answer.body.decode("utf-8", "replace")
    return shown(body if body.strip() else "; ".join(talk.words), url)
