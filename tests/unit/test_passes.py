"""Passes: links that let whoever holds one do one thing, for a while."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import NOON
from tocsin.delivery import Delivery, Purpose
from tocsin.errors import Gone, NotFound, Refused, Unavailable
from tocsin.events import Event
from tocsin.identity import new_id
from tocsin.notification import Notification
from tocsin.passes import LASTS_MS, Act, Links, Pass, acting_links, read_pass

KEY = b"key"
PASS = Pass(Act.ACKNOWLEDGE, new_id(NOON, bytes(10)), "ops", NOON + 5_000)


def problem(**more: object) -> Notification:
    values: dict[str, object] = {
        "id": PASS.notification_id,
        "event": Event(type="t", title="x", state="firing"),
        "fingerprint": "f",
        "state": "firing",
        "sender": "app",
        "accepted_at": NOON,
        "last_at": NOON,
        **more,
    }
    return Notification(**values)  # type: ignore[arg-type]


def test_a_pass_is_read_back_as_it_was() -> None:
    assert read_pass(PASS.signed(KEY), key=KEY, now=NOON) == PASS


def test_a_pass_runs_out() -> None:
    with pytest.raises(Gone):
        read_pass(PASS.signed(KEY), key=KEY, now=NOON + 5_000)


def test_a_pass_of_another_key_is_not_ours() -> None:
    with pytest.raises(NotFound):
        read_pass(PASS.signed(b"other"), key=KEY, now=NOON)


@given(st.integers(0, 80), st.characters(exclude_categories=["Cs"]))
def test_a_pass_with_one_letter_changed_does_nothing(place: int, letter: str) -> None:
    text = PASS.signed(KEY)
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(NotFound):
            read_pass(changed, key=KEY, now=NOON)


@given(st.text())
def test_whatever_is_no_pass_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_pass(text, key=KEY, now=NOON)


def test_what_is_open_and_nobody_has_taken_on_gets_a_link() -> None:
    links = Links("https://t.example.com/", lambda: "key")
    (link,) = acting_links(problem(), Delivery("ops"), links, NOON)
    found = links.read(link.url.rpartition("/")[2], NOON)

    assert link.label == "Acknowledge"
    assert link.url.startswith("https://t.example.com/a/a.")
    assert (found.destination, found.expires_at) == ("ops", NOON + LASTS_MS)


def test_what_somebody_is_on_gets_a_link_that_ends_it() -> None:
    links = Links("https://t.example.com/", lambda: "key")
    (link,) = acting_links(problem(ack_at=NOON), Delivery("ops"), links, NOON)

    assert link.label == "Resolve"
    assert links.read(link.url.rpartition("/")[2], NOON).act is Act.RESOLVE


@pytest.mark.parametrize(
    ("row", "delivery"),
    [
        (problem(ack_at=NOON, state="resolved"), Delivery("ops")),
        (problem(ack_at=NOON, state="notice"), Delivery("ops")),
        (problem(state="resolved", resolved_at=NOON), Delivery("ops")),
        (problem(state="notice"), Delivery("ops")),
        (problem(), Delivery("ops", purpose=Purpose.AUDIT)),
    ],
)
def test_what_needs_nobody_has_no_link(row: Notification, delivery: Delivery) -> None:
    links = Links("https://t.example.com", lambda: "key")

    assert acting_links(row, delivery, links, NOON) == ()


def test_the_key_is_asked_for_once() -> None:
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        return "key"

    links = Links("https://t.example.com", ask)
    acting_links(problem(), Delivery("ops"), links, NOON)
    acting_links(problem(), Delivery("team"), links, NOON)

    assert len(asked) == 1


def test_without_its_key_there_is_no_link_and_a_reason() -> None:
    def broken() -> str:
        raise Unavailable("generated_key: AccessDenied")

    with pytest.raises(Unavailable):
        acting_links(problem(), Delivery("ops"), Links("https://t", broken), NOON)
