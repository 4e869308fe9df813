"""Links: which addresses may be followed, and words that cannot lie about them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tocsin.channels.email import limits

_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_ODD = re.compile(r"[\"'<>\\^`{|}]")
_LOOKS_LIKE_ONE = re.compile(r"://|\bwww\.|\w\.[a-z]{2,}(?:[/:?#\s]|$)", re.IGNORECASE)


def shows(url: str) -> bool:
    """Whether it is a web address without anything that hides where it leads."""
    if len(url) > limits.LINK_URL or not _URL.fullmatch(url) or _ODD.search(url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc


def told(label: str, url: str) -> str:
    """The label; with the true host behind it where it names an address itself."""
    if label == url or not _LOOKS_LIKE_ONE.search(label):
        return label
    return f"{label} → {urlsplit(url).hostname}"
