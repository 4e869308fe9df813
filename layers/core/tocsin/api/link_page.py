"""The page behind a link in a message: it says what it is about, and asks once more.

Only the form's POST acts, since link previews and mail scanners follow links. The page
holds no script, and nothing from outside unescaped.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

from tocsin import washing, wording
from tocsin.api.operation import Answer
from tocsin.notification import Notification
from tocsin.passes import Act
from tocsin.prose import headline_of

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--blue:#2563eb;--ink:#fff}
@media(prefers-color-scheme:dark){:root{--blue:#60a5fa;--ink:#0b1120}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;
font:17px/1.5 system-ui,sans-serif}
main{width:100%;max-width:28rem;border:1px solid var(--line);border-radius:14px;
padding:1.4rem 1.4rem 1.6rem;border-top:6px solid #888}
main.critical,main.high{border-top-color:#e11d48}main.medium{border-top-color:#f97316}
main.low{border-top-color:#eab308}main.info{border-top-color:#3b82f6}
main.done,main.success{border-top-color:#16a34a}
h1{margin:.1em 0 .3em;font-size:1.25rem;overflow-wrap:anywhere}
p{margin:.4em 0;opacity:.85;overflow-wrap:anywhere}
label{display:block;margin:1rem 0 .2rem;font-weight:600}
input,textarea{width:100%;font:inherit;padding:.55rem .7rem;border-radius:8px;
border:1px solid var(--line);background:transparent;color:inherit}
button{margin-top:1.2rem;width:100%;font:600 1.05rem/1 system-ui,sans-serif;
padding:.9rem;border:0;border-radius:10px;background:var(--blue);color:var(--ink);cursor:pointer}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
"""
WORDS = {
    Act.ACKNOWLEDGE: ("Acknowledge", "Acknowledged"),
    Act.RESOLVE: ("Resolve", "Resolved"),
}


def asking(notification: Notification, act: Act, *, zone: str, now: int) -> Answer:
    """What GET shows: what it is, who is on it, and a button."""
    do, _ = WORDS[act]
    event = notification.event
    title, _ = headline_of(event)
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{_since(notification, zone, now)}</p>"]
    taken = _taken(notification, zone, now)
    if taken:
        parts.append(f"<p>{taken}</p>")
    if notification.is_over:
        parts.append("<p>It is over: there is nothing left to do.</p>")
    else:
        parts.append(
            '<form method="post">'
            '<label for="name">Your name</label>'
            '<input id="name" name="name" maxlength="60" autocomplete="name" required>'
            '<label for="note">Note (if you like)</label>'
            '<input id="note" name="note" maxlength="300" autocomplete="off">'
            f"<button>{do}</button></form>"
        )
    kind = "done" if notification.is_over else event.severity.value
    return _page(do, kind, "".join(parts))


def done(notification: Notification, act: Act, *, zone: str, now: int) -> Answer:
    """What POST answers."""
    _, did = WORDS[act]
    title, _ = headline_of(notification.event)
    body = (
        f"<h1>{did}: {escape(title)}</h1><p>{_taken(notification, zone, now)}</p>"
        "<p>The message shows it in a moment. You can close this page.</p>"
    )
    return _page(did, "done", body)


def refused(title: str, detail: str, status: int) -> Answer:
    """A link that does nothing, in words."""
    body = f"<h1>{escape(title)}</h1><p>{escape(detail)}</p>"
    return _page(title, "", body, status)


def _since(notification: Notification, zone: str, now: int) -> str:
    words = [
        notification.event.severity.value,
        f"since {wording.clock(notification.accepted_at, zone, now)}",
    ]
    where = notification.event.branch or notification.event.source
    if where:
        words.append(washing.line(where))
    if notification.occurrences > 1:
        words.append(f"seen {wording.grouped(notification.occurrences)} ×")
    return escape(" · ".join(words))


def _taken(notification: Notification, zone: str, now: int) -> str:
    if notification.resolved_at is not None:
        at = wording.clock(notification.resolved_at, zone, now)
        return escape(f"Resolved at {at}.")
    if notification.ack_at is None:
        return ""
    actor = washing.line(notification.ack_by)
    note = washing.line(notification.ack_note)
    told = f"Acknowledged by {actor} at {wording.clock(notification.ack_at, zone, now)}"
    return escape(f"{told}: {note}" if note else f"{told}.")


def _page(title: str, kind: str, body: str, status: int = 200) -> Answer:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    headers = {
        "content-security-policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none';"
            " form-action 'self'; frame-ancestors 'none'"
        ),
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-robots-tag": "noindex",
        "x-frame-options": "DENY",
    }
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)} · Tocsin</title><style>{_STYLE}</style>"
        f'<main class="{escape(kind)}">{body}</main></html>'
    )
    return Answer(page, status, headers, "text/html; charset=utf-8")
