"""What the methods do: send, edit, delete, and tell of bot and chat."""

from __future__ import annotations

from typing import Any, Final

from local.inbox.shelf import Shelf, Upload
from local.inbox.store import Arrival, Json, Store
from local.inbox.telegram.chats import Chat, bot, chat_of, topic_of
from local.inbox.telegram.payload import (
    Draft,
    flag,
    read_caption,
    read_files,
    read_message,
)
from local.inbox.telegram.refusal import bad
from local.inbox.telegram.visit import PROVIDER, Visit

_DELETABLE: Final = 48 * 3600


class Actions:
    """Each takes an admitted visit and returns the `result`, or raises Refusal."""

    def __init__(self, store: Store, shelf: Shelf) -> None:
        self._store = store
        self._shelf = shelf

    def get_me(self, visit: Visit) -> Json:
        """Who the bot is."""
        return bot(visit.bot) | {
            "can_join_groups": True,
            "supports_inline_queries": False,
        }

    def get_chat(self, visit: Visit) -> Json:
        """What a chat is."""
        return chat_of(visit.given.get("chat_id")).whole()

    def send(self, visit: Visit) -> Json:
        """Show a new message."""
        chat = chat_of(visit.given.get("chat_id"))
        return self._shown(visit, chat, read_message(visit.given), [])

    def send_files(self, visit: Visit) -> Json | list[Json]:
        """Show files, the first with a caption."""
        chat = chat_of(visit.given.get("chat_id"))
        draft = read_caption(visit.given)
        uploads = read_files(visit.method, visit.given, visit.files)
        if visit.method != "sendmediagroup":
            return self._shown(visit, chat, draft, uploads)
        return [self._shown(visit, chat, draft, [upload]) for upload in uploads]

    def _shown(
        self, visit: Visit, chat: Chat, draft: Draft, uploads: list[Upload]
    ) -> Json:
        topic = topic_of(visit.given.get("message_thread_id"), chat)
        message = _message(visit, chat, draft, topic, self._store.next_seq())
        if uploads:
            kept = self._shelf.keep(f"telegram-{message['message_id']}", uploads)
            message |= {"files": kept, "has_media": True}
        silent = flag(visit.given, "disable_notification")
        visit.message_id = str(message["message_id"])
        visit.warnings += draft.warnings
        arrival = Arrival(
            seq=self._store.next_seq(),
            provider=PROVIDER,
            webhook=chat.mailbox,
            id=visit.message_id,
            received_at=visit.at,
            payload=visit.given,
            message=message,
            text=plain_text(message),
            headers=dict(visit.request.headers),
            path=visit.masked_path,
            query=dict(visit.request.query),
            thread={"id": str(topic), "name": f"topic {topic}"} if topic else None,
            pings=_pings(draft, silent=silent),
            warnings=list(visit.warnings),
        )
        self._store.add(arrival)
        return message

    def edit(self, visit: Visit) -> Json:
        """Show other words instead."""
        arrival = self._find(visit, "message to edit not found")
        if arrival.message.get("has_media"):
            raise bad("there is no text in the message to edit")
        return self._edited(visit, arrival, read_message(visit.given))

    def edit_caption(self, visit: Visit) -> Json:
        """Show other words under a file instead."""
        arrival = self._find(visit, "message to edit not found")
        if not arrival.message.get("has_media"):
            raise bad("there is no caption in the message to edit")
        return self._edited(visit, arrival, read_caption(visit.given))

    def _edited(self, visit: Visit, arrival: Arrival, draft: Draft) -> Json:
        before = arrival.message
        after = {**before, **_shown(draft), "edit_date": int(visit.at)}
        if not draft.keyboard:
            after.pop("reply_markup", None)
        if all(after.get(key) == before.get(key) for key in _SHOWN):
            raise bad(
                "message is not modified: specified new message content and reply"
                " markup are exactly the same as a current content and reply markup"
                " of the message"
            )
        visit.warnings += draft.warnings
        self._store.edit(arrival, visit.given, after, plain_text(after))
        return after

    def delete(self, visit: Visit) -> bool:
        """Take a message away."""
        arrival = self._find(visit, "message to delete not found")
        if visit.at - arrival.received_at > _DELETABLE:
            raise bad("message can't be deleted for everyone")
        self._store.remove(arrival)
        return True

    def _find(self, visit: Visit, words: str) -> Arrival:
        chat = chat_of(visit.given.get("chat_id"))
        visit.message_id = str(visit.given.get("message_id", ""))
        arrival = self._store.find(PROVIDER, chat.mailbox, visit.message_id)
        if arrival is None:
            raise bad(words)
        return arrival


_SHOWN: Final = ("text", "entities", "reply_markup")


def plain_text(message: Json) -> str:
    """Every visible word in reading order; where links lead on lines of their own."""
    entities = message.get("entities", [])
    links = dict.fromkeys(one["url"] for one in entities if "url" in one)
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = [
        f"{button['text']} ({button['url']})" if "url" in button else button["text"]
        for row in rows
        for button in row
    ]
    names = [file["filename"] for file in message.get("files", [])]
    return "\n".join([message["text"], *names, *links, *buttons])


def _message(
    visit: Visit, chat: Chat, draft: Draft, topic: int | None, number: int
) -> Json:
    message: dict[str, Any] = {
        "message_id": number,
        "from": bot(visit.bot),
        "chat": chat.as_json(),
        "date": int(visit.at),
        **_shown(draft),
    }
    if topic:
        message |= {"message_thread_id": topic, "is_topic_message": True}
    return message


def _shown(draft: Draft) -> Json:
    shown: Json = {"text": draft.text, "entities": draft.entities}
    if draft.keyboard:
        shown["reply_markup"] = {"inline_keyboard": draft.keyboard}
    return shown


def _pings(draft: Draft, *, silent: bool) -> Json:
    """Who is called: by id, or by an @name in the text."""
    named = [one for one in draft.entities if one["type"] == "text_mention"]
    users = [str(one["user"]["id"]) for one in named]
    raw = draft.text.encode("utf-16-le", "surrogatepass")
    for one in draft.entities:
        if one["type"] == "mention":
            end = one["offset"] + one["length"]
            users.append(raw[2 * one["offset"] : 2 * end].decode("utf-16-le"))
    return {
        "everyone": False,
        "users": list(dict.fromkeys(users)),
        "roles": [],
        "silent": silent,
    }
