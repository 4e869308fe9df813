"""The routing file by the API: put, read back, checked, refused with its line."""

from __future__ import annotations

import pytest

from tests.fakes.api import ApiWorld
from tests.integration.operating import HOOK, YAML, put_ops, told


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


@pytest.mark.parametrize(("days", "seen"), [(None, 0), ("4", 0), ("6", 1)])
def test_a_check_looks_back_as_many_days_as_it_is_told(
    world: ApiWorld, days: str | None, seen: int
) -> None:
    told(world, "x")
    world.clock.at += 5 * 86_400_000
    query = {} if days is None else {"days": days}
    report = world.call("POST", "/v1/config/check", {"routes": []}, query=query).json

    assert report["recent_checked"] == seen
    assert report["would"]["dropped"] == seen


def test_a_check_of_too_many_days_is_refused(world: ApiWorld) -> None:
    query = {"days": "32"}
    reply = world.call("POST", "/v1/config/check", {"routes": []}, query=query)

    assert (reply.status, reply.fields) == (422, ["query.days"])


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
