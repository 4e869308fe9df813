"""Items: what is stored comes back as it was, and costs what it should."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import NOON
from tests.fakes.world import event
from tests.unit.write_units import size_of, write_units
from tocsin.aws import items
from tocsin.delivery import Attempt, Delivery, Purpose, State, Timing
from tocsin.errors import Unreadable
from tocsin.events import Event
from tocsin.identity import new_id
from tocsin.memory import Memory, Window
from tocsin.notification import Action, Notification, Step

ANY = st.text(st.characters(categories=["L", "N", "P", "Z", "S", "C"]), max_size=20)
MS = st.integers(0, 4_000_000_000_000)
COUNT = st.integers(0, 10**9)
NAME = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True)
YEAR_MS = 365 * items.DAY_MS

DELIVERIES = st.builds(
    Delivery,
    destination=NAME,
    state=st.sampled_from(State),
    route=ANY,
    urgent=st.booleans(),
    pings=st.lists(ANY, max_size=3).map(tuple),
    on_unknown=st.sampled_from(["retry", "stop"]),
    rev=COUNT,
    ticket=COUNT,
    attempts=COUNT,
    generation=COUNT,
    heals=COUNT,
    updated_at=MS,
    due_at=st.none() | MS,
    lease_until=st.none() | MS,
    dead_at=st.none() | MS,
    dying=st.none() | ANY,
    possibly_sent=st.booleans(),
    message_id=st.none() | ANY,
    place=st.none() | ANY,
    reason=ANY,
    log=st.lists(st.builds(Attempt, MS, ANY, ANY), max_size=3).map(tuple),
)
WHOLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WHOLE,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WHOLE, inner, max_size=3)
    ),
    max_leaves=8,
)
EVENTS = st.builds(
    event,
    WHOLE.map(lambda text: f"x{text}"),
    message=WHOLE,
    branch=WHOLE,
    state=st.sampled_from([None, "info", "firing", "resolved"]),
    labels=st.dictionaries(WHOLE.filter(bool), WHOLE, max_size=3),
    data=st.dictionaries(WHOLE, JSON, max_size=3),
    occurred_at=st.none() | st.just("2026-11-21T12:00:00.123456+01:00"),
    ttl=st.none() | st.integers(1, 1000),
    url=st.none() | st.just("https://example.com/ä?b=ü"),
)


@st.composite
def notifications(draw: st.DrawFn) -> Notification:
    at = draw(MS)
    acknowledged = draw(st.none() | MS)
    deliveries = draw(st.lists(DELIVERIES, max_size=3))
    return Notification(
        id=new_id(at, draw(st.binary(min_size=10, max_size=10))),
        event=draw(EVENTS),
        fingerprint=draw(st.from_regex(r"[0-9a-f]{32}", fullmatch=True)),
        state=draw(st.sampled_from(["notice", "firing", "resolved"])),
        sender=draw(ANY),
        accepted_at=at,
        last_at=draw(MS),
        occurrences=draw(COUNT),
        version=draw(COUNT),
        deliveries={each.destination: each for each in deliveries},
        trace=tuple(draw(st.lists(st.builds(Step, ANY, ANY), max_size=3))),
        actions=tuple(draw(st.lists(st.builds(Action, MS, ANY, ANY, ANY), max_size=3))),
        ack_by=draw(ANY) if acknowledged is not None else "",
        ack_at=acknowledged,
        ack_note=draw(ANY) if acknowledged is not None else "",
        resolved_at=draw(st.none() | MS),
        resolves=draw(st.just("") | st.just("0" * 26)),
        opened_at=draw(st.none() | MS),
        suppressed=draw(ANY),
    )


def storable(item: Any) -> Any:
    """As the wire carries it: DynamoDB takes UTF-8 and nothing else."""
    if isinstance(item, dict):
        return {storable(name): storable(value) for name, value in item.items()}
    return item.encode().decode() if isinstance(item, str) else item


@given(DELIVERIES)
def test_a_delivery_comes_back_as_it_was(delivery: Delivery) -> None:
    packed = storable(items.pack_delivery(delivery))

    assert items.unpack_delivery(delivery.destination, packed) == delivery


@given(notifications())
def test_a_notification_comes_back_as_it_was(row: Notification) -> None:
    assert items.unpack(storable(items.pack(row, YEAR_MS))) == row


@pytest.mark.parametrize("word", ["\ud800", "a\udfffb", "🚨", "\x00", "\U0010ffff"])
def test_no_word_of_a_provider_can_keep_an_outcome_from_being_stored(word: str) -> None:
    failed = Delivery("ops").failed(NOON, word, Timing())

    assert items.unpack_delivery("ops", storable(items.pack_delivery(failed))) == failed
    assert storable(items.text(word))


@pytest.mark.parametrize("field", list(items._DELIVERY))
def test_each_field_of_a_delivery_is_stored(field: str) -> None:
    others: dict[str, Any] = {
        "state": State.SENT, "urgent": True, "possibly_sent": True, "pings": ("@here",),
        "on_unknown": "stop", "purpose": Purpose.AUDIT, "together": ("a", "b"),
    }  # fmt: skip
    defaults = Delivery("ops")
    text = field in {"route", "dying", "message_id", "place", "reason"}
    changed = replace(defaults, **{field: others.get(field, "x" if text else 7)})
    assert changed != defaults

    packed = items.pack_delivery(changed)
    assert items.unpack_delivery("ops", packed) == changed
    assert len(json.loads(packed["M"]["j"]["S"])) == 1


def test_a_field_that_a_delivery_gains_is_stored_too() -> None:
    stored = {*items._DELIVERY, "destination", "rev", "log"}

    assert set(Delivery.__dataclass_fields__) == stored


def test_a_row_expires_by_the_retention_counted_from_its_acceptance() -> None:
    packed = items.pack(drawn(event()), 90 * items.DAY_MS)

    assert packed["expires"] == {"N": str((NOON + 90 * items.DAY_MS) // 1000)}


# --- what it costs ----------------------------------------------------------


def drawn(what: Event) -> Notification:
    step = "taken: severity critical is at least high → ops"
    return Notification(
        id=new_id(NOON, b"\x9e\x37\x79\xb9\x7f\x4a\x7c\x15\xf3\x9c"),
        event=what,
        fingerprint="9" * 32,
        state="notice",
        sender="billing-api",
        accepted_at=NOON,
        last_at=NOON,
        deliveries={
            "ops": Delivery("ops", route="pager", urgent=True, updated_at=NOON)
        },
        trace=(
            Step("fingerprint", "a notice: told each time"),
            Step("route pager", step),
        ),
    )


def kilobyte() -> Event:
    """What an application would say of a failed payment: 1 KB as JSON."""
    return event(
        "Payment provider refuses every second card",
        type="billing.payment.failed",
        message=(
            "Since 11:42 the acquirer answers 502 to about half of all authorisations. "
            "Customers see 'try another card'. Retries succeed in one case out of "
            "three. The status page of the provider shows nothing yet; their on-call "
            "has been paged and the fallback acquirer is being warmed up. Next news at 12:15 in the "
            "channel of the incident, sooner if the fallback takes over."
        ),
        severity="critical",
        source="billing-api",
        branch="main",
        labels={"team": "payments", "region": "eu-central-1", "tier": "gold"},
        fields=[
            {"name": "Failed", "value": "1,284 of 2,611"},
            {"name": "Acquirer", "value": "northbank"},
            {"name": "Since", "value": "2026-11-21 11:42 UTC"},
        ],
        links=[
            {"label": "Dashboard", "url": "https://grafana.example.com/d/pay?from=now"},
            {"label": "Runbook", "url": "https://wiki.example.com/runbooks/acquirer"},
        ],
        data={"order_id": "b7f1c5e2-90ab-4c1d-8e77-3f2a6f0e91bd", "amount": 149.9},
        occurred_at="2026-11-21T11:42:07+00:00",
    )


def test_a_kilobyte_of_event_with_its_delivery_is_one_write_unit_all_its_life() -> None:
    assert len(json.dumps(kilobyte().dump())) >= 1024
    row = drawn(kilobyte())
    (delivery,) = row.deliveries.values()
    claimed = delivery.claimed(NOON + 80, 60_000)
    sent = claimed.sent(
        NOON + 300, message_id="1309912345678901234", place="98765432101"
    )
    for each in (delivery, claimed, sent):
        packed = items.pack(replace(row, deliveries={"ops": each}), YEAR_MS)
        assert write_units(packed) == 1, size_of(packed)


def test_a_small_event_leaves_room_for_several_deliveries() -> None:
    row = drawn(event())
    five = {f"team-{n}": replace(row.deliveries["ops"]) for n in range(5)}

    assert write_units(items.pack(replace(row, deliveries=five), YEAR_MS)) == 1


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": {"S": "é"}}, 4),
        ({"n": {"N": "0"}}, 2),
        ({"n": {"N": "1795176000000"}}, 1 + 4 + 1),
        ({"b": {"B": b"123"}}, 4),
        ({"m": {"M": {}}}, 4),
        ({"m": {"M": {"a": {"S": "bc"}}}}, 1 + 3 + 1 + 3),
    ],
)
def test_the_counting_is_that_of_dynamodb(item: dict[str, Any], size: int) -> None:
    assert size_of(item) == size


REMEMBERED = Memory(
    rev=7,
    holder=new_id(NOON, b"h" * 10),
    since=NOON,
    until=NOON + 5,
    told=2,
    changes=(NOON - 1, NOON),
    changed_at=NOON - 2,
    expires_at=NOON + 9_000,
    last=new_id(NOON, b"l" * 10),
    windows={"ops": Window(NOON, NOON + 5, 3, 2, new_id(NOON, b"h" * 10))},
)
LETTERS = {
    "r": "rev", "id": "holder", "at": "since", "un": "until", "n": "told",
    "ch": "changes", "ca": "changed_at", "expires": "expires_at", "ls": "last",
    "w": "windows",
}  # fmt: skip
DAMAGE: list[dict[str, Any]] = [
    {"NULL": True},
    {"BOOL": True},
    {"M": {}},
    {"L": [{"S": "x"}]},
    {"B": b"\xff"},
    {"N": "1.5"},
    *({"S": told} for told in ("x", "{", "null", "5", '"told"', "[[]]", "[null]")),
    *({"S": told} for told in ('["a"]', "[1.5]", "[[1,2,3,4]]", '[[1,2,3,4,5,"a"]]')),
    *({"S": told} for told in ('[[1,2,3,4,"no id","a"]]', '[["1",2,3,4,"","a"]]')),
    {"S": '[[1,2,3,4,"",5]]'},
]


@pytest.mark.parametrize("letters", LETTERS)
@pytest.mark.parametrize("damage", DAMAGE, ids=str)
def test_what_is_damaged_of_a_memory_is_as_if_it_had_not_been_written(
    letters: str, damage: dict[str, Any]
) -> None:
    """The rest is known as it was."""
    item = items.pack_memory(REMEMBERED)
    assert items.unpack_memory(item) == REMEMBERED
    assert set(item) == set(LETTERS)
    name = LETTERS[letters]
    rest = replace(REMEMBERED, **{name: getattr(Memory(rev=0), name)})

    assert items.unpack_memory({**item, letters: damage}) == rest
    del item[letters]
    assert items.unpack_memory(item) == rest


@pytest.mark.parametrize("told", ["", "{", "null", "5", "[]", '["a"]', '"told"'])
def test_a_row_whose_delivery_is_damaged_says_so(told: str) -> None:
    row = replace(drawn(event()), deliveries={"ops": Delivery("ops", State.SENT)})
    item = items.pack(row, YEAR_MS)
    assert items.unpack(item) == row

    item["dl"]["M"]["ops"]["M"]["j"]["S"] = told
    with pytest.raises(Unreadable, match=f"the row {row.id} cannot be read"):
        items.unpack(item)
