"""CloudWatch's details of an alarm: its tags, and its graph, kept on S3 for a while."""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.session import Session

from tocsin.aws.calls import available
from tocsin.aws.json_service import AGENT
from tocsin.errors import Unavailable

PREFIX = "graphs"
PNG = b"\x89PNG"
# S3 takes no longer; it ends before with the credentials of the function that signs.
SHOWN_SECONDS = 7 * 86_400
# What an event takes as an address.
URL = 2000
_OF = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 1},
    user_agent=AGENT,
)
# Else an address would be signed for S3's global host, which redirects to the bucket's
# Region, where that signature does not fit.
_OF_S3 = _OF.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))


class CloudWatchDetails:
    """`ports.Enricher`. It is called from threads, and who waits gives up soon.

    It needs a session of its own: making a client is not safe beside other threads.
    """

    def __init__(self, session: Session, bucket: str) -> None:
        self._session = session
        self._bucket = bucket
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._making = Lock()

    @available
    def tags(self, arn: str) -> dict[str, str]:
        """See `ports.Enricher`. Needs cloudwatch:ListTagsForResource."""
        told = self._cloudwatch(arn).list_tags_for_resource(ResourceARN=arn)
        return {each["Key"]: each["Value"] for each in told["Tags"]}

    @available
    def graph(self, arn: str, widget: str) -> str:
        """See `ports.Enricher`. Needs cloudwatch:GetMetricWidgetImage."""
        drawn = self._cloudwatch(arn).get_metric_widget_image(MetricWidget=widget)
        image: bytes = drawn.get("MetricWidgetImage") or b""
        if not image.startswith(PNG):
            raise Unavailable("graph: no picture came")
        s3 = self._s3()
        where = {
            "Bucket": self._bucket,
            "Key": f"{PREFIX}/{hashlib.sha256(image).hexdigest()}.png",
        }
        s3.put_object(**where, Body=image, ContentType="image/png")
        url: str = s3.generate_presigned_url(
            "get_object", Params=where, ExpiresIn=SHOWN_SECONDS
        )
        if len(url) > URL:
            raise Unavailable(f"graph: its address has more than {URL} characters")
        return url

    def _cloudwatch(self, arn: str) -> Any:
        return self._client("cloudwatch", arn.split(":")[3], _OF)

    def _s3(self) -> Any:
        return self._client("s3", None, _OF_S3)

    def _client(self, service: str, region: str | None, config: Config) -> Any:
        with self._making:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.create_client(
                    service, region_name=region, config=config
                )
            return self._clients[service, region]
