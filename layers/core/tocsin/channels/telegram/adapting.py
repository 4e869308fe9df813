"""Adapting: refusals that another form of the same letter gets around.

Each is tried once, within the time of one call. Nothing was posted when Telegram
refuses with a 400, so none of them can make a double.
"""

from __future__ import annotations

from collections.abc import Callable

from tocsin.channels._http import NetworkFault, Response
from tocsin.channels.telegram import answers
from tocsin.channels.telegram.encoding import Letter
from tocsin.values import dataclass

MOST = 4
_TOPIC = ("message thread not found", "topic_deleted", "topic_closed")
_BUTTONS = ("button", "reply markup")


@dataclass(frozen=True, slots=True)
class Change:
    """Another letter, and what operators should know of it."""

    letter: Letter
    told: str


def adapted(letter: Letter, answer: Response | NetworkFault) -> Change | None:
    """What to send instead, None when nothing would help."""
    if isinstance(answer, NetworkFault) or answer.status != 400:
        return None
    if (chat := answers.migrated_to(answer)) and chat != letter.chat:
        return Change(letter.moved(chat), moved(chat))
    told = answers.described(answer).lower()
    for words, applies, change, note in _CHANGES:
        if applies(letter) and any(word in told for word in words):
            return Change(change(letter), note)
    return None


def moved(chat: str) -> str:
    """What operators should do about a group that has a new id."""
    return f"the group has become a supergroup: put its new id, {chat}, as chat"


_NO_PHOTO = ("photo_invalid", "photo_save", "image_process_failed", "photo_ext")
_NO_TEXT = ("there is no text in the message to edit",)

_CHANGES: tuple[
    tuple[
        tuple[str, ...],
        Callable[[Letter], bool],
        Callable[[Letter], Letter],
        str,
    ],
    ...,
] = (
    (
        _TOPIC,
        lambda letter: letter.topic is not None,
        Letter.unthreaded,
        "its topic is gone or closed: posted to the chat itself",
    ),
    (
        ("can't parse entities",),
        lambda letter: not letter.plain,
        Letter.plainly,
        "Telegram did not take its markup: posted as plain text",
    ),
    (
        _BUTTONS,
        lambda letter: bool(letter.keyboard),
        Letter.unbuttoned,
        "Telegram did not take a button: posted with links in the text",
    ),
    (
        _NO_PHOTO,
        lambda letter: letter.file is not None and not letter.as_document,
        Letter.with_document,
        "to Telegram its picture is no photo: sent as a document",
    ),
    (
        _NO_TEXT,
        lambda letter: letter.edits is not None and not letter.captioned,
        Letter.under_its_file,
        "",
    ),
)
