"""Secrets: how one comes in without standing in a shell's history."""

from __future__ import annotations

from tocsin_client.command.documents import read_text
from tocsin_client.command.session import Session
from tocsin_client.command.trouble import misused


def given_secret(session: Session, variable: str, *, piped: bool) -> str:
    """Out of a variable or a pipe; "" = neither was named. Raises `Trouble`."""
    if variable and piped:
        raise misused("give the secret once: --secret-env or --secret-stdin")
    if variable:
        text = session.environment.get(variable, "").strip()
        if not text:
            raise misused(f"the variable {variable} is empty")
        return text
    text = read_text("-").strip() if piped else ""
    if piped and not text:
        raise misused("nothing was piped in as the secret")
    return text
