"""What holds for every type, and who wins where two say the same part."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from pydantic import ValidationError

from tests.unit.catalog.dressed import dressed, every_kind, facts, links
from tocsin.catalog import TYPES, kind_of
from tocsin.catalog.kind import Kind
from tocsin.events import Event
from tocsin.identity import fingerprint_of
from tocsin.look import Look

KINDS = every_kind()
IDS = [kind.type for kind in KINDS]


def test_the_list_of_types_and_the_classes_agree() -> None:
    modules = {sys.modules[kind.__module__] for kind in KINDS}
    written = {name: module for module in modules for name in module.KINDS}

    assert written.keys() == TYPES.keys()
    for name, module in written.items():
        assert module.__name__ == f"tocsin.catalog.{TYPES[name]}"


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_data_never_uses_a_name_of_the_event_itself(kind: type[Kind]) -> None:
    """In a CloudEvent both stand side by side."""
    assert not kind.model_fields.keys() & Event.model_fields.keys()


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_each_sample_is_a_valid_event_of_its_type_that_uses_its_keys(
    kind: type[Kind],
) -> None:
    event = dressed(kind.sample)

    assert event.type == kind.type
    assert event.title
    if kind.model_fields:
        assert event.data.keys() <= kind.model_fields.keys()


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_what_is_stored_comes_back_as_it_was(kind: type[Kind]) -> None:
    event = dressed(kind.sample)
    stored = event.model_dump_json(exclude_defaults=True)

    assert Event.model_validate_json(stored) == event


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_without_data_a_title_is_enough(kind: type[Kind]) -> None:
    event = dressed({"type": kind.type, "title": "Mine", "message": "My words"})

    assert (event.title, event.message) == ("Mine", "My words")


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_null_is_as_good_as_absent(kind: type[Kind]) -> None:
    data = dict.fromkeys(kind.model_fields)

    assert dressed({"type": kind.type, "title": "x", "data": data}).data == data


def test_the_senders_words_win_part_by_part() -> None:
    event = dressed(
        {
            "type": "lead.hot",
            "severity": "low",
            "ttl": 60,
            "fingerprint": "mine",
            "look": {"icon": "🧊", "footer": "Sales"},
            "fields": [{"name": "email", "value": "mine"}],
            "data": {"score": 85, "email": "theirs"},
        }
    )

    assert (event.severity, event.ttl, event.fingerprint) == ("low", 60, "mine")
    assert event.look == Look(
        icon="🧊", colour=0xFF0000, footer="Sales", banner="HOT LEAD ALERT"
    )
    assert [name for name, _, _ in facts(event)] == ["email", "Score", "Stage"]
    assert event.fields[0].value == "mine"


def test_an_event_with_a_title_and_none_of_our_data_speaks_for_itself() -> None:
    """What the client tells of a Prefect flow, for one."""
    event = dressed(
        {"type": "flow.error", "title": "nightly failed", "data": {"run_id": "r1"}}
    )

    assert (event.title, event.message, event.fields) == ("nightly failed", "", ())
    assert event.severity == "high"
    assert event.look == Look(icon="❌", colour=0xFF0000, banner="Flow Error Alert")


def test_unknown_keys_of_data_are_kept_and_not_shown() -> None:
    event = dressed(
        {"type": "peer.joined", "data": {"peer_name": "Bo", "ping": {"ms": 3}}}
    )

    assert event.data["ping"] == {"ms": 3}
    assert facts(event) == []


def test_an_unknown_type_is_left_as_it_is() -> None:
    event = Event(type="order.paid", title="Paid", data={"score": "x"})

    assert dressed(event.dump()) == event


@pytest.mark.parametrize(
    ("kind", "data", "title"),
    [
        ("ssl_failure", {"domain": "a.example"}, "SSL check of a.example failed"),
        ("ops.alert", {"summary": "Feed is slow"}, "Feed is slow"),
    ],
)
def test_the_end_of_a_problem_says_so_under_the_problems_name(
    kind: str, data: dict[str, object], title: str
) -> None:
    begun, ended = (
        dressed({"type": kind, "state": state, "data": data})
        for state in ("firing", "resolved")
    )

    assert begun.title == title
    assert ended.title == f"Resolved: {title}"
    assert fingerprint_of(begun) == fingerprint_of(ended)
    assert ended.severity == "success"


def test_a_link_of_the_senders_hides_one_of_the_same_label() -> None:
    event = dressed(
        {
            "type": "a",
            "title": "x",
            "links": [{"label": "Logs", "url": "https://a.example/mine"}],
            "branch": "b",
        },
        links={
            "logs": "https://a.example/{branch}",
            "wiki": "https://w.example/{type}",
        },
    )

    assert links(event) == {
        "Logs": "https://a.example/mine",
        "Wiki": "https://w.example/a",
    }


def test_a_clock_that_is_plainly_wrong_is_not_believed() -> None:
    event = dressed({"type": "report.daily", "occurred_at": "1970-01-01T00:00:00Z"})

    assert event.title == "Performance - 2026-11-21"


@pytest.mark.parametrize("size", [4000, 20_000])
def test_long_data_is_cut_to_what_an_event_may_hold(size: int) -> None:
    event = dressed(
        {"type": "flow.error", "data": {"flow_name": "n", "details": "x" * size}}
    )

    assert Event.model_validate(event.dump()) == event
    assert len(event.fields[0].value) == 4000


@pytest.mark.parametrize("value", [42, 42.5, "42"])
def test_an_id_may_be_a_number(value: object) -> None:
    event = dressed(
        {"type": "obligation_due", "data": {"obligation": "x", "obligation_id": value}}
    )

    assert event.fingerprint == f"obligation_due::{value}"


def test_half_a_character_breaks_nothing() -> None:
    event = dressed({"type": "lead.hot", "data": {"score": 85, "notion_id": "\ud800x"}})

    assert str(event.url) == "https://notion.so/%3Fx"


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("ssl_expiry", {"domain": "a", "expires_at": "9999-12-31T23:59:59Z"}, "a time"),
        ("ssl_expiry", {"domain": "a", "expires_at": "0001-01-01T00:00:00Z"}, "a time"),
        ("report.daily", {"total_spend": 1e308}, "less than or equal"),
        ("game.ended", {"game_name": "a", "duration": 1e308}, "less than or equal"),
    ],
)
def test_a_value_that_nobody_could_read_is_refused(
    kind: str, data: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError, match=field):
        dressed({"type": kind, "data": data})


def test_domains_and_prose_are_imported_only_when_something_asks_for_them() -> None:
    """Each costs INIT milliseconds."""
    code = (
        "import sys; from tocsin.catalog import TYPES; import tocsin.intake.dressing;"
        "late = [f'catalog.{name}' for name in TYPES.values()] + ['prose', 'rendering'];"
        "print([name for name in late if f'tocsin.{name}' in sys.modules])"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=paths,
    )

    assert done.stdout.strip() == "[]"


def test_a_type_that_is_not_known_has_no_class() -> None:
    assert kind_of("order.paid") is None
