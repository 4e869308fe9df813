"""Whatever JSON stands in `data`: it is shown, or refused by field; nothing breaks."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.catalog.dressed import NOW
from tests.unit.discord_limits import broken_limits, pinged
from tocsin.catalog import TYPES, kind_of
from tocsin.channels.discord.encoding import encoded
from tocsin.channels.discord.settings import Settings
from tocsin.delivery import Delivery
from tocsin.errors import Invalid
from tocsin.events import Event
from tocsin.intake.batch import Batch, Received
from tocsin.intake.dressing import dressed, dressed_anyhow
from tocsin.notification import Notification
from tocsin.rendering import render
from tocsin.rules.config import Config

CONFIG = Config.model_validate(
    {
        "timezone": "Europe/Zurich",
        "types": {"app.*": {"title": "{data.where} {data.n:money}"}},
        "links": {"page": "https://app.example.com/{data.where}?at={start}"},
    }
)
SILENT = "an event needs a title or a message"
TIMES = st.datetimes().map(lambda at: f"{at.isoformat()}Z")
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["https://example.com/(x)", "https://discord.gg/x", "daily"])
    | TIMES
    | TIMES.map(lambda at: at[:10])
)
ANY = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
AUDIENCES = st.lists(
    st.fixed_dictionaries(
        {
            "audience_name": st.text(max_size=5),
            "users_count": st.integers(min_value=0),
            "recommended_budget": st.floats(-1e15, 1e15),
        }
    ),
    max_size=3,
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(TYPES)))
    kind = kind_of(name)
    assert kind is not None
    data = {key: draw(ANY) for key in kind.model_fields if draw(st.booleans())}
    if "audiences" in data:
        data["audiences"] = draw(AUDIENCES)
    return {"type": name, "title": draw(st.sampled_from(["", "x"])), "data": data}


@settings(max_examples=150)
@given(events())
def test_any_data_is_shown_or_refused_by_field(told: dict[str, Any]) -> None:
    batch = Batch((Received(Event.model_validate(told)),), many=False)
    refused: Invalid | None = None
    try:
        (received,) = dressed(batch, CONFIG, NOW).received
    except Invalid as error:
        refused = error
        (received,) = dressed_anyhow(batch, CONFIG, NOW)
    if refused is not None and refused.detail != SILENT:
        assert all(each.field.startswith("data.") for each in refused.faults)
        assert all(each.reason != "is not valid" for each in refused.faults)
    stored = Event.model_validate_json(
        received.event.model_dump_json(exclude_defaults=True)
    )
    assert stored.title.strip() or stored.message.strip()
    notification = Notification("i", stored, "f", "notice", "s", NOW, NOW)
    message = render(notification, Delivery("ops"), zone="UTC", application="", now=NOW)
    body = encoded([message], Settings(), None).body
    assert broken_limits(body) == []
    assert pinged(body) == set()
