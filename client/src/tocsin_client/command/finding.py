"""Finding: a notification by its id, or by the end of it that messages show."""

from __future__ import annotations

from typing import Any

from tocsin_client.command.api import Api, part
from tocsin_client.command.trouble import Exit, Trouble, misused

ID_LENGTH = 26
SHORTEST = 4
LOOKED_AT = 500
_LETTERS = frozenset("0123456789abcdefghjkmnpqrstvwxyz")


def whole_id(api: Api, given: str) -> str:
    """The id that ends in these letters, among the latest. Raises `Trouble`."""
    text = given.strip().lower()
    if not text or not set(text) <= _LETTERS or len(text) > ID_LENGTH:
        raise misused(
            f"{given!r} is no id",
            "an id has 26 letters and digits; its last 8, as in a message, do as well",
        )
    if len(text) == ID_LENGTH:
        return text
    if len(text) < SHORTEST:
        raise misused(f"{given!r} is too short", f"give at least {SHORTEST} letters")
    return _by_end(api, text)


def read(api: Api, given: str) -> Any:
    """The whole notification as the API answers it."""
    return api.call("GET", path_of(whole_id(api, given)))


def path_of(notification_id: str) -> str:
    """Its path below /v1."""
    return f"/notifications/{part(notification_id)}"


def _by_end(api: Api, end: str) -> str:
    latest = api.items("/notifications", "notifications", {}, LOOKED_AT)
    found = [each["id"] for each in latest if each["id"].endswith(end)]
    if len(found) == 1:
        return str(found[0])
    if found:
        raise Trouble(
            f"{len(found)} notifications end in {end!r}",
            code=Exit.USAGE,
            details=tuple(found),
            advice="give more letters",
        )
    raise Trouble(
        f"none of the latest {len(latest):,} notifications ends in {end!r}",
        code=Exit.REFUSED,
        advice="give the whole id; `tocsin list` shows ids",
    )
