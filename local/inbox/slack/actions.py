"""What the calls do: post, change, take away, and tell about bot and channel."""

from __future__ import annotations

from typing import Final

from local.inbox.slack.payload import Draft, read, thread_of
from local.inbox.slack.plain import pings, plain_text
from local.inbox.slack.refusal import Json, Refusal
from local.inbox.slack.visit import PROVIDER, Visit
from local.inbox.store import Arrival, Store

TEAM: Final = {"team": "Local", "team_id": "T0LOCAL000"}
# What chat.postMessage knows and chat.update does not.
_OF_POSTS: Final = frozenset(
    {"username", "icon_emoji", "icon_url", "thread_ts", "unfurl_links", "unfurl_media"}
)
BOT_USER: Final = "U0TOCSIN00"


class Actions:
    """Each takes a read and admitted visit, and answers the API's body."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last_ts = 0

    def post(self, visit: Visit) -> Json:
        """Show a new message."""
        draft = read(visit.body, bot=visit.bot)
        thread = thread_of(visit.body) if visit.bot else None
        visit.warnings += draft.warnings
        visit.message_id = self._next_ts(visit.at)
        message = _message(draft, visit, visit.message_id)
        arrival = Arrival(
            seq=self._store.next_seq(),
            provider=PROVIDER,
            webhook=visit.box,
            id=visit.message_id,
            received_at=visit.at,
            payload=visit.body,
            message=message,
            text=plain_text(draft),
            headers=_masked(dict(visit.request.headers)),
            path=visit.path,
            thread={"id": thread, "name": thread} if thread else None,
            pings=pings(draft),
            warnings=list(visit.warnings),
        )
        self._store.add(arrival)
        shown = {"type": "message", "ts": visit.message_id, "text": draft.text}
        return {
            "ok": True,
            "channel": visit.box,
            "ts": visit.message_id,
            "message": shown,
        }

    def update(self, visit: Visit) -> Json:
        """Show something else instead."""
        arrival = self._find(visit)
        draft = read(visit.body, bot=True)
        ignored = sorted(_OF_POSTS & visit.body.keys())
        visit.warnings += [f"ignored by chat.update: {name}" for name in ignored]
        visit.warnings += draft.warnings
        after = _message(draft, visit, arrival.id)
        self._store.edit(arrival, visit.body, after, plain_text(draft))
        return {"ok": True, "channel": visit.box, "ts": arrival.id, "text": draft.text}

    def delete(self, visit: Visit) -> Json:
        """Take a message away."""
        arrival = self._find(visit)
        self._store.remove(arrival)
        return {"ok": True, "channel": visit.box, "ts": arrival.id}

    def who(self, _visit: Visit) -> Json:
        """Tell whose token it is."""
        url = "https://local.slack.com/"
        return {"ok": True, "url": url, "user": "tocsin", "user_id": BOT_USER, **TEAM}

    def channel(self, visit: Visit) -> Json:
        """Tell about a channel: every one exists, and the bot is in it."""
        told = {
            "id": visit.box,
            "name": self._store.names.get(visit.box, visit.box.lower()),
            "is_channel": visit.box.startswith("C"),
            "is_archived": False,
            "is_member": True,
        }
        return {"ok": True, "channel": told}

    def _find(self, visit: Visit) -> Arrival:
        visit.message_id = str(visit.body.get("ts", ""))
        arrival = self._store.find(PROVIDER, visit.box, visit.message_id)
        if arrival is None:
            raise Refusal("message_not_found")
        return arrival

    def _next_ts(self, at: float) -> str:
        """Seconds and six digits, never the same twice."""
        self._last_ts = max(self._last_ts + 1, int(at * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"


def _message(draft: Draft, visit: Visit, ts: str) -> Json:
    body = visit.body if visit.bot else {}
    return {
        "ts": ts,
        "text": draft.text,
        "blocks": draft.blocks,
        "attachments": draft.attachments,
        "author": {"username": str(body.get("username") or "Tocsin")},
        "icon_url": body.get("icon_url"),
        "icon_emoji": body.get("icon_emoji"),
    }


def _masked(headers: dict[str, str]) -> dict[str, str]:
    return {
        name: "***" if name.lower() == "authorization" else value
        for name, value in headers.items()
    }
