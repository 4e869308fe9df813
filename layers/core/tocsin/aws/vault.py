"""The vault on SSM: secrets as SecureString parameters under one path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tocsin.aws.calls import available, code_of
from tocsin.aws.json_service import Refusal
from tocsin.errors import Invalid, NotFound, Unavailable
from tocsin.ports import Clock, Holder

# A secret that people change in SSM itself raises no version: look again after a while.
FRESH_MS = 300_000
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
LARGEST = 4_096


class SsmVault:
    """`ports.Vault`. `client` makes an SSM client at first use: most calls need none.

    A reference is the parameter's name below `prefix`.
    """

    def __init__(self, client: Callable[[], Any], prefix: str, clock: Clock) -> None:
        self._make_client = client
        self._made: Any = None
        self._prefix = f"/{prefix.strip('/')}/"
        self._clock = clock
        self._known: dict[tuple[str, int], tuple[int, str]] = {}

    def secret(self, holder: Holder) -> str:
        """The secret, at most five minutes old; older only while SSM is out of reach.

        Raises `NotFound`, or `Unavailable`.
        """
        cached = (holder.secret, holder.secret_version)
        read_at, known = self._known.get(cached, (0, ""))
        if known and self._clock.now() - read_at < FRESH_MS:
            return known
        try:
            secret = self._read(holder)
        except Unavailable:
            if known:
                return known
            raise
        self._known[cached] = (self._clock.now(), secret)
        return secret

    @available
    def put(self, name: str, secret: str) -> str:
        """Keep it under `name`, which is also the reference."""
        if len(secret.encode()) > LARGEST:
            raise Invalid(f"a secret can hold at most {LARGEST} bytes")
        self._client.put_parameter(
            Name=self._prefix + name,
            Value=secret,
            Type="SecureString",
            Overwrite=True,
        )
        return name

    @available
    def drop(self, reference: str) -> None:
        """Forget it; silent when it is gone already."""
        try:
            self._client.delete_parameter(Name=self._prefix + reference)
        except Refusal as error:
            if code_of(error) != "ParameterNotFound":
                raise

    @available
    def _read(self, holder: Holder) -> str:
        name = holder.secret
        if not name:
            raise NotFound(f"{holder.name} has no secret yet")
        try:
            answer = self._client.get_parameter(
                Name=self._prefix + name, WithDecryption=True
            )
        except Refusal as error:
            if code_of(error) in ("ParameterNotFound", "ValidationException"):
                raise NotFound(
                    f"{holder.name}: there is no secret {name!r}"
                    f" in SSM below {self._prefix}"
                ) from error
            raise
        return str(answer["Parameter"]["Value"])

    @property
    def _client(self) -> Any:
        if self._made is None:
            self._made = self._make_client()
        return self._made
