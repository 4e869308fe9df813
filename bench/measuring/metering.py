"""Metering: counts every AWS call of this process, and its units, as it is made."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from bench.measuring.units import read, size_of, written
from tocsin.aws.json_service import JsonService, Refusal

Asked = dict[str, Any]


@dataclass
class Meter:
    """What was used. `looker` is a client of botocore's, which is not counted: what a
    write costs depends on the item that it meets. `overhead` is the CPU of that."""

    looker: Any
    calls: Counter[str] = field(default_factory=Counter)
    writes: float = 0.0
    reads: float = 0.0
    overhead: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    @property
    def sqs(self) -> int:
        """Requests to the queue."""
        return sum(n for name, n in self.calls.items() if name.startswith("sqs."))

    @contextmanager
    def counting(self) -> Iterator[Meter]:
        """Count while this lasts. A call that fails is counted too: it is paid for."""
        # The one place through which every call of these services passes.
        services: Any = JsonService
        original = services._call
        meter = self

        def counted(service: JsonService, operation: str, asked: Asked) -> Any:
            return meter._count(service, operation, asked, original)

        services._call = counted
        try:
            yield self
        finally:
            services._call = original

    def _count(
        self, service: JsonService, operation: str, asked: Asked, call: Any
    ) -> Any:
        table = service._name == "dynamodb"
        before = self._sizes(operation, asked) if table else {}
        answer: Any = None
        try:
            answer = call(service, operation, asked)
        except Refusal as error:
            answer = error.response
            raise
        finally:
            after = self._sizes(operation, asked) if table else {}
            with self._lock:
                self.calls[f"{service._name}.{operation}"] += 1
                if table:
                    self._charge(operation, asked, answer or {}, before, after)
        return answer

    def _sizes(self, operation: str, asked: Asked) -> dict[str, int]:
        """The sizes of the items that a write is about."""
        began = time.thread_time()
        sizes = {}
        for write in _written_by(operation, asked):
            key = write.get("Key") or {
                name: write["Item"][name] for name in ("pk", "sk")
            }
            found = self.looker.get_item(
                TableName=write["TableName"], Key=key, ConsistentRead=True
            )
            sizes[repr(key)] = size_of(found.get("Item"))
        with self._lock:
            self.overhead += time.thread_time() - began
        return sizes

    def _charge(
        self,
        operation: str,
        asked: Asked,
        answer: Asked,
        before: dict[str, int],
        after: dict[str, int],
    ) -> None:
        consistent = bool(asked.get("ConsistentRead"))
        if operation == "GetItem":
            self.reads += read(size_of(answer.get("Item")), consistent=consistent)
        elif operation == "Query":
            total = sum(size_of(item) for item in answer.get("Items", ()))
            self.reads += read(total, consistent=consistent)
        elif operation == "BatchGetItem":
            self._charge_batch(asked, answer)
        else:
            transaction = operation == "TransactWriteItems"
            for key, size in before.items():
                self.writes += written(size, after[key], transaction=transaction)

    def _charge_batch(self, asked: Asked, answer: Asked) -> None:
        for table, wish in asked["RequestItems"].items():
            found = answer.get("Responses", {}).get(table, [])
            consistent = bool(wish.get("ConsistentRead"))
            for item in found:
                self.reads += read(size_of(item), consistent=consistent)
            missing = len(wish["Keys"]) - len(found)
            self.reads += missing * read(0, consistent=consistent)


def _written_by(operation: str, asked: Asked) -> list[Asked]:
    if operation == "TransactWriteItems":
        return [next(iter(write.values())) for write in asked["TransactItems"]]
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return [asked]
    return []
