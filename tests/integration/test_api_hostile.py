"""Any body and any query at any path: an answer, and never our fault."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.api import ApiWorld
from tests.integration.operating import UNKNOWN_ID

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "scopes", "channel", "url", "filter", "note", "routes", "to"]
            )
            | st.text(max_size=6),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
WRITES = [
    (each.method, each.path)
    for each in ApiWorld().operations
    if each.method in ("POST", "PUT")
]
SHARED = ApiWorld()


@settings(max_examples=100)
@given(
    where=st.sampled_from(WRITES),
    body=JSON.map(json.dumps).map(str.encode) | st.binary(max_size=40),
    name=st.sampled_from(["ops", UNKNOWN_ID]) | st.text(min_size=1, max_size=30),
    media=st.sampled_from(
        ["application/json", "application/yaml", "", "text/plain", "x"]
    ),
)
def test_no_body_at_any_path_is_answered_5xx(
    where: tuple[str, str], body: bytes, name: str, media: str
) -> None:
    method, path = where
    path = path.replace("{id}", name).replace("{name}", name)
    reply = SHARED.call(method, path, body, headers={"content-type": media})

    assert 200 <= reply.status < 500, reply.body


@settings(max_examples=100)
@given(
    path=st.sampled_from(
        ["/v1/notifications", "/v1/dead-letters", "/v1/config", "/v1/health"]
    ),
    query=st.dictionaries(
        st.sampled_from(
            ["since", "until", "limit", "cursor", "type", "severity", "etag", "x"]
        ),
        st.text(max_size=30)
        | st.from_regex(r"-?\d{1,12}[smhd]", fullmatch=True)
        | st.datetimes().map(lambda at: f"{at.isoformat()}Z")
        | st.from_regex(r"[0-9a-z]{26}", fullmatch=True),
        max_size=3,
    ),
)
def test_no_query_is_answered_5xx(path: str, query: dict[str, str]) -> None:
    assert SHARED.call("GET", path, query=query).status < 500
