"""What an empty stack is given, so that the first event has somewhere to go."""

from __future__ import annotations

import os
from typing import Any, Final

from local.calls import call
from local.place import ROOT, Place
from local.trouble import Trouble

# Webhooks as Discord writes them; the stand-in accepts any id and token.
WEBHOOKS: Final = {
    "ops": f"https://discord.com/api/webhooks/1100000000000000001/{'o' * 68}",
    "feed": f"https://discord.com/api/webhooks/1100000000000000002/{'f' * 68}",
}
PRESSED: Final = "ops"  # its buttons act; the other's are links
FIRST: Final[dict[str, Any]] = {
    "type": "tocsin.started",
    "title": "Tocsin is up",
    "message": "An event came in, was decided, stored, queued and sent. This is it.",
    "severity": "success",
    "fields": [{"name": "Try next", "value": "an event with severity critical"}],
}


def furnish(place: Place, admin_key: str) -> None:
    """Destinations and routing file, where there are none yet. Raises Trouble."""
    own = _application(place)
    found = _admin(place, admin_key, "GET", "/v1/destinations")
    if not found.get("destinations"):
        for name, url in WEBHOOKS.items():
            body = {"channel": "discord", "url": url}
            body |= own if name == PRESSED else {}
            _admin(place, admin_key, "PUT", f"/v1/destinations/{name}", body)
            number = url.split("/")[-2]
            call("POST", f"{place.inbox_url}/_control/names", {number: name})
    if not _admin(place, admin_key, "GET", "/v1/config").get("routes"):
        routing = (ROOT / "tocsin.yaml").read_bytes()
        _admin(place, admin_key, "PUT", "/v1/config", routing, "application/yaml")


def greet(place: Place, ingest_key: str) -> str:
    """Send the first notification; returns where it shows. Raises Trouble."""
    before = call("GET", f"{place.inbox_url}/_control/health")[1].get("last", 0)
    status, answer = call("POST", f"{place.api_url}/v1/events", FIRST, key=ingest_key)
    if status != 202:
        raise Trouble(f"the first event was answered {status}: {answer.get('detail')}")
    if os.environ.get("TOCSIN_DISCORD_BASE"):
        return os.environ["TOCSIN_DISCORD_BASE"]
    since = f"{place.inbox_url}/_control/wait?timeout=30&since={before}"
    if not call("GET", since, timeout=40.0)[1].get("complete"):
        raise Trouble(f"the first event was accepted but does not show; {_hint(place)}")
    return f"{place.inbox_url}/"


def _application(place: Place) -> dict[str, str]:
    """What makes the buttons of one destination act: its webhook is the inbox's own
    application's, which the inbox forgets when it ends. Nothing is known of another
    stand-in's webhooks, and an inbox that runs since before knows no application."""
    if os.environ.get("TOCSIN_DISCORD_BASE"):
        return {}
    _, told = call("GET", f"{place.inbox_url}/_control/applications")
    own = told.get("discord")
    if not own:
        return {}
    number = WEBHOOKS[PRESSED].split("/")[-2]
    owner = {"id": number, "application_id": own["application_id"]}
    call("POST", f"{place.inbox_url}/_control/webhooks", owner)
    return {"public_key": own["public_key"]}


def _admin(
    place: Place,
    key: str,
    method: str,
    path: str,
    body: bytes | dict[str, Any] | None = None,
    kind: str = "application/json",
) -> dict[str, Any]:
    url = place.api_url + path
    status, answer = call(method, url, body, key=key, kind=kind)
    if not 200 <= status < 300:
        told = answer.get("detail") or answer.get("title") or "no reason given"
        raise Trouble(f"{method} {path} was answered {status}: {told}; {_hint(place)}")
    return answer


def _hint(place: Place) -> str:
    return f"see {place.log('emulator')}"
