"""The look of a mail: one column that every mail program shows, light and dark.

Colours stand inline for the light look, since some programs take styles from nowhere
else; the dark one is a style sheet that those which know dark mails read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from html import escape, unescape

from tocsin import washing
from tocsin.channels.email import limits, links, markdown, plain
from tocsin.message import Link, Message, Text

_FONT = (
    "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,"
    "sans-serif"
)
_MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
_STYLE = """
:root{color-scheme:light dark;supported-color-schemes:light dark}
a{text-underline-offset:2px}
@media (max-width:480px){.page{padding:0!important}.card{border-radius:0!important;
border-left:0!important;border-right:0!important}.in{padding:20px 16px!important}}
@media (prefers-color-scheme:dark){.page{background:#16181d!important}
.card{background:#20232a!important;border-left-color:#343842!important;
border-right-color:#343842!important;border-bottom-color:#343842!important}
.strong,.strong a{color:#f2f4f7!important}.text{color:#d5d9e0!important}
.soft,.strong.soft a{color:#9aa2b1!important}.link{color:#7ab7ff!important}
.state{background:#2a2e37!important;color:#d5d9e0!important}
.code{background:#16181d!important;color:#d5d9e0!important;
border-color:#343842!important}
.button{background:#2d323c!important;color:#f2f4f7!important;
border-color:#424855!important}.rule{border-color:#343842!important}}
""".replace("\n", "")
_PAGE = f"margin:0;padding:24px 12px;background:#f3f4f6;{_FONT}"
_CARD = (
    "max-width:600px;margin:0 auto;background:#ffffff;border:1px solid #e2e5ea;"
    "border-top:5px solid #{colour:06x};border-radius:8px;text-align:left"
)
_TITLE = "margin:0;font-size:20px;line-height:1.35;font-weight:650;color:{colour}"
_TEXT = (
    "margin:14px 0 0;font-size:15px;line-height:1.5;color:#2b3038;"
    "overflow-wrap:anywhere"
)
_STATE = (
    "margin:14px 0 0;padding:8px 12px;border-radius:6px;background:#f3f4f6;"
    "font-size:14px;line-height:1.4;color:#2b3038;overflow-wrap:anywhere"
)
_FACT = (
    "display:{display};vertical-align:top;min-width:132px;max-width:100%;"
    "margin:14px 28px 0 0;font-size:14px;line-height:1.4;overflow-wrap:anywhere"
)
_BUTTON = (
    "display:inline-block;margin:0 8px 8px 0;padding:8px 14px;border-radius:6px;"
    "border:1px solid #d5d9e0;background:#f6f7f9;color:#1b1f26;font-size:14px;"
    "font-weight:600;line-height:1.3;text-decoration:none;overflow-wrap:anywhere"
)
_CODE = (
    f"margin:16px 0 0;padding:12px;border:1px solid #e2e5ea;border-radius:6px;{_MONO};"
    "background:#f6f7f9;color:#2b3038;font-size:13px;line-height:1.45;"
    "white-space:pre-wrap;overflow-wrap:anywhere"
)
_PICTURE = "display:block;max-width:100%;height:auto;margin:16px 0 0"
_INLINE_CODE = f"{_MONO};font-size:13px;overflow-wrap:anywhere"
_FOOTER = (
    "margin:20px 0 0;padding:14px 0 0;border-top:1px solid #e2e5ea;font-size:12px;"
    "line-height:1.4;color:#667080;overflow-wrap:anywhere"
)
_HIDDEN = "display:none;max-height:0;overflow:hidden;mso-hide:all;font-size:1px"
_LINK = 'class="link" style="color:#0b61c4;overflow-wrap:anywhere"'
_QUOTE = 'class="soft" style="color:#667080"'
_TAG = re.compile("<[^>]*>")
# Behind the preheader, so that programs do not go on with what follows.
_BLANK = "&#847;&zwnj;&nbsp;" * 40


def page(message: Message, pictures: Sequence[str] = ()) -> str:
    """The whole document; every word of the message escaped. `pictures` are content
    ids of the mail's own."""
    title = fitted(washing.line(message.title), limits.TITLE) or "Notification"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f'<body class="page" style="{_PAGE}">'
        f'<div style="{_HIDDEN}">{_preheader(message)}{_BLANK}</div>'
        f'<div class="card" style="{_CARD.format(colour=_colour(message))}">'
        f'<div class="in" style="padding:24px">'
        f"{''.join(_parts(message, title, pictures))}"
        "</div></div></body></html>"
    )


def fitted(text: str, limit: int) -> str:
    """Escaped, and at most so many bytes; "…" stands for what was cut."""
    whole = escape(text[: limit + 1])
    if len(text) <= limit and _size(whole) <= limit:
        return whole
    cut = text[:limit]
    room = limit - len("…".encode())
    kept = bisect_right(range(len(cut) + 1), room, key=lambda n: _size(escape(cut[:n])))
    return escape(cut[: max(0, kept - 1)].rstrip()) + "…"


def _parts(message: Message, title: str, pictures: Sequence[str]) -> Iterator[str]:
    yield _headline(message, title)
    if state := fitted(washing.line(message.state_line or ""), limits.STATE):
        yield f'<div class="state" style="{_STATE}">{state}</div>'
    if message.body and (body := _worded(message.body, limits.BODY)):
        yield f'<div class="text" style="{_TEXT}">{body}</div>'
    yield from _facts(message)
    yield from _buttons(message)
    if code := fitted(washing.block(message.code or ""), limits.CODE):
        yield f'<pre class="code" style="{_CODE}">{code}</pre>'
    sources = [f"cid:{each}" for each in pictures]
    if message.picture and links.shows(message.picture):
        sources.append(message.picture)
    for source in sources:
        yield f'<img src="{escape(source)}" alt="" style="{_PICTURE}">'
    words = fitted(plain.footer(message), limits.FOOTER)
    yield f'<div class="soft rule" style="{_FOOTER}">{words}</div>'


def _headline(message: Message, title: str) -> str:
    """Dimmed where someone is on it. It leads to where the work happens."""
    dimmed = message.state == "acknowledged"
    colour = "#667080" if dimmed else "#14171c"
    if message.url and links.shows(message.url):
        style = f"color:{colour};text-decoration:none"
        title = f'<a href="{escape(message.url)}" style="{style}">{title}</a>'
    icon = escape(washing.shortened(washing.line(message.icon), 16))
    kind = "strong soft" if dimmed else "strong"
    style = f"{_TITLE.format(colour=colour)};overflow-wrap:anywhere"
    return f'<h1 class="{kind}" style="{style}">{icon} {title}</h1>'


def _preheader(message: Message) -> str:
    """What stands beside the subject in a list: what the subject does not say."""
    preview = washing.line(message.preview or "")
    subject = f"{message.icon} {message.title}"
    rest = preview.removeprefix(subject).lstrip(" ·") if preview else ""
    body = _words(message.body) if message.body else ""
    words = [rest, washing.line(message.state_line or ""), body]
    return fitted(" · ".join(filter(None, words)), limits.PREHEADER)


def _words(text: Text) -> str:
    """The beginning, on one line, without what Markdown is written with."""
    start = washing.block(text.text)[: limits.PREHEADER]
    if text.markup:
        start = unescape(_TAG.sub("", _markdown(start).replace("<br>", " ")))
    return washing.line(start)


def _worded(text: Text, limit: int) -> str:
    """Markdown is measured once it is HTML: tags and styles take room, too."""
    words = washing.block(text.text)
    if not text.markup:
        return fitted(words, limit).replace("\n", "<br>")
    kept = words[:limit]
    while _size(shown := _markdown(kept)) > limit:
        kept = kept[: min(len(kept) - 1, len(kept) * limit // _size(shown))]
    return shown if kept == words else f"{shown}…"


def _markdown(words: str) -> str:
    code = f'style="{_INLINE_CODE}"'
    return markdown.html(words, link=_LINK, code=code, quote=_QUOTE)


def _facts(message: Message) -> Iterator[str]:
    room = limits.FACTS_SUM
    for fact in message.facts[: limits.FACTS]:
        name = fitted(washing.line(fact.name), limits.FACT_NAME)
        value = _worded(fact.value, limits.FACT_VALUE)
        room -= _size(name) + _size(value)
        if room < 0:
            return
        if name and value:
            yield _fact(name, value, "inline-block" if fact.inline else "block")


def _fact(name: str, value: str, display: str) -> str:
    label = f'<div class="soft" style="font-size:12px;color:#667080">{name}</div>'
    words = f'<div class="strong" style="color:#14171c">{value}</div>'
    return f'<div style="{_FACT.format(display=display)}">{label}{words}</div>'


def _buttons(message: Message) -> Iterator[str]:
    made, room = [], limits.LINKS_SUM
    for link in message.links[: limits.LINKS]:
        button = _button(link) if links.shows(link.url) else _shown(link)
        room -= _size(button) - len(_BUTTON)
        if room < 0:
            break
        made.append(button)
    if made:
        yield f'<div style="margin:20px 0 0">{"".join(made)}</div>'


def _button(link: Link) -> str:
    label = links.told(washing.line(link.label)[:200], link.url)
    words = fitted(label, limits.LINK_LABEL) or "Link"
    address = escape(link.url)
    return f'<a class="button" href="{address}" style="{_BUTTON}">{words}</a>'


def _shown(link: Link) -> str:
    """An address that may not be followed stands there as text."""
    words = fitted(f"{washing.line(link.label)}: {washing.line(link.url)}", 600)
    return f'<div class="text" style="{_TEXT}">{words}</div>'


def _colour(message: Message) -> int:
    return min(max(message.colour, 0), 0xFFFFFF)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
