"""The keys that the stack generates in Secrets Manager, adopted once as sources.

After that only their hashes in the table count, so that no request ever waits for
Secrets Manager, and rotating or revoking them works as for any other source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tocsin.aws.calls import available
from tocsin.desk import Desk
from tocsin.errors import Conflict, Unavailable
from tocsin.keys import administered, kept_key
from tocsin.ports import Clock
from tocsin.settings import Scope, Settings, Source

SCOPES = {
    # All three, so that whoever has set up the stack can try every call with one key.
    "admin": frozenset(Scope),
    "ingest": frozenset({Scope.INGEST}),
}


class GeneratedKeys:
    """`gatekeeper.FirstKeys`. `secrets` maps the names `admin` and `ingest` to secret
    ids; `client` makes a Secrets Manager client, which is needed once per stack."""

    def __init__(
        self,
        client: Callable[[], Any],
        secrets: dict[str, str],
        *,
        desk: Desk,
        clock: Clock,
    ) -> None:
        self._client = client
        self._secrets = secrets
        self._desk = desk
        self._clock = clock

    def adopt(self) -> Settings:
        """Write both sources. `admin` comes last: until it is there, all is redone.

        Raises `Unavailable`.
        """
        if not administered(self._desk.fresh().sources.values()):
            for name in ("ingest", "admin"):
                key = kept_key(
                    generated_key(self._client, self._secrets[name]), self._clock.now()
                )
                self._put(Source(name, SCOPES[name], (key,)))
        return self._desk.fresh()

    def _put(self, source: Source) -> None:
        try:
            self._desk.put_source(source, old=None)
        except Conflict:
            return  # Another process adopted the same key at the same moment.


@available
def generated_key(client: Callable[[], Any], secret_id: str) -> str:
    """The text of a key that the stack generated. Raises `Unavailable`."""
    answer = client().get_secret_value(SecretId=secret_id)
    key = str(answer.get("SecretString", "")).strip()
    if not key:
        raise Unavailable("a generated key is empty")
    return key
