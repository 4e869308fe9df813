"""The independent way to tell the owner: an SNS topic of its own, past every route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tocsin.aws.calls import available

SUBJECT_LIMIT = 99


class SnsNotice:
    """`ports.Notice`. `client` makes an SNS client at first use, which is rare."""

    def __init__(self, client: Callable[[], Any], topic: str) -> None:
        self._client = client
        self._topic = topic

    @available
    def tell(self, subject: str, text: str) -> None:
        """Publish; silent where no topic is set. Raises `Unavailable`."""
        if self._topic:
            self._client().publish(
                TopicArn=self._topic, Subject=subject[:SUBJECT_LIMIT], Message=text
            )
