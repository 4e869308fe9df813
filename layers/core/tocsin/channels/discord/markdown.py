"""Discord's Markdown: data made inert, the sender's own Markdown kept within bounds."""

from __future__ import annotations

import re
from collections.abc import Callable

from tocsin.channels._fitting import cut_escaped
from tocsin.message import Text

LABEL = 80
TEXT_URL = 500
ZERO = "\u200b"  # parts what Discord would read as one

# Server and client both look for these, whatever stands around them.
_MENTION = re.compile(r"@(?=everyone|here)|<(?=[@#/]|id:)", re.IGNORECASE)
_OPENING = (
    r"(?P<start>[ \t]*)(?:(?P<head>\#{1,3}|-\#|>{1,3}|[-+])(?=\s)"
    r"|(?P<item>\d{1,9})\.(?=\s))"
)
_OPENS = re.compile(_OPENING)
_SPECIAL = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|(?P<mark>[\\*~`|\[\]]|(?<![^\W_])_|_(?![^\W_]))"
    rf"|(?m:^){_OPENING}"
    r"|(?P<ping>@(?=everyone|here)|<(?=[@#:/]|a:|t:|id:))",
    re.IGNORECASE,
)
_TOUCHY_BYTES = b"\\*~`|[]_@<\n"
_TOUCHY = re.compile(f"[{re.escape(_TOUCHY_BYTES.decode())}]")
_AT_START = frozenset("#>-+0123456789 \t")
_FENCE = re.compile("`(?=``)")
_SPANS = re.compile(
    r"(?P<kept>\\.|(?P<ticks>`{1,3})(?!`)(?:(?!```).)*?(?<!`)(?P=ticks)(?!`))|`+",
    re.DOTALL,
)
_QUOTE_ALL = re.compile(r"^(\s*)>>>(?=\s)", re.MULTILINE)
_ODD_LINK = re.compile(r"\]\((?!<?https?://)", re.IGNORECASE)
_LABEL = re.compile(r"https?://|[\[\]*~`|\\<>@]")
_HOST = r"https?://(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d{1,5})?"
_URL = re.compile(rf"{_HOST}(?:[/?#][!-~]*)?", re.ASCII)
_PLAIN_URL = re.compile(rf"{_HOST}(?:[/?#][\w/?#.=&%:+,;-]*)?", re.ASCII)
_ODD = str.maketrans({char: f"%{ord(char):02X}" for char in '"<>\\^`{|}()'})


def data(text: str) -> str:
    """Shown as it is written: no markup, no mention, no masked link works.

    Web addresses stay untouched, since a backslash in them would break the link.
    """
    opens = text[:1] in _AT_START and _OPENS.match(text) is not None
    if not opens and _TOUCHY.search(text) is None:
        return text
    return _SPECIAL.sub(_escaped, text)


def at_most(*texts: str) -> int:
    """How long these texts are once escaped, at most."""
    whole = "".join(texts)
    raw = whole.encode("utf-8", "replace")
    touchy = len(raw) - len(raw.translate(None, _TOUCHY_BYTES))
    return len(whole) + touchy + len(texts)


def markup(text: str) -> str:
    """The sender's Markdown: formatting works, mentions and other schemes do not, and
    code or quotes left open end here."""
    text = _MENTION.sub(rf"\g<0>{ZERO}", text)
    text = _ODD_LINK.sub(r"]\\(", _QUOTE_ALL.sub(r"\1>", text))
    return _closed(text) if "`" in text else text


def code(text: str) -> str:
    """The inside of a code block, from which there is no way out."""
    return _MENTION.sub(rf"\g<0>{ZERO}", _FENCE.sub(f"`{ZERO}", text))


def fitted(text: str, limit: int, escape: Callable[[str], str] = data) -> str:
    """Escaped, and at most `limit` long after that; "…" stands for what was cut."""
    return cut_escaped(text, limit, escape)


def worded(text: Text, limit: int) -> str:
    """A message's text, by what it is, within the limit."""
    if len(text.text) <= limit and text.text.isalnum():
        return text.text  # whatever the escape: it leaves letters and digits alone
    return fitted(text.text, limit, markup if text.markup else data)


def linked(label: str, url: str) -> str:
    """A masked link; an address that Discord would not link is shown as text."""
    label = " ".join(label[:LABEL].split())
    address = linkable(url)
    # Backslashes show inside a label, so its special characters are left out.
    plain = _LABEL.sub(_unlabelled, label).strip() or "Link"
    return (
        f"[{plain}]({address})"
        if address
        else f"{data(label)}: {fitted(url, TEXT_URL)}"
    )


def linkable(url: str | None, limit: int = 2048) -> str | None:
    """The address as Discord takes it, or None. One whose host has no dot, as
    `http://grafana:3000` inside a network, would get the whole message refused."""
    if not url or len(url) > limit:
        return None
    if _PLAIN_URL.fullmatch(url) is not None:
        return url
    address = url.translate(_ODD)
    good = len(address) <= limit and _URL.fullmatch(address) is not None
    return address if good else None


def _unlabelled(match: re.Match[str]) -> str:
    return f"@{ZERO}" if match[0] == "@" else ""


def _escaped(match: re.Match[str]) -> str:
    kind = match.lastgroup
    found = match[0]
    if kind == "url":
        return _MENTION.sub(rf"\g<0>{ZERO}", found)
    if kind == "ping":
        return found + ZERO
    if kind == "head":
        return f"{match['start']}\\{match['head']}"
    if kind == "item":
        return f"{match['start']}{match['item']}\\."
    return "\\" + found


def _closed(text: str) -> str:
    """Every code span has its end; a backtick that opens nothing is only a backtick."""
    return _SPANS.sub(
        lambda match: match[0] if match["kept"] else match[0].replace("`", "\\`"), text
    )
