"""Trouble: how a command ends badly, with an exit code and what to do next."""

from __future__ import annotations

from enum import IntEnum

from tocsin_client.answers import Answer


class Exit(IntEnum):
    """What the shell is told. Documented in docs/cli.md."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    INTERRUPTED = 130


class Trouble(Exception):
    """A command cannot go on. `details` are shown below, `advice` says what to do."""

    def __init__(
        self,
        told: str,
        *,
        code: Exit = Exit.FINDINGS,
        details: tuple[str, ...] = (),
        advice: str = "",
        answer: Answer | None = None,
    ) -> None:
        super().__init__(told)
        self.told = told
        self.code = code
        self.details = details
        self.advice = advice
        self.answer = answer


def misused(told: str, advice: str = "") -> Trouble:
    """The command line, or the set-up behind it, is wrong."""
    return Trouble(told, code=Exit.USAGE, advice=advice)


def refused(answer: Answer) -> Trouble:
    """The API's own words; where it failed itself, it counts as not reached."""
    problem = answer.problem
    if problem is None:
        raise ValueError("this answer is no refusal")
    details = tuple(
        f"{fault.field}: {fault.reason}" if fault.field else fault.reason
        for fault in problem.errors
    )
    told = problem.detail or problem.title
    shown = tuple(each for each in details if each not in told)
    broken = answer.status >= 500
    return Trouble(
        f"{told} (HTTP {answer.status})",
        code=Exit.UNREACHABLE if broken else Exit.REFUSED,
        details=shown,
        advice=_advice(answer.status),
        answer=answer,
    )


def _advice(status: int) -> str:
    if status == 401:
        return "check the key: `tocsin doctor` says which one is used, and from where"
    if status == 403:
        return "use a key with that scope: --profile, --stack or TOCSIN_KEY"
    if status == 412:
        return (
            "someone was faster: look at what is live with `tocsin config`, then again"
        )
    if status == 429:
        return "wait a moment, then try again"
    if status >= 500:
        return "try again; if it stays, look at the stack's alarms (docs/runbook.md)"
    return ""
