"""What AWS would tell of alarms, when it tells it."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event

from tocsin.ports import Picture

PICTURE = Picture("a" * 32, "Graph.png", "image/png", 7)


class FakeEnricher:
    """`tags` and `graph` are answers, or errors to be raised; where `held` is not set,
    an answer to `slow` ("tags" or "graph") waits for that."""

    def __init__(
        self,
        tags: Mapping[str, str] | Exception | None = None,
        graph: Picture | Exception = PICTURE,
        slow: str = "",
    ) -> None:
        self._tags = {} if tags is None else tags
        self._graph = graph
        self._slow = slow
        self.held = Event()
        self.asked: list[str] = []
        self.widgets: list[str] = []

    def tags(self, arn: str) -> Mapping[str, str]:
        self.asked.append(arn)
        self._wait("tags")
        if isinstance(self._tags, Exception):
            raise self._tags
        return self._tags

    def graph(self, arn: str, widget: str) -> Picture:
        self.widgets.append(widget)
        self._wait("graph")
        if isinstance(self._graph, Exception):
            raise self._graph
        return self._graph

    def _wait(self, name: str) -> None:
        if self._slow == name:
            self.held.wait(60)
