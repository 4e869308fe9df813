"""Redaction: what a provider answered, shown without the secrets it may repeat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from tocsin import washing

READ = 16 * 1024
# 4 KB at most, since a code point takes four bytes at most.
KEPT = 1000
SHORTEST = 4
HIDDEN = "…"
_PIECE = re.compile(r"[A-Za-z0-9_~.=+-]{6,}")


def shown(body: bytes, secrets: Iterable[str], limit: int = KEPT) -> str:
    """The beginning of an answer's body, on one line, without any of the secrets."""
    text = body[:READ].decode("utf-8", "replace")
    hidden = _forms(secrets)
    for form in hidden:
        text = text.replace(form, HIDDEN)
    if len(body) > READ:
        # What was cut off may have begun with a secret.
        text = text[: -max(map(len, hidden), default=0) or None]
    text = washing.line(text)
    for form in hidden:
        text = text.replace(form, HIDDEN)
    return washing.shortened(text, limit)


def secrets_in_url(url: str) -> Iterator[str]:
    """All of an address that may be a secret: path, query and their parts."""
    parts = urlsplit(url)
    yield url
    yield f"{parts.path}?{parts.query}" if parts.query else parts.path
    yield from (parts.path, parts.query)
    yield from parts.path.split("/")
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        yield value or name
    yield from (pair.partition("=")[2] for pair in parts.query.split("&"))


def _forms(secrets: Iterable[str]) -> list[str]:
    """Each as it is, without percent signs, as JSON escapes it, and washed; and its
    pieces, since an echo may escape what is between them once more. The longest first,
    since a secret may hold another. Short ones are words, not secrets."""
    found = set()
    for secret in secrets:
        for form in (secret, unquote(secret)):
            escaped = json.dumps(form)[1:-1]
            found |= {form, escaped, form.replace("/", "\\/"), washing.line(form)}
            if "://" not in form:
                found.update(_PIECE.findall(form))
    return sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True)
