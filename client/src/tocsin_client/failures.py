"""Failures: an exception as an event."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from tocsin_client.events import LONGEST_FINGERPRINT, merged
from tocsin_client.plain import clip, said

LONGEST_TRACE = 6000
SAME_NEWS = 5.0  # s; one exception may be raised again and again


def failure(
    error: BaseException, where: str, keys: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The keys of an event that tells of `error`. The title and the fingerprint leave
    its text out: it often differs, and the same failure should count as the same."""
    given = dict(keys or {})
    kind = kind_of(error)
    type_ = given.pop("type", None) or "app.error"
    told = {
        "type": type_,
        "title": given.pop("title", None) or f"{kind} in {where}",
        "message": given.pop("message", None) or told_of(error),
        "severity": "high",
        "fingerprint": clip(f"{type_}:{where}:{kind}", LONGEST_FINGERPRINT),
        "labels": {"exception": kind},
        "data": {"exception": kind, "where": where},
    }
    return merged(
        told, {name: each for name, each in given.items() if each is not None}
    )


def kind_of(error: BaseException) -> str:
    """The class, with its module unless that says nothing."""
    kind = type(error)
    known = kind.__module__ in ("builtins", "__main__")
    return kind.__qualname__ if known else f"{kind.__module__}.{kind.__qualname__}"


def told_of(error: BaseException, trace: TracebackType | None = None) -> str:
    """What it says, and where it was raised; of a long traceback its end. Source lines
    are shown, values of variables are not."""
    text = clip(said(error).strip() or kind_of(error), LONGEST_TRACE)
    try:
        lines = traceback.format_exception(
            type(error), error, trace or error.__traceback__
        )
    except Exception:  # noqa: BLE001 - an exception may fail to describe itself
        return text
    whole = "".join(lines).rstrip()
    if len(whole) > LONGEST_TRACE:
        whole = "…" + whole[1 - LONGEST_TRACE :]
    return f"{text}\n\n{whole}" if error.__traceback__ or trace else text


def is_news(error: BaseException) -> bool:
    """Whether nobody has told of it on its way up here; from now on somebody has."""
    now = time.monotonic()
    told = getattr(error, "_tocsin_told_at", None)
    try:
        error._tocsin_told_at = now  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - it has slots: told twice is better than never
        return True
    return not isinstance(told, float) or now - told > SAME_NEWS
