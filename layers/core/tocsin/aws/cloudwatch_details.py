"""CloudWatch's details of an alarm: its tags, and its graph, kept like an upload."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.session import Session

from tocsin.attic import Attic, Kept
from tocsin.aws.calls import available
from tocsin.aws.json_service import AGENT
from tocsin.errors import Unavailable
from tocsin.ports import Picture

PNG = b"\x89PNG"
NAME, MEDIA = "Graph.png", "image/png"
# Under which alarms are taken in: the sender finds a file by who sent its event.
SOURCE = "sns"
_OF = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 1},
    user_agent=AGENT,
)


class CloudWatchDetails:
    """`ports.Enricher`. It is called from threads, and who waits gives up soon.

    It needs a session of its own: making a client is not safe beside other threads.
    """

    def __init__(self, session: Session, attic: Attic) -> None:
        self._session = session
        self._attic = attic
        self._clients: dict[str, Any] = {}
        self._making = Lock()

    @available
    def tags(self, arn: str) -> dict[str, str]:
        """See `ports.Enricher`. Needs cloudwatch:ListTagsForResource."""
        told = self._cloudwatch(arn).list_tags_for_resource(ResourceARN=arn)
        return {each["Key"]: each["Value"] for each in told["Tags"]}

    @available
    def graph(self, arn: str, widget: str) -> Picture:
        """See `Enricher.graph`. Needs cloudwatch:GetMetricWidgetImage, s3:PutObject."""
        drawn = self._cloudwatch(arn).get_metric_widget_image(MetricWidget=widget)
        image: bytes = drawn.get("MetricWidgetImage") or b""
        if not image.startswith(PNG):
            raise Unavailable("graph: no picture came")
        # The same graph is the same file, however often its alarm is delivered.
        name = b32encode(hashlib.sha256(image).digest()[:20]).decode().lower()
        kept = Kept(NAME, MEDIA, len(image))
        self._attic.keep(SOURCE, name, kept, image)
        return Picture(name, kept.name, kept.media, kept.size)

    def _cloudwatch(self, arn: str) -> Any:
        return self._client(arn.split(":")[3])

    def _client(self, region: str) -> Any:
        with self._making:
            if region not in self._clients:
                self._clients[region] = self._session.create_client(
                    "cloudwatch", region_name=region, config=_OF
                )
            return self._clients[region]
