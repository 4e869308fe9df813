"""SMS, through Amazon SNS: a text to one number, signed by our own role, no password.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from tocsin.channels._aws import AwsHttp, Endpoint
from tocsin.channels.sms import answers, settings, texts
from tocsin.message import Message
from tocsin.ports import Aws, Channel, Kind, Outcome, Probe, Target

VERSION = "2010-03-31"
_FORM = "application/x-www-form-urlencoded; charset=utf-8"
_KIND = "AWS.SNS.SMS.SMSType"
_SENDER = "AWS.SNS.SMS.SenderID"
_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)
_NO_AWS = "texts are sent from within AWS, and this process has no way there"
_NO_REGION = "no Region is known to send from; put the destination with its region"
_TOO_LONG = "one text does not hold these notifications"
_LEFT = "this number has opted out of texts from this account"


class Sms:
    """The channel `sms`. It keeps its connections, and nothing else."""

    def __init__(self, http: AwsHttp | None) -> None:
        self._http = http

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; there is no secret but our own role."""
        return settings.split(given)

    def fits(self, messages: Sequence[Message]) -> int:
        """See `Channel.fits`: as many as a text holds."""
        return texts.fits(messages)

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`."""
        if not 1 <= len(messages) <= texts.fits(messages):
            return Outcome(Kind.PERMANENT, _TOO_LONG)

        def text(own: settings.Settings) -> dict[str, str]:
            return _published(own, texts.joined(messages))

        return self._asked(target, text)[0]

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: asks whether the number has opted out."""
        outcome, left = self._asked(target, _question)
        if outcome.kind is not Kind.OK:
            return Probe(False, outcome.reason)
        if left:
            return Probe(False, _LEFT)
        return Probe(True, "SNS takes our calls, and the number has not opted out")

    def _asked(
        self, target: Target, form: Callable[[settings.Settings], dict[str, str]]
    ) -> tuple[Outcome, bool]:
        """(what one call came to, whether SNS says that the number opted out)."""
        name = target.name
        try:
            own = settings.stored(target.settings, target.secret)
        except ValueError as error:
            why = settings.why(error)
            return Outcome(Kind.PERMANENT, _BROKEN.format(name=name, why=why)), False
        if self._http is None:
            return Outcome(Kind.PERMANENT, _NO_AWS), False
        region = own.region or self._http.region
        if not region:
            return Outcome(Kind.PERMANENT, _NO_REGION), False
        answer = self._http.ask(
            "POST",
            Endpoint("sns", "sns", region),
            "/",
            body=urlencode(form(own)).encode("ascii"),
            kind=_FORM,
        )
        outcome = answers.judge(answer, name=name, region=region, number=own.number)
        return outcome, answers.has_left(answer)


def open_channel(base: str | None = None, aws: Aws | None = None) -> Channel:
    """The channel; `base` stands in for SNS on local stacks."""
    if aws is None:
        return Sms(None)
    return Sms(AwsHttp(replace(aws, base=base or aws.base)))


def _published(own: settings.Settings, text: str) -> dict[str, str]:
    told = {
        "Action": "Publish",
        "Version": VERSION,
        "PhoneNumber": own.number,
        "Message": text,
    }
    named = {_KIND: "Transactional"}
    if own.sender_id:
        named[_SENDER] = own.sender_id
    for at, (name, value) in enumerate(named.items(), 1):
        entry = f"MessageAttributes.entry.{at}"
        told[f"{entry}.Name"] = name
        told[f"{entry}.Value.DataType"] = "String"
        told[f"{entry}.Value.StringValue"] = value
    return told


def _question(own: settings.Settings) -> dict[str, str]:
    action = "CheckIfPhoneNumberIsOptedOut"
    return {"Action": action, "Version": VERSION, "phoneNumber": own.number}
