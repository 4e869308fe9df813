"""Bootstrap: builds the real ports, once per process, for the functions to wire."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from importlib import import_module
from logging import getLogger
from typing import TYPE_CHECKING, Any

from tocsin.aws.calls import client
from tocsin.aws.generated_keys import GeneratedKeys, generated_key
from tocsin.aws.health import DynamoHealthBook
from tocsin.aws.ledger import DynamoLedger
from tocsin.aws.notice import SnsNotice
from tocsin.aws.queue import SqsDeadLetters, SqsInflight, SqsOutbox
from tocsin.aws.settings import DynamoSettings
from tocsin.aws.signing import sign
from tocsin.aws.vault import SsmVault
from tocsin.channels import channel
from tocsin.config import Environment, read_environment
from tocsin.errors import Unavailable
from tocsin.ports import Aws, Channel

if TYPE_CHECKING:
    from tocsin.acknowledge import Means
    from tocsin.admission import Quota
    from tocsin.attic import Attic
    from tocsin.aws.originals import S3Originals
    from tocsin.aws.reading import DynamoReading
    from tocsin.aws.sns_pages import SnsPages
    from tocsin.events import Event
    from tocsin.gatekeeper import Gatekeeper
    from tocsin.intake.batch import Batch, Received
    from tocsin.openid.people import People, SignIn
    from tocsin.passes import Links
    from tocsin.ports import Enricher
    from tocsin.settings import Source


class SystemClock:
    """`ports.Clock` on the machine's own clock and randomness."""

    def now(self) -> int:
        """Ms since the epoch."""
        return time.time_ns() // 1_000_000

    def sleep(self, ms: int) -> None:
        """Wait; used only for a provider's short pauses."""
        time.sleep(ms / 1000)

    def entropy(self) -> bytes:
        """Ten random bytes."""
        return secrets.token_bytes(10)


class Ports:
    """Every port, made at first use and kept: a function pays for what it touches."""

    def __init__(self, environment: Environment | None = None) -> None:
        self.environment = environment or read_environment(os.environ)
        self.timing = self.environment.timing
        self.clock = SystemClock()
        self._channels: dict[str, Channel] = {}

    def channel(self, name: str) -> Channel:
        """One per kind and process, since it keeps its connections open."""
        if name not in self._channels:
            base = self.environment.bases.get(name)
            self._channels[name] = channel(name, base, self.aws)
        return self._channels[name]

    @cached_property
    def aws(self) -> Aws:
        """AWS, for channels that are one of its services."""
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        return Aws(sign, self.environment.bases.get("aws"), region or "")

    def client(self, service: str) -> Any:
        """A low-level AWS client."""
        return client(service)

    @cached_property
    def _dynamodb(self) -> Any:
        return self.client("dynamodb")

    @cached_property
    def _sqs(self) -> Any:
        return self.client("sqs")

    @cached_property
    def ledger(self) -> DynamoLedger:
        """Where notifications are written."""
        environment = self.environment
        return DynamoLedger(
            self._dynamodb,
            environment.table,
            retention_days=environment.retention_days,
        )

    @cached_property
    def reading(self) -> DynamoReading:
        """Where they are read by time: calendar and archive."""
        found = import_module("tocsin.aws.reading")
        made: DynamoReading = found.DynamoReading(
            self._dynamodb, self.environment.table
        )
        return made

    @cached_property
    def health(self) -> DynamoHealthBook:
        """What is known of destinations."""
        return DynamoHealthBook(self._dynamodb, self.environment.table, self.clock)

    @cached_property
    def settings(self) -> DynamoSettings:
        """What operators decided."""
        return DynamoSettings(self._dynamodb, self.environment.table, self.clock)

    @cached_property
    def outbox(self) -> SqsOutbox:
        """The queue, to send."""
        return SqsOutbox(self._sqs, self.environment.queue_url)

    @cached_property
    def inflight(self) -> SqsInflight:
        """The queue, for what was received."""
        return SqsInflight(self._sqs, self.environment.queue_url)

    @cached_property
    def dead_letters(self) -> SqsDeadLetters:
        """The dead-letter queue."""
        return SqsDeadLetters(self._sqs, self.environment.dlq_url)

    @cached_property
    def vault(self) -> SsmVault:
        """Destinations' secrets."""
        make = partial(self.client, "ssm")
        return SsmVault(make, self.environment.secrets_prefix, self.clock)

    @cached_property
    def signing_vault(self) -> SsmVault:
        """Secrets with which sources sign."""
        make = partial(self.client, "ssm")
        return SsmVault(make, self.environment.signing_secrets_prefix, self.clock)

    @cached_property
    def quota(self) -> Quota:
        """What sources have sent in this minute. Few are bounded: imported then."""
        found = import_module("tocsin.aws.quota")
        made: Quota = found.DynamoQuota(
            self._dynamodb, self.environment.table, self.clock
        )
        return made

    def enriched(
        self, received: Sequence[Received], missed: Callable[[str], object]
    ) -> Sequence[Received]:
        """The same, alarms with what AWS knows of them. Most ways in bring none, and
        the first that comes imports what asks; see `intake.enrichment.enriched`."""
        account = self.environment.enriched_account
        if not account or all(each.alarm is None for each in received):
            return received
        found: Sequence[Received] = import_module("tocsin.intake.enrichment").enriched(
            received, account=account, enricher=self._enricher, missed=missed
        )
        return found

    @cached_property
    def _enricher(self) -> Enricher:
        made = import_module("tocsin.aws.cloudwatch_details").CloudWatchDetails
        # A session of its own: it makes its clients in threads.
        separate = import_module("botocore.session").Session()
        enricher: Enricher = made(separate, self._attic)
        return enricher

    def attic(self) -> Attic:
        """Where uploaded files are kept. Few events name one: imported then."""
        return self._attic

    @cached_property
    def _attic(self) -> Attic:
        # A session of its own: the sender's lanes are threads.
        session = import_module("botocore.session").Session()
        made: Attic = import_module("tocsin.aws.attachments").S3Attachments(
            session, self.environment.originals_bucket
        )
        return made

    def claimed(self, batch: Batch, source: Source) -> Batch:
        """The batch, its uploads looked up; see `intake.claiming.claimed`."""
        files = (each for item in batch.received for each in item.event.attachments)
        if not any(each.id for each in files):
            return batch
        found: Batch = import_module("tocsin.intake.claiming").claimed(
            batch, source=source.name, attic=self._attic
        )
        return found

    def admit(self, events: Sequence[Event], source: Source, **how: int) -> None:
        """Hold a source to what it may send; see `admission.admit`."""
        import_module("tocsin.admission").admit(
            events,
            **how,
            source=source,
            quota=self.quota,
            notice=self.notice,
            clock=self.clock,
        )

    def means(self) -> Means:
        """What it takes to act on a notification, under the settings of now."""
        made: Means = import_module("tocsin.acknowledge").Means(
            self.ledger,
            self.outbox,
            self.settings.current().rules(self.timing.factor),
            self.clock,
            self.timing,
        )
        return made

    @cached_property
    def originals(self) -> S3Originals:
        """Where large bodies are kept as they came."""
        made: S3Originals = import_module("tocsin.aws.originals").S3Originals(
            partial(self.client, "s3"), self.environment.originals_bucket
        )
        return made

    @cached_property
    def https_topics(self) -> frozenset[str]:
        """The topics that may post over HTTPS."""
        told = self.environment.https_topics.split(",")
        return frozenset(each.strip() for each in told if each.strip())

    def fetch_of_sns(self, url: str) -> bytes:
        """A page of SNS, in the Regions of these topics. Raises `Unavailable`."""
        return self._sns_pages.fetch(url)

    @cached_property
    def _sns_pages(self) -> SnsPages:
        made = import_module("tocsin.aws.sns_pages").SnsPages
        host_of = import_module("tocsin.intake.sns_delivery").host_of
        hosts = {host_of(topic) for topic in self.https_topics}
        pages: SnsPages = made(hosts, self.environment.bases.get("sns"))
        return pages

    @cached_property
    def notice(self) -> SnsNotice:
        """The owner's own way of hearing of trouble."""
        return SnsNotice(partial(self.client, "sns"), self.environment.ops_topic)

    @cached_property
    def links(self) -> Links:
        """What makes and reads the links that act."""
        environment = self.environment
        make = partial(self.client, "secretsmanager")
        key = partial(generated_key, make, environment.link_key_secret)
        made: Links = import_module("tocsin.passes").Links(environment.public_url, key)
        return made

    @cached_property
    def gatekeeper(self) -> Gatekeeper:
        """Who may call."""
        first = GeneratedKeys(
            partial(self.client, "secretsmanager"),
            {
                "admin": self.environment.admin_key_secret,
                "ingest": self.environment.ingest_key_secret,
            },
            desk=self.settings,
            clock=self.clock,
        )
        asked = self.people if self.environment.oidc_issuer else None
        found = import_module("tocsin.gatekeeper")
        made: Gatekeeper = found.Gatekeeper(self.settings, first, asked)
        return made

    def people(self) -> People:
        """Those who sign in with the issuer, which the template names."""
        return self._people

    @cached_property
    def _people(self) -> People:
        found = import_module("tocsin.openid.people")
        made: People = found.people_of(self.environment, self.clock)
        return made

    def sign_in(self) -> SignIn | None:
        """Where people sign in; None where keys are all there is, or the issuer does
        not answer, which is in the log."""
        told = self.environment
        if not (told.oidc_issuer and told.oidc_client_id):
            return None
        try:
            return self._people.sign_in()
        except Unavailable as error:
            getLogger(__name__).error("%s", error)  # noqa: TRY400 - said by the error
            return None
