"""Address: which Tocsin is called, with which key, and who said so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tocsin_client.command.profiles import Profiles, config_file, read_profiles
from tocsin_client.command.trouble import Trouble, misused

LOCAL_STACK = Path(".local") / "stack.json"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Asked:
    """What the command line says of it; empty = nothing."""

    url: str = ""
    profile: str = ""
    stack: str = ""


@dataclass(frozen=True)
class Address:
    """Where to call, with what; `origin` tells a person where both come from."""

    url: str
    key: str = field(repr=False)
    origin: str

    @property
    def exposed(self) -> bool:
        """Whether the key would travel in the clear."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and parts.hostname not in LOOPBACK


def find_address(asked: Asked, environment: Mapping[str, str]) -> Address:
    """--stack, then --profile, then TOCSIN_URL and TOCSIN_KEY, then TOCSIN_PROFILE,
    then the default profile. Raises `Trouble` that says how to set one.

    A profile's key goes to the profile's address only; TOCSIN_KEY goes anywhere.
    """
    stack = asked.stack or environment.get("TOCSIN_STACK", "")
    if asked.stack or (stack and not asked.profile):
        return _of_stack(Path(stack))
    url = asked.url or environment.get("TOCSIN_URL", "")
    if asked.profile:
        return _of_profile(asked.profile, asked.url, environment)
    if url:
        return _of_environment(url, bool(asked.url), environment)
    return _of_profile(environment.get("TOCSIN_PROFILE", ""), "", environment)


def _of_stack(path: Path) -> Address:
    if path.is_dir():
        path /= "stack.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Address(str(told["api_url"]), str(told["admin_key"]), str(path))
    except (OSError, ValueError, KeyError, TypeError):
        raise misused(
            f"{path} does not describe a running local stack",
            "start one with `make up`",
        ) from None


def _of_environment(url: str, option: bool, environment: Mapping[str, str]) -> Address:
    name = "--url" if option else "TOCSIN_URL"
    key = environment.get("TOCSIN_KEY", "")
    if not key:
        advice = f"export TOCSIN_KEY=toc_… (a profile's key is not sent to {name})"
        raise misused(f"there is no key for {url}", advice)
    return Address(url, key, f"{name} and TOCSIN_KEY")


def _of_profile(name: str, url: str, environment: Mapping[str, str]) -> Address:
    path = config_file(environment)
    profiles = read_profiles(path)
    chosen = name or profiles.default
    profile = profiles.named.get(chosen)
    if profile is None:
        raise _no_profile(chosen, profiles, path)
    if url and url.rstrip("/") != profile.url.rstrip("/"):
        told = f"--url is not the address of profile {chosen}, {profile.url}"
        raise misused(told, "give one of the two; the key would go to a stranger")
    key = "" if name else environment.get("TOCSIN_KEY", "")
    origin = f"profile {chosen} in {path}"
    if key:
        return Address(profile.url, key, f"{origin}, with the key in TOCSIN_KEY")
    return Address(profile.url, profile.key, origin)


def _no_profile(name: str, profiles: Profiles, path: Path) -> Trouble:
    if name:
        known = ", ".join(sorted(profiles.named)) or "none"
        return misused(
            f"there is no profile {name} in {path}; there are: {known}",
            f"make it with `tocsin profile add {name}`",
        )
    if LOCAL_STACK.exists():
        advice = f"there is a local stack here: add --stack {LOCAL_STACK}"
    else:
        advice = (
            "run `tocsin profile add NAME`, or set TOCSIN_URL and TOCSIN_KEY, or name a"
            " local stack with --stack .local/stack.json"
        )
    return misused("no Tocsin is set up for this command", advice)
