"""Slack: what tools post to an incoming webhook of Slack's, posted to us instead.

Text, attachments and Block Kit, as JSON or in a form's `payload`. Shapes: "Sending
messages using incoming webhooks" and "Block Kit" of Slack's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from tocsin.intake.batch import Batch, lone
from tocsin.intake.colours import severity_of, worst
from tocsin.intake.demands import an_object, wrong
from tocsin.intake.drafts import Named, draft, happened
from tocsin.intake.hooks import Call
from tocsin.intake.mrkdwn import to_markdown, to_words
from tocsin.intake.options import Options, read_options
from tocsin.intake.trimming import line, mapping, sequence, text
from tocsin.severity import Severity

TYPE = "slack.message"
BLOCKS = 50
ATTACHMENTS = 20
DEPTH = 8
PART = 4000
_LISTED = re.compile(r"\n+- ")


@dataclass
class _Parts:
    """What a message is made of, in the order in which it stands there."""

    head: str = ""
    first: str = ""
    texts: list[str] = field(default_factory=list)
    facts: list[Named] = field(default_factory=list)
    links: list[Named] = field(default_factory=list)
    pictures: list[Named] = field(default_factory=list)
    grades: list[Severity | None] = field(default_factory=list)

    def say(self, value: JsonValue, *, marked: bool = True) -> None:
        """Add a paragraph, unless it says nothing."""
        told = text(value, PART)
        if told:
            self.first = self.first or (to_words(told) if marked else told)
            self.texts.append(to_markdown(told) if marked else told)


def read(call: Call) -> Batch:
    """One message. Raises `Invalid`, or `Malformed` for a form without a payload."""
    value = an_object(call.form("payload"))
    usual = read_options(Options, call.options).severity
    parts = _Parts()
    blocks = sequence(value.get("blocks"))[:BLOCKS]
    for block in blocks:
        _take_block(parts, mapping(block))
    said = text(value.get("text"), PART)
    if not parts.texts and not parts.head:
        parts.say(value.get("text"))
    for each in sequence(value.get("attachments"))[:ATTACHMENTS]:
        _take_attachment(parts, mapping(each))
    title, body = _headline(parts, to_words(said) if blocks else "")
    if not title:
        raise wrong("text", "is missing, and so are blocks or attachments with text")
    event = draft(
        TYPE,
        title,
        message=body,
        markdown=True,
        severity=worst(parts.grades) or usual,
        source=line(value.get("username"), 100) or "slack",
        about={"channel": value.get("channel")},
        facts=parts.facts,
        links=parts.links,
        pictures=parts.pictures,
        at=happened(_sent(value)),
    )
    return lone(event)


def _sent(value: Mapping[str, JsonValue]) -> JsonValue:
    first = next(map(mapping, sequence(value.get("attachments"))), {})
    return first.get("ts")


def _headline(parts: _Parts, fallback: str) -> tuple[str, str]:
    """(title, body): a header, else what Slack would show in a notification, else the
    first line that is there."""
    body = "\n\n".join(parts.texts)
    if parts.head:
        return parts.head, body
    first = next((row for row in fallback.splitlines() if row.strip()), "")
    if first and len(first) <= 150:
        return first, body
    title = parts.first.partition("\n")[0].strip("# ")
    rest = body.partition("\n")[2].strip()
    return line(title, 200), rest if len(title) <= 200 else body


def _take_block(parts: _Parts, block: Mapping[str, JsonValue]) -> None:
    kind = block.get("type")
    if kind == "header" and not parts.head:
        parts.head = to_words(line(mapping(block.get("text")).get("text"), 200))
    elif kind in ("section", "header", "markdown"):
        _take_text(parts, block.get("text"))
        for each in sequence(block.get("fields"))[:10]:
            _take_field(parts, mapping(each))
        _take_element(parts, mapping(block.get("accessory")))
    elif kind in ("context", "actions"):
        elements = [mapping(each) for each in sequence(block.get("elements"))[:25]]
        if kind == "context":
            said = [_text_of(each) for each in elements]
            parts.say(" · ".join(each for each in said if each))
        for element in elements:
            _take_element(parts, element)
    elif kind == "image":
        _take_element(parts, block)
    elif kind == "rich_text":
        told = _LISTED.sub("\n- ", "".join(_rich(block, DEPTH)))
        parts.say(told.strip(), marked=False)


def _take_text(parts: _Parts, value: JsonValue) -> None:
    told = mapping(value)
    parts.say(
        value if isinstance(value, str) else told.get("text"),
        marked=told.get("type") == "mrkdwn",
    )


def _take_field(parts: _Parts, told: Mapping[str, JsonValue]) -> None:
    """A section's field is a text whose first line is often its name, in bold."""
    said = text(told.get("text"), 1000)
    name, _, value = said.partition("\n")
    if value.strip() and len(name) <= 80:
        parts.facts.append((to_words(name).strip(" :*"), to_words(value)))
    elif said:
        name, found, value = to_words(said).partition(":")
        if found and value.strip() and len(name) <= 40:
            parts.facts.append((name.strip(" *"), value.strip(" *")))
        else:
            parts.say(said)


def _take_element(parts: _Parts, told: Mapping[str, JsonValue]) -> None:
    if told.get("url"):
        parts.links.append((_text_of(told) or "Open", told.get("url")))
    if told.get("image_url") and told.get("type") == "image":
        name = line(told.get("alt_text"), 80) or "Picture"
        parts.pictures.append((name, told.get("image_url")))


def _text_of(told: Mapping[str, JsonValue]) -> str:
    """An element's text, which some have in an object of its own."""
    inner = told.get("text")
    return text(mapping(inner).get("text") if isinstance(inner, dict) else inner, 1000)


def _rich(told: Mapping[str, JsonValue], depth: int) -> Iterator[str]:
    """A rich text block's words, its lists and quotes on lines of their own."""
    kind = line(told.get("type"), 40)
    if kind in ("text", "link"):
        said = told.get("text") or told.get("url")
        yield said[:PART] if isinstance(said, str) else ""
    elif kind == "emoji":
        yield f":{line(told.get('name'), 60)}:"
    for each in sequence(told.get("elements"))[:100] if depth else ():
        if kind == "rich_text_list":
            yield "\n- "
        yield from _rich(mapping(each), depth - 1)
    if kind.startswith("rich_text_"):
        yield "\n"


def _take_attachment(parts: _Parts, told: Mapping[str, JsonValue]) -> None:
    parts.grades.append(severity_of(told.get("color")))
    before = len(parts.texts)
    title = to_words(line(told.get("title"), 200))
    alone = not parts.texts and not parts.head
    parts.head = title if alone else parts.head
    parts.say(told.get("pretext"))
    if title and not alone:
        parts.say(f"**{title}**", marked=False)
    parts.say(told.get("text"))
    for block in sequence(told.get("blocks"))[:BLOCKS]:
        _take_block(parts, mapping(block))
    for each in map(mapping, sequence(told.get("fields"))[:20]):
        name, value = (
            line(each.get("title"), 200),
            to_words(text(each.get("value"), 500)),
        )
        parts.facts.append((name or "Note", value))
    if len(parts.texts) == before and not (alone and title):
        parts.say(told.get("fallback"))
    parts.links.append(("Open" if alone else title, told.get("title_link")))
    for action in map(mapping, sequence(told.get("actions"))[:5]):
        _take_element(parts, action)
    parts.pictures.append((title or "Picture", told.get("image_url")))
