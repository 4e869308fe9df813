"""Faults on order: which call to which mailbox goes wrong, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

EVERY: Final = "*"
MODES: Final = (
    "ok",
    "status",
    "hang",
    "drop",
    "slow",
    "limited",
    "gone",
    "unauthorized",
    "html",
    "blocked",
    "kicked",
    "migrated",
)
_WHENS: Final = ("before_store", "after_store")
_DEFAULT_SECONDS: Final = {"hang": 30.0, "slow": 1.0, "limited": 1.0}
_KEYS: Final = {
    "webhook": str,
    "mode": str,
    "status": int,
    "body": object,
    "headers": dict,
    "seconds": (int, float),
    "retry_after": (int, float),
    "scope": str,
    "times": int,
    "after": int,
    "when": str,
    "contains": str,
    "method": str,
}


@dataclass(slots=True)
class Fault:
    """One ordered misbehaviour. `after` calls pass untouched, then `times` go wrong.

    `when` says whether the message is kept before things go wrong: `after_store` is
    how an outcome becomes unknown to the sender.
    """

    webhook: str = EVERY
    mode: str = "ok"
    status: int = 500
    body: Any = None
    headers: dict[str, str] | None = None
    seconds: float = 0.0
    scope: str = "user"
    times: int | None = None
    after: int = 0
    when: str = "before_store"
    contains: str = ""
    method: str = ""
    hits: int = 0

    @property
    def stores(self) -> bool:
        """Whether the message is kept although the sender sees a failure."""
        return self.when == "after_store"

    @property
    def spent(self) -> bool:
        """Whether it has gone wrong as often as ordered."""
        return self.times is not None and self.times <= 0

    def concerns(self, webhook: str, method: str, body: str) -> bool:
        """Whether this call is one of those meant."""
        return (
            self.webhook in (EVERY, webhook)
            and self.method in ("", method)
            and self.contains in body
        )


def read_fault(order: object) -> Fault:
    """Read one order of the control API. Raises ValueError with a plain reason."""
    if not isinstance(order, dict):
        raise ValueError("a behaviour is an object, such as {'mode': 'gone'}")
    given: dict[str, Any] = dict(order)
    for flag in _WHENS:
        if given.pop(flag, False):
            given["when"] = flag
    _check_keys(given)
    given["webhook"] = str(given.get("webhook", EVERY))
    given["method"] = str(given.get("method", "")).upper()
    mode = given.get("mode", "ok")
    if "retry_after" in given:
        given["seconds"] = given.pop("retry_after")
    given.setdefault("seconds", _DEFAULT_SECONDS.get(mode, 0.0))
    return Fault(**given)


def _check_keys(given: dict[str, Any]) -> None:
    for key, value in given.items():
        if key not in _KEYS:
            raise ValueError(f"unknown key {key!r}; known: {', '.join(_KEYS)}")
        if key != "webhook" and not isinstance(value, _KEYS[key]):  # type: ignore[arg-type]
            raise ValueError(f"{key} has the wrong type: {value!r}")
    if given.get("mode", "ok") not in MODES:
        raise ValueError(f"mode is one of {', '.join(MODES)}")
    if given.get("when", _WHENS[0]) not in _WHENS:
        raise ValueError(f"when is one of {', '.join(_WHENS)}")
    if not 100 <= given.get("status", 500) <= 599:
        raise ValueError("status is an HTTP status from 100 to 599")


class FaultBook:
    """The orders in force: the first one that concerns a call decides about it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def order(self, faults: list[Fault], *, append: bool = False) -> None:
        """Take orders; without `append` they replace those for the same webhooks.

        A bare `ok` (no `times`) is how an earlier order is withdrawn.
        """
        if not append:
            named = {fault.webhook for fault in faults}
            self._faults = [
                f for f in self._faults if EVERY not in named and f.webhook not in named
            ]
        self._faults += [f for f in faults if f.mode != "ok" or f.times is not None]

    def clear(self) -> None:
        """Behave again."""
        self._faults.clear()

    def draw(
        self, webhook: str, method: str, body: str, *, named: bool = False
    ) -> Fault | None:
        """The fault this call suffers, counted as used; None when all goes well.

        `named`: only by an order that names this method, for steps within a call.
        """
        for fault in self._faults:
            if fault.spent or not fault.concerns(webhook, method, body):
                continue
            if named and fault.method != method:
                continue
            if fault.after > 0:
                fault.after -= 1
                return None
            if fault.times is not None:
                fault.times -= 1
            fault.hits += 1
            return None if fault.mode == "ok" else fault
        return None

    def listing(self) -> list[Fault]:
        """Every order in force or spent, in the order of their precedence."""
        return list(self._faults)
