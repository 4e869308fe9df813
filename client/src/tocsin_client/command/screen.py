"""Screen: results on stdout, everything said beside them on stderr.

A terminal gets tables and colours (none under NO_COLOR); a pipe gets plain lines with
tabs between the columns. No text is ever read as markup.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Union

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin_client.command.trouble import Trouble, misused
from tocsin_client.command.washing import json_text, line, row

if TYPE_CHECKING:
    from tocsin_client.answers import Answer

Cell = Union[str, Text]
_GAP = 2
_NARROWEST = 16
_COMFORTABLE = 32


class Screen:
    """Where a command prints. Under `--json` stdout holds the JSON and nothing else."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    @cached_property
    def out(self) -> Console:
        """Results."""
        return _console(sys.stdout)

    @cached_property
    def err(self) -> Console:
        """Notes, questions, progress, trouble."""
        return _console(sys.stderr)

    @property
    def lively(self) -> bool:
        """Whether a person looks at the results."""
        return self.out.is_terminal

    @property
    def attended(self) -> bool:
        """Whether a person can answer questions."""
        return sys.stdin.isatty()

    def json(self, value: Any) -> None:
        """A value as JSON; an answer as the API wrote it."""
        body = getattr(value, "body", None)
        text = body.decode() if isinstance(body, bytes) else json.dumps(value)
        sys.stdout.write(json_text(text) + "\n")
        sys.stdout.flush()

    def answer(self, answer: Answer) -> bool:
        """Print an answer if JSON is asked for; says whether that was so."""
        if self.as_json:
            self.json(answer)
        return self.as_json

    def result(self, **values: object) -> None:
        """What is said under `--json` where the API itself has nothing to say."""
        if self.as_json:
            self.json(values)

    def show(self, *parts: Cell) -> None:
        """A line of the result, out of clean parts."""
        _print(self.out, Text.assemble(*parts))

    def raw(self, text: str) -> None:
        """A document as it is, for files and pipes; a terminal gets it washed, and in
        lines that can be copied whole."""
        if not self.lively:
            sys.stdout.write(text)
            return
        for each in text.splitlines():
            self.out.print(Text(row(each)), soft_wrap=True)

    def table(
        self,
        names: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        elastic: str = "",
        spare: Sequence[str] = (),
        indent: int = 0,
    ) -> None:
        """Columns. Where a terminal is narrow the elastic one gives way, then the
        spare ones are left out."""
        if not self.lively:
            for cells in rows:
                _print(self.out, Text("\t").join(map(_text, cells)))
            return
        columns = [
            (name, [Text(name.upper(), style="dim"), *map(_text, cells)])
            for name, cells in zip(names, zip(*rows))
        ]
        if columns:
            room = self.out.width - indent
            self.out.print(_indented(_fitted(columns, elastic, spare, room), indent))

    def pairs(self, rows: Iterable[tuple[Cell, Cell]], *, indent: int = 2) -> None:
        """Names and what they say, wrapped below each other."""
        found = [(_text(name), _text(value)) for name, value in rows]
        if not self.lively:
            width = max((len(name.plain) for name, _ in found), default=0)
            for name, value in found:
                pad = " " * (width - len(name.plain) + 2)
                self.show(" " * indent, name, pad, value)
            return
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, style="dim")
        table.add_column(overflow="fold")
        for name, value in found:
            table.add_row(name, value)
        self.out.print(_indented(table, indent))

    def note(self, *parts: Cell) -> None:
        """Something beside the result; silent under `--json`."""
        if not self.as_json:
            _print(self.err, Text.assemble(*parts))

    def hint(self, told: str) -> None:
        """What can be done next."""
        self.note(Text("→ ", style="cyan"), Text(line(told), style="dim"))

    def warn(self, told: str) -> None:
        """Something that is probably not meant; told under `--json`, too."""
        _print(self.err, Text.assemble(("! ", "orange1"), line(told)))

    def fail(self, trouble: Trouble) -> None:
        """Why it went wrong, and what to do."""
        if self.as_json and trouble.answer is not None:
            self.json(trouble.answer)
        _print(self.err, Text.assemble(("✗ ", "bold red"), line(trouble.told)))
        for detail in trouble.details:
            _print(self.err, Text(f"  {row(detail)}"))
        if trouble.advice:
            _print(self.err, Text.assemble(("→ ", "cyan"), line(trouble.advice)))

    def agree(self, question: str, *, yes: bool) -> None:
        """Go on only if a person says so, or `--yes` did. Raises `Trouble`."""
        if yes:
            return
        self.require_person("add --yes to go on without being asked")
        self.err.print(Text(f"{question} [y/N] "), end="")
        if input().strip().lower() not in ("y", "yes"):
            raise Trouble("nothing was changed")

    def secret(self, question: str) -> str:
        """Ask for what must not be seen. Raises `Trouble` without a terminal."""
        self.require_person("give the secret by --secret-env or --secret-stdin")
        # Here: it brings the terminal's own modules, which few commands need.
        from getpass import getpass  # noqa: PLC0415

        return getpass(f"{question} (not shown): ", stream=sys.stderr).strip()

    def require_person(self, advice: str) -> None:
        """Raises `Trouble` where nobody can answer."""
        if not self.attended:
            raise misused("nobody is here to answer a question", advice)


def _fitted(
    columns: list[tuple[str, list[Text]]], elastic: str, spare: Sequence[str], room: int
) -> Table:
    """The table, at most `room` cells wide if that can be."""

    def wide(cells: list[Text]) -> int:
        return max(cell.cell_len for cell in cells)

    left = list(columns)
    for name in (None, *spare):
        left = [each for each in left if each[0] != name]
        others = sum(wide(cells) + _GAP for each, cells in left if each != elastic)
        if room - others >= _COMFORTABLE:
            break
    table = Table.grid(padding=(0, _GAP, 0, 0))
    for name, cells in left:
        wanted = wide(cells)
        if name == elastic:
            wanted = min(wanted, max(_NARROWEST, room - others))
        table.add_column(width=wanted, no_wrap=True, overflow="ellipsis")
    for row_ in zip(*(cells for _, cells in left)):
        table.add_row(*row_)
    return table


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def _console(stream: Any) -> Console:
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def _print(console: Console, text: Text) -> None:
    """A pipe gets the words as they are; a terminal, wrapped and in colour."""
    if console.is_terminal:
        console.print(text)
    else:
        console.file.write(f"{text.plain}\n")


def _indented(table: Table, indent: int) -> Any:
    if not indent:
        return table
    # Here: the one place that needs it.
    from rich.padding import Padding  # noqa: PLC0415

    return Padding(table, (0, 0, 0, indent), expand=False)
