"""Slack's mrkdwn: data made inert, the sender's own Markdown translated.

Slack knows three escapes (& < >) and none for * _ ~ `, so an unseen character stands
before these: they no longer begin or end a word, and so format nothing.
https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from tocsin.channels._fitting import cut_escaped
from tocsin.message import Text

ZERO = "\u034f"  # combining grapheme joiner: unseen, and counts as part of a word
EDGE = "\u200b"  # zero-width space: lets formatting begin inside a word
LABEL = 80
NESTED = 4
LINE_END = "\n"

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_URL = r"https?://[!-;=?-{}~]+"
_SPECIAL = re.compile(
    rf"(?P<url>{_URL})"
    r"|(?P<mark>[*~`]|(?<![^\W_])_|_(?![^\W_]))"
    r"|(?m:^)(?P<indent>[ \t]*)(?P<quote>>)"
    r"|(?P<emoji>:(?=[0-9_+'-]{0,40}[a-z][a-z0-9_+'-]{0,60}:))"
    r"|(?P<wide>@(?=everyone|here|channel|group))"
    r"|(?P<entity>[&<>])",
    re.IGNORECASE,
)
_TOUCHY = re.compile(r"[*_~`&<>:@]")
_TRAILING = ".,:;!?\"')]"
# What formats is short, so that signs without an end cost little.
_MARKUP = re.compile(
    r"```(?:[\w+#.-]*\n)?(?P<fence>.+?)```"
    r"|(?P<ticks>`{1,2})(?!`)(?P<span>[^`\n]{1,500})(?P=ticks)(?!`)"
    r"|\\(?P<literal>[!-/:-@\[-`{-~])"
    r"|!?\[(?P<label>[^\[\]\n]{1,300})\]\([ ]*<?"
    r"(?P<address>https?://[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?"
    r"(?:[ ]+\"[^\"\n]*\")?[ ]*\)"
    rf"|<(?P<auto>{_URL})>"
    rf"|(?P<url>{_URL})"
    r"|(?m:^)[ \t]{0,3}\#{1,6}[ \t]+(?P<head>[^\n]+)"
    r"|(?m:^)(?P<indent>[ \t]*)(?P<item>[-*+][ \t]+)(?=\S)"
    r"|(?m:^)[ \t]{0,3}(?P<quote>>[ \t]?)"
    r"|(?P<bold>\*\*|__)(?=\S)(?P<strong>[^\n]{1,200}?)(?<=\S)(?P=bold)"
    r"|~~(?=\S)(?P<struck>[^\n]{1,200}?)(?<=\S)~~"
    r"|(?P<lean>\*|(?<!\w)_)(?=[^\s*_])(?P<soft>[^\n]{0,200}?[^\s*_])(?P=lean)(?![\w*_])",
    re.DOTALL,
)
_ODD_CHAR = re.compile(r'["<>\\^`{|}]')
_ODD = str.maketrans({char: f"%{ord(char):02X}" for char in '"<>\\^`{|}'})
_ADDRESS = re.compile(r"https?://[!-~]+")


def plain(text: str) -> str:
    """With the three escapes that Slack knows, and no more: for code."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def data(text: str) -> str:
    """Shown as it is written: no formatting, no mention, no masked link, no emoji
    code works. Web addresses become links that show themselves."""
    if _TOUCHY.search(text) is None:
        return text
    return _SPECIAL.sub(_escaped, text)


def label(text: str) -> str:
    """Data inside a link: as `data`, but an address in it is no link of its own."""
    if _TOUCHY.search(text) is None:
        return text
    return _SPECIAL.sub(_unlinked, text)


def at_most(text: str) -> int:
    """How long the text is once escaped, at most."""
    return len(text) + 4 * len(_TOUCHY.findall(text))


def markup(text: str, depth: int = 0) -> str:
    """The sender's Markdown as mrkdwn; whatever is not Markdown is data."""
    if depth > NESTED:
        return data(text)
    made, end = [], 0
    for match in _MARKUP.finditer(text):
        made.append(data(text[end : match.start()]))
        made.append(_translated(match, depth))
        end = match.end()
    made.append(data(text[end:]))
    return "".join(made)


def code(text: str) -> str:
    """The inside of a code block, from which there is no way out."""
    return plain(text.replace("`", f"`{ZERO}")) if "```" in text else plain(text)


def fitted(text: str, limit: int, escape: Callable[[str], str] = data) -> str:
    """Escaped, and at most `limit` long after that; "…" stands for what was cut."""
    return cut_escaped(text, limit, escape)


def worded(text: Text, limit: int) -> str:
    """A message's text, by what it is, within the limit."""
    return fitted(text.text, limit, markup if text.markup else data)


def linked(words: str, url: str) -> str:
    """A masked link; what is no web address is shown as text."""
    words = fitted(" ".join(words.split()), LABEL, label) or "Link"
    address = linkable(url)
    return f"<{plain(address)}|{words}>" if address else f"{words}: {data(url[:500])}"


def linkable(url: str | None, limit: int = 2000) -> str | None:
    """The address as Slack takes it inside angle brackets, or None."""
    if not url or len(url) > limit:
        return None
    address = url.translate(_ODD) if _ODD_CHAR.search(url) else url
    if _ADDRESS.fullmatch(address) is None or len(plain(address)) > limit:
        return None
    return address if _host(address) else None


def public(url: str | None, limit: int = 3000) -> str | None:
    """The address if a button can lead there: its host has a dot. For another, as
    `http://grafana:3000`, Slack may refuse the whole message."""
    address = linkable(url, limit)
    return address if address and "." in _host(address).strip(".") else None


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        good = parts.port != 0
    except ValueError:
        return ""
    return (parts.hostname or "") if good else ""


def _unlinked(match: re.Match[str]) -> str:
    return _plainly(match[0]) if match["url"] else _escaped(match)


def _escaped(match: re.Match[str]) -> str:
    kind, found = match.lastgroup, match[0]
    if kind == "url":
        return _shown(found)
    if kind == "mark":
        return ZERO + found
    if kind == "quote":
        return f"{match['indent']}{ZERO}&gt;"
    if kind == "entity":
        return _ENTITIES[found]
    return found + ZERO


def _shown(url: str) -> str:
    """An address as a link that shows it, without the full stop after it."""
    address = url.rstrip(_TRAILING)
    rest = _plainly(url[len(address) :])
    good = linkable(address) == address
    return (f"<{plain(address)}>" if good else _plainly(address)) + rest


def _plainly(text: str) -> str:
    return re.sub("[*_~`]", rf"{ZERO}\g<0>", plain(text))


def _translated(match: re.Match[str], depth: int) -> str:
    found = match.groupdict()
    for name, sign in (("strong", "*"), ("struck", "~"), ("soft", "_")):
        if found[name] is not None:
            return _edged(match, f"{sign}{markup(found[name], depth + 1)}{sign}")
    if found["span"] is not None:
        return _edged(match, f"`{plain(found['span'])}`")
    if found["fence"] is not None:
        return f"```\n{code(found['fence'].strip(LINE_END))}\n```"
    if found["address"] is not None:
        return linked(found["label"], found["address"])
    if url := found["auto"] or found["url"]:
        return _shown(url)
    return _plainly(found["literal"]) if found["literal"] else _begun(found)


def _begun(found: Mapping[str, str | None]) -> str:
    """What only counts at the beginning of a line."""
    if found["head"] is not None:
        return f"*{data(found['head'].strip(' #*') or '#')}*"
    return f"{found['indent']}• " if found["item"] is not None else "> "


def _edged(match: re.Match[str], made: str) -> str:
    """Inside a word, formatting needs an edge on either side."""
    start, end = match.span()
    left = EDGE if start and match.string[start - 1].isalnum() else ""
    return f"{left}{made}{EDGE if match.string[end : end + 1].isalnum() else ''}"
