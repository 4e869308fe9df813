"""A running stack as its users meet it: API, topic, queues, and the inbox behind it."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import urllib3

from local.deployment import STACK, client
from local.place import Place

SCALE: Final = "60"
PATIENCE: Final = 30.0
PAUSE: Final = 0.1
REFILL: Final = 20
T = TypeVar("T")
# A stack that is used again knows the names of an earlier run.
_numbers = itertools.count(int(time.time()) * 1000)


def until(found: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """What `found` returns, once that is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(PAUSE)
    return value


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP. `body` is read as JSON only when asked to be."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Stack:
    """`described` is what `stack.json` says."""

    place: Place
    described: dict[str, Any]
    _http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=8, retries=False)
    )
    _free: list[Mailbox] = field(default_factory=list)

    # -- the API -------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = "admin",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request. A `body` that is not bytes goes as JSON; `key` is `admin`,
        `ingest`, a key itself, or None."""
        sent = urllib3.HTTPHeaderDict(headers or {})
        if key is not None:
            known = self.described.get(f"{key}_key", key)
            sent.setdefault("Authorization", f"Bearer {known}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        answer = self._http.request(
            method, self.described["api_url"] + path, body=body, headers=sent
        )
        return Reply(answer.status, answer.headers, answer.data)

    def send(self, event: Any, **headers: str) -> Reply:
        """Post events with the ingest key; `idempotency_key=` is a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("POST", "/v1/events", event, key="ingest", headers=named)

    def operate(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """(status, JSON) of a call with the admin key."""
        reply = self.call(method, path, body)
        return reply.status, reply.json if reply.body else None

    def read(self, notification_id: str) -> dict[str, Any]:
        """One notification."""
        status, found = self.operate("GET", f"/v1/notifications/{notification_id}")
        assert status == 200, found
        return dict(found)

    def listed(self, query: str) -> list[dict[str, Any]]:
        """Every notification that a search finds, following the pages."""
        found, cursor = [], ""
        while True:
            page = self.call("GET", f"/v1/notifications?{query}&cursor={cursor}").json
            found += page["notifications"]
            cursor = page["next"]
            if not cursor:
                return found

    def settled(
        self, notification_id: str, *, seconds: float = PATIENCE, **wanted: Any
    ) -> dict[str, Any]:
        """The notification, once its only delivery has these attributes."""

        def found() -> dict[str, Any] | None:
            read = self.read(notification_id)
            (delivery,) = read["deliveries"]
            held = all(delivery[name] == value for name, value in wanted.items())
            return {**read, "delivery": delivery} if held else None

        return until(found, f"{wanted} of {notification_id}", seconds)

    def add_routes(self, *routes: Mapping[str, Any]) -> None:
        """Put routes before all others, whatever others do to the file meanwhile."""

        def done() -> bool:
            live = self.call("GET", "/v1/config")
            config = {**live.json, "routes": [*routes, *live.json["routes"]]}
            tag = {"If-Match": live.headers["ETag"]}
            put = self.call("PUT", "/v1/config", config, headers=tag)
            assert put.status in (200, 412), put.body
            return put.status == 200

        until(done, "the routing file")

    # -- AWS, as its own consoles use it -----------------------------------------------

    def aws(self, service: str) -> Any:
        """A client of the emulator."""
        return client(self.place, service)

    def publish(self, message: str, subject: str = "", **attributes: str) -> None:
        """Publish to the alarm topic."""
        named = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in attributes.items()
        }
        self.aws("sns").publish(
            TopicArn=self.described["topic_arn"],
            Message=message,
            MessageAttributes=named,
            **({"Subject": subject} if subject else {}),
        )

    def table(self) -> Iterator[dict[str, Any]]:
        """Every item there is, as stored."""
        pages = self.aws("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.described["table"]):
            yield from page["Items"]

    # -- the inbox ---------------------------------------------------------------------

    def inbox(self, method: str, path: str, body: Any = None) -> Any:
        """Call the inbox's control API."""
        url = f"{self.described['inbox_url'].rstrip('/')}/_control{path}"
        data = None if body is None else json.dumps(body).encode()
        answer = self._http.request(method, url, body=data, timeout=90.0)
        assert answer.status == 200, answer.data
        return json.loads(answer.data)

    def arrived(self, text: str, count: int = 1, seconds: int = 30) -> list[Any]:
        """The messages that hold `text`, wherever, once `count` of them have come."""
        query = f"/wait?contains={text}&count={count}&timeout={seconds}"
        answer = self.inbox("GET", query)
        assert answer["complete"], f"{answer['count']} of {count} came in {seconds} s"
        return list(answer["messages"])

    # -- destinations --------------------------------------------------------------------

    def furnish(self, count: int) -> None:
        """Make mailboxes, each with a route of its own, in one routing file.

        Their secrets are kept in SSM by the operator, and named in the file.
        """
        vault = self.aws("ssm")
        made = [_mailbox(self) for _ in range(count)]
        for box in made:
            vault.put_parameter(
                Name=f"/tocsin/{STACK}/destinations/e2e/{box.name}",
                Value=box.url,
                Type="SecureString",
                Overwrite=True,
            )
        named = {
            box.name: {"channel": "discord", "secret": f"e2e/{box.name}"}
            for box in made
        }
        live = self.call("GET", "/v1/config").json
        routes = [route for box in made for route in (box.route(), box.alarm_route())]
        config = {**live, "destinations": named, "routes": [*routes, *live["routes"]]}
        put = self.call("PUT", "/v1/config", config)
        assert put.status == 200, put.body
        self._free.extend(made)

    def mailbox(self) -> Mailbox:
        """One that nobody else uses; its route takes its `type` and what is below."""
        if not self._free:
            self.furnish(REFILL)
        return self._free.pop(0)

    def new_mailbox(self, **route: Any) -> Mailbox:
        """One made by the API, whose route says what the others' do not."""
        box = _mailbox(self)
        box.put()
        self.add_routes({**box.route(), **route})
        return box

    def close(self) -> None:
        """Hang up."""
        self._http.clear()


@dataclass(frozen=True)
class Mailbox:
    """A destination, its webhook in the inbox, and the type of event it is sent."""

    stack: Stack
    name: str
    webhook: str
    token: str
    type: str

    @property
    def url(self) -> str:
        return f"https://discord.com/api/webhooks/{self.webhook}/{self.token}"

    def route(self) -> dict[str, Any]:
        return {
            "name": f"to {self.name}",
            "match": {"type": [self.type, f"{self.type}.*"]},
            "to": [self.name],
        }

    def alarm_route(self) -> dict[str, Any]:
        """What comes by the topic says its type itself: this goes by a label."""
        match = {"labels": {"alarm": self.name}}
        return {"name": f"alarm {self.name}", "match": match, "to": [self.name]}

    def put(self) -> None:
        """Make the destination, or make it anew."""
        path, body = f"/v1/destinations/{self.name}", {"url": self.url}
        reply = self.stack.call("PUT", path, {"channel": "discord", **body})
        assert reply.status == 200, reply.body

    def event(self, title: str, **more: Any) -> dict[str, Any]:
        """An event that goes here."""
        return {"type": self.type, "title": title, **more}

    def send(self, title: str, **more: Any) -> str:
        """Post one; returns the notification's id."""
        reply = self.stack.send(self.event(title, **more))
        assert reply.status == 202, reply.body
        return str(reply.json["id"])

    def wait(self, count: int = 1, contains: str = "", seconds: int = 30) -> list[Any]:
        """The messages that came, once there are `count`."""
        query = f"webhook={self.webhook}&count={count}&contains={contains}"
        found = self.stack.inbox("GET", f"/wait?{query}&timeout={seconds}")
        assert found["complete"], f"{found['count']} of {count} in {seconds} s"
        return list(found["messages"])

    def messages(self) -> list[Any]:
        """What came so far."""
        found = self.stack.inbox("GET", f"/messages?webhook={self.webhook}")
        return list(found["messages"])

    def embeds(self) -> list[dict[str, Any]]:
        """Every notification that came so far, packed or not."""
        return [each for got in self.messages() for each in embeds_of(got)]

    def sent(self) -> set[str]:
        """The ids of all that was sent here."""
        found = self.stack.listed(f"type={self.type}&status=sent&limit=100")
        return {each["id"] for each in found}

    def is_marked(self, title: str) -> bool:
        """Whether a message of this title says that it may be the second."""
        return any(has_a_mark(each) for each in self.embeds() if title in each["title"])

    def calls(self) -> list[dict[str, Any]]:
        """The stand-in's log of calls that tell something here. That a webhook is looked
        at, as the daily report does some minutes after a stack's start, is none."""
        found = self.stack.inbox("GET", f"/calls?webhook={self.webhook}")
        return [call for call in found["calls"] if call["method"] != "GET"]

    def behave(self, mode: str, **how: Any) -> None:
        """Make the stand-in go wrong for this webhook; `ok` ends it."""
        order = {"webhook": self.webhook, "mode": mode, **how}
        self.stack.inbox("POST", "/behaviour", order)


def embeds_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The embeds of a message as they were posted."""
    return list(message["payload"]["embeds"])


def holds_a_mark(message: Mapping[str, Any]) -> bool:
    """Whether anything in this message says that it may have been told before."""
    return any(has_a_mark(each) for each in embeds_of(message))


def has_a_mark(embed: Mapping[str, Any]) -> bool:
    """Whether it says that it may have been told before."""
    return "twice" in embed.get("description", "")


def shown_in(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The embeds of a message as they are shown now, after every edit."""
    return list(message["message"]["embeds"])


def _mailbox(stack: Stack) -> Mailbox:
    number = next(_numbers)
    token = f"e2e-token-{number}-{'x' * 50}"
    name = f"box-{number}"
    return Mailbox(stack, name, f"{1_300_000_000_000_000_000 + number}", token, name)
