"""The sender's Markdown as HTML: what people write in notifications, and no more.

Everything is escaped first or on its way out, so that no tag but ours comes to be.
Inner lengths are bounded: a text that opens a thousand spans costs no more than a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from tocsin.channels.email import links

_FENCE = re.compile(r"\s*(```|~~~)")
_HEAD = re.compile(r"#{1,6}\s+(.+)")
_ITEM = re.compile(r"\s*(?:[-*+]|(\d{1,3})[.)])\s+(.*)")
_QUOTE = re.compile(r"\s*>\s?(.*)")
_DEPTH = 4
_INLINE = re.compile(
    r"\\(?P<plain>[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`{1,3})(?!`)(?P<code>[^`\n]{1,1000})(?P=ticks)(?!`)"
    r"|\[(?P<label>[^\[\]\n]{1,300})\]\(<?(?P<url>https?://[^\s<>()]{1,2000})>?\)"
    r"|(?P<bare>https?://[^\s<>()\[\]*`\"']{1,2000})"
    r"|\*\*(?=\S)(?P<strong>[^\n*]{1,500}|[^\n]{1,500}?)(?<=\S)\*\*"
    r"|(?<!\w)__(?=\S)(?P<under>[^\n]{1,500}?)(?<=\S)__(?!\w)"
    r"|\*(?=\S)(?P<em>[^\n*]{1,500})(?<=\S)\*"
    r"|(?<!\w)_(?=\S)(?P<slanted>[^\n_]{1,500})(?<=\S)_(?!\w)"
    r"|~~(?=\S)(?P<gone>[^\n~]{1,500})(?<=\S)~~",
    re.IGNORECASE,
)
_TAGS = {
    "strong": "strong",
    "under": "strong",
    "em": "em",
    "slanted": "em",
    "gone": "del",
}


def html(text: str, *, link: str, code: str, quote: str) -> str:
    """`link`, `code` and `quote` are the attributes those tags get."""
    return _Writer(link, code, quote).document(text)


class _Writer:
    def __init__(self, link: str, code: str, quote: str) -> None:
        self._link, self._code, self._quote = link, code, quote

    def document(self, text: str) -> str:
        return "".join(self._blocks(text.split("\n")))

    def _blocks(self, lines: list[str]) -> Iterator[str]:
        """Rows as they come; a fence takes all until it is closed, or to the end."""
        waiting = iter(lines)
        rows: list[str] = []
        for line in waiting:
            fence = _FENCE.match(line)
            if fence is None:
                rows.append(self._row(line))
                continue
            yield "<br>".join(rows)
            rows = []
            inside = []
            for row in waiting:
                if row.strip().startswith(fence[1]):
                    break
                inside.append(row)
            yield f"<pre {self._code}>{escape(chr(10).join(inside))}</pre>"
        yield "<br>".join(rows)

    def _row(self, line: str) -> str:
        if head := _HEAD.fullmatch(line):
            return f"<strong>{self._words(head[1])}</strong>"
        if item := _ITEM.fullmatch(line):
            mark = f"{item[1]}." if item[1] else "•"
            return f"&nbsp;&nbsp;{mark}&nbsp; {self._words(item[2])}"
        if quote := _QUOTE.fullmatch(line):
            return f"<span {self._quote}>▎ {self._words(quote[1])}</span>"
        return self._words(line)

    def _words(self, text: str, depth: int = 0) -> str:
        if depth >= _DEPTH:
            return escape(text)
        parts, end = [], 0
        for match in _INLINE.finditer(text):
            parts.append(escape(text[end : match.start()]))
            parts.append(self._span(match, depth))
            end = match.end()
        return "".join(parts) + escape(text[end:])

    def _span(self, match: re.Match[str], depth: int) -> str:
        kind = match.lastgroup or ""
        if kind == "plain":
            return escape(match["plain"])
        if kind == "code":
            return f"<code {self._code}>{escape(match['code'])}</code>"
        if kind == "bare":
            address = match["bare"].rstrip(".,;:!?")
            rest = match["bare"][len(address) :]
            return self._anchor(address, address) + escape(rest)
        if kind == "url":
            return self._anchor(match["label"], match["url"])
        tag = _TAGS[kind]
        return f"<{tag}>{self._words(match[kind], depth + 1)}</{tag}>"

    def _anchor(self, label: str, url: str) -> str:
        if not links.shows(url):
            return escape(label if label == url else f"{label} ({url})")
        words = escape(links.told(label, url))
        return f'<a href="{escape(url)}" {self._link}>{words}</a>'
