"""A strict reader of a mail's HTML, written without the code that writes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "br", "img"})
_ALLOWED: dict[str, frozenset[str]] = {
    "html": frozenset({"lang"}),
    "head": frozenset(),
    "meta": frozenset({"charset", "name", "content"}),
    "title": frozenset(),
    "style": frozenset(),
    "body": frozenset({"class", "style"}),
    "div": frozenset({"class", "style"}),
    "h1": frozenset({"class", "style"}),
    "pre": frozenset({"class", "style"}),
    "code": frozenset({"style"}),
    "span": frozenset({"class", "style"}),
    "strong": frozenset(),
    "em": frozenset(),
    "del": frozenset(),
    "br": frozenset(),
    "a": frozenset({"class", "style", "href"}),
    "img": frozenset({"src", "alt", "style"}),
}
_BAD_STYLE = ("url(", "expression", "@import", "javascript", "<", "\\")


@dataclass
class Shown:
    """What a reader sees: words, links as (label, address), pictures."""

    text: str = ""
    style: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown = Shown()
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ALLOWED, tag
        given = dict(attrs)
        assert len(given) == len(attrs)
        assert set(given) <= _ALLOWED[tag], (tag, given)
        style = given.get("style") or ""
        assert not [bad for bad in _BAD_STYLE if bad in style], style
        if tag == "a":
            self.shown.links.append(("", given["href"] or ""))
        if tag == "img":
            self.shown.pictures.append(given["src"] or "")
        if tag not in _VOID:
            self.stack.append(tag)
        if tag == "br":
            self.shown.text += "\n"

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.stack:
            self.shown.style += data
            return
        if "title" not in self.stack:
            self.shown.text += data
        if "a" in self.stack:
            label, address = self.shown.links[-1]
            self.shown.links[-1] = (label + data, address)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data!r}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data!r}")


def read(html: str) -> Shown:
    """Read it, and fail on anything but the few tags and attributes of our look."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.stack == []
    for _, address in reader.shown.links:
        assert address.startswith(("http://", "https://")), address
    for address in reader.shown.pictures:
        assert address.startswith(("http://", "https://")), address
    return reader.shown
