"""A conversation with a mail server, on a wire that no word outlives its deadline on.

`smtplib` speaks; what is ours are bounded answers, a login in UTF-8 that is tried once,
recipients in one round trip, and knowing on which side of the final dot things broke.
https://www.rfc-editor.org/rfc/rfc5321
"""

from __future__ import annotations

import re
import smtplib
from base64 import b64encode
from collections.abc import Sequence
from enum import StrEnum
from io import BufferedReader
from typing import Any

from tocsin.channels._wire import Wire
from tocsin.values import dataclass

# What clients without a name of their own say; nobody checks it before a login.
HELLO = "[127.0.0.1]"
LONGEST_LINE = 4_096
LONGEST_REPLY = 64 * 1024
_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)


class Stage(StrEnum):
    """How far a conversation came."""

    GREETING = "greeting"
    TLS = "tls"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Reply:
    """A code and its text, which may repeat anything that was said."""

    code: int
    text: bytes = b""

    @property
    def good(self) -> bool:
        """Whether the server agrees."""
        return 200 <= self.code < 300


class RejectedError(Exception):
    """The server said no."""

    def __init__(self, stage: Stage, reply: Reply) -> None:
        super().__init__(f"{stage}: {reply.code}")
        self.stage, self.reply = stage, reply


class UnfitError(Exception):
    """The server lacks what is needed; the text says what."""


class GarbledError(OSError):
    """What came is not SMTP."""


class UnansweredError(Exception):
    """The whole mail left, and no answer came."""

    def __init__(self, cause: OSError) -> None:
        super().__init__("no answer to the mail")
        self.cause = cause


class Session(smtplib.SMTP):
    """One connection. Everything raises `RejectedError`, or OSError when it broke."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(local_hostname=HELLO)
        self.wire = wire
        self.sock = wire  # type: ignore[assignment]  # the part of a socket it uses
        self.mails = 0
        self._reader: BufferedReader | None = None

    def send(self, s: Any) -> None:
        """Raises OSError as it is, where the original forgets which it was."""
        self.wire.sendall(s.encode("ascii") if isinstance(s, str) else s)

    def getreply(self) -> tuple[int, bytes]:
        """One answer of any number of lines. Raises OSError."""
        if self._reader is None:
            self._reader = self.wire.makefile("rb")
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._reader.readline(LONGEST_LINE)
            if not line:
                raise ConnectionResetError
            match = _REPLY.fullmatch(line.rstrip(b"\r\n"))
            size += len(line)
            if match is None or not line.endswith(b"\n") or size > LONGEST_REPLY:
                raise GarbledError
            lines.append(match[3] or b"")
            if match[2] != b"-":
                return int(match[1]), b"\n".join(lines)

    def greet(self) -> None:
        """Read the greeting and say ours."""
        self._expect(Stage.GREETING, Reply(*self.getreply()), 220)
        self._expect(Stage.GREETING, Reply(*self.ehlo()))

    def secure(self, upgrade: Wire) -> None:
        """Go on upon the encrypted wire; what was said before it counts for nothing."""
        self.wire = upgrade
        self.sock = upgrade  # type: ignore[assignment]
        self._reader = None
        self.esmtp_features = {}
        self._expect(Stage.TLS, Reply(*self.ehlo()))

    def ask_for_tls(self) -> None:
        """Raises `UnfitError` where the server offers none."""
        if not self.has_extn("starttls"):
            raise UnfitError(
                "the server offers no STARTTLS at this port: set port 465 and "
                "security tls"
            )
        self._expect(Stage.TLS, Reply(*self.docmd("STARTTLS")), 220)

    def log_in(self, username: str, password: str) -> None:
        """By PLAIN, else by LOGIN; once, since wrong tries lock accounts. Raises
        `UnfitError` where neither is offered, `RejectedError` for a no."""
        offered = self.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            reply = self._plain(f"\0{username}\0{password}")
        elif "LOGIN" in offered:
            reply = self._login(username, password)
        else:
            raise UnfitError("the server takes no password here (AUTH PLAIN or LOGIN)")
        self._expect(Stage.LOGIN, reply, 235)

    def deliver(
        self, sender: str, recipients: Sequence[str], content: bytes
    ) -> dict[str, Reply]:
        """Hand over one mail. Returns who was refused, and why; raises `RejectedError`
        when all were. Raises `UnansweredError` when nobody knows."""
        answers = self._envelope(sender, recipients, len(content))
        refused = {who: reply for who, reply in answers.items() if not reply.good}
        if len(refused) == len(answers):
            # If one of them may be tried again, all may: nobody has it yet.
            raise RejectedError(Stage.RECIPIENT, min(refused.values(), key=is_final))
        self._expect(Stage.CONTENT, Reply(*self.docmd("DATA")), 354)
        # When this fails, the dot at its end never left: nobody can have the mail.
        self.send(_stuffed(content))
        try:
            last = Reply(*self.getreply())
        except OSError as error:
            raise UnansweredError(error) from None
        self._expect(Stage.CONTENT, last)
        self.mails += 1
        return refused

    def alive(self) -> bool:
        """Whether the server still listens (NOOP)."""
        try:
            return Reply(*self.noop()).good
        except OSError:
            return False

    def leave(self) -> None:
        """Say goodbye, and do not mind the answer."""
        try:
            self.docmd("QUIT")
        except OSError:
            pass
        finally:
            self.close()

    def _envelope(
        self, sender: str, recipients: Sequence[str], size: int
    ) -> dict[str, Reply]:
        room = f" SIZE={size}" if self.has_extn("size") else ""
        lines = [f"MAIL FROM:<{sender}>{room}"]
        lines += [f"RCPT TO:<{recipient}>" for recipient in recipients]
        together = self.has_extn("pipelining")
        if together:
            self.send("".join(f"{line}\r\n" for line in lines))
        replies = []
        for line in lines:
            if not together:
                self.putcmd(line)
            replies.append(Reply(*self.getreply()))
            if len(replies) == 1:
                self._expect(Stage.SENDER, replies[0])
        return dict(zip(recipients, replies[1:], strict=True))

    def _plain(self, words: str) -> Reply:
        code, text = self.docmd("AUTH", f"PLAIN {encoded(words)}")
        return Reply(*(self.docmd(encoded(words)) if code == 334 else (code, text)))

    def _login(self, username: str, password: str) -> Reply:
        code, text = self.docmd("AUTH", "LOGIN")
        for words in (username, password):
            if code != 334:
                break
            code, text = self.docmd(encoded(words))
        return Reply(code, text)

    def _expect(self, stage: Stage, reply: Reply, code: int | None = None) -> None:
        if reply.code != code if code else not reply.good:
            raise RejectedError(stage, reply)


def encoded(words: str) -> str:
    """As a login sends it."""
    return b64encode(words.encode("utf-8", "replace")).decode("ascii")


def is_final(reply: Reply) -> bool:
    """Whether a refused recipient would be refused again. 552 often means that there
    are too many of them (RFC 5321, section 4.5.3.1.10), or a mailbox that is full."""
    return reply.code >= 500 and reply.code != 552


def _stuffed(content: bytes) -> bytes:
    """With whole line ends only, dots doubled, and the final one."""
    lines = content.splitlines()
    rows = [b"." + line if line.startswith(b".") else line for line in lines]
    return b"\r\n".join(rows) + b"\r\n.\r\n"
