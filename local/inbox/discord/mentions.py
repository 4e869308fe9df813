"""Mentions: who would have been pinged by a message, and who only looks mentioned."""

from __future__ import annotations

import re
from typing import Final

from local.inbox.discord.form import Form, Json, Path

IDS: Final = 100
KINDS: Final = ("users", "roles", "everyone")
# Without allowed_mentions a webhook pings users, but no role and not everyone.
WEBHOOK_DEFAULT: Final[Json] = {"parse": ["users"]}

_CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`", re.DOTALL)
_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(everyone|here)")


def read_allowed_mentions(form: Form, path: Path, value: object) -> Json | None:
    """Check `allowed_mentions`; None where absent."""
    given = form.record(path, value)
    if given is None:
        return None
    form.unknown(path, given, frozenset({"parse", "users", "roles", "replied_user"}))
    parse = form.items((*path, "parse"), given.get("parse"), len(KINDS))
    for index, kind in enumerate(parse):
        if kind not in KINDS:
            told = f"Value must be one of {KINDS}."
            form.refuse((*path, "parse", index), "BASE_TYPE_CHOICES", told)
    allowed: Json = {"parse": parse}
    for kind in ("users", "roles"):
        ids = form.items((*path, kind), given.get(kind), IDS)
        if ids and kind in parse:
            told = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form.refuse(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", told)
        places = [(*path, kind, index) for index in range(len(ids))]
        allowed[kind] = [form.snowflake(p, i) for p, i in zip(places, ids, strict=True)]
    return allowed


def pings(content: str, allowed: Json | None, *, silent: bool = False) -> Json:
    """Who is pinged by this text under these rules; embeds never ping anyone.

    `looked` counts the mentions that are shown but reach nobody.
    """
    rules = WEBHOOK_DEFAULT if allowed is None else allowed
    text = _CODE.sub(" ", content)
    named_users = list(dict.fromkeys(_USER.findall(text)))
    named_roles = list(dict.fromkeys(_ROLE.findall(text)))
    named_all = bool(_EVERYONE.search(text))
    users = [u for u in named_users if _may(rules, "users", u)]
    roles = [r for r in named_roles if _may(rules, "roles", r)]
    everyone = named_all and "everyone" in rules.get("parse", [])
    reached = len(users) + len(roles) + everyone
    return {
        "everyone": everyone,
        "users": users,
        "roles": roles,
        "silent": silent,
        "looked": len(named_users) + len(named_roles) + named_all - reached,
    }


def _may(rules: Json, kind: str, mention: str) -> bool:
    return kind in rules.get("parse", []) or mention in rules.get(kind, [])
