"""Every file in `events/` is invoked by itself, at the function that the docs name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.integration.functions import EVENTS, KEYS, Context, deployed, load
from tests.unit.channels.loopback import answer, provider

ROOT = EVENTS.parent
FILES = sorted(path.stem for path in EVENTS.glob("*.json"))
# With which Meta signed what is recorded of it.
META = "0123456789abcdef0123456789abcdef"
# Without a caller who waits, nothing is answered but this.
ANSWERED: dict[str, Any] = {
    "sqs-deliveries": {"batchItemFailures": []},
    "schedule-digest": {"told": []},
}


def told_functions() -> dict[str, str]:
    """Function by pattern of files, as docs/sources.md has it."""
    told = (ROOT / "docs/sources.md").read_text("utf-8")
    table = told.partition("## Trying a function by itself")[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for row in re.findall(r"^\| (`.*) \| (`.*) \|$", table, re.MULTILINE):
        patterns, names = (re.findall(r"`([^`]+)`", cell) for cell in row)
        names = names if len(names) > 1 else names * len(patterns)
        found.update(zip(patterns, names, strict=True))
    return found


FUNCTIONS = told_functions()


def function_of(case: str) -> str:
    """The one function that the docs name for a file."""
    (name,) = {name for told, name in FUNCTIONS.items() if fnmatch(case, told)}
    return name


@cache
def started(name: str) -> ModuleType:
    """A function, as the environment is at its first event."""
    return load(name)


@pytest.fixture(scope="module")
def keys() -> Iterator[dict[str, str]]:
    """A key for each placeholder in the files; a source `meta` signs as Meta does."""
    with provider(answer(200, {})) as nobody, deployed(nobody.base) as functions:
        assert functions.call("POST", "/v1/sources", {"name": "meta"})[0] == 201
        wanted = {"scheme": "whatsapp", "secret": META}
        assert functions.call("PUT", "/v1/sources/meta/signature", wanted)[0] == 200
        yield KEYS


def filled(case: str, keys: dict[str, str]) -> dict[str, Any]:
    """The file, as a reader fills it in."""
    text = (EVENTS / f"{case}.json").read_text("utf-8")
    for name in ("ingest", "admin"):
        text = text.replace(f"<{name} key>", keys[name])
    event: dict[str, Any] = json.loads(text)
    if case.startswith("whatsapp-"):
        event["pathParameters"]["token"] = "meta"
    return event


def test_every_function_has_an_event() -> None:
    template = (ROOT / "template.yaml").read_text("utf-8")
    named = re.findall(r"^  (\w+Function):$", template, re.MULTILINE)

    assert {function_of(case) for case in FILES} == set(named)


@pytest.mark.parametrize("case", FILES)
def test_an_event_runs_at_its_function(case: str, keys: dict[str, str]) -> None:
    name, event = function_of(case).removesuffix("Function").lower(), filled(case, keys)

    answered = started(name).handler(event, Context())

    if "routeKey" in event:
        assert answered["statusCode"] in (200, 202), answered["body"]
    elif case == "schedule-sweep":
        assert answered["complete"] is True
    else:
        assert answered == ANSWERED.get(case)


def test_the_functions_that_the_docs_name_are_those_of_the_template() -> None:
    class Loader(yaml.SafeLoader):
        """Without a mind for CloudFormation's own tags."""

    Loader.add_multi_constructor("!", lambda *_: None)
    template = yaml.load((ROOT / "template.yaml").read_text("utf-8"), Loader)
    for name in set(FUNCTIONS.values()):
        found = template["Resources"][name]["Properties"]["CodeUri"]
        assert found.rstrip("/").endswith(name.removesuffix("Function").lower())
