"""Webhooks, their channels and threads: which exist, and what may be posted where."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from local.inbox.discord.form import Form, Json, Refusal

GUILD: Final = "100000000000000001"
UNKNOWN_WEBHOOK: Final = 10015
KINDS: Final = ("text", "forum")


@dataclass(slots=True)
class Thread:
    """A thread, or a post of a forum."""

    id: str
    name: str
    locked: bool = False


@dataclass(slots=True)
class Hook:
    """One webhook as configured; by default it exists and accepts any token."""

    id: str
    channel_id: str
    token: str = ""
    name: str = "Captain Hook"
    kind: str = "text"
    application_id: str | None = None
    gone: bool = False
    open_threads: bool = True
    threads: dict[str, Thread] = field(default_factory=dict)

    @property
    def forum(self) -> bool:
        """Whether posts need a thread."""
        return self.kind == "forum"

    def as_json(self, token: str) -> Json:
        """The Webhook object that a probe returns."""
        return {
            "application_id": self.application_id,
            "avatar": None,
            "channel_id": self.channel_id,
            "guild_id": GUILD,
            "id": self.id,
            "name": self.name,
            "type": 1,
            "token": token,
            "url": f"https://discord.com/api/webhooks/{self.id}/{token}",
        }


class Hooks:
    """All webhooks. Unknown ones come to be on their first call, unless told not to."""

    def __init__(self) -> None:
        self.only_known = False
        self._hooks: dict[str, Hook] = {}

    def find(self, hook_id: str, token: str) -> Hook:
        """The webhook behind an address. Raises Refusal 10015 or 50027."""
        hook = self._hooks.get(hook_id)
        if hook is None and not self.only_known:
            hook = self.ensure(hook_id)
        if hook is None or hook.gone:
            raise unknown_webhook()
        if hook.token and hook.token != token:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return hook

    def ensure(self, hook_id: str) -> Hook:
        """The webhook of this id, made if need be."""
        if hook_id not in self._hooks:
            self._hooks[hook_id] = Hook(hook_id, _snowflake(f"channel {hook_id}"))
        return self._hooks[hook_id]

    def bot(self, channel_id: str, application_id: str) -> Hook:
        """A bot in a channel: what it posts is its application's."""
        return Hook(
            channel_id, channel_id, name="Tocsin", application_id=application_id
        )

    def channel_of(self, hook_id: str) -> str:
        """The channel a webhook posts to, known or not."""
        hook = self._hooks.get(hook_id)
        return hook.channel_id if hook else _snowflake(f"channel {hook_id}")

    def configure(self, order: Json) -> Hook:
        """Set what a program asks for. Raises ValueError with a plain reason."""
        if not order.get("id"):
            raise ValueError("a webhook needs its id")
        hook = self.ensure(str(order["id"]))
        for key, value in order.items():
            self._set(hook, key, value)
        return hook

    def _set(self, hook: Hook, key: str, value: Any) -> None:
        if key == "threads":
            given = (t if isinstance(t, dict) else {"id": t} for t in value)
            threads = [Thread(**{"name": f"thread {t['id']}", **t}) for t in given]
            hook.threads = {thread.id: thread for thread in threads}
            hook.open_threads = False
        elif key == "kind" and value not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        elif key not in Hook.__slots__:
            raise ValueError(f"unknown key {key!r} of a webhook")
        else:
            setattr(hook, key, value if value is None else type_of(key)(value))

    def clear(self) -> None:
        """Back to the beginning: every webhook exists and accepts any token."""
        self.only_known = False
        self._hooks.clear()

    def __iter__(self) -> Any:
        return iter(self._hooks.values())


def type_of(key: str) -> type:
    """Whether a setting of a webhook is a flag or text."""
    return bool if key in ("gone", "open_threads") else str


def place_post(
    hook: Hook, thread_id: str | None, thread_name: str | None, message_id: str
) -> Thread | None:
    """The thread a new message goes to, None for the channel. Raises Refusal."""
    if thread_id and thread_name:
        raise Refusal(
            400, 220002, "Webhooks posted to forum channels cannot have both a"
            " thread_name and thread_id"
        )  # fmt: skip
    if thread_name:
        return _new_post(hook, thread_name, message_id)
    if thread_id:
        return _existing(hook, thread_id)
    if hook.forum:
        raise Refusal(
            400, 220001, "Webhooks posted to forum channels must have a thread_name or"
            " thread_id"
        )  # fmt: skip
    return None


def _new_post(hook: Hook, name: str, message_id: str) -> Thread:
    if not hook.forum:
        raise Refusal(400, 220003, "Webhooks can only create threads in forum channels")
    thread = hook.threads[message_id] = Thread(message_id, name)
    return thread


def _existing(hook: Hook, thread_id: str) -> Thread:
    if not (thread_id.isascii() and thread_id.isdigit()):
        form = Form()
        form.snowflake(("thread_id",), thread_id)
        form.settle()
    thread = hook.threads.get(thread_id)
    if thread is None and hook.open_threads and not hook.forum:
        thread = hook.threads[thread_id] = Thread(thread_id, f"thread {thread_id}")
    if thread is None:
        raise Refusal(404, 10003, "Unknown Channel")
    if thread.locked:
        raise Refusal(400, 160005, "Thread is locked")
    return thread


def unknown_webhook() -> Refusal:
    """The refusal after which a webhook must not be called again."""
    return Refusal(404, UNKNOWN_WEBHOOK, "Unknown Webhook")


def _snowflake(seed: str) -> str:
    digest = hashlib.sha256(seed.encode()).digest()
    return str(10**17 + int.from_bytes(digest[:7]) % (9 * 10**17))
