"""The ledger's contract: one amendment that changes much at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contract.rows import drawn, opening, stored
from tests.fakes.clock import NOON
from tocsin.delivery import Delivery
from tocsin.events import Event


@pytest.mark.parametrize("names", [["team"], ["team", "mail"], ["d0", "d1", "v", "st"]])
def test_what_is_said_anew_is_stored_beside_all_who_are_told_of_it(
    ledger: Any, names: list[str]
) -> None:
    known = {name: Delivery(name) for name in names[1::2]}
    row = drawn(state="firing", deliveries=known)
    ledger.commit([opening(row)])
    said = Event.model_validate({"type": "t", "title": "worse"})
    told = {name: Delivery(name, rev=1, due_at=NOON + 5) for name in names}
    new = replace(row, version=1, event=said, deliveries=told)
    ledger.amend(row, new, closes=False)

    assert stored(ledger, row) == new
