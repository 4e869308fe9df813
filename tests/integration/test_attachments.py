"""Files by the deployed functions: handed in, named by an event, looked at by a link."""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import Any

import pytest

from tests.fakes.api import ApiWorld
from tests.fakes.clock import NOON
from tests.integration.functions import KEYS, Context, Functions, deployed
from tests.unit.channels import loopback
from tests.unit.channels.uploading import parts_of
from tocsin.attic import Kept
from tocsin.errors import Unavailable
from tocsin.events import Event
from tocsin.message import File
from tocsin.passes import FILE_LASTS_MS, Act, Pass, file_link

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
ID = "a" * 32


def handed_in(functions: Functions, **more: Any) -> tuple[int, Any]:
    event = {
        "routeKey": "POST /v1/attachments",
        "rawPath": "/v1/attachments",
        "rawQueryString": "name=graph.png",
        "headers": {
            "authorization": f"Bearer {KEYS['ingest']}",
            "content-type": "image/png",
        },
        "requestContext": {"requestId": "r"},
        "isBase64Encoded": True,
        "body": base64.b64encode(PNG).decode(),
        **more,
    }
    answer = functions.ingest.handler(event, Context())
    return answer["statusCode"], json.loads(answer["body"])


def sent(functions: Functions, name: str, key: str = "ingest") -> tuple[int, Any]:
    body = {"type": "t", "title": "With a file", "attachments": [{"id": name}]}
    event = {
        "routeKey": "POST /v1/events",
        "headers": {"authorization": f"Bearer {KEYS[key]}"},
        "requestContext": {"requestId": "r"},
        "body": json.dumps(body),
    }
    answer = functions.ingest.handler(event, Context())
    return answer["statusCode"], json.loads(answer["body"])


def test_a_file_is_handed_in_and_an_event_of_the_same_key_names_it() -> None:
    with deployed("http://127.0.0.1:1") as functions:
        status, kept = handed_in(functions)

        assert (status, kept["name"], kept["size"]) == (201, "graph.png", len(PNG))
        assert kept["expires_at"].endswith("Z")
        status, told = sent(functions, kept["id"])

        assert status == 202
        found = functions.call("GET", f"/v1/notifications/{told['id']}")[1]

        assert found["event"]["attachments"] == [
            {
                "id": kept["id"],
                "name": "graph.png",
                "media": "image/png",
                "size": len(PNG),
            }
        ]


def test_another_key_s_file_is_refused_by_field_and_nothing_is_stored() -> None:
    with deployed("http://127.0.0.1:1") as functions:
        _, kept = handed_in(functions)
        status, problem = sent(functions, kept["id"], key="admin")

        assert status == 422
        assert [each["field"] for each in problem["errors"]] == ["attachments.0.id"]
        assert functions.ids() == []


def test_a_source_s_rate_is_asked_before_its_uploads_are_looked_up() -> None:
    with deployed("http://127.0.0.1:1") as functions:
        change = partial(functions.call, "PATCH", "/v1/sources/ingest")
        assert change({"rate": 1})[0] == 200
        functions.ingest.ports.settings._known = None

        assert [sent(functions, ID)[0] for _ in range(2)] == [422, 429]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"headers": {"content-type": "image/png"}}, 401),
        ({"rawQueryString": ""}, 422),
        ({"body": base64.b64encode(b"<html>").decode()}, 422),
        ({"body": "!"}, 400),
    ],
)
def test_what_cannot_be_taken_is_refused(more: dict[str, Any], status: int) -> None:
    with deployed("http://127.0.0.1:1") as functions:
        answered, problem = handed_in(functions, **more)

        assert answered == status
        assert problem["status"] == status


def test_a_file_goes_from_its_sender_to_discord() -> None:
    accepted = loopback.answer(200, {"id": "7", "channel_id": "8"})
    with loopback.provider(accepted) as provider, deployed(provider.base) as functions:
        url = f"https://discord.com/api/webhooks/12345678901234567/{'t' * 68}"
        functions.call(
            "PUT", "/v1/destinations/ops", {"channel": "discord", "url": url}
        )
        functions.call(
            "PUT", "/v1/config", {"routes": [{"name": "all", "to": ["ops"]}]}
        )
        sent(functions, handed_in(functions)[1]["id"])

        assert functions.send(functions.queued()) == []
    (request,) = provider.requests
    (_, _, _, payload), (field, name, media, content) = parts_of(request)

    assert (field, name, media, content) == ("files[0]", "graph.png", "image/png", PNG)
    image = json.loads(payload)["embeds"][0]["image"]
    assert image == {"url": "attachment://graph.png"}


def test_a_signed_event_at_a_hook_names_uploads_of_its_own_source_only() -> None:
    with deployed("http://127.0.0.1:1") as functions:
        _, kept = handed_in(functions)
        event = {"type": "t", "title": "t", "attachments": [{"id": kept["id"]}]}
        body = {"type": "t", "data": event}
        told = {
            key: functions.post(
                "standard", body, {"authorization": f"Bearer {KEYS[key]}"}
            )
            for key in ("ingest", "admin")
        }

        assert told["ingest"][0] == 202, told
        assert told["admin"][0] == 422
        assert told["admin"][2]["errors"][0]["field"] == "attachments.0.id"


def opened(world: ApiWorld, sender: str = "shop") -> str:
    """The path of the link to the file of an event that was accepted."""
    kept = Kept("graph.png", "image/png", 14)
    world.attic.keep("shop", ID, kept, PNG)
    told = {"id": ID, "name": "graph.png", "media": "image/png", "size": 14}
    event = {"type": "t", "title": "t", "attachments": [told]}
    (owner,) = world.accept(Event.model_validate(event), sender=sender)
    file = File("", "", 0, owner=owner)
    url = file_link(file, world.reach.links, world.clock.now())
    return url.removeprefix("https://tocsin.example.com")


def test_a_link_leads_on_to_where_the_file_is_kept() -> None:
    world = ApiWorld()
    reply = world.call("GET", opened(world), key=None)

    assert reply.status == 302
    location = {name.lower(): told for name, told in reply.headers.items()}["location"]
    assert location == f"https://bucket.example.com/shop/{ID}?signed"


def test_a_link_to_what_is_not_kept_any_more_says_so() -> None:
    world = ApiWorld()
    path = opened(world)
    world.attic.files.clear()
    reply = world.call("GET", path, key=None)

    assert reply.status == 410
    assert "not kept any more" in reply.body


def test_a_link_of_one_kind_does_nothing_as_another() -> None:
    world = ApiWorld()
    path = opened(world)
    name = next(iter(world.ledger.kept))
    acting = world.reach.links.url(Pass(Act.ACKNOWLEDGE, name, "ops", NOON + 1000))

    assert world.call("GET", path.replace("/f/", "/a/"), key=None).status == 404
    assert world.call("POST", path.replace("/f/", "/a/"), key=None).status == 404
    text = acting.rpartition("/")[2]
    assert world.call("GET", f"/f/{text}", key=None).status == 404


def test_a_link_is_in_no_log_when_its_file_cannot_be_had(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = ApiWorld()
    path = opened(world)

    def away(source: str, name: str) -> Kept | None:
        raise Unavailable("find: SlowDown")

    world.attic.find = away  # type: ignore[method-assign]

    assert world.call("GET", path, key=None).status == 503
    assert "find: SlowDown" in caplog.text
    assert path.rpartition("/")[2] not in caplog.text


@pytest.mark.parametrize("change", ["cut", "late", "place"])
def test_a_link_that_is_not_ours_or_has_run_out_shows_nothing(change: str) -> None:
    world = ApiWorld()
    path = opened(world)
    if change == "cut":
        path = path[:-1]
    elif change == "late":
        world.clock.at += FILE_LASTS_MS
    else:
        path = path.replace(".0.", ".1.")

    assert world.call("GET", path, key=None).status in (404, 410)
