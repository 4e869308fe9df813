"""Email, over SMTP or through Amazon SES: one notification in each mail.

A call has one outcome, so it holds one mail: were there two, and the connection lost
between them, neither "sent" nor "not sent" would be true of both.
https://www.rfc-editor.org/rfc/rfc5321
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tocsin.channels._aws import AwsHttp
from tocsin.channels.email import answers, encoding, limits, ses, settings
from tocsin.channels.email.pool import Pool, Server
from tocsin.channels.email.session import (
    RejectedError,
    Session,
    UnansweredError,
    UnfitError,
)
from tocsin.errors import Fault, Invalid
from tocsin.message import Message
from tocsin.ports import Aws, Channel, Kind, Outcome, Probe, Target

if TYPE_CHECKING:
    from tocsin.attic import Room

_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)
_NO_AWS = "mails by SES are sent from within AWS, and this process has no way there"
_TROUBLES = (OSError, RejectedError, UnfitError, UnansweredError)


class Email:
    """The channel `email`. It keeps its connections, and nothing else."""

    def __init__(self, pool: Pool, aws: AwsHttp | None = None) -> None:
        self._pool = pool
        self._aws = aws

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; the secret is the password with its host and user, and
        with SES there is none but our own role."""
        via = given.get("via", "smtp")
        if via == "ses":
            return ses.split(given)
        if via != "smtp":
            fault = Fault("via", "neither smtp nor ses")
            raise Invalid("the email destination is not valid", [fault])
        return settings.split(given)

    def fits(self, _messages: Sequence[Message]) -> int:
        """See `Channel.fits`: one."""
        return 1

    def room(self, _target: Target) -> Room:
        """See `Uploader.room`."""
        from tocsin.attic import Room  # noqa: PLC0415 - few messages have files

        return Room("e-mail", limits.FILES, limits.FILES)

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`. `message_id` is the mail's own Message-ID."""
        if len(messages) != 1:
            return Outcome(Kind.PERMANENT, "a mail holds one notification")
        try:
            if _is_ses(target):
                own_ses = ses.settings_of(target)
                return self._posted(messages[0], own_ses, target.name)
            own, login = settings.account_of(target.settings, target.secret)
        except ValueError as error:
            return Outcome(Kind.PERMANENT, _broken(target, error))
        extra = limits.UPLOADING if messages[0].files else 0.0
        deadline = self._pool.deadline() + extra
        mail = encoding.encoded(messages[0], own)
        server = Server.of(own, login)
        session: Session | None = None
        try:
            session = self._pool.take(server, deadline)
            recipients = [each.address for each in own.recipients]
            refused = session.deliver(own.mailbox.address, recipients, mail.content)
        except _TROUBLES as error:
            if session is not None:
                session.close()
            return answers.judge(error, name=target.name, server=server)
        self._pool.give(server, session)
        reason = answers.partial(refused, len(recipients), server)
        return Outcome(Kind.OK, reason, message_id=mail.id)

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: everything up to the login, and no mail."""
        try:
            if _is_ses(target):
                own_ses = ses.settings_of(target)
                if self._aws is None:
                    return Probe(False, _NO_AWS)
                return ses.probe(self._aws, own_ses, target.name)
            own, login = settings.account_of(target.settings, target.secret)
        except ValueError as error:
            return Probe(False, _broken(target, error))
        server = Server.of(own, login)
        try:
            session = self._pool.open(server, self._pool.deadline())
        except _TROUBLES as error:
            outcome = answers.judge(error, name=target.name, server=server)
            return Probe(False, outcome.reason)
        alive = session.alive()
        session.leave()
        if not alive:
            return Probe(False, "the mail server hung up after the login")
        took = "takes this username and password" if own.username else "answers"
        details = {"host": own.host, "port": str(own.port), "security": own.security}
        return Probe(True, f"the mail server {took}", details)

    def _posted(self, message: Message, own: ses.Settings, name: str) -> Outcome:
        if self._aws is None:
            return Outcome(Kind.PERMANENT, _NO_AWS)
        return ses.send(self._aws, message, own, name)


def open_channel(base: str | None = None, aws: Aws | None = None) -> Channel:
    """The channel; `base` (`127.0.0.1:1025`) stands in for every server, unencrypted,
    on local stacks. `aws` is what mails through SES need."""
    return Email(Pool(_address(base) if base else None), AwsHttp(aws) if aws else None)


def _is_ses(target: Target) -> bool:
    return target.settings.get("via") == "ses"


def _address(base: str) -> tuple[str, int]:
    parts = urlsplit(base if "://" in base else f"smtp://{base}")
    return parts.hostname or "127.0.0.1", parts.port or 25


def _broken(target: Target, error: ValueError) -> str:
    return _BROKEN.format(name=target.name, why=settings.why(error))
