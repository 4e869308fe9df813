"""Frameworks: the real ones, told of what nobody caught, and answering as before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import celery
import django
import pytest
from celery.exceptions import Retry
from celery.signals import task_failure, worker_process_shutdown
from django.conf import settings
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from fastapi import Depends, FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from flask import Flask

import tocsin_client.celery as for_celery
import tocsin_client.django as for_django
import tocsin_client.fastapi as for_fastapi
import tocsin_client.flask as for_flask
from tocsin.events import Event
from tocsin_client import Tocsin

Captured = list[dict[str, Any]]
HEADERS = {
    "X-Request-ID": "req-7",
    "Authorization": "Bearer a-secret-of-theirs",
    "X-User": "ada",
}
URL = "/orders/7?token=a-secret-of-theirs"


@pytest.fixture
def quiet(tocsin_outbox: Captured) -> Tocsin:
    return Tocsin("http://127.0.0.1:9", "key", source="shop")


def user(request: Any) -> str:
    return str(request.headers["X-User"])


def nobody(request: Any) -> str:
    raise RuntimeError("nobody is logged in")


def facts(event: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in event.get("fields", ())}


def expect(event: dict[str, Any], where: str, route: str) -> None:
    """An error of `GET /orders/7`, told with its request and without its secrets."""
    Event.model_validate(event)
    assert event["type"] == "http.error"
    assert event["title"] == f"KeyError in {where}"
    assert event["severity"] == "high"
    assert event["source"] == "shop"
    assert event["labels"] == {"route": route, "exception": "KeyError"}
    told = facts(event)
    assert told["Request"] == "GET /orders/7"
    assert told["Request id"] == "req-7"
    assert told.get("User") in ("ada", None)
    assert "a-secret-of-theirs" not in str(event)


# -- FastAPI ----------------------------------------------------------------------


def fastapi_app(quiet: Tocsin) -> FastAPI:
    app = FastAPI()
    bound = Depends(for_fastapi.in_request(quiet, user=user))

    @app.get("/orders/{number}")
    def order(number: int) -> None:
        raise KeyError(number)

    @app.post("/orders/{number}")
    async def create(number: int, tocsin: Tocsin = bound) -> bool:
        return tocsin.post("order.created", "Created", fields={"Number": number})

    @app.websocket("/live")
    async def live(socket: WebSocket, tocsin: Tocsin = bound) -> None:
        await socket.accept()
        tocsin.post("live.begun", "Begun")
        await socket.close()

    return app


def test_fastapi_tells_of_what_nobody_caught(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    app = fastapi_app(quiet)
    for_fastapi.watch(app, quiet, user=user)

    answer = TestClient(app, raise_server_exceptions=False).get(URL, headers=HEADERS)

    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    (event,) = tocsin_outbox
    expect(event, "GET /orders/{number}", "GET /orders/{number}")
    assert facts(event)["User"] == "ada"


def test_fastapi_still_raises_to_its_server(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    app = fastapi_app(quiet)
    for_fastapi.watch(app, quiet, user=nobody)

    with pytest.raises(KeyError):
        TestClient(app).get(URL, headers=HEADERS)

    assert len(tocsin_outbox) == 1


def test_fastapi_keeps_the_answer_of_a_handler_set_before(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    app = fastapi_app(quiet)

    @app.exception_handler(Exception)
    async def sorry(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"sorry": str(error)}, status_code=503)

    for_fastapi.watch(app, quiet)

    answer = TestClient(app, raise_server_exceptions=False).get(URL, headers=HEADERS)

    assert (answer.status_code, answer.json()) == (503, {"sorry": "7"})
    assert len(tocsin_outbox) == 1


def test_fastapi_tells_of_no_error_that_it_answers(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    app = fastapi_app(quiet)
    for_fastapi.watch(app, quiet)

    assert TestClient(app).get("/orders/none").status_code == 422
    assert TestClient(app).get("/nowhere").status_code == 404

    assert tocsin_outbox == []


def test_a_fastapi_dependency_knows_its_request(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    app = fastapi_app(quiet)

    assert TestClient(app).post("/orders/7", headers=HEADERS).json() is True

    (event,) = tocsin_outbox
    assert facts(event) == {
        "Request": "POST /orders/7",
        "Request id": "req-7",
        "User": "ada",
        "Number": "7",
    }
    assert event["labels"] == {"route": "POST /orders/{number}"}


def test_a_fastapi_dependency_works_for_websockets_too(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    with TestClient(fastapi_app(quiet)).websocket_connect("/live", headers=HEADERS):
        pass

    assert facts(tocsin_outbox[0])["Request"] == "WEBSOCKET /live"


# -- Flask ------------------------------------------------------------------------


@pytest.mark.parametrize("who", [user, nobody, None])
def test_flask_tells_of_what_nobody_caught(
    quiet: Tocsin, tocsin_outbox: Captured, who: Any
) -> None:
    app = Flask("shop")

    @app.get("/orders/<int:number>")
    def order(number: int) -> str:
        raise KeyError(number)

    for_flask.watch(app, quiet, user=who)

    answer = app.test_client().get(URL, headers=HEADERS)

    assert answer.status_code == 500
    (event,) = tocsin_outbox
    expect(event, "GET /orders/<int:number>", "GET /orders/<int:number>")
    assert facts(event).get("User") == ("ada" if who is user else None)


def test_flask_gives_a_client_that_knows_its_request(
    quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    app = Flask("shop")

    @app.post("/orders")
    def create() -> str:
        return str(for_flask.in_request(quiet).post("order.created", "Created"))

    assert app.test_client().post("/orders", headers=HEADERS).text == "True"

    assert facts(tocsin_outbox[0])["Request id"] == "req-7"


# -- Django -----------------------------------------------------------------------


def view(request: HttpRequest, number: int) -> HttpResponse:
    raise KeyError(number)


def bound_view(request: HttpRequest) -> HttpResponse:
    for_django.in_request(request).post("order.created", "Created")
    return HttpResponse("done")


urlpatterns = [path("orders/<int:number>", view), path("orders", bound_view)]


@pytest.fixture
def browser() -> Iterator[Client]:
    """A Django project of one page."""
    if not settings.configured:
        settings.configure(
            ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", DEBUG=False
        )
        django.setup()
    yield Client(raise_request_exception=False)
    got_request_exception.disconnect(dispatch_uid="tocsin")


def test_django_tells_of_what_no_view_caught_and_once(
    browser: Client, quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    for_django.watch(Tocsin("http://127.0.0.1:9", "key", source="replaced"))
    for_django.watch(quiet, user=user)

    answer = browser.get(URL, headers=HEADERS)

    assert answer.status_code == 500
    (event,) = tocsin_outbox
    expect(event, "GET /orders/<int:number>", "GET /orders/<int:number>")
    assert facts(event)["User"] == "ada"


def test_django_gives_a_client_that_knows_its_request(
    browser: Client, tocsin_outbox: Captured
) -> None:
    assert browser.post("/orders", headers=HEADERS).content == b"done"

    assert facts(tocsin_outbox[0])["Request"] == "POST /orders"


# -- Celery -----------------------------------------------------------------------


@pytest.fixture
def worker() -> Iterator[celery.Celery]:
    """Celery, working off its tasks at once."""
    app = celery.Celery("shop", set_as_current=False)
    app.conf.task_always_eager = True
    yield app
    task_failure.disconnect(dispatch_uid="tocsin")
    worker_process_shutdown.disconnect(dispatch_uid="tocsin")


def test_celery_tells_of_a_task_that_failed(
    worker: celery.Celery, quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    for_celery.watch(quiet)

    def bill(secret: str) -> None:
        raise ValueError("no money")

    result = worker.task(bill, name="shop.bill").delay("a-secret-of-theirs")

    assert result.failed()
    (event,) = tocsin_outbox
    Event.model_validate(event)
    assert event["type"] == "task.error"
    assert event["title"] == "ValueError in shop.bill"
    assert event["message"].startswith("no money")
    assert facts(event)["Task"] == "shop.bill"
    assert facts(event)["Task id"] == result.id
    assert "a-secret-of-theirs" not in str(event)


def test_celery_does_not_tell_of_what_is_tried_again(
    worker: celery.Celery, quiet: Tocsin, tocsin_outbox: Captured
) -> None:
    for_celery.watch(quiet)
    worker.conf.task_always_eager = False

    def later(task: Any) -> None:
        raise Retry("soon")

    worker.task(later, name="shop.later", bind=True, max_retries=3).apply()

    assert tocsin_outbox == []


def test_celery_processes_send_before_they_end(
    worker: celery.Celery, quiet: Tocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[float] = []
    monkeypatch.setattr(quiet, "flush", flushed.append)
    for_celery.watch(quiet)

    worker_process_shutdown.send(sender=None, pid=1, exitcode=0)

    assert flushed == [quiet.exit_patience]
