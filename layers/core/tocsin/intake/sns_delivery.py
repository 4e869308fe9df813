"""SNS over HTTPS: who really sent it is made sure of before anything is believed.

Nothing is fetched for a stranger. The topic must be an allowed one, and it alone says
which host may hold the certificate: the addresses in a message are compared, never
followed. https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import NoReturn
from urllib.parse import quote, urlsplit

from pydantic import JsonValue

from tocsin.errors import Fault, Forbidden, Invalid, Unauthorized, Unavailable
from tocsin.intake.asymmetric import Certificate
from tocsin.intake.reading import read_body
from tocsin.intake.trimming import moment
from tocsin.values import dataclass

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"
END = "UnsubscribeConfirmation"
# A message has 256 KB, as text within JSON; strangers' bodies are read no further.
LIMIT = 1024 * 1024
# SNS gives up after an hour; keys are remembered for longer than this.
OLDEST = 86_400_000
AHEAD = 300_000
# The organisation of Amazon's own authority, which issues all certificates of SNS but
# those in China: there AWS names none, and its own SDKs ask for none anywhere.
ISSUER = "Amazon"
_TOPIC = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]{3,30}):\d{12}:[\w.-]+")
_PATH = re.compile(r"/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem")
_SIGNED = {
    NOTIFICATION: (
        "Message",
        "MessageId",
        "Subject",
        "Timestamp",
        "TopicArn",
        "Type",
    ),
    SUBSCRIPTION: (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_SIGNED[END] = _SIGNED[SUBSCRIPTION]

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What SNS posted, and signed: `fields` are those of its envelope."""

    kind: str
    topic: str
    fields: Mapping[str, str]

    @property
    def record(self) -> dict[str, JsonValue]:
        """The same as SNS hands it to a function, less what it does not sign."""
        signed: dict[str, JsonValue] = {
            name: self.fields[name]
            for name in _SIGNED[self.kind]
            if name in self.fields
        }
        return {"Records": [{"Sns": signed}]}

    @property
    def confirmation(self) -> str:
        """The address at which SNS takes our yes, made of what was signed."""
        topic, token = quote(self.topic, safe=""), quote(self.fields["Token"], safe="")
        action = f"Action=ConfirmSubscription&TopicArn={topic}&Token={token}"
        return f"https://{host_of(self.topic)}/?{action}"


def host_of(topic: str) -> str:
    """The host of SNS in the topic's Region. Raises `Invalid`: not a topic's ARN."""
    found = _TOPIC.fullmatch(topic)
    if found is None:
        reason = "should be the ARN of a topic"
        raise Invalid(f"TopicArn: {reason}", [Fault("TopicArn", reason)])
    partition, region = found.groups()
    suffix = ".cn" if partition == "aws-cn" else ""
    return f"sns.{region}.amazonaws.com{suffix}"


def read_delivery(
    headers: Mapping[str, str],
    body: bytes,
    *,
    allowed: Collection[str],
    fetch: Fetch,
    now: int,
) -> Delivery:
    """Check a call from beginning to end; `fetch` reads a certificate, `now` is in ms.

    Raises `Malformed`, `Invalid`, `Forbidden` (the topic), `Unauthorized` (an address
    or the signature) or `Unavailable` (no certificate).
    """
    if headers.get("x-amz-sns-rawdelivery", "").lower() == "true":
        reason = "raw message delivery carries no signature; switch it off"
        raise Invalid(reason, [Fault("x-amz-sns-rawdelivery", reason)])
    fields = _fields(body)
    kind, topic = fields["Type"], fields["TopicArn"]
    if topic not in allowed:
        raise Forbidden(
            "this topic may not post here; name it in the parameter HttpsTopicArns"
        )
    _check_addresses(fields, host_of(topic))
    _check_time(fields["Timestamp"], now)
    _check_signature(fields, fetch, now)
    return Delivery(kind, topic, fields)


def _fields(body: bytes) -> dict[str, str]:
    value = read_body(body, LIMIT)
    if not isinstance(value, dict):
        raise Invalid("not a message of SNS", [Fault("", "should be an object")])
    fields = {name: told for name, told in value.items() if isinstance(told, str)}
    signed = _SIGNED.get(fields.get("Type", ""))
    if signed is None:
        raise Invalid("Type: not one of SNS", [Fault("Type", "not one of SNS")])
    needed = {*signed, "Signature", "SignatureVersion", "SigningCertURL"} - {"Subject"}
    missing = sorted(needed - fields.keys())
    if missing:
        faults = [Fault(name, "is missing") for name in missing]
        raise Invalid(f"{missing[0]}: is missing", faults)
    # A Subject that is null is not signed; one that is no text is not SNS's.
    return fields


def _check_addresses(fields: Mapping[str, str], host: str) -> None:
    names = ["SigningCertURL"]
    if fields["Type"] != NOTIFICATION:
        names.append("SubscribeURL")
    for name in names:
        try:
            told = urlsplit(fields[name])
            plain = told.port is None
        except ValueError:
            plain = False
        if not plain or (told.scheme, told.netloc) != ("https", host):
            _refuse(f"{name} is not an address of SNS in the topic's Region")
    if not _PATH.fullmatch(urlsplit(fields["SigningCertURL"]).path):
        _refuse("SigningCertURL is not where SNS keeps certificates")


def _check_time(told: str, now: int) -> None:
    sent = moment(told)
    if sent is None or not -OLDEST < sent.timestamp() * 1000 - now < AHEAD:
        _refuse("Timestamp is not of the last day")


def _check_signature(fields: Mapping[str, str], fetch: Fetch, now: int) -> None:
    version = fields["SignatureVersion"]
    if version not in ("1", "2"):
        _refuse("SignatureVersion is neither 1 nor 2")
    try:
        signature = base64.b64decode(fields["Signature"], validate=True)
    except (binascii.Error, ValueError):
        _refuse("Signature is not base64")
    url = fields["SigningCertURL"].partition("?")[0].partition("#")[0]
    certificate = _certificate(url, fetch)
    if not certificate.is_valid(now) or not set(certificate.names) & _names(url):
        _refuse("the certificate is not one of SNS that holds today")
    if certificate.issuers != (ISSUER,) and not urlsplit(url).netloc.endswith(".cn"):
        _refuse("the certificate was not issued by Amazon")
    content = _content(fields)
    if not certificate.signed(signature, content, sha256=version == "2"):
        _refuse("the signature does not fit")


@lru_cache(maxsize=16)
def _certificate(url: str, fetch: Fetch) -> Certificate:
    """Each is fetched once; SNS changes its certificate by changing its address."""
    try:
        return Certificate(fetch(url))
    except ValueError as error:
        raise Unavailable("the certificate of SNS cannot be read") from error


def _names(url: str) -> set[str]:
    """The names that SNS's certificates have in the Region of this address, one of
    which is enough; as AWS's SDK for Java 2 lists them (`SnsHostProvider`)."""
    host = urlsplit(url).netloc
    region, _, rest = host.removeprefix("sns.").partition(".")
    names = {host, f"sns-signing.{region}.{rest}", f"sns-{region}.{rest}"}
    if region.startswith("us-gov-"):
        return names | {"sns-us-gov-west-1.amazonaws.com"}
    return names if region.startswith("cn-") else names | {"sns.amazonaws.com"}


def _content(fields: Mapping[str, str]) -> bytes:
    lines = [
        f"{name}\n{fields[name]}\n"
        for name in _SIGNED[fields["Type"]]
        if name in fields
    ]
    return "".join(lines).encode("utf-8", "surrogatepass")


def _refuse(reason: str) -> NoReturn:
    raise Unauthorized(reason)
