"""A Discord message as plain text: what tests search in and lists show."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from local.inbox.discord.form import Json

_TIME: Final = re.compile(r"<t:(-?\d{1,13})(?::[tTdDfFsSR])?>")


def plain_text(message: Json) -> str:
    """Every visible word in reading order, one part a line; times in UTC."""
    lines = [message.get("content", "")]
    for embed in message.get("embeds", []):
        lines += _embed_lines(embed)
    for component in message.get("components", []):
        lines += _component_lines(component)
    lines += [file["filename"] for file in message.get("attachments", [])]
    return _TIME.sub(_spell_time, "\n".join(line for line in lines if line))


def _embed_lines(embed: Json) -> list[str]:
    lines = [embed.get("author", {}).get("name", "")]
    title, url = embed.get("title", ""), embed.get("url", "")
    lines.append(f"{title} ({url})" if title and url else title)
    lines.append(embed.get("description", ""))
    lines += [f"{f['name']}: {f['value']}" for f in embed.get("fields", [])]
    lines.append(embed.get("footer", {}).get("text", ""))
    return lines


def _component_lines(component: Json) -> list[str]:
    lines = []
    if component.get("label"):
        url = component.get("url")
        lines.append(f"[{component['label']}]" + (f" ({url})" if url else ""))
    lines.append(component.get("content", ""))
    for child in component.get("components", []):
        lines += _component_lines(child)
    if component.get("accessory"):
        lines += _component_lines(component["accessory"])
    return lines


def _spell_time(match: re.Match[str]) -> str:
    try:
        moment = datetime.fromtimestamp(int(match[1]), UTC)
    except (ValueError, OverflowError, OSError):
        return match[0]
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
