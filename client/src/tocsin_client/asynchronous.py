"""The asynchronous twin: the same client, whose waits do not hold up the loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tocsin_client.client import Tocsin
from tocsin_client.results import Result

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from tocsin_client.events import Keys


class AsyncTocsin:
    """As `Tocsin`, and with its arguments. `notify`, `check`, `announce` and `flush`
    are awaited; what never waits (`post`, `post_cloudevent`, `progress`, `on_error`)
    is called as it is. Waiting takes place in a thread: one sender, one behaviour."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.plain = Tocsin(*args, **options)
        self._share()

    def _share(self) -> None:
        self.post = self.plain.post
        self.post_cloudevent = self.plain.post_cloudevent
        self.progress = self.plain.progress
        self.on_error = self.plain.on_error

    async def notify(
        self,
        type: str,
        title: str = "",
        message: str = "",
        *,
        dry_run: bool = False,
        idempotency_key: str = "",
        **keys: Unpack[Keys],
    ) -> Result:
        """Send one event and wait for the answer."""
        return await asyncio.to_thread(
            self.plain.notify,
            type,
            title,
            message,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
            **keys,
        )

    async def check(self, *, type: str = "service.started") -> Result:
        """Whether address, key and answer are right, without sending anything."""
        return await asyncio.to_thread(self.plain.check, type=type)

    async def announce(
        self,
        title: str = "Service started",
        message: str = "",
        *,
        type: str = "service.started",
        **keys: Unpack[Keys],
    ) -> Result:
        """Send a harmless event at start-up."""
        return await asyncio.to_thread(
            self.plain.announce, title, message, type=type, **keys
        )

    async def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything posted is sent; False if that takes longer."""
        return await asyncio.to_thread(self.plain.flush, timeout)

    def bind(self, **keys: Unpack[Keys]) -> Self:
        """The same client with these keys on every event."""
        bound = self.__class__.__new__(self.__class__)
        bound.plain = self.plain.bind(**keys)
        bound._share()
        return bound

    @property
    def dropped(self) -> int:
        """How many posted events were dropped, since the start of this process."""
        return self.plain.dropped

    @property
    def waiting(self) -> int:
        """How many posted events are not sent yet."""
        return self.plain.waiting

    def __repr__(self) -> str:
        return f"Async{self.plain!r}"
