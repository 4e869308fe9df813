"""Files for Slack: handed in before the message, and shown in its thread after it.

https://docs.slack.dev/messaging/working-with-files#uploading_files
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from tocsin.channels._http import NetworkFault, Response
from tocsin.channels.slack import answers, limits
from tocsin.message import File, Message

HOST = "files.slack.com"
URL = "files.getUploadURLExternal"
DONE = "files.completeUploadExternal"
FORM = "application/x-www-form-urlencoded"

Answer = Response | NetworkFault
Ask = Callable[[str, bytes, str], Answer]
"""Calls an address, or a method of the API, with a body of a type."""


class NotTaken(Exception):
    """Slack does not take a file; the text says why."""


def carried(messages: Sequence[Message]) -> list[File]:
    """The files that have content, in order."""
    return [file for one in messages for file in one.files if file.content]


def handed_in(files: Sequence[File], ask: Ask) -> list[dict[str, str]]:
    """What Slack calls them; nobody sees them yet. Raises `NotTaken`."""
    return list(_each(files, ask))


def shown(handed: Sequence[dict[str, str]], channel: str, thread: str, ask: Ask) -> str:
    """Show them under a message; why they are not, "" if they are."""
    told = {"files": list(handed), "channel_id": channel, "thread_ts": thread}
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    answer = ask(DONE, body, "application/json; charset=utf-8")
    return _fault(answer)


def _each(files: Sequence[File], ask: Ask) -> Iterator[dict[str, str]]:
    for file in files:
        asked = urlencode({"filename": file.name, "length": len(file.content)})
        answer = ask(URL, asked.encode(), FORM)
        fault = _fault(answer)
        if isinstance(answer, NetworkFault) or fault:
            raise NotTaken(fault)
        told = answers.fields_of(answer)
        name, address = told.get("file_id"), told.get("upload_url")
        if not isinstance(name, str) or not _is_ours(address):
            raise NotTaken("Slack named no place to upload to")
        answer = ask(str(address), file.content, "application/octet-stream")
        if isinstance(answer, NetworkFault):
            raise NotTaken(answer.reason)
        if answer.status != 200:
            raise NotTaken(f"the upload was answered with status {answer.status}")
        yield {"id": name, "title": file.name}


def _is_ours(address: Any) -> bool:
    return isinstance(address, str) and address.startswith(f"https://{HOST}/")


def _fault(answer: Answer) -> str:
    if isinstance(answer, NetworkFault):
        return answer.reason
    told = answers.fields_of(answer)
    if answer.status == 200 and told.get("ok") is True:
        return ""
    name = answers.error_of(answer) or f"status {answer.status}"
    hint = ": give the bot files:write" if name == "missing_scope" else ""
    return f"{name}{hint}"[: limits.TEXT]
