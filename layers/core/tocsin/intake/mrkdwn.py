"""Slack's mrkdwn as the Markdown that our channels take, and as plain words.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re

LENGTH = 20_000
# Code first: within it nothing is marked. What marks is short, so that signs without an
# end cost little.
_MARK = re.compile(
    r"(?P<code>```.{1,10000}?```|`[^`\n]{1,500}`)"
    r"|<(?P<kind>[@#!])(?P<name>[^<>|\n]{1,200})(?:\|(?P<shown>[^<>\n]{0,300}))?>"
    r"|<(?P<url>(?:https?://|mailto:)[^<>|\s]{1,1900})(?:\|(?P<label>[^<>\n]{0,300}))?>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]{0,300}[^\s*])?)\*(?![\w*])"
    r"|(?<![\w~])~(?P<struck>[^\s~](?:[^~\n]{0,300}[^\s~])?)~(?![\w~])",
    re.DOTALL,
)


def to_markdown(told: str) -> str:
    """Bold, struck, links and mentions translated; escapes undone."""
    return _unescaped(_MARK.sub(_marked, told[:LENGTH]))


def to_words(told: str) -> str:
    """Without any markup: for titles and facts."""
    return _unescaped(_MARK.sub(_plain, told[:LENGTH]))


def _marked(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    if found["bold"]:
        return f"**{found['bold']}**"
    if found["struck"]:
        return f"~~{found['struck']}~~"
    if found["url"]:
        label = (found["label"] or "").replace("[", "(").replace("]", ")")
        return f"[{label}]({found['url']})" if label else found["url"]
    return _mention(found)


def _plain(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"].strip("`")
    for part in ("bold", "struck", "label", "url"):
        if found[part]:
            return found[part]
    return _mention(found)


def _mention(found: re.Match[str]) -> str:
    """Whom it named, in words: nobody is pinged by what a tool writes."""
    name = (found["shown"] or found["name"]).lstrip("@#")
    if found["kind"] == "!":
        command = name.split("^", 1)[0]
        return name if found["shown"] else f"@{command}"
    return f"{found['kind']}{name}"


def _unescaped(told: str) -> str:
    return told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
