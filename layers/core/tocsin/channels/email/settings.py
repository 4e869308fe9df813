"""What an operator says of a mail server, and the password that goes with it.

The password is kept together with the host and the user it was given for, so that a
destination that is pointed elsewhere does not take it along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote, urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator

from tocsin.channels import _complaints
from tocsin.channels._addresses import is_public_host
from tocsin.channels.email.letters import Letter, faults_of, plain
from tocsin.errors import Fault, Invalid
from tocsin.values import dataclass

TLS_PORTS = frozenset({465, 2465})
STARTTLS_PORTS = frozenset({587, 2587})
PASSWORD = 1000
SHORTEST_PASSWORD = 4
USERNAME = 320
_AGAIN = "give the password again, together with host and username"


def _host(value: str) -> str:
    host = value.strip().lower()
    if not is_public_host(host):
        raise ValueError("not the name of a public host, such as smtp.example.com")
    return host


def _port(value: int) -> int:
    if value == 25:
        raise ValueError("AWS blocks port 25; use 465 or 587")
    return value


class Settings(Letter):
    """All that may be said of a mail server besides the password."""

    host: Annotated[str, AfterValidator(_host)]
    port: Annotated[int, Field(ge=1, le=65535), AfterValidator(_port)]
    security: Literal["tls", "starttls"]
    username: Annotated[str, Field(max_length=USERNAME), AfterValidator(plain)] = ""

    @model_validator(mode="before")
    @classmethod
    def _by_convention(cls, given: Any) -> Any:
        """The port tells the security, and the security the port."""
        if not isinstance(given, Mapping):
            return given
        security, port = given.get("security"), given.get("port")
        if port is None:
            port = 465 if security == "tls" else 587
        if security is None:
            security = "tls" if str(port) in map(str, TLS_PORTS) else "starttls"
        return {**given, "security": security, "port": port}

    @model_validator(mode="after")
    def _port_speaks_it(self) -> Settings:
        if self.security == "starttls" and self.port in TLS_PORTS:
            raise ValueError(f"port {self.port} is TLS from the start: security is tls")
        if self.security == "tls" and self.port in STARTTLS_PORTS:
            raise ValueError(f"port {self.port} begins plain: security is starttls")
        return self


@dataclass(frozen=True, slots=True)
class Login:
    """A password and what it was given for; without a username there is no login."""

    host: str
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def packed(self) -> str:
        """The one form in which it is stored."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        user, password = quote(self.username, safe=""), quote(self.password, safe="")
        return f"smtp://{user}:{password}@{host}" if user else f"smtp://{host}"


def login_of(secret: str) -> Login:
    """Unpack it. Raises ValueError, whose text never repeats the secret."""
    try:
        parts = urlsplit(secret)
        odd = parts.port is not None or parts.path or parts.query or parts.fragment
    except ValueError:
        raise ValueError(f"its secret cannot be read; {_AGAIN}") from None
    if parts.scheme != "smtp" or not parts.hostname or odd:
        raise ValueError(f"its secret is not one of an email destination; {_AGAIN}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Login(parts.hostname, user, password)


def account_of(settings: Mapping[str, Any], secret: str) -> tuple[Settings, Login]:
    """What is stored, checked to belong together. Raises ValueError; see `why`."""
    login = login_of(secret)
    own = Settings.model_validate(dict(settings))
    if (login.host, login.username) != (own.host, own.username):
        raise ValueError(f"its password is for another host or username; {_AGAIN}")
    return own, login


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(settings to keep, the packed login or ""). Raises `Invalid`."""
    given = {name: value for name, value in given.items() if name != "via"}
    rest = {str(name): value for name, value in given.items() if name != "password"}
    password = given.get("password")
    faults = list(_password_faults(password, rest.get("username")))
    own: Settings | None = None
    try:
        own = Settings.model_validate(rest)
    except ValidationError as error:
        faults += faults_of(error)
    if faults or own is None:
        raise Invalid("the email destination is not valid", faults)
    kept = own.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if own.username and password is None:
        return kept, ""
    return kept, Login(own.host, own.username, password or "").packed


def why(error: ValueError) -> str:
    """What is wrong, without what was given."""
    return _complaints.why(error, faults_of)


def _password_faults(password: object, username: object) -> Iterator[Fault]:
    if password is None:
        return
    if not username:
        yield Fault("username", "is missing, and a password needs one")
    if not isinstance(password, str) or not password.isprintable():
        yield Fault("password", "must be a text without line ends")
    elif not SHORTEST_PASSWORD <= len(password) <= PASSWORD:
        yield Fault("password", f"must have {SHORTEST_PASSWORD} to {PASSWORD} letters")
