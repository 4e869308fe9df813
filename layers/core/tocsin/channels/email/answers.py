"""What a mail server's answers mean, by their code and by how far things had come.

https://www.rfc-editor.org/rfc/rfc5321#section-4.2
https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping, Sequence

from tocsin import washing
from tocsin.channels import _redaction
from tocsin.channels._wire import NotPermitted
from tocsin.channels.email.pool import Server
from tocsin.channels.email.session import (
    GarbledError,
    RejectedError,
    Reply,
    Stage,
    UnansweredError,
    UnfitError,
    encoded,
    is_final,
)
from tocsin.ports import Kind, Outcome

TOLD = 200
NAMED = 3
THROTTLED = 10_000
QUOTA = 3_600_000
# 530 and 538 ask for a login or for encryption, 534 and 535 turn a login down.
LOGIN_CODES = frozenset({530, 534, 535, 538})
_THROTTLING = re.compile(
    rb"thrott|rate|quota|too (?:many|much|fast)|limit", re.IGNORECASE
)
_DAILY = re.compile(rb"daily|quota|per day|24.?h", re.IGNORECASE)

_LOGIN = (
    "the mail server does not accept this username and password ({told}): put "
    "destination {name} with valid ones; many providers ask for an app password"
)
_SENDER = (
    "the mail server does not take mail from this sender ({told}): check `from` of "
    "destination {name}"
)
_RECIPIENTS = (
    "the mail server takes none of the recipients ({told}): check `to` of "
    "destination {name}"
)
_NO_TLS = "the mail server refuses to encrypt ({told}): try port 465 with security tls"
_FINAL: Mapping[Stage, tuple[Kind, str]] = {
    # Of the address that calls, which is another one the next time; not of a message.
    Stage.GREETING: (Kind.TRANSIENT, "the mail server turns us away ({told})"),
    Stage.TLS: (Kind.GONE, _NO_TLS),
    Stage.LOGIN: (Kind.GONE, _LOGIN),
    Stage.SENDER: (Kind.PERMANENT, _SENDER),
    Stage.RECIPIENT: (Kind.PERMANENT, _RECIPIENTS),
    Stage.CONTENT: (Kind.PERMANENT, "the mail server refuses the mail ({told})"),
}
_LATER = "the mail server says not now ({told}); it is tried again"

Trouble = OSError | RejectedError | UnfitError | UnansweredError


def judge(error: Trouble, *, name: str, server: Server) -> Outcome:
    """The outcome of a call that failed, to the server of the destination `name`."""
    if isinstance(error, RejectedError):
        return _rejected(error, name, server)
    if isinstance(error, UnfitError):
        return Outcome(Kind.GONE, f"{error}; put destination {name} again")
    if isinstance(error, UnansweredError):
        words = _words(error.cause)
        return Outcome(Kind.UNKNOWN, f"the mail left, but was not answered: {words}")
    if isinstance(error, NotPermitted):
        return Outcome(Kind.PERMANENT, "the mail server's address is not a public one")
    return Outcome(Kind.TRANSIENT, f"the mail server: {_words(error)}")


def partial(refused: Mapping[str, Reply], total: int, server: Server) -> str:
    """In words, who of those it was for did not get it; "" when all did."""
    if not refused:
        return ""
    first = [f"{who} ({_told(reply, server)})" for who, reply in refused.items()][
        :NAMED
    ]
    more = f" and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    words = f"{len(refused)} of {total} recipients were refused: "
    return words + ", ".join(first) + more


def _rejected(error: RejectedError, name: str, server: Server) -> Outcome:
    stage, reply = error.stage, error.reply
    told = _told(reply, server)
    if reply.code == 454 and stage not in (Stage.TLS, Stage.LOGIN):
        throttled = _throttled(reply, told)
        if throttled is not None:
            return throttled
    if reply.code in LOGIN_CODES:
        stage = Stage.LOGIN
    final = is_final(reply) if stage is Stage.RECIPIENT else reply.code >= 500
    if not final:
        # Also what makes no sense where it stands, such as a 250 to DATA.
        return Outcome(Kind.TRANSIENT, _LATER.format(told=told))
    kind, words = _FINAL[stage]
    return Outcome(kind, words.format(told=told, name=name))


def _throttled(reply: Reply, told: str) -> Outcome | None:
    if _THROTTLING.search(reply.text) is None:
        return None
    wait = QUOTA if _DAILY.search(reply.text) else THROTTLED
    reason = f"the mail server asks for fewer mails ({told})"
    return Outcome(Kind.LIMITED, reason, wait_ms=wait)


def _told(reply: Reply, server: Server) -> str:
    """Code and words of the server, should it repeat the login without that."""
    plain = f"\0{server.username}\0{server.password}"
    secrets = [server.password, encoded(server.password), encoded(plain)]
    text = (
        _redaction.shown(reply.text, secrets, TOLD)
        if server.password
        else (
            washing.shortened(washing.line(reply.text.decode("utf-8", "replace")), TOLD)
        )
    )
    return f"{reply.code} {text}".rstrip()


def _words(error: OSError) -> str:
    """What went wrong, from the error's kind only."""
    for kind, words in _FAILURES:
        if isinstance(error, kind):
            return words
    return "the connection failed"


_FAILURES: Sequence[tuple[type[OSError], str]] = (
    (TimeoutError, "no answer in time"),
    (socket.gaierror, "the host name was not found"),
    (ssl.SSLCertVerificationError, "the certificate is not trusted"),
    (ssl.SSLError, "the TLS handshake failed"),
    (ConnectionRefusedError, "the connection was refused"),
    (ConnectionError, "the connection was closed"),
    (GarbledError, "the answer is not SMTP"),
)
