"""The operate API through its gateway: events of an HTTP API in, responses out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.api import KEYS, ApiWorld, Reply, api_event
from tests.fakes.world import event
from tocsin.accept import Sender, accept
from tocsin.delivery import State, Timing
from tocsin.identity import new_id
from tocsin.ports import Dead, Kind, Move, Outcome, Probe
from tocsin.presenting import iso
from tocsin.settings import Scope

HOOK = "https://discord.com/api/webhooks/123456789012345678/s3cret-T0ken_x"
YAML = {"content-type": "application/yaml"}
UNKNOWN_ID = new_id(1_795_176_000_000, bytes(10))


@pytest.fixture
def world() -> ApiWorld:
    return ApiWorld()


def put_ops(world: ApiWorld, **more: Any) -> Reply:
    given = {"channel": "fake", "url": "https://chat.example/1/t0ken", **more}
    return world.call("PUT", "/v1/destinations/ops", given)


def told(world: ApiWorld, *titles: str, **more: Any) -> list[str]:
    """Accept events to `ops`; their ids."""
    put_ops(world)
    world.call("PUT", "/v1/config", {"routes": [{"name": "all", "to": ["ops"]}]})
    results = accept(
        [event(title, **more) for title in titles],
        sender=Sender("shop"),
        settings=world.settings.current(),
        ledger=world.ledger,
        outbox=world.queue,
        clock=world.clock,
        timing=Timing(),
    )
    return [result.notification.id for result in results]


def kill(world: ApiWorld, notification_id: str) -> None:
    old = world.ledger.kept[notification_id].deliveries["ops"]
    now = world.clock.now()
    claimed = old.claimed(now, 1000)
    dead = claimed.died(now, "webhook was deleted")
    world.ledger.move([Move(notification_id, old, claimed)])
    world.ledger.move([Move(notification_id, claimed, dead)])


# --- the way in ---------------------------------------------------------------


def test_an_unknown_path_is_a_problem_document(world: ApiWorld) -> None:
    reply = world.call("GET", "/v1/nothing", key=None)

    assert reply.status == 404
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["type"] == "urn:tocsin:problem:notfound"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/events", "POST"),
        ("GET", "/v1/hooks/github", "POST"),
        ("PUT", "/v1/hooks/grafana/token", "POST"),
        ("DELETE", "/v1/config", "GET, PUT"),
        ("POST", "/v1/destinations/ops", "DELETE, GET, PUT"),
        ("PATCH", f"/v1/notifications/{UNKNOWN_ID}", "GET"),
        ("HEAD", "/v1/health", "GET"),
    ],
)
def test_a_wrong_method_names_the_right_ones(
    world: ApiWorld, method: str, path: str, allow: str
) -> None:
    reply = world.call(method, path)

    assert (reply.status, reply.headers["allow"]) == (405, allow)


def test_a_name_that_no_path_can_hold_is_not_a_wrong_method(world: ApiWorld) -> None:
    assert world.call("GET", "/v1/notifications/\N{COLLISION SYMBOL}").status == 404


def every_operation() -> list[tuple[str, str, Scope | None, bool]]:
    return [
        (each.method, each.path, each.scope, each.open)
        for each in ApiWorld().operations
    ]


@pytest.mark.parametrize(("method", "path", "scope", "is_open"), every_operation())
def test_every_operation_asks_for_its_scope(
    world: ApiWorld, method: str, path: str, scope: Scope | None, is_open: bool
) -> None:
    path = path.replace("{id}", UNKNOWN_ID).replace("{name}", "ops")
    statuses = {
        key: world.call(method, path, key=key).status
        for key in (None, "toc_unknown", "shop", "ops")
    }

    if scope is None:
        # A link that is not one of ours is nowhere, with or without a key.
        assert set(statuses.values()) == ({404} if "{link}" in path else {200})
        return
    assert statuses["toc_unknown"] == 401
    assert statuses["shop"] == (200 if scope is Scope.INGEST else 403)
    assert statuses[None] == (200 if is_open else 401)
    assert (statuses["ops"] == 403) is (scope is not Scope.OPERATE)


def test_scopes_are_those_of_the_contract() -> None:
    admin = ("/v1/config", "/v1/destinations", "/v1/sources")
    for _, path, scope, _ in every_operation():
        if path.startswith(admin):
            assert scope is Scope.ADMIN, path
        elif path.startswith(("/v1/notifications", "/v1/dead-letters")):
            assert scope is Scope.OPERATE, path


def test_liveness_needs_no_key_and_details_do(world: ApiWorld) -> None:
    put_ops(world)
    world.health.disable("ops", world.clock.now(), "gone")

    assert world.call("GET", "/v1/health", key=None).json == {"status": "ok"}

    told_more = world.call("GET", "/v1/health", key="ops").json
    assert told_more["status"] == "degraded"
    assert told_more["destinations"]["ops"]["disabled_reason"] == "gone"


def test_an_unknown_query_parameter_is_named(world: ApiWorld) -> None:
    reply = world.call("GET", "/v1/notifications", query={"severty": "high"})

    assert (reply.status, reply.fields) == (422, ["query.severty"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "ten"),
        ("severity", ">=terrible"),
        ("severity", "high,>=low"),
        ("status", "asleep"),
        ("state", "open"),
        ("since", "yesterday"),
        ("since", "2026-11-21T08:00:00"),
        ("until", "99999999999999d"),
        ("since", "0001-01-01T00:00:00Z"),
        ("cursor", "x"),
        ("cursor", "7" + "z" * 25),
    ],
)
def test_a_bad_query_value_is_named_and_never_breaks(
    world: ApiWorld, name: str, value: str
) -> None:
    reply = world.call("GET", "/v1/notifications", query={name: value})

    if (name, value) == ("since", "0001-01-01T00:00:00Z"):
        assert reply.status == 200
    else:
        assert (reply.status, reply.fields[0].split(".")[:2]) == (422, ["query", name])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"note": "\\ud800"}', 400),
        (b"[" * 50_000, 400),
        (b'{"note": NaN}', 400),
        (b"[]", 422),
        (b'{"note": 5}', 422),
        (b'{"nota": "x"}', 422),
        (b'{"note": "' + b"x" * 70_000 + b'"}', 413),
    ],
    ids=lambda value: str(value)[:16],
)
def test_a_bad_body_is_refused_and_changes_nothing(
    world: ApiWorld, body: bytes, status: int
) -> None:
    (one,) = told(world, "x")
    before = world.ledger.kept[one]
    reply = world.call("POST", f"/v1/notifications/{one}/acknowledge", body)

    assert reply.status == status
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert world.ledger.kept[one] == before


@pytest.mark.parametrize("media", ["", "application/x-www-form-urlencoded"])
def test_a_body_that_tools_send_without_a_type_is_read_as_json(
    world: ApiWorld, media: str
) -> None:
    (one,) = told(world, "x")
    path = f"/v1/notifications/{one}/acknowledge"
    sent = world.call("POST", path, {"note": "n"}, headers={"content-type": media})

    assert sent.json["ack_note"] == "n"


def test_another_content_type_is_unsupported(world: ApiWorld) -> None:
    (one,) = told(world, "x")
    path = f"/v1/notifications/{one}/acknowledge"
    reply = world.call("POST", path, b"<a/>", headers={"content-type": "text/xml"})

    assert (reply.status, reply.fields) == (415, ["Content-Type"])


def test_our_own_mistake_shows_and_logs_nothing_that_was_sent(
    world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(HOOK)

    world.settings.put_destination = broken  # type: ignore[method-assign]
    reply = world.call(
        "PUT", "/v1/destinations/ops", {"channel": "discord", "url": HOOK}
    )

    assert reply.status == 500
    assert "s3cret" not in reply.body + caplog.text
    assert "RuntimeError" in caplog.text


def test_a_body_that_is_not_base64_is_malformed(world: ApiWorld) -> None:
    sent = api_event("POST", "/v1/sources", body=b"{}")
    sent["headers"] = {"authorization": f"Bearer {KEYS['admin']}"}
    sent["body"] = "!!!"

    assert world.handler(sent, None)["statusCode"] == 400


# --- notifications ------------------------------------------------------------


def test_a_notification_is_read_with_all_that_happened_to_it(world: ApiWorld) -> None:
    (one,) = told(world, "Disk is full", severity="high", branch="zh")
    kill(world, one)
    found = world.call("GET", f"/v1/notifications/{one}", key="ops").json

    assert found["status"] == "dead_letter"
    assert found["severity"] == "high"
    assert found["accepted_at"].endswith("Z")
    assert found["event"]["title"] == "Disk is full"
    assert found["trace"][-1]["rule"] == "route all"
    (delivery,) = found["deliveries"]
    assert delivery["reason"] == "webhook was deleted"
    assert delivery["log"][-1]["what"] == "dead_letter"


@pytest.mark.parametrize("name", ["nope", "0" * 26, UNKNOWN_ID, "z" * 26, "ß" * 26])
def test_a_notification_that_is_not_there_is_not_found(
    world: ApiWorld, name: str
) -> None:
    for method, path in (
        ("GET", f"/v1/notifications/{name}"),
        ("POST", f"/v1/notifications/{name}/acknowledge"),
        ("POST", f"/v1/notifications/{name}/resolve"),
        ("POST", f"/v1/notifications/{name}/replay"),
    ):
        assert world.call(method, path).status == 404


def test_searches_filter_and_page(world: ApiWorld) -> None:
    told(world, *"abcdef", type="aws.alarm", severity="high")
    told(world, "g", type="web.form")
    query = {"type": "aws.*", "severity": ">=medium", "since": "1h", "limit": "4"}
    titles: list[str] = []
    while True:
        page = world.call("GET", "/v1/notifications", query=query).json
        titles += [each["title"] for each in page["notifications"]]
        if not page["next"]:
            break
        query["cursor"] = page["next"]

    assert sorted(titles) == list("abcdef")


def test_words_are_searched_for_and_how_far_back_is_told(world: ApiWorld) -> None:
    told(world, "Disk of db-main is full")
    world.clock.at += 60_000
    told(world, "Disk of db-copy is full", "Backup failed")
    query = {"q": " DISK db-main ", "since": "1h"}
    page = world.call("GET", "/v1/notifications", query=query).json
    first = world.call("GET", "/v1/notifications", query={"limit": "2"}).json

    assert [each["title"] for each in page["notifications"]] == [
        "Disk of db-main is full"
    ]
    assert page["next"] == ""
    assert page["reached"] == iso(world.clock.now() - 3_600_000)
    assert first["reached"] == iso(world.clock.now())


def test_acknowledging_leaves_name_note_and_trail(world: ApiWorld) -> None:
    (one,) = told(world, "x", state="firing")
    done = world.call(
        "POST", f"/v1/notifications/{one}/acknowledge", {"note": "on it"}, key="ops"
    ).json

    assert (done["ack_by"], done["ack_note"], done["status"]) == (
        "ops",
        "on it",
        "acknowledged",
    )
    assert done["ack_at"] is not None
    assert done["actions"][-1]["actor"] == "ops"


def test_resolving_a_notice_is_a_conflict(world: ApiWorld) -> None:
    (one,) = told(world, "x")
    (problem,) = told(world, "y", state="firing")

    assert world.call("POST", f"/v1/notifications/{one}/resolve").status == 409
    done = world.call("POST", f"/v1/notifications/{problem}/resolve").json
    assert (done["state"], done["resolved_at"] is None) == ("resolved", False)


def test_a_dead_notification_is_replayed(world: ApiWorld) -> None:
    (one,) = told(world, "x")
    assert world.call("POST", f"/v1/notifications/{one}/replay").status == 409
    kill(world, one)
    done = world.call("POST", f"/v1/notifications/{one}/replay").json

    assert done["deliveries"][0]["status"] == "queued"
    assert done["deliveries"][0]["generation"] == 1


# --- dead letters ---------------------------------------------------------------


def test_dead_letters_are_counted_and_then_replayed(world: ApiWorld) -> None:
    for one in told(world, "a", "b", "c", type="aws.x") + told(world, "d"):
        kill(world, one)
    listed = world.call("GET", "/v1/dead-letters", query={"limit": "2"}).json
    assert len(listed["dead_letters"]) == 2
    assert listed["dead_letters"][0]["reason"] == "webhook was deleted"
    rest = world.call("GET", "/v1/dead-letters", query={"cursor": listed["next"]}).json
    assert len(rest["dead_letters"]) == 2

    path = "/v1/dead-letters/replay"
    asked = {"filter": {"type": "aws.*", "destination": "ops"}}
    counted = world.call("POST", path, {**asked, "dry_run": True}).json
    assert (counted["matched"], counted["replayed"]) == (3, 0)
    assert counted["by_destination"] == {"ops": 3}

    done = world.call("POST", path, asked).json
    assert (done["matched"], done["replayed"], done["more"]) == (3, 3, False)
    assert world.call("POST", path).json["replayed"] == 1
    assert world.call("POST", path).json["matched"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filter": {"typ": "x"}}, "filter.typ"),
        ({"filter": {"since": "soon"}}, "filter.since"),
        ({"filter": {"severity": "worst"}}, "filter.severity"),
        ({"dry_run": "maybe"}, "dry_run"),
        ({"filter": {"until": "2d", "since": "1d"}}, "filter.since"),
    ],
)
def test_a_wrong_filter_replays_nothing(
    world: ApiWorld, body: dict[str, Any], field: str
) -> None:
    (one,) = told(world, "a")
    kill(world, one)
    reply = world.call("POST", "/v1/dead-letters/replay", body)

    assert (reply.status, reply.fields) == (422, [field])
    assert world.ledger.kept[one].deliveries["ops"].state is State.DEAD_LETTER


# --- destinations ---------------------------------------------------------------


def test_a_secret_goes_in_and_never_comes_out(world: ApiWorld) -> None:
    given = {"channel": "discord", "url": HOOK, "username": "Bell"}
    replies = [
        world.call("PUT", "/v1/destinations/ops", given),
        world.call("GET", "/v1/destinations/ops"),
        world.call("GET", "/v1/destinations"),
        world.call("GET", "/v1/config"),
    ]

    assert [reply.status for reply in replies] == [200] * 4
    assert replies[1].json == {
        "name": "ops",
        "channel": "discord",
        "username": "Bell",
        "secret_hint": "discord.com 123456789012345678",
    }
    assert not any("s3cret" in reply.body for reply in replies)
    assert "s3cret" not in repr(world.settings.settings)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"channel": "carrier-pigeon"}, "channel"),
        ({"url": HOOK}, "channel"),
        ({"channel": "discord", "url": "https://evil.example/api/webhooks/1/x"}, "url"),
        ({"channel": "discord", "url": HOOK, "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_destination_names_the_field(
    world: ApiWorld, given: dict[str, Any], field: str
) -> None:
    reply = world.call("PUT", "/v1/destinations/ops", given)

    assert (reply.status, reply.fields) == (422, [field])
    assert world.settings.settings.destinations == {}
    assert world.vault.kept == {}
    assert "s3cret" not in reply.body


@pytest.mark.parametrize("name", ["Ops", "-x", "a b", "x" * 41])
def test_a_destination_has_a_plain_name(world: ApiWorld, name: str) -> None:
    given = {"channel": "fake", "url": HOOK}
    reply = world.call("PUT", f"/v1/destinations/{name}", given)

    assert reply.status in (404, 422)
    assert world.settings.settings.destinations == {}


def test_a_test_says_what_became_of_it(world: ApiWorld) -> None:
    put_ops(world)
    assert world.call("POST", "/v1/destinations/ops/test").json["ok"] is True

    world.provider.behaviour = lambda *_: Outcome(Kind.GONE, "404 Unknown Webhook")
    failed = world.call("POST", "/v1/destinations/ops/test").json
    assert (failed["ok"], failed["reason"]) == (False, "404 Unknown Webhook")
    assert "PUT /v1/destinations/ops" in failed["advice"]


def test_a_status_posts_nothing(world: ApiWorld) -> None:
    put_ops(world)
    world.health.note("ops", world.clock.now(), "500 from the provider")
    world.provider.probe = lambda target: Probe(False, "gone")  # type: ignore[method-assign]
    found = world.call("GET", "/v1/destinations/ops/status").json

    assert (found["ok"], found["reason"]) == (False, "gone")
    assert found["health"]["last_error"] == "500 from the provider"
    assert world.provider.posts == []


def test_a_destination_is_deleted_once_no_route_uses_it(world: ApiWorld) -> None:
    told(world, "x")
    refused = world.call("DELETE", "/v1/destinations/ops")
    assert refused.status == 409
    assert "all" in refused.json["detail"]

    world.call("PUT", "/v1/config", {"routes": []})
    assert world.call("DELETE", "/v1/destinations/ops").status == 204
    assert world.call("DELETE", "/v1/destinations/ops").status == 404


# --- the routing file -------------------------------------------------------------


def test_a_yaml_file_comes_back_in_its_own_words_or_as_json(world: ApiWorld) -> None:
    put_ops(world)
    words = b"# the pager\nroutes:\n  - {name: all, to: ops}\n"
    done = world.call("PUT", "/v1/config", words, headers=YAML)
    assert (done.status, done.headers["etag"]) == (200, '"1"')
    assert done.json["explanation"] == ["all: all events go to ops."]

    as_yaml = world.call("GET", "/v1/config", headers={"accept": "application/yaml"})
    assert as_yaml.body.encode() == words
    assert as_yaml.headers["Content-Type"].startswith("application/yaml")
    as_json = world.call("GET", "/v1/config")
    assert as_json.json == {"routes": [{"name": "all", "to": ["ops"]}]}
    assert as_json.headers["etag"] == '"1"'


def test_what_was_read_as_json_can_be_put_back(world: ApiWorld) -> None:
    told(world, "x")
    read = world.call("GET", "/v1/config")
    again = world.call(
        "PUT", "/v1/config", read.json, headers={"if-match": read.headers["etag"]}
    )

    assert again.status == 200
    assert world.call("GET", "/v1/config").json == read.json


def test_if_match_guards_against_the_changes_of_others(world: ApiWorld) -> None:
    for etag, status in (('"0"', 200), ('"0"', 412), ('W/"1"', 200), ("*", 200)):
        reply = world.call(
            "PUT", "/v1/config", {"routes": []}, headers={"if-match": etag}
        )
        assert reply.status == status, etag


def test_two_files_at_the_same_moment_are_a_conflict(world: ApiWorld) -> None:
    stale = world.settings.settings
    world.call("PUT", "/v1/config", {"routes": []})
    world.settings.fresh = lambda: stale  # type: ignore[method-assign]
    first = {"if-match": '"0"'}

    assert world.call("PUT", "/v1/config", {"routes": []}).status == 409
    assert world.call("PUT", "/v1/config", {"routes": []}, headers=first).status == 412


def test_a_small_file_that_says_too_much_is_refused(world: ApiWorld) -> None:
    globs = ", ".join(["x" * 200] * 50)
    routes = "".join(
        f"  - {{name: r{number}, to: [], match: {{type: *a, branch: *a}}}}\n"
        for number in range(80)
    )
    words = f"routes:\n  - {{name: a, to: [], match: {{type: &a [{globs}]}}}}\n{routes}"
    reply = world.call("PUT", "/v1/config", words.encode(), headers=YAML)

    assert reply.status == 413
    assert world.settings.settings.etag == "0"


@pytest.mark.parametrize(
    ("words", "field", "line"),
    [
        (b"routes:\n  - name: a\n    to: [nope]\n", "routes.0.to.0", "line 3"),
        (b"a: 1\n", "a", "line 1"),
        (b"timezone: UTC\ntimezone: UTC\n", "timezone", "line 2"),
        (
            b"destinations:\n  ops:\n    channel: discord\n    url: " + HOOK.encode(),
            "destinations.ops",
            "line 2",
        ),
        (
            b"destinations:\n  ops:\n    channel: discord\n    colour: red\n",
            "destinations.ops.colour",
            "line 4",
        ),
    ],
)
def test_a_wrong_file_names_line_and_key_and_changes_nothing(
    world: ApiWorld, words: bytes, field: str, line: str
) -> None:
    for method, path in (("PUT", "/v1/config"), ("POST", "/v1/config/check")):
        reply = world.call(method, path, words, headers=YAML)

        assert (reply.status, reply.fields) == (422, [field])
        assert reply.json["errors"][0]["reason"].startswith(line)
        assert "s3cret" not in reply.body
    assert world.call("GET", "/v1/config").headers["etag"] == '"0"'
    assert world.settings.settings.destinations == {}


def test_the_destinations_block_upserts_those_named(world: ApiWorld) -> None:
    put_ops(world, username="old")
    secret = world.settings.settings.destinations["ops"].secret
    file = {
        "destinations": {
            "ops": {"channel": "fake", "username": "new"},
            "audit": {"channel": "fake", "secret": "chat/audit"},
        },
        "routes": [{"name": "all", "to": ["ops", "audit"]}],
    }
    assert world.call("PUT", "/v1/config", file).status == 200

    known = world.settings.settings.destinations
    assert known["ops"].settings == {"username": "new"}
    assert known["ops"].secret == secret
    assert known["audit"].secret == "chat/audit"
    assert world.call("GET", "/v1/config").json == file


def test_a_check_explains_warns_compares_and_changes_nothing(world: ApiWorld) -> None:
    (one,) = told(world, "x")
    before = world.settings.settings
    file = {
        "routes": [
            {"name": "none", "to": []},
            {"name": "late", "to": ["ops"]},
        ]
    }
    report = world.call("POST", "/v1/config/check", file).json

    assert len(report["explanation"]) == 2
    assert any("'late' is never reached" in each for each in report["warnings"])
    assert report["recent_checked"] == 1
    assert report["would"] == {"added": 0, "dropped": 1, "moved": 0}
    (change,) = report["changes"]
    assert change["kind"] == "dropped"
    assert (change["id"], change["before"], change["after"]) == (one, ["ops"], [])
    assert world.settings.settings == before


def test_older_editions_can_be_listed_read_and_put_again(world: ApiWorld) -> None:
    world.call("PUT", "/v1/config", b"routes: [] # first", headers=YAML)
    world.call("PUT", "/v1/config", b"routes: [] # second", headers=YAML)
    listed = world.call("GET", "/v1/config/editions").json["editions"]
    assert [(each["etag"], each["actor"]) for each in listed] == [
        ("2", "admin"),
        ("1", "admin"),
    ]

    accept_yaml = {"accept": "application/yaml"}
    first = world.call("GET", "/v1/config", query={"etag": "1"}, headers=accept_yaml)
    assert first.body == "routes: [] # first"
    assert world.call("GET", "/v1/config", query={"etag": "9"}).status == 404


# --- sources ------------------------------------------------------------------------


def test_a_new_source_works_at_once_and_until_it_is_deleted(world: ApiWorld) -> None:
    made = world.call("POST", "/v1/sources", {"name": "ci", "scopes": ["operate"]})
    key = made.json["key"]
    assert made.status == 201
    assert world.call("GET", "/v1/dead-letters", key=key).status == 200

    rotated = world.call("POST", "/v1/sources/ci/rotate").json["key"]
    assert world.call("GET", "/v1/dead-letters", key=key).status == 200
    assert len(world.call("POST", "/v1/sources/ci/revoke").json["keys"]) == 1
    assert world.call("GET", "/v1/dead-letters", key=key).status == 401
    assert world.call("GET", "/v1/dead-letters", key=rotated).status == 200

    assert world.call("DELETE", "/v1/sources/ci").status == 204
    assert world.call("GET", "/v1/dead-letters", key=rotated).status == 401
    listed = world.call("GET", "/v1/sources").body
    assert key not in listed
    assert rotated not in listed


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A b"}, "name"),
        ({"scopes": ["ingest"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes.0"),
        ({"name": "x", "key": "mine"}, "key"),
    ],
)
def test_a_wrong_source_is_refused(
    world: ApiWorld, body: dict[str, Any], field: str
) -> None:
    reply = world.call("POST", "/v1/sources", body)

    assert (reply.status, reply.fields) == (422, [field])


def test_the_last_admin_cannot_be_deleted(world: ApiWorld) -> None:
    assert world.call("DELETE", "/v1/sources/admin").status == 409


# --- whatever comes -----------------------------------------------------------------

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


@settings(max_examples=100, deadline=None)
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


@settings(max_examples=100, deadline=None)
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


def test_dead_letters_without_their_notification_are_left_out(world: ApiWorld) -> None:
    """Retention may take the notification first."""
    world.ledger.dead = lambda **_: ([Dead(UNKNOWN_ID, "ops", 5)], "")  # type: ignore[method-assign]

    assert world.call("GET", "/v1/dead-letters").json["dead_letters"] == []
