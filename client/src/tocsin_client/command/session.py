"""Session: what every command gets (who to call, where to print, what time it is), and
the options that every command has."""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from functools import cached_property, wraps
from typing import Annotated, Any, Callable, get_type_hints

import typer

from tocsin_client.command.address import Address, Asked, find_address
from tocsin_client.command.api import Api
from tocsin_client.command.profiles import config_file, seen_by_others
from tocsin_client.command.screen import Screen
from tocsin_client.command.trouble import Exit, Trouble

Command = Callable[..., None]
_PANEL = "Which Tocsin, and how to print"
PATIENCE = 30.0
_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def _option(*names: str, told: str) -> Any:
    return typer.Option(*names, help=told, rich_help_panel=_PANEL, show_default=False)


@dataclass(frozen=True)
class Shared:
    """The options that every command has; the empty ones were not given."""

    url: Annotated[str, _option("--url", told="Its address, or TOCSIN_URL.")] = ""
    profile: Annotated[
        str, _option("--profile", told="A profile's name, or TOCSIN_PROFILE.")
    ] = ""
    stack: Annotated[
        str, _option("--stack", told="A local stack's stack.json, or TOCSIN_STACK.")
    ] = ""
    timeout: Annotated[
        float, _option("--timeout", told="Seconds to wait for an answer (30).")
    ] = 0.0
    as_json: Annotated[
        bool, _option("--json", told="Print the API's JSON, and nothing else.")
    ] = False

    def over(self, outer: Shared) -> Shared:
        """These, and where they say nothing those given before the command's name."""
        given = {name: value for name, value in vars(self).items() if value}
        return replace(outer, **given)


class Session:
    """One run of one command."""

    def __init__(
        self,
        shared: Shared,
        environment: Mapping[str, str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.shared = shared
        self.environment = environment
        self.clock = clock
        self.screen = Screen(as_json=shared.as_json)

    @cached_property
    def address(self) -> Address:
        """Which Tocsin is called. Raises `Trouble`."""
        asked = Asked(self.shared.url, self.shared.profile, self.shared.stack)
        found = find_address(asked, self.environment)
        path = config_file(self.environment)
        if found.origin.startswith("profile ") and seen_by_others(path):
            self.screen.warn(f"others can read the keys in {path}: chmod 600 {path}")
        return found

    @cached_property
    def api(self) -> Api:
        """The API, ready to be called. Raises `Trouble`."""
        return Api(self.address, self.shared.timeout or PATIENCE)


def command(app: typer.Typer, name: str = "", **options: Any) -> Callable[..., Command]:
    """Add a command: it gets a `Session` first; its `Trouble` becomes an exit code."""

    def add(run: Command) -> Command:
        bound = with_session(run)
        if name:
            app.command(name, **options)(bound)
        else:
            app.callback(invoke_without_command=True, **options)(bound)
        return run

    return add


def with_session(run: Command) -> Command:
    """The function as Typer calls it: the shared options beside its own, and each
    parameter that is a dataclass spread out into one option for each of its fields."""
    hints = get_type_hints(run, include_extras=True)
    own = list(inspect.signature(run).parameters.values())[1:]
    groups = {
        each.name: hints[each.name] for each in own if is_dataclass(hints[each.name])
    }

    @wraps(run)
    def bound(**given: Any) -> None:
        context: typer.Context = given.pop("context")
        shared: Shared = _gathered(Shared, given)
        outer = context.obj if isinstance(context.obj, Shared) else Shared()
        context.obj = shared.over(outer)
        if context.invoked_subcommand is not None:
            return
        whole = {name: _gathered(kind, given) for name, kind in groups.items()}
        guarded(run, Session(context.obj, os.environ), {**given, **whole})

    parameters = [
        inspect.Parameter("context", _KEYWORD, annotation=typer.Context),
        *(
            each.replace(kind=_KEYWORD, annotation=hints[each.name])
            for each in own
            if each.name not in groups
        ),
        *(each for kind in (*groups.values(), Shared) for each in _spread(kind)),
    ]
    annotations = {each.name: each.annotation for each in parameters}
    signature = inspect.Signature(parameters)
    vars(bound).update(__signature__=signature)
    bound.__annotations__ = annotations
    return bound


def _spread(kind: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    for each in fields(kind):
        default = inspect.Parameter.empty if each.default is MISSING else each.default
        yield inspect.Parameter(
            each.name, _KEYWORD, default=default, annotation=hints[each.name]
        )


def _gathered(kind: Any, given: dict[str, Any]) -> Any:
    return kind(**{each.name: given.pop(each.name) for each in fields(kind)})


def guarded(run: Command, session: Session, given: Mapping[str, Any]) -> None:
    """Run it; what it raises is told, and ends the process with its code."""
    try:
        run(session, **given)
    except Trouble as trouble:
        session.screen.fail(trouble)
        raise typer.Exit(int(trouble.code)) from None
    except (KeyboardInterrupt, EOFError):
        session.screen.note("\nStopped.")
        raise typer.Exit(int(Exit.INTERRUPTED)) from None
