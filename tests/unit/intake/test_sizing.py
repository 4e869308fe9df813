"""Sizing: no event is lost for what came along with it."""

from __future__ import annotations

import pytest

from tests.fakes.world import event
from tocsin.errors import TooLarge
from tocsin.events import Event, Fact
from tocsin.intake.batch import Batch, Received, Rejection
from tocsin.intake.sizing import LARGEST, sized

WHERE = "s3://originals/hooks/ci/abc"


def only(batch: Batch) -> Event:
    (received,) = batch.received
    return received.event


def of(told: Event) -> Batch:
    return Batch((Received(told, "k", 5),), many=False)


def test_what_fits_stays_as_it_is() -> None:
    batch = of(event(data={"a": 1}))

    assert sized(batch) == batch


def test_the_original_is_named_in_a_label() -> None:
    found = sized(of(event(labels={"team": "shop"})), WHERE)

    assert only(found).labels == {"team": "shop", "original": WHERE}
    assert (found.received[0].key, found.received[0].at) == ("k", 5)


def test_data_that_is_too_large_is_left_out_and_that_is_said() -> None:
    large = event("Told anyway", data={"log": "ü" * LARGEST})

    found = only(sized(of(large), WHERE))

    assert (found.title, found.data) == ("Told anyway", {})
    (fact,) = found.fields
    assert fact.name == "Left out"
    assert WHERE in fact.value
    assert found.labels["original"] == WHERE


def test_there_is_room_for_saying_so() -> None:
    many = [Fact(name=f"n{number}", value="v") for number in range(50)]
    large = event(data={"log": "x" * LARGEST}, fields=many)

    found = only(sized(of(large)))

    assert len(found.fields) == 50
    assert found.fields[-1].name == "Left out"


def test_a_label_too_many_is_not_set() -> None:
    full = {f"l{number}": "v" for number in range(64)}

    assert only(sized(of(event(labels=full)), WHERE)).labels == full


def test_what_cannot_be_made_to_fit_is_refused() -> None:
    facts = [Fact(name=f"n{number}", value="ü" * 4000) for number in range(49)]
    with pytest.raises(TooLarge):
        sized(of(event(data={"log": "x" * LARGEST}, fields=facts)))


def test_rejections_stay() -> None:
    batch = Batch((Rejection(0, ()), Received(event())), many=True)

    assert sized(batch, WHERE).rejections == batch.rejections
