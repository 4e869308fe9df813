"""Credentials: where in a tool's call its key stands, since few tools can choose."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from tocsin.errors import Unauthorized

# Ours, and those that tools cannot rename.
HEADERS = ("x-tocsin-key", "x-api-key", "x-gitlab-token")


def credential(headers: Mapping[str, str], token: str = "") -> str:
    """The key of a call: in its path, as bearer or basic authorization (the password;
    the user is anyone), or in a header of its own. Header names are in lower case.

    Raises `Unauthorized` when there is none.
    """
    if token:
        return token
    scheme, _, text = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and text.strip():
        return text.strip()
    if scheme.lower() == "basic" and (password := _password(text.strip())):
        return password
    for name in HEADERS:
        if told := headers.get(name, "").strip():
            return told
    raise Unauthorized(
        "give a key: Authorization: Bearer <key>, basic authorization with it as the "
        "password, X-Tocsin-Key: <key>, or at the end of the path"
    )


def _password(text: str) -> str:
    try:
        told = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    user, _, password = told.partition(":")
    # Some tools ask for one value only, and send it as the user.
    return password or user
