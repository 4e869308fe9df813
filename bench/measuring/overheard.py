"""What a handler asks of AWS, to be asked again by a client that does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from botocore.session import Session

Call = tuple[str, dict[str, Any]]


class Overheard:
    """A client that remembers what it was asked."""

    def __init__(self, client: object) -> None:
        self._client = client
        self.calls: list[Call] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        answer = getattr(self._client, name)

        def call(**asked: Any) -> Any:
            self.calls.append((name, asked))
            return answer(**asked)

        return call


def again(calls: Sequence[Call]) -> Callable[[], None]:
    """The same calls of DynamoDB and SQS, by the clients as they come."""
    session = Session()
    table = session.create_client("dynamodb")
    queue = session.create_client("sqs")
    bound = [
        partial(getattr(queue if "message" in name else table, name), **asked)
        for name, asked in calls
    ]

    def repeat() -> None:
        for call in bound:
            call()

    return repeat
