"""Messages for tests: plain ones, and ones whose every word is hostile."""

from __future__ import annotations

from datetime import UTC, datetime

from tocsin.message import Fact, Link, Message, Text

AT = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
HOSTILE = (
    "@everyone @here <@123456789012345678> <@&1234> <#1> <:x:1> <a:x:1> <t:1:R> </x:1>",
    "x" * 100_000,
    "@everyone" * 2_000,
    "*" * 9_000,
    "`" * 9_001,
    "```" + "y\n" * 3_000,
    "``` `a`` ``` ` " * 300,
    "\n" * 5_000,
    "   \t \u3000 ",
    "\u202eevil\u202c \u200b\u2066x\u2069",
    "𝕏🧨👨\u200d👩\u200d👧" * 3_000,
    "שלום مرحبا" * 1_000,
    "[click](https://evil.example/) [x](javascript:alert(1)) <https://e.example>",
    "\ud800 lone \udfff",
    "> " * 3_000,
    "1. a\n9. b\n- c\n# d\n-# e\n>>> f",
    "||spoiler|| ~~gone~~ __under__ **bold** _x_ \\",
    "\x00\x01\x1b[31m",
    '{"json": ["deep"]}',
)


def message(text: str = "checkout-5xx is in ALARM", *, markup: bool = False) -> Message:
    """A message with every part filled with `text`."""
    return Message(
        icon="🚨",
        title=text,
        colour=0xFF0000,
        at=AT,
        url="https://example.com/a",
        preview=text,
        body=Text(text, markup=markup),
        code=text,
        facts=tuple(Fact(text, Text(text, markup=markup)) for _ in range(30)),
        state_line=text,
        links=tuple(Link(text, f"https://example.com/{n}") for n in range(30)),
        footer=text,
        picture="https://example.com/a.png",
        thread="",
        rank=5,
    )
