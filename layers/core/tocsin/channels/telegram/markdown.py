"""The sender's own Markdown, as runs. What it does not know is shown as written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.channels.telegram import limits, links, runs
from tocsin.channels.telegram.runs import Run, Runs

STYLED = 40
_LANGUAGE = re.compile(r"[\w+#.-]{0,20}\n")
_MARKS = re.compile(
    r"```(?P<fence>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|\[(?P<label>[^\[\]\n]{1,200})\]\(<?(?P<url>https?://[^\s()<>]{1,2000})>?\)"
    r"|(?:\*\*(?=\S)(?P<bold>[^*\n]+)(?<=\S)\*\*|(?<!\w)__(?=\S)(?P<under>[^_\n]+)__(?!\w))"
    r"|(?:(?<![\w*])\*(?=\S)(?P<star>[^*\n]+)(?<=\S)\*(?![\w*])"
    r"|(?<!\w)_(?=\S)(?P<slant>[^_\n]+)_(?!\w))"
    r"|~~(?=\S)(?P<gone>[^~\n]+)~~"
    r"|^\#{1,6}[ ](?P<head>[^\n]+)"
    r"|^(?P<item>[ ]*)[-*+][ ](?=\S)"
    r"|\\(?P<bare>[\\`*_\[\]()#+.!|~>-])",
    re.DOTALL | re.MULTILINE,
)
_TAGS = {
    "code": "code",
    "bold": "b",
    "under": "b",
    "star": "i",
    "slant": "i",
    "gone": "s",
    "head": "b",
}


def styled(text: str) -> Runs:
    """The text as runs, none of which holds a mention that works."""
    return tuple(run for run in _runs(text[: limits.TEXT + 1]) if run.text)


def _runs(text: str) -> Iterator[Run]:
    at = styles = 0
    for match in _MARKS.finditer(text):
        if styles >= STYLED:
            break
        yield Run(runs.inert(text[at : match.start()]))
        at = match.end()
        run = _run(match)
        styles += bool(run.tag or run.url)
        yield run
    yield Run(runs.inert(text[at:]))


def _run(match: re.Match[str]) -> Run:
    kind = match.lastgroup or ""
    if kind == "fence":
        inside = _LANGUAGE.sub("", match["fence"], count=1)
        return Run(runs.inert(inside.strip("\n")), "pre", light=True)
    if kind == "url":
        address = links.linkable(match["url"])
        words = runs.inert(match["label"] if address else match[0])
        return Run(words, url=address or "", light=True)
    if kind == "item":
        return Run(f"{match['item']}• ")
    if kind == "bare":
        return Run(runs.inert(match["bare"]))
    return Run(runs.inert(match[kind]), _TAGS[kind], light=True)
