"""The HTTP seam for channels that are a service of AWS: signed instead of a secret.

Through a client of botocore's a call could take longer than the seam's budget, be
repeated, and follow redirects; so botocore signs, and the seam calls.
https://docs.aws.amazon.com/general/latest/gr/rande.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult

from tocsin import washing
from tocsin.channels._answers import fields_of
from tocsin.channels._http import CONNECT, TOTAL, Http, NetworkFault, Response
from tocsin.errors import Unavailable
from tocsin.ports import Aws, Kind
from tocsin.values import dataclass

TOLD = 200
REASON = 400
CLOCK = "AWS does not take our signature now ({told}); it is tried again"
Verdict = tuple[Kind, str]
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}", re.ASCII)
_HOST = re.compile(
    rf"(?:email|sns)\.{_REGION.pattern}\.amazonaws\.com(?:\.cn)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service in a Region: its host's first word, and the name it signs under."""

    prefix: str
    service: str
    region: str

    @property
    def host(self) -> str:
        """Where it is called."""
        china = ".cn" if self.region.startswith("cn-") else ""
        return f"{self.prefix}.{self.region}.amazonaws.com{china}"


class AwsHttp(Http):
    """Signed calls to AWS. `aws.base` stands in for every endpoint on local stacks;
    `region` is our own, "" where it is not known."""

    def __init__(
        self, aws: Aws, *, connect_within: float = CONNECT, total: float = TOTAL
    ) -> None:
        super().__init__((), aws.base, connect_within=connect_within, total=total)
        self._sign = aws.sign
        self.region = aws.region

    def ask(
        self,
        method: str,
        endpoint: Endpoint,
        path: str,
        *,
        body: bytes = b"",
        kind: str = "application/json",
        deadline: float | None = None,
    ) -> Response | NetworkFault:
        """One signed request, one answer."""
        url = f"https://{endpoint.host}{path}"
        headers = {"Content-Type": kind} if body else {}
        try:
            signed = self._sign(
                endpoint.service, endpoint.region, method, url, headers, body
            )
        except Unavailable:
            return NetworkFault(Kind.TRANSIENT, "there are no credentials to sign with")
        return self.call(
            method, url, body=body or None, headers=signed, deadline=deadline
        )

    def _allowed(self, url: SplitResult) -> bool:
        return url.scheme == "https" and _HOST.fullmatch(url.netloc) is not None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a service's refusals mean, and the form of the reason: by AWS's name for
    what is wrong, and where that is unknown by the status."""

    by_name: Mapping[str, Verdict]
    rate: str
    denied: str
    form: str
    busy: str

    def of(self, status: int, code: str) -> Verdict:
        """What is not AWS's own trouble, and no limit, is final."""
        if code in self.by_name:
            return self.by_name[code]
        if status == 429:
            return Kind.LIMITED, self.rate
        if status in (401, 403):
            return Kind.PERMANENT, self.denied
        if 400 <= status < 500 and status not in (408, 425):
            return Kind.PERMANENT, self.form
        return Kind.TRANSIENT, self.busy


def reason_of(form: str, status: int, code: str, words: str, **named: str) -> str:
    """The form of a verdict, filled in."""
    # AWS repeats a request that it would have signed, the role's token too.
    said = "" if form == CLOCK else words
    told = "; ".join(filter(None, (code or f"status {status}", said)))
    return washing.shortened(form.format(told=told, **named), REASON)


def region_of(value: str) -> str:
    """The name of a Region. Raises ValueError."""
    if _REGION.fullmatch(value) is None:
        raise ValueError("not the name of an AWS Region, as eu-central-1")
    return value


def refusal_of(answer: Response) -> tuple[str, str]:
    """(AWS's name for what is wrong, its words), "" for what is not said."""
    fields = fields_of(answer)
    named = answer.headers.get("x-amzn-errortype") or fields.get("__type") or ""
    code = str(named).partition(":")[0].rpartition("#")[2]
    words = fields.get("message") or fields.get("Message") or ""
    told = washing.line(words) if isinstance(words, str) else ""
    return washing.line(code)[:80], washing.shortened(told, TOLD)
