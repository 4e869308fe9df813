"""One event on every channel, on a running local stack, as a picture in `docs/looks/`.

    make up
    python -m local.everywhere [--stack .local/stack.json] [--into docs/looks]

Makes a destination of each channel, all reached by one route, posts one event, and
photographs what the inbox shows of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

from local.calls import call, wait_until
from local.looks import FLAGS
from local.trouble import Trouble

TYPE: Final = "everywhere"
SIZES: Final = {"wide": (1640, 1450), "phone": (390, 844)}
PATIENCE: Final = 60.0
EVENT: Final[dict[str, Any]] = {
    "type": TYPE,
    "title": "checkout-5xx is in ALARM",
    "message": "3 of the last 3 datapoints were greater than the threshold (5).",
    "severity": "critical",
    "state": "firing",
    "source": "cloudwatch",
    "branch": "production",
    "fields": [
        {"name": "Value", "value": "7.25 > 5 %"},
        {"name": "Service", "value": "checkout"},
    ],
    "links": [{"label": "Runbook", "url": "https://example.com/runbook"}],
}
# By channel: what is put, and under which name the inbox keeps what arrives.
DESTINATIONS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "discord": (
        {"url": f"https://discord.com/api/webhooks/1200000000000000009/{'e' * 60}"},
        "1200000000000000009",
    ),
    "slack": (
        {"url": f"https://hooks.slack.com/services/T0EVERY001/B0EVERY001/{'e' * 24}"},
        "B0EVERY001",
    ),
    "telegram": (
        {"token": f"110201543:{'e' * 35}", "chat": "-1001300000009"},
        "-1001300000009",
    ),
    "whatsapp": (
        {
            "token": "EAAJB1n2c3D4e5F6g7H8i9J0",
            "phone_number_id": "106540352242922",
            "to": "+41790000009",
            "template": {"name": "tocsin_alert"},
        },
        "+41790000009",
    ),
    "teams": (
        {
            "url": "https://prod-10.westeurope.logic.azure.com/workflows/0e0e0e0every1/"
            f"triggers/manual/paths/invoke?api-version=2016-06-01&sig={'e' * 43}"
        },
        "workflow-every1",
    ),
    "pagerduty": ({"routing_key": f"{'e' * 28}9999"}, "pd-9999"),
    "email": (
        {
            "host": "smtp.example.com",
            "username": "alerts@example.com",
            "password": "everywhere",
            "from": "Tocsin <alerts@example.com>",
            "to": ["everywhere@example.org"],
        },
        "everywhere@example.org",
    ),
    "sms": ({"number": "+41790000008", "sender_id": "Tocsin"}, "+41790000008"),
    "apprise": ({"url": "ntfys://ntfy.example.com/everywhere"}, "ntfy-everywhere"),
    "webhook": (
        {
            "url": "https://everywhere.example.com/tocsin",
            "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        },
        "everywhere.example.com",
    ),
}


def named(channel: str) -> str:
    """The destination's name."""
    return f"every-{channel}"


def furnish(api: str, key: str) -> None:
    """A destination of each channel, and one route to them all. Raises Trouble."""
    for channel, (given, _) in DESTINATIONS.items():
        url = f"{api}/v1/destinations/{named(channel)}"
        status, told = call("PUT", url, {"channel": channel, **given}, key=key)
        if status not in (200, 201):
            raise Trouble(f"{channel}: {status} {told.get('detail')}")
    _, live = call("GET", f"{api}/v1/config", key=key)
    route = {
        "name": TYPE,
        "match": {"type": [TYPE]},
        "to": [named(channel) for channel in DESTINATIONS],
    }
    others = [each for each in live["routes"] if each["name"] != TYPE]
    body = {**live, "routes": [route, *others]}
    status, told = call("PUT", f"{api}/v1/config", body, key=key)
    if status != 200:
        raise Trouble(f"the routing file: {status} {told.get('detail')}")


def send(described: dict[str, Any], **more: Any) -> str:
    """Post the event; its id, once every channel has taken it. Raises Trouble."""
    api, key = described["api_url"], described["ingest_key"]
    status, told = call("POST", f"{api}/v1/events", {**EVENT, **more}, key=key)
    if status != 202:
        raise Trouble(f"the event: {status} {told.get('detail')}")
    url, admin = f"{api}/v1/notifications/{told['id']}", described["admin_key"]

    def left() -> list[str]:
        found = call("GET", url, key=admin)[1].get("deliveries", [])
        sent = {each["destination"] for each in found if each["status"] == "sent"}
        return [name for name in map(named, DESTINATIONS) if name not in sent]

    if not wait_until(lambda: not left(), PATIENCE):
        raise Trouble(f"not sent after {PATIENCE:.0f} s: {', '.join(left())}")
    return str(told["id"])


def show(page: Page, inbox: str, title: str) -> None:
    """The inbox's page of all channels, with this event alone."""
    page.goto(inbox)
    page.get_by_label("Filter messages").fill(title)
    if page.locator("#menu").is_visible():
        page.locator("#menu").click()
    page.get_by_role("button", name="everywhere", exact=True).click()
    page.locator(".everywhere .one").nth(len(DESTINATIONS) - 1).wait_for()
    # A mail's frame loads late, and moves what is below it.
    page.wait_for_load_state("networkidle")
    page.locator("#timeline").evaluate("timeline => timeline.scrollTop = 0")


def photograph(inbox: str, title: str, into: Path, browser_path: str) -> None:
    """One picture for each size and theme."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        for theme in ("dark", "light"):
            for size, (width, height) in SIZES.items():
                page = browser.new_page(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if theme == "dark" else "light",
                )
                show(page, inbox, title)
                page.screenshot(path=into / f"everywhere-{size}-{theme}.png")
                page.close()
        browser.close()


def main() -> None:
    """Read the arguments, send the event, take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--stack", type=Path, default=Path(".local/stack.json"))
    parser.add_argument("--into", type=Path, default=Path("docs/looks"))
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    if not options.stack.exists():
        sys.exit("tocsin: no stack is running; start one with make up")
    described = json.loads(options.stack.read_text())
    try:
        furnish(described["api_url"], described["admin_key"])
        # A problem of its own each time: repeats would only be counted.
        send(described, fingerprint=f"everywhere-{time.time_ns()}")
    except Trouble as trouble:
        sys.exit(f"tocsin: {trouble}")
    photograph(described["inbox_url"], EVENT["title"], options.into, options.browser)


if __name__ == "__main__":
    main()
