"""Completing: what a destination needs, from the command line, a pipe, or a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tocsin_client.command.channels import Kind, is_secret, kind_of
from tocsin_client.command.secrets import given_secret
from tocsin_client.command.session import Session
from tocsin_client.command.trouble import misused


@dataclass(frozen=True)
class Given:
    """What the command line says of a destination."""

    channel: str
    settings: Mapping[str, Any]
    secret_env: str
    secret_stdin: bool


def complete(session: Session, given: Given) -> dict[str, Any]:
    """Settings and secrets together; what is missing is asked for."""
    kind = kind_of(given.channel, given.settings)
    for name in given.settings:
        if is_secret(given.channel, name):
            session.screen.warn(
                f"{name} stood on the command line: it is in your shell's history, and"
                " others on this machine may have seen it; --secret-env, --secret-stdin"
                " and the question do not show it"
            )
    secrets = _given_secrets(session, given, kind)
    body = {"channel": given.channel, **given.settings, **secrets}
    if not secrets and not any(each.name in given.settings for each in kind.secrets):
        body.update(_asked_secrets(session, kind))
    for name, told in kind.needs.items():
        if name not in body:
            session.screen.require_person(f"give it with --set {name}=…")
            body[name] = _answered(given.channel, name, input(f"{told}: ").strip())
    return {name: value for name, value in body.items() if value != ""}


def _given_secrets(session: Session, given: Given, kind: Kind) -> dict[str, Any]:
    text = given_secret(session, given.secret_env, piped=given.secret_stdin)
    if text and not kind.secrets:
        raise misused(f"such a destination of channel {given.channel} has no secret")
    if text.startswith("{"):
        try:
            return dict(json.loads(text))
        except ValueError:
            raise misused("the secret begins with { and is not JSON") from None
    return {kind.secret_for(text).name: text} if text else {}


def _asked_secrets(session: Session, kind: Kind) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in kind.secrets:
        if each.optional and not session.screen.attended:
            continue
        text = session.screen.secret(each.told)
        if not text and not each.optional:
            raise misused("a destination needs its secret")
        found[kind.secret_for(text).name if kind.either else each.name] = text
        if kind.either:
            break
    return found


def _answered(channel: str, name: str, text: str) -> Any:
    several = (channel, name) == ("email", "to")
    return [each.strip() for each in text.split(",")] if several else text
