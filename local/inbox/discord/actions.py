"""What the calls do: post, probe, read, edit and delete."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from local.inbox.discord.answers import common, reply
from local.inbox.discord.files import shelve
from local.inbox.discord.form import Form, Json, Refusal
from local.inbox.discord.hooks import GUILD, Hook, Thread, place_post
from local.inbox.discord.mentions import pings
from local.inbox.discord.messages import (
    Snowflakes,
    edited_message,
    is_empty,
    mark_mentions,
    new_message,
)
from local.inbox.discord.payload import (
    COMPONENTS_V2,
    SUPPRESS_NOTIFICATIONS,
    Circumstances,
    Draft,
    empty_message,
    read_edit,
    read_post,
)
from local.inbox.discord.plain import plain_text
from local.inbox.discord.visit import PROVIDER, Visit
from local.inbox.shelf import Shelf
from local.inbox.store import Arrival, Store

FILES: Final = "/discord/files"
NONCE: Final = 25
NONCE_KEPT: Final = 300.0


class Actions:
    """Each takes an admitted visit and its webhook, and answers or raises Refusal."""

    def __init__(self, store: Store, shelf: Shelf) -> None:
        self._store = store
        self._shelf = shelf
        self._ids = Snowflakes()
        self._nonces: dict[tuple[str, str], tuple[str, float]] = {}

    def post_once(self, visit: Visit, hook: Hook) -> web.Response:
        """A bot's message; one with the same nonce a few minutes ago is it already."""
        body = visit.body if isinstance(visit.body, dict) else {}
        nonce = str(body.pop("nonce", ""))
        enforced = bool(body.pop("enforce_nonce", False)) and nonce
        if len(nonce) > NONCE:
            form = Form()
            told = f"Must be {NONCE} or fewer in length."
            form.refuse(("nonce",), "BASE_TYPE_MAX_LENGTH", told)
            form.settle()
        known, at = self._nonces.get((hook.id, nonce), ("", 0.0))
        if enforced and known and visit.at - at < NONCE_KEPT:
            visit.message_id = known
            visit.warnings.append("the same nonce: posted before, and not again")
            arrival = self._store.find(PROVIDER, hook.id, known)
            if arrival is not None:
                return reply(200, _public(arrival.message), visit.headers)
        response = self.post(visit, hook)
        self._nonces[hook.id, nonce] = visit.message_id, visit.at
        return response

    def application(self, visit: Visit, hook: Hook) -> web.Response:
        """Tell a bot whose it is: there is one application."""
        told = {"id": hook.application_id, "name": hook.name}
        return reply(200, told, visit.headers)

    def channel(self, visit: Visit, hook: Hook) -> web.Response:
        """Tell a bot about its channel: every one exists, and it sees it."""
        told = {"id": hook.channel_id, "type": 0, "guild_id": GUILD, "name": "channel"}
        return reply(200, told, visit.headers)

    def post(self, visit: Visit, hook: Hook) -> web.Response:
        """Show a new message; it comes back only when asked to wait."""
        around = Circumstances(
            with_components=visit.flag("with_components"),
            app_owned=hook.application_id is not None,
            files=len(visit.uploads),
        )
        draft = read_post(visit.body, around)
        visit.message_id = self._ids.next(visit.at)
        thread = place_post(
            hook,
            visit.request.query.get("thread_id"),
            draft.parts.get("thread_name"),
            visit.message_id,
        )
        message = new_message(visit.message_id, hook, thread, draft, visit.at)
        message["attachments"] = shelve(
            self._shelf,
            FILES,
            visit.message_id,
            visit.uploads,
            draft.parts.get("attachments"),
        )
        self._keep(visit, hook, thread, draft, message)
        if visit.flag("wait"):
            return reply(200, message, visit.headers)
        return web.Response(status=204, headers=common(visit.headers))

    def _keep(
        self,
        visit: Visit,
        hook: Hook,
        thread: Thread | None,
        draft: Draft,
        message: Json,
    ) -> None:
        silent = bool(message["flags"] & SUPPRESS_NOTIFICATIONS)
        reached = pings("\n".join(draft.words), draft.allowed, silent=silent)
        mark_mentions(message, reached)
        visit.warnings += draft.warnings
        shown = {**message, "avatar_url": draft.parts.get("avatar_url")}
        arrival = Arrival(
            seq=self._store.next_seq(),
            provider=PROVIDER,
            webhook=hook.id,
            id=visit.message_id,
            received_at=visit.at,
            payload=visit.body,
            message=shown,
            text=plain_text(message),
            headers=dict(visit.request.headers),
            path=visit.masked_path,
            query=dict(visit.request.query),
            thread={"id": thread.id, "name": thread.name} if thread else None,
            pings=reached,
            warnings=list(visit.warnings),
        )
        self._store.add(arrival)

    def probe(self, visit: Visit, hook: Hook) -> web.Response:
        """Tell about the webhook; nothing is posted."""
        return reply(200, hook.as_json(visit.token), visit.headers)

    def delete_hook(self, visit: Visit, hook: Hook) -> web.Response:
        """Remove the webhook: from now on it is unknown."""
        hook.gone = True
        return web.Response(status=204, headers=common(visit.headers))

    def get(self, visit: Visit, hook: Hook) -> web.Response:
        """Return a message as it is now."""
        return reply(200, _public(self._find(visit, hook).message), visit.headers)

    def edit(self, visit: Visit, hook: Hook) -> web.Response:
        """Change what was given of a message; the rest stays."""
        arrival = self._find(visit, hook)
        before = arrival.message
        around = Circumstances(
            with_components=visit.flag("with_components"),
            app_owned=hook.application_id is not None,
            files=len(visit.uploads),
            was_v2=bool(before["flags"] & COMPONENTS_V2),
        )
        draft = read_edit(visit.body, around)
        after = edited_message(before, draft, visit.at)
        after["attachments"] = self._edited_files(visit, before, draft)
        if is_empty(after):
            raise empty_message()
        words = "\n".join(draft.words) or after["content"]
        mark_mentions(after, pings(words, draft.allowed))
        visit.warnings += draft.warnings
        self._store.edit(arrival, visit.body, after, plain_text(after))
        return reply(200, _public(after), visit.headers)

    def _edited_files(self, visit: Visit, before: Json, draft: Draft) -> list[Json]:
        kept: list[Json] = before["attachments"]
        if "attachments" in draft.parts:
            named = {str(given.get("id")) for given in draft.parts["attachments"]}
            kept = [file for file in kept if file["id"] in named]
        if not visit.uploads:
            return kept
        base = f"{visit.message_id}-{int(visit.at * 1000)}"
        about = draft.parts.get("attachments")
        return kept + shelve(self._shelf, FILES, base, visit.uploads, about)

    def delete(self, visit: Visit, hook: Hook) -> web.Response:
        """Take a message away."""
        self._store.remove(self._find(visit, hook))
        return web.Response(status=204, headers=common(visit.headers))

    def _find(self, visit: Visit, hook: Hook) -> Arrival:
        visit.message_id = visit.request.match_info["message"]
        arrival = self._store.find(PROVIDER, hook.id, visit.message_id)
        inside = (arrival.thread or {}).get("id") if arrival else None
        if arrival is None or inside != visit.request.query.get("thread_id"):
            raise Refusal(404, 10008, "Unknown Message")
        return arrival


def _public(message: Json) -> Json:
    return {key: part for key, part in message.items() if key != "avatar_url"}
