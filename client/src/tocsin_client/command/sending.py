"""Sending: an event out of options, a file or a pipe; and what became of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from tocsin_client.answers import Answer
from tocsin_client.attachments import NotTaken, read
from tocsin_client.command import looks, story
from tocsin_client.command.api import value_of
from tocsin_client.command.documents import read_document
from tocsin_client.command.event import TYPE, EventOptions
from tocsin_client.command.finding import path_of
from tocsin_client.command.rows import where
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import Exit, Trouble, misused, refused
from tocsin_client.command.washing import line
from tocsin_client.command.wording import counted, short, spoken

PAUSE = 0.5
_UNSETTLED = ("queued", "processing", "failed")
_CLOUDEVENTS = "application/cloudevents"


def _option(*names: str, told: str) -> Any:
    return typer.Option(*names, help=told, show_default=False)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "send", rich_help_panel="Send")(send)


def send(
    session: Session,
    options: EventOptions,
    title: Annotated[
        str,
        typer.Argument(
            metavar="[TITLE]",
            help="The title; or - to read a whole event from standard input.",
            show_default=False,
        ),
    ] = "",
    file: Annotated[
        str, _option("--file", "-f", told="A JSON or YAML file: an event, or a list.")
    ] = "",
    idempotency_key: Annotated[
        str, _option("--idempotency-key", told="Sent twice under it, it counts once.")
    ] = "",
    dry_run: Annotated[
        bool,
        _option("--dry-run", told="Send nothing; show what would happen, and why."),
    ] = False,
    wait: Annotated[
        float, _option("--wait", told="Wait so many seconds for the outcome.")
    ] = 0.0,
) -> None:
    """Send an event: tocsin send "Backup failed" --type backup.failed --severity high.

    Needs a key with the scope ingest; --wait also needs operate.
    """
    document = _document(title, file, options)
    if options.attach:
        document = _with_files(session, document, options.attach, dry_run=dry_run)
    answer = _post(session, document, key=idempotency_key, dry_run=dry_run)
    _outcome(session, answer, wait=0.0 if dry_run else wait)


def _document(title: str, file: str, options: EventOptions) -> Any:
    """The file's event with the options over it, or the options alone."""
    path = file or ("-" if title == "-" else "")
    if path == "-" and options.message == "-":
        raise misused("standard input can be read once: - for the event or the message")
    said = options.document("" if title == "-" else title)
    if not path:
        # Types of the catalogue make a title out of their data.
        if not {"title", "message", "type"} & set(said):
            raise misused(
                "there is nothing to send",
                'give a title: tocsin send "Backup failed"; or a file: -f event.json',
            )
        return {"type": TYPE, **said}
    document = read_document(path)
    if not said:
        return document
    if not isinstance(document, dict):
        raise misused("options go with one event; the file holds a list")
    return {**document, **said}


def _with_files(
    session: Session, document: Any, paths: list[str], *, dry_run: bool
) -> Any:
    """The event with what is at these paths, uploaded unless nothing is to be sent."""
    if not isinstance(document, dict) or "specversion" in document:
        raise misused("--attach goes with one event of our own form")
    found = list(document.get("attachments", ()))
    for path in paths:
        try:
            file = read(path)
        except NotTaken as error:
            raise misused(f"--attach {path}: {error}") from None
        if not dry_run:
            answer = session.api.call(
                "POST",
                "/attachments",
                file.content,
                query={"name": file.name},
                headers={"Content-Type": file.media},
            )
            found.append({"id": value_of(answer)["id"]})
    return {**document, "attachments": found} if found else document


def _post(session: Session, document: Any, *, key: str, dry_run: bool) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    first = document[0] if isinstance(document, list) and document else document
    if isinstance(first, dict) and "specversion" in first:
        batch = "-batch" if isinstance(document, list) else ""
        headers["Content-Type"] = f"{_CLOUDEVENTS}{batch}+json"
    query = {"dry_run": "true"} if dry_run else {}
    # A list of which nothing is accepted is a 422 with results, told like the others.
    answer = session.api.call(
        "POST", "/events", document, query=query, headers=headers, admits=(422,)
    )
    if answer.status == 422 and "results" not in value_of(answer):
        raise refused(answer)
    return answer


def _outcome(session: Session, answer: Answer, *, wait: float) -> None:
    told = value_of(answer)
    results = told.get("results", [told])
    if wait:
        results = [_settled(session, each, wait) for each in results]
    if session.screen.as_json:
        changed = {**told, "results": results} if "results" in told else results[0]
        session.screen.json(changed if wait else answer)
    else:
        for each in results:
            _tell(session, each)
    rejected = [each for each in results if each["status"] == "rejected"]
    dead = [each for each in results if each["status"] == "dead_letter"]
    if rejected:
        code = Exit.FINDINGS if len(rejected) < len(results) else Exit.REFUSED
        raise Trouble(f"{counted(len(rejected), 'event')} rejected", code=code)
    if dead and wait:
        advice = f"tocsin show {short(dead[0]['id'])} says why"
        raise Trouble("it could not be delivered", advice=advice)


def _tell(session: Session, result: Mapping[str, Any]) -> None:
    screen = session.screen
    if result["status"] == "rejected":
        screen.show(looks.status("rejected"), f"  event {result['index']}")
        for fault in result["errors"]:
            screen.show(f"    {line(fault['field'])}: {line(fault['reason'])}")
        return
    if result.get("dry_run"):
        _tell_rehearsal(session, result)
        return
    repeat = (
        f"  seen {result['occurrences']:,} ×, told once" if result.get("repeat") else ""
    )
    screen.show(
        looks.status(result["status"]), "  ", line(result["id"]), "  ",
        where(result), repeat,
    )  # fmt: skip
    if result.get("reason"):
        screen.show(looks.dim(f"    {result['reason']}"))
    screen.hint(f"follow it with: tocsin show {short(result['id'])}")


_VERDICTS = {
    "tell": "it would be told",
    "open": "it would open a problem",
    "repeat": "it would count as a repeat of an open problem, told once",
    "rise": "it would be told again, as an open problem that got worse",
    "update": "it would change the card of what is open",
    "resolve": "it would resolve the open problem",
    "keep": "it would be kept, and sent nowhere",
}


def _tell_rehearsal(session: Session, result: Mapping[str, Any]) -> None:
    screen = session.screen
    verdict = str(result["verdict"])
    told = _VERDICTS.get(verdict, spoken(verdict))
    states = {each["status"] for each in result["deliveries"]}
    if states == {"suppressed"}:
        told = f"{told}, but to nobody"
    screen.show(Text(told, style="bold"))
    for each in result["deliveries"]:
        going = each["status"] == "queued"
        sign = Text("→", "cyan") if going else looks.sign(each["status"])
        screen.show("  ", sign, f" {line(each['destination'])}")
    story.tell_why(screen, result["trace"])
    screen.hint("nothing was sent; leave --dry-run out to send it")


def _settled(
    session: Session, result: Mapping[str, Any], wait: float
) -> dict[str, Any]:
    """What the API knows once every delivery has its outcome, or time is up."""
    if result["status"] not in _UNSETTLED:
        return dict(result)
    deadline = time.monotonic() + wait
    while True:
        found = value_of(session.api.call("GET", path_of(result["id"])))
        going = any(each["status"] in _UNSETTLED for each in found["deliveries"])
        if not going or time.monotonic() >= deadline:
            return {
                **result,
                "status": found["status"],
                "deliveries": found["deliveries"],
            }
        time.sleep(PAUSE)
