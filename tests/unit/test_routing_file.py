"""The routing file: faults that can be found, and its own words kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tocsin.desk import Edition
from tocsin.errors import Invalid
from tocsin.routing_file import Document, read, require_destinations, words_of
from tocsin.rules.config import DestinationSettings
from tocsin.rules.criteria import Match
from tocsin.rules.policy import Defaults
from tocsin.silences import NewSilence
from tocsin.yaml_document import parse_yaml


def document(text: str) -> Document:
    value, lines = parse_yaml(text)
    return Document(text, "yaml", value, lines)


def faults(text: str, *names: str) -> list[tuple[str, str]]:
    written = document(text)
    with pytest.raises(Invalid) as caught:
        require_destinations(read(written), names, written)
    return [(fault.field, fault.reason) for fault in caught.value.faults]


def test_an_empty_file_has_no_routes() -> None:
    assert read(document("# nothing yet\n")).routes == ()


def test_an_unknown_key_is_named_with_its_line() -> None:
    text = "timezone: UTC\nroutes:\n  - name: a\n    to: []\n    chanel: x\n"

    assert faults(text) == [("routes.0.chanel", "line 5: unknown key")]


TWO_ROUTES = "routes:\n  - name: a\n    to: []\n  - to: []\n    name: {}\n"
MATCHED = TWO_ROUTES.format("b") + "    match:\n      severity: high\n      "


@pytest.mark.parametrize(
    ("text", "field", "line"),
    [
        (TWO_ROUTES.format("a"), "routes.1.name", 5),
        (
            TWO_ROUTES.format("b") + "    mentions:\n      high: ['@here']\n",
            "routes.1.mentions.high",
            7,
        ),
        (
            TWO_ROUTES.format("b")
            + "    digest: {at: '09:00'}\ndefaults:\n  dedup: {window: 1h}\n"
            "  fallback: [{to: x}]\n",
            "routes.1",
            4,
        ),
        ("types:\n  a.b:\n    title: x\n    link: y\n", "types.a.b.link", 4),
        ("types:\n  a.b:\n    title: x\n    tll: 5\n", "types.a.b.tll", 4),
        (MATCHED + "data.score: '>=x'\n", "routes.1.match.data.score", 8),
        (MATCHED + "data.a..b: 1\n", "routes.1.match.data.a..b", 8),
        (MATCHED + "labels:\n        a.b: /(/\n", "routes.1.match.labels.a.b", 9),
    ],
)
def test_what_is_wrong_with_several_keys_is_named_with_the_line_of_one(
    text: str, field: str, line: int
) -> None:
    ((named, reason),) = faults(text)

    assert named == field
    assert reason.startswith(f"line {line}: ")


def test_a_missing_key_is_placed_where_it_should_be() -> None:
    assert faults("routes:\n  - name: a\n") == [("routes.0.to", "line 2: missing")]


def test_a_destination_that_is_not_there_is_named_with_what_is() -> None:
    ((field, reason),) = faults("routes:\n  - name: a\n    to: [ops, x]\n", "ops")

    assert field == "routes.0.to.1"
    assert reason == "line 3: no destination is named 'x'; there are: ops"


def test_of_many_destinations_that_are_there_some_are_named() -> None:
    names = [f"n{number:02}" for number in range(25)]
    ((_, reason),) = faults("routes:\n  - {name: a, to: [x]}\n", *names)

    assert reason.endswith(", n18, n19 and 5 more")


def test_every_place_that_names_a_destination_is_looked_at() -> None:
    text = """
routes:
  - name: a
    to: [ops]
    escalate:
      - {after: 1m, to: [ops, boss]}
    fallback: [{to: second}]
defaults:
  fallback: [{to: third}]
destinations:
  ops: {channel: x, audit_to: ops}
  feed: {channel: x, audit_to: mirror}
"""
    found = dict(faults(text, "ops", "feed"))

    assert found == {
        "routes.0.escalate.0.to.1": "line 6: no destination is named 'boss'; there are: feed, ops",
        "routes.0.fallback.0.to.0": "line 7: no destination is named 'second'; there are: feed, ops",
        "defaults.fallback.0.to.0": "line 9: no destination is named 'third'; there are: feed, ops",
        "destinations.ops.audit_to": "line 11: a destination cannot be its own audit",
        "destinations.feed.audit_to": "line 12: no destination is named 'mirror'; there are: feed, ops",
    }


@pytest.mark.parametrize("text", ["[]", "just text", "5"])
def test_a_file_that_is_no_mapping_is_invalid(text: str) -> None:
    assert faults(text) == [("", "line 1: should be an object")]


def test_our_own_words_explain_a_wrong_value() -> None:
    ((_, reason),) = faults("timezone: Mars/Olympus\n")

    assert reason.startswith("line 1: not a time zone")


def test_null_in_json_is_not_an_empty_file() -> None:
    """It would take every route away."""
    with pytest.raises(Invalid, match="object"):
        read(Document("null", "json", None))


def test_json_has_no_lines() -> None:
    with pytest.raises(Invalid) as caught:
        read(Document("{}", "json", {"x": 1}))

    assert caught.value.faults[0].reason == "unknown key"


def test_a_file_is_told_in_its_own_words_or_in_the_other_language() -> None:
    text = "routes: [{name: a, to: [x], continue: yes, match: {type: '*'}}] # why"
    config = read(document(text.replace("yes", "true")))
    edition = Edition(text, "yaml", "someone", 1)

    assert words_of(config, edition, "yaml") == text
    assert yaml.safe_load(words_of(config, edition, "json")) == config.dump()
    assert read(document(words_of(config, None, "yaml"))) == config


GUIDE = Path(__file__).parents[2] / "docs" / "routing.md"


def written(language: str) -> list[str]:
    """The guide's blocks in that language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)


def test_the_guide_shows_files_that_can_be_put_live() -> None:
    (block,) = written("yaml")

    assert [route.name for route in read(document(block)).routes] == ["pager", "daily"]


@pytest.mark.parametrize("block", written("json"))
def test_the_guide_shows_silences_that_can_be_made(block: str) -> None:
    assert NewSilence.model_validate_json(block).match != Match()


def shown(section: str) -> list[str]:
    """What the first column of a section's table shows."""
    text = GUIDE.read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
    return [each for cell in cells for each in re.findall("`([a-z_]+: .*?)`", cell)]


@pytest.mark.parametrize("said", shown("How a route tells"))
def test_the_guide_shows_policies_as_they_are_written(said: str) -> None:
    assert Defaults.model_validate(parse_yaml(said)[0]).model_fields_set


@pytest.mark.parametrize("said", shown("How a destination is served"))
def test_the_guide_shows_destinations_as_they_are_written(said: str) -> None:
    block = {"channel": "x", **parse_yaml(said)[0]}

    assert DestinationSettings.model_validate(block).model_extra == {}
