"""Previewing: what a channel would hand to its provider, without anybody being called.

The channel itself runs, over a line that leads nowhere; with a secret that is none, so
that no preview can show one. Each channel is named here once, with what a destination
of it looks like.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as mime
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from tocsin.channels import channel
from tocsin.channels._http import NetworkFault
from tocsin.message import Message
from tocsin.ports import Kind, Target
from tocsin.values import dataclass

_NOBODY = "a preview calls nobody"
_PREVIEW = "preview"
_HIDDEN = "routing_key"
_HEADERS = ("From", "To", "Subject", "Reply-To", "List-Unsubscribe")
# The class that takes a line, and a destination as an operator could put it.
_SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "discord": (
        "Discord",
        {"url": f"https://discord.com/api/webhooks/{'1' * 18}/{_PREVIEW * 8}"},
    ),
    "slack": (
        "Slack",
        {"url": "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/" + _PREVIEW * 3},
    ),
    "telegram": ("Telegram", {"token": "110201543:" + _PREVIEW * 5, "chat": "1"}),
    "whatsapp": (
        "WhatsApp",
        {
            "token": _PREVIEW * 8,
            "phone_number_id": "1" * 15,
            "to": "+41791234567",
            "template": {"name": "tocsin_alert", "language": "en_US"},
        },
    ),
    "webhook": (
        "Webhook",
        {"url": "https://example.com/", "secret": "whsec_" + "cHJldmlldyAg" * 4},
    ),
    "pagerduty": ("PagerDuty", {"routing_key": "0" * 32}),
    "sms": ("Sms", {"number": "+41791234567"}),
    "teams": (
        "Teams",
        {
            "url": "https://prod-01.westeurope.logic.azure.com/workflows/"
            f"{'0' * 32}/triggers/manual/paths/invoke?api-version=1&sig={_PREVIEW * 6}"
        },
    ),
    "email": (
        "",
        {
            "host": "smtp.example.com",
            "from": "Tocsin <tocsin@example.com>",
            "to": ["someone@example.com"],
            "username": _PREVIEW,
            "password": _PREVIEW,
        },
    ),
}
_BOTS = {
    "slack": {"token": "xoxb-123456789012-1234567890123-" + _PREVIEW * 3},
    "discord": {"token": f"{_PREVIEW * 3}.{_PREVIEW}.{_PREVIEW * 4}"},
}
# Where a message goes: numbers and addresses of people among them.
_LEADS = ("to", "chat_id", "channel", "PhoneNumber")
# Channels whose receiver is somebody's own code, which reads the headers too; and the
# one that no preview can know.
_OWN_CODE = ("webhook",)
_SIGNATURE = "webhook-signature"
_SIGNED = "v1,<base64 of HMAC-SHA256 with your secret>"


@dataclass(frozen=True, slots=True)
class Payload:
    """What a provider would be handed, as JSON; or why it is not known."""

    content: Any = None
    reason: str = ""
    method: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def unaddressed(self) -> Payload:
        """The same, without where it goes: for those who may not read settings."""
        if not isinstance(self.content, dict):
            return self
        left = {key: told for key, told in self.content.items() if key not in _LEADS}
        return replace(self, content=left)


@dataclass(slots=True)
class _Line:
    """Stands in the place of `Http`: keeps what is said, and calls nobody."""

    bodies: list[bytes] = field(default_factory=list)
    method: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    region: str = "us-east-1"

    def deadline(self) -> float:
        return 0.0

    def call(
        self, method: str, _url: str, *, body: bytes | None = None, **more: Any
    ) -> NetworkFault:
        self.bodies.append(body or b"")
        self.method, self.headers = method, more.get("headers", {})
        return NetworkFault(Kind.PERMANENT, _NOBODY)

    def ask(
        self, method: str, _endpoint: Any, path: str, *, body: bytes, **_: Any
    ) -> NetworkFault:
        return self.call(method, path, body=body)


def payload_of(
    name: str, message: Message, settings: Mapping[str, Any] | None = None
) -> Payload:
    """For a destination with these settings; None = for an ordinary one of its kind."""
    if name == "apprise":
        return _plain(message)
    if name not in _SAMPLES:
        return Payload(None, "this channel has no preview")
    if name == "email":
        return _mail(message, settings)
    opened = channel(name)
    kind, given = _SAMPLES[name]
    kept, secret = opened.split({**given})
    if name in _BOTS and settings and settings.get("channel_id"):
        place = {"channel_id": settings["channel_id"]}
        _, secret = opened.split({**_BOTS[name], **place})
    line = _Line()
    made = getattr(import_module(f"tocsin.channels.{name}"), kind)(line)
    target = Target(_PREVIEW, kept if settings is None else settings, secret)
    outcome = made.send([message], target)
    if not line.bodies:
        return Payload(None, outcome.reason)
    content = _said(line.bodies[0])
    content.pop(_HIDDEN, None)
    if name not in _OWN_CODE:
        return Payload(content)
    return Payload(content, "", line.method, {**line.headers, _SIGNATURE: _SIGNED})


def _said(body: bytes) -> dict[str, Any]:
    """JSON, or a form for services of AWS."""
    if body.startswith(b"{"):
        told: dict[str, Any] = json.loads(body)
        return told
    return dict(parse_qsl(body.decode("ascii")))


def _mail(message: Message, settings: Mapping[str, Any] | None) -> Payload:
    """A mail in its two forms, with the headers that people see."""
    encoding = import_module("tocsin.channels.email.encoding")
    via = "ses" if settings and settings.get("via") == "ses" else "settings"
    module = import_module(f"tocsin.channels.email.{via}")
    own = settings or channel("email").split({**_SAMPLES["email"][1]})[0]
    try:
        letter = module.Settings.model_validate(dict(own))
    except ValueError:
        return Payload(None, "what is stored for this destination is not valid")
    content = encoding.encoded(message, letter).content
    mail = message_from_bytes(content, _class=EmailMessage, policy=mime)
    told: dict[str, Any] = {
        header.lower().replace("-", "_"): str(mail[header])
        for header in _HEADERS
        if mail[header]
    }
    for form in ("plain", "html"):
        part = mail.get_body((form,))
        told["text" if form == "plain" else form] = part.get_content() if part else ""
    return Payload(told)


def _plain(message: Message) -> Payload:
    """Title and text; what a service makes of them, its plugin knows."""
    texts = import_module("tocsin.channels.apprise.texts")
    form = texts.Form(title=250, body=4_000)
    content = {
        "title": texts.title_of(message, form),
        "body": texts.body_of(message, form),
        "type": texts.look_of(message),
    }
    return Payload(content)
