"""Mail through Amazon SES: the same mails, handed over by a signed call, no password.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, StringConstraints, ValidationError

from tocsin.channels._answers import fields_of
from tocsin.channels._aws import AwsHttp, Endpoint, region_of
from tocsin.channels.email import encoding, limits, ses_answers
from tocsin.channels.email.letters import Letter, faults_of
from tocsin.errors import Invalid
from tocsin.message import Message
from tocsin.ports import Kind, Outcome, Probe, Target

_AGAIN = "its secret is not one of a destination that sends by SES; put it again"
_UNVERIFIED = "SES in {region} does not know {who} as verified: verify it there"


class Settings(Letter):
    """All that may be said; there is no secret."""

    via: Literal["ses"]
    region: Annotated[str, AfterValidator(region_of)]
    configuration_set: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None
    ) = None

    @property
    def endpoint(self) -> Endpoint:
        """Where SES is."""
        return Endpoint("email", "ses", self.region)


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(settings to keep, a stand-in for a secret). Raises `Invalid`."""
    rest = {str(name): value for name, value in given.items()}
    try:
        own = Settings.model_validate(rest)
    except ValidationError as error:
        what = "the email destination is not valid"
        raise Invalid(what, faults_of(error)) from None
    kept = own.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return kept, _packed(own)


def settings_of(target: Target) -> Settings:
    """What is stored. Raises ValueError."""
    own = Settings.model_validate(dict(target.settings))
    if target.secret != _packed(own):
        raise ValueError(_AGAIN)
    return own


def send(http: AwsHttp, message: Message, own: Settings, name: str) -> Outcome:
    """One mail; see `Channel.send`. `message_id` is the one that SES gives, which
    takes the place of ours in the mail."""
    mail = encoding.encoded(message, own)
    recipients = [each.address for each in own.recipients]
    told: dict[str, Any] = {
        "FromEmailAddress": own.mailbox.address,
        "Destination": {"ToAddresses": recipients},
        "Content": {"Raw": {"Data": b64encode(mail.content).decode("ascii")}},
    }
    if own.configuration_set:
        told["ConfigurationSetName"] = own.configuration_set
    body = json.dumps(told, separators=(",", ":")).encode()
    answer = http.ask(
        "POST",
        own.endpoint,
        "/v2/email/outbound-emails",
        body=body,
        deadline=http.deadline() + (limits.UPLOADING if message.files else 0.0),
    )
    return ses_answers.judge(answer, name=name, region=own.region)


def probe(http: AwsHttp, own: Settings, name: str) -> Probe:
    """Whether SES takes the sender's address or domain; see `Channel.probe`."""
    deadline = http.deadline()
    for identity in (own.mailbox.address, own.mailbox.domain):
        path = f"/v2/email/identities/{quote(identity, safe='')}"
        answer = http.ask("GET", own.endpoint, path, deadline=deadline)
        outcome = ses_answers.judge(answer, name=name, region=own.region)
        if fields_of(answer).get("VerifiedForSendingStatus") is True:
            details = {"identity": identity, "region": own.region}
            return Probe(True, f"SES sends for {identity}", details)
        if outcome.kind is not Kind.OK and not ses_answers.is_unknown(answer):
            return Probe(False, outcome.reason)
    who = own.mailbox.domain
    return Probe(False, _UNVERIFIED.format(region=own.region, who=who))


def _packed(own: Settings) -> str:
    """Every destination has a secret; this one says only which way it goes."""
    return f"ses://{own.region}"
