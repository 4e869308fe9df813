"""The mail server: conversations in, mails into the store, faults suffered as ordered.

A fault that names the method MAIL, RCPT or AUTH goes wrong at that step, for the
recipient that is its webhook. Any other goes wrong at the end of a mail.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from local.inbox.calls_in import Pacer
from local.inbox.faults import Fault, FaultBook
from local.inbox.mail import answers
from local.inbox.mail.reading import Read, read, shown
from local.inbox.shelf import Shelf
from local.inbox.store import Arrival, Store
from local.inbox.visited import Call

PROVIDER: Final = "email"
FRAME: Final = "/mail/"
# Styles may stand in a mail; nothing in it runs, is sent, or reaches the page.
_FRAMED: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline';"
        " img-src 'self' https: http: data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'; sandbox"
        " allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class MailStandIn:
    """Takes any login and any recipient, and shows each mail once."""

    def __init__(self, store: Store, faults: FaultBook, shelf: Shelf) -> None:
        self._store = store
        self._shelf = shelf
        self._faults = faults
        self.pacer = Pacer(PROVIDER, None)

    def routes(self) -> list[web.RouteDef]:
        """The HTML of a mail, for a frame of the page."""
        return [web.get(FRAME + "{seq:\\d+}", self._frame)]

    def reset(self) -> None:
        """As on the first start: no limit."""
        self.pacer = Pacer(PROVIDER, None)

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Take mail; port 0 takes any free one."""
        # It warns of a login that is older than our use of it, at every login.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._conversation, host, port)

    def _conversation(self) -> SMTP:
        return SMTP(
            self,
            hostname="inbox.tocsin.local",
            ident="Tocsin inbox",
            authenticator=self._login,
            auth_require_tls=False,
        )

    # -- what aiosmtpd calls -------------------------------------------------------

    async def handle_MAIL(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """A mail begins."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._step(server, session, "MAIL", "") or "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Somebody shall get it."""
        refusal = await self._step(server, session, "RCPT", address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """All of it is here."""
        at = self._store.clock()
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        mail = read(raw, envelope.mail_from or "", list(envelope.rcpt_tos))
        mailbox = envelope.rcpt_tos[0].lower()
        fault = self._faults.draw(mailbox, "DATA", mail.text)
        line = await self._taken(mailbox, mail, fault, at)
        self._log(session, mailbox, at, "DATA", line, fault, mail)
        if not line:
            _cut(server)
        return line or answers.LATER

    def _login(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        data: object,
    ) -> AuthResult:
        fault = self._faults.draw("", "AUTH", "", named=True)
        if fault is None:
            return AuthResult(success=True)
        line = answers.told(fault)
        self._log(session, "", self._store.clock(), "AUTH", line, fault)
        return AuthResult(success=False, handled=False, message=line)

    # -- a mail --------------------------------------------------------------------

    async def _taken(
        self, mailbox: str, mail: Read, fault: Fault | None, at: float
    ) -> str:
        """The answer; "" = hang up without one."""
        if self.pacer.wait(mailbox, at):
            return answers.THROTTLED
        if fault is None:
            return self._keep(mailbox, mail, at)
        if fault.mode == "slow":
            await asyncio.sleep(fault.seconds)
            return self._keep(mailbox, mail, at)
        if fault.stores:
            self._keep(mailbox, mail, at)
        if fault.mode in ("hang", "drop"):
            await asyncio.sleep(fault.seconds)
            return ""
        return answers.told(fault)

    def _keep(self, mailbox: str, mail: Read, at: float) -> str:
        warnings = list(mail.warnings)
        if self._store.find(PROVIDER, mailbox, mail.id):
            warnings.append(
                "the same Message-ID again: some mail programs show it once"
            )
        kept = self._shelf.keep(f"mail-{self._store.next_seq()}", mail.uploads)
        by_id = zip(mail.content_ids, kept, strict=True)
        inside = {cid: one["url"] for cid, one in by_id if cid}
        arrival = Arrival(
            seq=self._store.next_seq(),
            provider=PROVIDER,
            webhook=mailbox,
            id=mail.id,
            received_at=at,
            payload={**mail.payload, "html": shown(mail.payload["html"], inside)},
            message={**mail.message, "files": kept},
            text=mail.text,
            headers=dict(mail.payload["headers"]),
            pings={"everyone": False, "users": [], "roles": []},
            warnings=warnings,
        )
        self._store.add(arrival)
        return answers.TAKEN

    async def _step(
        self, server: SMTP, session: Session, step: str, mailbox: str
    ) -> str:
        """The refusal that was ordered for this very step, or ""."""
        fault = self._faults.draw(mailbox.lower(), step, "", named=True)
        if fault is None:
            return ""
        at, line = self._store.clock(), answers.told(fault)
        if fault.mode in ("hang", "drop", "slow"):
            await asyncio.sleep(fault.seconds)
            line = ""
        if fault.mode == "slow":
            return ""
        self._log(session, mailbox.lower(), at, step, line, fault)
        if not line:
            _cut(server)
        return line or answers.LATER

    def _log(
        self,
        session: Session,
        mailbox: str,
        at: float,
        step: str,
        line: str,
        fault: Fault | None,
        mail: Read | None = None,
    ) -> None:
        code = answers.status(line)
        peer: Any = session.peer
        self._store.log(
            Call(
                at=at,
                provider=PROVIDER,
                webhook=mailbox,
                method=step,
                path=mailbox,
                address=str(peer[0]) if peer else "",
                status=429 if line == answers.THROTTLED else code,
                code=code if code >= 400 else None,
                reason=_reason(line, fault),
                fault=fault.mode if fault else "",
                message_id=mail.id if mail else "",
                warnings=mail.warnings if mail else [],
                seconds=round(self._store.clock() - at, 4),
            )
        )

    # -- the page ------------------------------------------------------------------

    async def _frame(self, request: web.Request) -> web.Response:
        seq = int(request.match_info["seq"])
        for arrival in self._store.select(since=seq - 1):
            if arrival.seq == seq and arrival.provider == PROVIDER:
                html = str(arrival.payload["html"])
                return web.Response(
                    text=html, content_type="text/html", headers=_FRAMED
                )
            break
        raise web.HTTPNotFound


def _reason(line: str, fault: Fault | None) -> str:
    if fault is not None:
        return f"{fault.mode}, as ordered: {line or 'no answer'}"
    return "" if line == answers.TAKEN else line


def _cut(server: SMTP) -> None:
    """Hang up in the middle of things."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
