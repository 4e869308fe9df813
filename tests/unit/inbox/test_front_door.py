"""The front door: what goes in comes out on the other side, unchanged."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import RawTestServer, TestClient, TestServer

from local.inbox.app import front_app, listen_front
from local.inbox.front_door import BODY_LIMIT, FrontDoor

Client = TestClient[Any, Any]


async def echo(request: web.Request) -> web.StreamResponse:
    body = await request.read()
    headers = {k.lower(): v for k, v in request.headers.items()}
    answer = {
        "method": request.method,
        "path": request.raw_path,
        "headers": headers,
        "size": len(body),
        "body": body[:100].decode(),
    }
    return web.json_response(answer, status=202, headers={"X-Own": "kept"})


async def drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for part in (b"first", b"second"):
        await response.write(part)
        await asyncio.sleep(0.05)
    return response


async def break_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"some")
    assert request.transport is not None
    request.transport.abort()
    return response


def through(scenario: Callable[[Client, FrontDoor], Awaitable[None]]) -> None:
    """Run a scenario with an upstream behind the door, under a base path."""

    async def run() -> None:
        app = web.Application(client_max_size=2 * BODY_LIMIT)
        app.router.add_route("*", "/base/drip", drip)
        app.router.add_route("*", "/base/break", break_off)
        app.router.add_route("*", "/base/{rest:.*}", echo)
        async with TestServer(app) as upstream:
            url = str(upstream.make_url("/base/"))
            door = FrontDoor(url, "http://127.0.0.1:8025")
            await door.start()
            async with TestClient(TestServer(front_app(door))) as client:
                await scenario(client, door)
            await door.stop()

    asyncio.run(run())


def test_method_path_query_headers_and_body_pass() -> None:
    async def scenario(client: Client, door: FrontDoor) -> None:
        response = await client.put(
            "/v1/events?q=%7Bx%7D&q=2",
            data=b"hello",
            headers={
                "Authorization": "Bearer k",
                "Connection": "x-gone",
                "X-Gone": "1",
            },
        )
        seen = await response.json()

        assert (response.status, response.headers["X-Own"]) == (202, "kept")
        assert (seen["method"], seen["body"]) == ("PUT", "hello")
        assert seen["path"].startswith("/base/v1/events?q=")
        assert seen["headers"]["authorization"] == "Bearer k"
        assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"
        assert seen["headers"]["x-forwarded-proto"] == "http"
        assert "x-gone" not in seen["headers"]

    through(scenario)


def test_what_the_emulator_would_answer_itself_reaches_the_api() -> None:
    async def scenario(client: Client, door: FrontDoor) -> None:
        async with client.options("/v1/events") as answer:
            seen = await answer.json()
            assert (seen["method"], seen["path"]) == ("TRACE", "/base/v1/events")

    through(scenario)


def test_a_compressed_body_is_passed_on_as_it_is() -> None:
    """As API Gateway does; whether it is read is the function's to say."""
    sent = gzip.compress(b"{}", mtime=0)

    async def run() -> None:
        seen: list[tuple[str, bytes]] = []

        async def look(request: web.BaseRequest) -> web.Response:
            body = await request.read()
            seen.append((request.headers["Content-Encoding"], body))
            return web.Response()

        upstream = RawTestServer(look)
        await upstream.start_server(auto_decompress=False)
        door = FrontDoor(str(upstream.make_url("/")))
        runner = await listen_front(door, 0)
        host, port = runner.addresses[0][:2]
        async with ClientSession() as session:
            url, coded = f"http://{host}:{port}/x", {"Content-Encoding": "gzip"}
            async with session.post(url, data=sent, headers=coded) as answer:
                assert answer.status == 200
        await runner.cleanup()
        await door.stop()
        await upstream.close()
        assert seen == [("gzip", sent)]

    asyncio.run(run())


def test_the_raw_path_is_not_written_anew() -> None:
    async def scenario(client: Client, door: FrontDoor) -> None:
        assert client.port is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
        target = "/v1/%7Ex%2f?a=%20b+c&&d"
        writer.write(
            f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        answer = (await reader.read()).decode()
        writer.close()

        assert f'"path": "/base{target}"' in answer

    through(scenario)


def test_an_answer_streams_as_it_comes() -> None:
    async def scenario(client: Client, door: FrontDoor) -> None:
        async with client.get("/drip") as response:
            first = await response.content.readany()
            rest = await response.read()

        assert (first, rest) == (b"first", b"second")

    through(scenario)


def test_a_body_may_have_ten_mebibytes_and_not_more() -> None:
    async def scenario(client: Client, door: FrontDoor) -> None:
        fits = await client.post("/v1/events", data=BytesIO(b"x" * BODY_LIMIT))
        over = await client.post("/v1/events", data=BytesIO(b"x" * (BODY_LIMIT + 1)))

        assert (await fits.json())["size"] == BODY_LIMIT
        assert over.status == 413
        assert over.content_type == "application/problem+json"

    through(scenario)


def test_an_upstream_that_is_down_is_a_problem_told() -> None:
    async def scenario(client: Client, door: FrontDoor) -> None:
        door.point("http://127.0.0.1:9")
        down = await client.get("/v1/health")
        door.point("")
        unset = await client.get("/v1/health")

        assert (down.status, unset.status) == (502, 503)
        assert down.content_type == "application/problem+json"
        assert (await down.json())["status"] == 502

    through(scenario)


def test_an_answer_that_breaks_off_breaks_off_here_too() -> None:
    async def scenario(client: Client, door: FrontDoor) -> None:
        broken = False
        try:
            async with client.get("/break") as response:
                await response.read()
        except Exception:  # noqa: BLE001 - any failure of the client will do
            broken = True

        assert broken

    through(scenario)


def test_the_root_leads_to_the_inbox() -> None:
    async def scenario(client: Client, door: FrontDoor) -> None:
        for path in ("/", "/inbox"):
            response = await client.get(path, allow_redirects=False)
            assert response.status == 302
            assert response.headers["Location"] == "http://127.0.0.1:8025/"

    through(scenario)
