"""Api: calls that succeed, or raise `Trouble` in the API's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tocsin_client.answers import Answer
from tocsin_client.command.address import Address
from tocsin_client.command.trouble import Exit, Trouble, misused, refused
from tocsin_client.transport import Transport, Unreachable

PAGE = 100


class Api:
    """The operate API at an address. `patience` bounds a call, in seconds."""

    def __init__(self, address: Address, patience: float) -> None:
        self.address = address
        try:
            self._transport = Transport(address.url, address.key, timeout=patience)
        except ValueError as error:
            advice = f"it comes from {address.origin}"
            raise misused(str(error), advice) from None

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        admits: tuple[int, ...] = (),
    ) -> Answer:
        """One call below /v1. Any refusal but the `admits` raises `Trouble`."""
        asked = {
            name: str(value) for name, value in (query or {}).items() if value != ""
        }
        try:
            answer = self._transport.call(
                method, f"/v1{path}", body=body, query=asked, headers=headers
            )
        except Unreachable as error:
            raise self._unreachable(error.reason) from None
        if not answer.ok and answer.status not in admits:
            if 300 <= answer.status < 400:
                raise self._unreachable(f"it answers HTTP {answer.status}, elsewhere")
            raise refused(answer)
        return answer

    def read(self, path: str, **query: object) -> Any:
        """The JSON of a GET."""
        return value_of(self.call("GET", path, query=query))

    def pages(
        self, path: str, name: str, query: Mapping[str, object], limit: int
    ) -> Iterator[tuple[Answer, list[dict[str, Any]]]]:
        """Answers with their items, until `limit` of these were found or none is left.

        A page may be short: only an empty `next` is the end.
        """
        found, cursor = 0, ""
        while found < limit:
            wanted = {**query, "limit": min(PAGE, limit - found), "cursor": cursor}
            answer = self.call("GET", path, query=wanted)
            page = value_of(answer)
            found += len(page[name])
            yield answer, page[name]
            cursor = page["next"]
            if not cursor:
                return

    def items(
        self, path: str, name: str, query: Mapping[str, object], limit: int
    ) -> list[dict[str, Any]]:
        """At most `limit` items of a list."""
        pages = self.pages(path, name, query, limit)
        return [item for _, items in pages for item in items]

    def _unreachable(self, reason: str) -> Trouble:
        return Trouble(
            f"{self.address.url} does not answer: {reason}",
            code=Exit.UNREACHABLE,
            advice=f"the address comes from {self.address.origin}; is it right, and is"
            " Tocsin running? `tocsin doctor` looks closer",
        )


def value_of(answer: Answer) -> Any:
    """The JSON of an answer. Raises `Trouble` where someone else answered."""
    try:
        return answer.json
    except ValueError:
        raise Trouble(
            "what answers there is not Tocsin: no JSON came",
            code=Exit.UNREACHABLE,
            advice="check the address; it is the stack's ApiUrl, without a path",
        ) from None


def part(text: str) -> str:
    """A name or an id as a part of a path."""
    return quote(text, safe="")
