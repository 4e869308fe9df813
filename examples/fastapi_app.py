"""FastAPI: a dependency that knows its request, and a handler of what nobody caught.

Needs `pip install 'tocsin-client[fastapi]' uvicorn`. A request never waits for a
notification, and its answer is the same whether Tocsin is there or not.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from tocsin_client import Tocsin
from tocsin_client.fastapi import in_request, watch


def who(request: Request) -> str | None:
    """Whoever a proxy says is asking."""
    return request.headers.get("x-user")


tocsin = Tocsin()
app = FastAPI()
watch(app, tocsin, user=who)
Notify = Annotated[Tocsin, Depends(in_request(tocsin, user=who))]


@app.post("/orders/{number}")
def order(number: int, notify: Notify) -> dict[str, int]:
    """Take an order; the event carries method, path, request id and user."""
    notify.post("order.created", f"Order {number} came in", severity="success")
    return {"order": number}


@app.get("/report")
def report() -> None:
    """Fail, and be told of by `watch`; the client gets the usual 500."""
    raise RuntimeError("the report has no figures")
