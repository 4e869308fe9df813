"""Profiles: addresses and keys by name, in a file that only its owner can read."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from tocsin_client.command.trouble import misused

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Profile:
    """One Tocsin, and a key for it."""

    url: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class Profiles:
    """The whole file. `default` is used when nothing else is named."""

    default: str = ""
    named: Mapping[str, Profile] = field(default_factory=dict)

    def with_one(self, name: str, profile: Profile) -> Profiles:
        """Added or replaced; the first one becomes the default."""
        named = {**self.named, name: profile}
        return Profiles(self.default or name, named)

    def without(self, name: str) -> Profiles:
        """Removed, also as the default."""
        named = {each: kept for each, kept in self.named.items() if each != name}
        default = "" if self.default == name else self.default
        return replace(self, default=default, named=named)


def config_file(environment: Mapping[str, str]) -> Path:
    """$XDG_CONFIG_HOME/tocsin/config.toml, or below ~/.config."""
    home = environment.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "tocsin" / "config.toml"


def check_name(name: str) -> str:
    """The name. Raises `Trouble` for one that would not do."""
    if _NAME.fullmatch(name) is None:
        raise misused(
            f"{name!r} is no name for a profile",
            "use letters, digits, - and _, at most 40",
        )
    return name


def read_profiles(path: Path) -> Profiles:
    """What the file says; nothing where there is none. Raises `Trouble`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Profiles()
    except (OSError, ValueError) as error:
        raise misused(f"{path} cannot be read: {error}") from None
    try:
        return _profiles(_parsed(text))
    except (ValueError, TypeError, AttributeError) as error:
        advice = "repair it, or remove it and run `tocsin profile add`"
        raise misused(f"{path} is not understood: {error}", advice) from None


def write_profiles(path: Path, profiles: Profiles) -> None:
    """Write the file whole, for its owner's eyes only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(_written(profiles))
    draft.replace(path)


def seen_by_others(path: Path) -> bool:
    """Whether the file's mode lets anyone but its owner read the keys."""
    if os.name != "posix" or not path.exists():
        return False
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _parsed(text: str) -> dict[str, Any]:
    # `tomli` is what `tomllib` was before Python 3.11.
    parser: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    return dict(parser.loads(text))


def _profiles(document: dict[str, Any]) -> Profiles:
    named = {
        name: Profile(str(each["url"]), str(each["key"]))
        for name, each in document.get("profiles", {}).items()
        if _complete(name, each)
    }
    return Profiles(str(document.get("default", "")), named)


def _complete(name: str, given: Mapping[str, Any]) -> bool:
    missing = [each for each in ("url", "key") if each not in given]
    if missing:
        raise ValueError(f"profile {name} has no {' and no '.join(missing)}")
    return True


def _written(profiles: Profiles) -> str:
    """TOML. A JSON string is a TOML string, as long as it is kept out of surrogates."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

    lines = [f"default = {quoted(profiles.default)}"] if profiles.default else []
    for name, each in profiles.named.items():
        lines += ["", f"[profiles.{name}]"]
        lines += [f"url = {quoted(each.url)}", f"key = {quoted(each.key)}"]
    return "\n".join(lines).lstrip("\n") + "\n"
