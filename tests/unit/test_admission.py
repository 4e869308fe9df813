"""Admission: what a source may send, how much of it, and who hears when it is more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.notice import FakeNotice
from tests.fakes.quota import FakeQuota
from tests.fakes.world import event
from tocsin.admission import UPLOADS, admit
from tocsin.errors import Forbidden, TooLarge, TooMany, Unavailable
from tocsin.events import Event
from tocsin.settings import Scope, Signature, Source

CI = Source("ci", frozenset({Scope.INGEST}), ())


class Door:
    """Admission with everything it asks for."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.quota = FakeQuota(self.clock)
        self.notice = FakeNotice()

    def admit(
        self,
        source: Source,
        *events: Event,
        signed: bool = False,
        counted: bool = True,
        uploads: int = 0,
    ) -> None:
        admit(
            events,
            signed=signed,
            counted=counted,
            uploads=uploads,
            source=source,
            quota=self.quota,
            notice=self.notice,
            clock=self.clock,
        )


@pytest.fixture
def door() -> Door:
    return Door()


def of(*types: str) -> list[Event]:
    return [event(type=each) for each in types]


def test_a_source_of_which_nothing_is_asked_sends_what_it_likes(door: Door) -> None:
    door.admit(CI, *of("a", "b.c"))

    assert not door.quota.taken


@pytest.mark.parametrize("globs", [("ci.*",), ("x", "ci.b*")])
def test_a_type_that_a_glob_names_is_admitted(
    door: Door, globs: tuple[str, ...]
) -> None:
    door.admit(replace(CI, types=globs), *of("ci.build"))


def test_one_event_of_another_type_refuses_the_request_and_costs_nothing(
    door: Door,
) -> None:
    bounded = replace(CI, types=("ci.*",), rate=5)
    with pytest.raises(Forbidden, match=r"1.type: 'payments' .*ci\.\*") as refused:
        door.admit(bounded, *of("ci.build", "payments"))

    assert refused.value.faults[0].field == "1.type"
    assert not door.quota.taken


def test_a_lone_event_s_fault_has_no_index(door: Door) -> None:
    with pytest.raises(Forbidden) as refused:
        door.admit(replace(CI, types=("ci.*",)), *of("payments"))

    assert refused.value.faults[0].field == "type"


def test_more_than_a_minute_s_is_refused_until_the_next(door: Door) -> None:
    bounded = replace(CI, rate=2)
    door.clock.at -= door.clock.at % 60_000
    door.admit(bounded, *of("a", "b"))
    door.clock.at += 20_500
    with pytest.raises(TooMany) as refused:
        door.admit(bounded, *of("c"))

    assert refused.value.wait_s == 40
    door.clock.at += refused.value.wait_s * 1000
    door.admit(bounded, *of("c"))


def test_the_owner_hears_of_it_once_an_hour(door: Door) -> None:
    bounded = replace(CI, rate=1)
    door.admit(bounded, *of("c"))
    for _ in range(3):
        with pytest.raises(TooMany):
            door.admit(bounded, *of("c"))

    (told,) = door.notice.told
    assert "ci" in told[0]
    assert "PATCH /v1/sources/ci" in told[1]

    door.clock.at += 3_600_000
    door.admit(bounded, *of("c"))
    with pytest.raises(TooMany):
        door.admit(bounded, *of("c"))

    assert len(door.notice.told) == 2


def test_the_sender_is_refused_even_if_the_owner_cannot_be_told(door: Door) -> None:
    class Deaf(FakeNotice):
        def tell(self, subject: str, text: str) -> None:
            raise Unavailable("no topic")

    door.notice = Deaf()
    bounded = replace(CI, rate=1)
    door.admit(bounded, *of("c"))
    with pytest.raises(TooMany):
        door.admit(bounded, *of("c"))


def test_what_no_minute_could_hold_is_too_large(door: Door) -> None:
    with pytest.raises(TooLarge, match="2 events in a minute"):
        door.admit(replace(CI, rate=2), *of("a", "b", "c"))


def test_a_dry_run_is_held_to_the_types_and_not_counted(door: Door) -> None:
    bounded = replace(CI, types=("ci.*",), rate=1)
    door.admit(bounded, *of("ci.a"), counted=False)
    with pytest.raises(Forbidden):
        door.admit(bounded, *of("b"), counted=False)

    assert not door.quota.taken


def test_who_signs_is_not_admitted_unsigned(door: Door) -> None:
    signing = replace(CI, signature=Signature("github", ()))
    door.admit(signing, *of("a"), signed=True)
    with pytest.raises(Forbidden, match="/v1/hooks/"):
        door.admit(signing, *of("a"))


def test_files_are_counted_even_where_events_are_not(door: Door) -> None:
    door.clock.at -= door.clock.at % 60_000
    for _ in range(UPLOADS):
        door.admit(CI, uploads=1)
    with pytest.raises(TooMany, match="its 60 files of this minute"):
        door.admit(CI, uploads=1)
    door.admit(CI, *of("a"))
    door.admit(replace(CI, name="other"), uploads=1)

    ((_, told),) = door.notice.told
    assert "60 files in a minute" in told
    door.clock.at += 60_000
    door.admit(CI, uploads=1)


def test_files_count_as_events_where_these_are_counted(door: Door) -> None:
    bounded = replace(CI, rate=2)
    door.admit(bounded, *of("a"))
    door.admit(bounded, uploads=1)
    with pytest.raises(TooMany, match="its 2 events"):
        door.admit(bounded, uploads=1)


def test_nothing_to_tell_costs_nothing(door: Door) -> None:
    door.admit(replace(CI, rate=1))

    assert not door.quota.taken
