"""How bad: the one order of severities and its accepted aliases."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """From worst to least; `success` ranks as `info` and has the success look."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    SUCCESS = "success"
    DEBUG = "debug"

    @property
    def rank(self) -> int:
        """Higher is worse: debug 0, info and success 1, ... critical 5."""
        return _RANK[self]

    @property
    def urgent(self) -> bool:
        """Whether deliveries overtake the others (critical and high)."""
        return self.rank >= _RANK[Severity.HIGH]


_RANK = {
    Severity.CRITICAL: 5,
    Severity.HIGH: 4,
    Severity.MEDIUM: 3,
    Severity.LOW: 2,
    Severity.INFO: 1,
    Severity.SUCCESS: 1,
    Severity.DEBUG: 0,
}

ALIASES = {
    "p0": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
    "emergency": Severity.CRITICAL,
    "p1": Severity.HIGH,
    "error": Severity.HIGH,
    "alarm": Severity.HIGH,
    "p2": Severity.MEDIUM,
    "warning": Severity.MEDIUM,
    "warn": Severity.MEDIUM,
    "p3": Severity.LOW,
    "notice": Severity.LOW,
    "ok": Severity.SUCCESS,
    "dev": Severity.DEBUG,
}
_WORDS = {each.value: each for each in Severity} | ALIASES


def parse_severity(text: str) -> Severity:
    """Read a severity or an alias, in any case. Raises ValueError with the choices."""
    found = _WORDS.get(text.strip().lower())
    if found is None:
        raise ValueError(f"not a severity; known: {', '.join(_WORDS)}")
    return found
