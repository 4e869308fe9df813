"""The best-known client libraries, each told to say what our channel says of a message,
in the way its own guide has it. They post to stand-ins."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from email import message_from_bytes, policy
from importlib import import_module
from typing import Any

from bench.measuring.provider import Providers
from tocsin.channels.discord.encoding import encoded as discord_call
from tocsin.channels.discord.settings import Settings as DiscordSettings
from tocsin.message import Message

Send = Callable[[], None]
Bodies = Sequence[Mapping[str, Any]]


class MissingError(Exception):
    """A library is not installed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not installed: python -m pip install --group bench"
        )


def apprise_discord(messages: Sequence[Message], to: Providers) -> Send:
    """Apprise's plugin, told of title and text; it keeps no connection."""
    plugin = _plugin(f"discord://{'1' * 18}/{'t' * 68}")
    plugin.notify_url = f"{to.url}/api/webhooks"
    told = [_told(each) for each in messages]
    return lambda: _all(plugin.notify(title=t, body=b) for t, b in told)


def apprise_mail(mails: Sequence[bytes], to: Providers) -> Send:
    """Apprise's plugin, told of subject and HTML; it keeps no connection."""
    place = f"mailto://127.0.0.1:{to.smtp}"
    plugin = _plugin(
        f"{place}?from=a@example.com&to=b@example.com&mode=insecure&format=html"
    )
    told = [_shown(each) for each in mails]
    return lambda: _all(
        plugin.notify(title=title, body=body, body_format="html")
        for title, body in told
    )


def slack_webhook(messages: Sequence[Message], to: Providers) -> Send:
    """slack-sdk's WebhookClient and its blocks; it keeps no connection."""
    client = _module("slack_sdk.webhook").WebhookClient(f"{to.url}/services/T/B/x")
    written = _blocks()
    return lambda: _all(
        client.send(**written(each)).status_code == 200 for each in messages
    )


def slack_bot(messages: Sequence[Message], to: Providers) -> Send:
    """slack-sdk's WebClient and its blocks; it keeps no connection."""
    client = _module("slack_sdk").WebClient("xoxb-bench", base_url=f"{to.url}/api/")
    written = _blocks()
    return lambda: _all(
        client.chat_postMessage(channel="C0123456789", **written(each))["ok"]
        for each in messages
    )


def slack_finished(bodies: Bodies, to: Providers) -> Send:
    """WebhookClient again, handed JSON that needs no more than to be written out."""
    client = _module("slack_sdk.webhook").WebhookClient(f"{to.url}/services/T/B/x")
    return lambda: _all(client.send_dict(each).status_code == 200 for each in bodies)


def telegram_bot(bodies: Bodies, to: Providers) -> Send:
    """python-telegram-bot's Bot, which keeps its connections."""
    telegram = _module("telegram")
    bot = telegram.Bot("1:bench", base_url=f"{to.url}/bot")
    options = telegram.LinkPreviewOptions(is_disabled=True)
    told = [{**each, "link_preview_options": options} for each in bodies]
    loop = asyncio.new_event_loop()
    loop.run_until_complete(bot.initialize())

    async def send() -> None:
        for each in told:
            _all([(await bot.send_message(**each)).message_id])

    return lambda: loop.run_until_complete(send())


def _blocks() -> Callable[[Message], dict[str, Any]]:
    """How one says with slack-sdk's own blocks what ours says. Nothing is escaped."""
    blocks = _module("slack_sdk.models.blocks")
    attachments = _module("slack_sdk.models.attachments")

    def words(text: str) -> Any:
        return blocks.MarkdownTextObject(text=text, verbatim=True)

    def written(message: Message) -> dict[str, Any]:
        line = f"{message.icon} {message.title}"
        body = message.body.text if message.body else ""
        facts = [words(f"*{each.name}*\n{each.value.text}") for each in message.facts]
        when = f"<!date^{message.at.timestamp():.0f}^{{time}}|{message.at:%H:%M}>"
        bar = attachments.BlockAttachment(
            color=f"#{message.colour:06X}",
            blocks=[
                blocks.SectionBlock(text=words(body)),
                blocks.SectionBlock(fields=facts),
                blocks.ContextBlock(elements=[words(f"{message.footer} · {when}")]),
            ],
        )
        title = blocks.SectionBlock(text=words(f"*<{message.url}|{line}>*"))
        return {"text": line, "blocks": [title], "attachments": [bar]}

    return written


def _plugin(url: str) -> Any:
    """Apprise's, without its pauses."""
    plugin = _module("apprise").Apprise.instantiate(url)
    plugin.request_rate_per_sec = 0
    return plugin


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingError(error.name or name) from None


def _all(done: Iterable[object]) -> None:
    if not all(done):
        raise RuntimeError("a message was not taken")


def _told(message: Message) -> tuple[str, str]:
    """What our embed says, as title and text."""
    call = discord_call([message], DiscordSettings(), None)
    (embed,) = json.loads(call.body)["embeds"]
    facts = [f"**{each['name']}:** {each['value']}" for each in embed["fields"]]
    footer = embed["footer"]["text"]
    return embed["title"], "\n".join([embed["description"], *facts, footer])


def _shown(mail: bytes) -> tuple[str, str]:
    """The subject and the HTML of a mail."""
    parsed = message_from_bytes(mail, policy=policy.default)
    html = parsed.get_body(("html",))
    if html is None:
        raise RuntimeError("a mail without HTML")
    return str(parsed["subject"]), str(html.get_content())
