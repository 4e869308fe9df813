"""The documented limits: inclusive, in code points, after trimming, never truncated."""

from __future__ import annotations

from typing import Any

import pytest

from local.inbox.discord.form import Refusal
from local.inbox.discord.payload import Circumstances, read_edit, read_post

Json = dict[str, Any]
POST = Circumstances()
WITH_COMPONENTS = Circumstances(with_components=True)


def codes(body: Any, around: Circumstances = POST) -> dict[str, str]:
    """The form errors of a refused body: path to code."""
    with pytest.raises(Refusal) as caught:
        read_post(body, around)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    return _leaves(caught.value.errors or {}, "")


def _leaves(tree: Json, path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, branch in tree.items():
        if key == "_errors":
            found[path] = branch[0]["code"]
        else:
            found |= _leaves(branch, f"{path}.{key}".strip("."))
    return found


def embed(**parts: Any) -> Json:
    return {"embeds": [parts]}


def field(**parts: Any) -> Json:
    return embed(fields=[{"name": "n", "value": "v", **parts}])


LENGTHS = [
    ("content", 2000, lambda text: {"content": text}),
    ("embeds.0.title", 256, lambda text: embed(title=text)),
    ("embeds.0.description", 4096, lambda text: embed(description=text)),
    ("embeds.0.fields.0.name", 256, lambda text: field(name=text)),
    ("embeds.0.fields.0.value", 1024, lambda text: field(value=text)),
    ("embeds.0.footer.text", 2048, lambda text: embed(footer={"text": text})),
    ("embeds.0.author.name", 256, lambda text: embed(author={"name": text})),
    ("username", 80, lambda text: {"content": "x", "username": text}),
    ("thread_name", 100, lambda text: {"content": "x", "thread_name": text}),
]


@pytest.mark.parametrize(("path", "limit", "body"), LENGTHS)
def test_a_text_may_be_exactly_as_long_as_its_limit(
    path: str, limit: int, body: Any
) -> None:
    read_post(body("é" * limit), POST)


@pytest.mark.parametrize(("path", "limit", "body"), LENGTHS)
def test_one_character_more_is_refused_at_its_path(
    path: str, limit: int, body: Any
) -> None:
    assert codes(body("é" * (limit + 1))) == {path: "BASE_TYPE_MAX_LENGTH"}


@pytest.mark.parametrize(("path", "limit", "body"), LENGTHS)
def test_white_space_around_a_text_is_not_counted(
    path: str, limit: int, body: Any
) -> None:
    read_post(body(" \n" + "x" * limit + "  "), POST)


def test_an_emoji_counts_as_its_code_points() -> None:
    read_post({"content": "🚨" * 2000}, POST)

    assert codes({"content": "👩‍🚀" * 667}) == {"content": "BASE_TYPE_MAX_LENGTH"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"embeds": [{"title": "x"}] * 11}, {"embeds": "BASE_TYPE_MAX_LENGTH"}),
        (
            embed(fields=[{"name": "n", "value": "v"}] * 26),
            {"embeds.0.fields": "BASE_TYPE_MAX_LENGTH"},
        ),
        (field(value=" "), {"embeds.0.fields.0.value": "BASE_TYPE_REQUIRED"}),
        (field(name=None), {"embeds.0.fields.0.name": "BASE_TYPE_REQUIRED"}),
        (embed(title="x", color=0x1000000), {"embeds.0.color": "NUMBER_TYPE_MAX"}),
        (embed(title="x", color=-1), {"embeds.0.color": "NUMBER_TYPE_MIN"}),
        (embed(title="x", color="red"), {"embeds.0.color": "NUMBER_TYPE_COERCE"}),
        (
            embed(title="x", url="javascript:alert(1)"),
            {"embeds.0.url": "URL_TYPE_INVALID_SCHEME"},
        ),
        (embed(title="x", url="nowhere"), {"embeds.0.url": "URL_TYPE_INVALID_URL"}),
        (
            embed(title="x", timestamp="yesterday"),
            {"embeds.0.timestamp": "DATE_TIME_TYPE_PARSE"},
        ),
        ({"content": ["x"]}, {"content": "STRING_TYPE_CONVERT"}),
        ({"embeds": "x"}, {"embeds": "LIST_TYPE_CONVERT"}),
        ({"embeds": ["x"]}, {"embeds.0": "MODEL_TYPE_CONVERT"}),
        (["x"], {"": "MODEL_TYPE_CONVERT"}),
    ],
)
def test_what_is_out_of_form_is_refused_at_its_path(
    body: Any, expected: dict[str, str]
) -> None:
    assert codes(body) == expected


def test_all_embeds_together_hold_6000_characters() -> None:
    two = [{"description": "x" * 3000, "url": f"https://e.example/{n}"} for n in "ab"]
    read_post({"embeds": two}, POST)
    two[1]["title"] = "y"

    assert codes({"embeds": two}) == {"embeds": "MAX_EMBED_SIZE_EXCEEDED"}


def test_every_mistake_is_told_at_once() -> None:
    found = codes({"content": "x" * 2001, **embed(title="x" * 257)})

    assert found.keys() == {"content", "embeds.0.title"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("My Discord bot", "USERNAME_INVALID_CONTAINS"),
        ("CLYDE", "USERNAME_INVALID_CONTAINS"),
        ("everyone", "USERNAME_INVALID"),
        ("Here", "USERNAME_INVALID"),
    ],
)
def test_some_names_are_not_to_be_had(name: str, code: str) -> None:
    assert codes({"content": "x", "username": name}) == {"username": code}


@pytest.mark.parametrize(
    "body",
    [{}, {"content": " "}, {"embeds": []}, {"embeds": [{}]}, {"content": None}],
)
def test_a_message_needs_something_to_show(body: Json) -> None:
    with pytest.raises(Refusal) as caught:
        read_post(body, POST)

    assert caught.value.code == 50006


def test_of_embeds_with_one_url_only_the_first_stays() -> None:
    same = [{"title": t, "url": "https://e.example"} for t in ("first", "second")]
    draft = read_post({"embeds": same}, POST)

    assert [e["title"] for e in draft.parts["embeds"]] == ["first"]
    assert "same url" in draft.warnings[0]


def test_a_misspelt_key_is_ignored_with_a_warning() -> None:
    draft = read_post(embed(title="x", colour=1), POST)

    assert draft.warnings == ["ignored: embeds.n.colour"]


def row(**button: Any) -> Json:
    base = {"type": 2, "style": 5, "label": "Open", "url": "https://e.example"}
    inner = {key: v for key, v in {**base, **button}.items() if v is not None}
    return {"content": "x", "components": [{"type": 1, "components": [inner]}]}


def test_components_are_kept_only_when_asked_for() -> None:
    dropped = read_post(row(), POST)
    kept = read_post(row(), WITH_COMPONENTS)

    assert "components" not in dropped.parts
    assert "with_components" in dropped.warnings[0]
    assert kept.parts["components"][0]["components"][0]["label"] == "Open"


def test_a_message_of_dropped_components_is_empty() -> None:
    with pytest.raises(Refusal) as caught:
        read_post({"components": row()["components"]}, POST)

    assert caught.value.code == 50006


BUTTON = "components.0.components.0"


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ({"label": "x" * 81}, {f"{BUTTON}.label": "BASE_TYPE_MAX_LENGTH"}),
        ({"label": None}, {f"{BUTTON}.label": "BASE_TYPE_REQUIRED"}),
        ({"url": None}, {f"{BUTTON}.url": "BASE_TYPE_REQUIRED"}),
        (
            {"url": "https://e.example/" + "x" * 500},
            {f"{BUTTON}.url": "BASE_TYPE_MAX_LENGTH"},
        ),
        (
            {"style": 1, "custom_id": "a", "url": None},
            {BUTTON: "COMPONENT_TYPE_INVALID"},
        ),
    ],
)
def test_a_button_has_its_own_limits(button: Json, expected: dict[str, str]) -> None:
    assert codes(row(**button), WITH_COMPONENTS) == expected


def test_a_row_holds_five_buttons_and_a_message_five_rows() -> None:
    one = row()["components"][0]
    wide = {"type": 1, "components": one["components"] * 6}

    assert codes({"components": [wide]}, WITH_COMPONENTS) == {
        "components.0.components": "BASE_TYPE_MAX_LENGTH"
    }
    assert codes({"components": [one] * 6}, WITH_COMPONENTS) == {
        "components": "BASE_TYPE_MAX_LENGTH"
    }


def test_an_application_may_send_interactive_buttons() -> None:
    around = Circumstances(app_owned=True)
    draft = read_post(row(style=1, custom_id="ack", url=None), around)

    assert draft.parts["components"][0]["components"][0]["custom_id"] == "ack"


def text(words: str) -> Json:
    return {"type": 10, "content": words}


def test_version_2_components_have_limits_of_their_own() -> None:
    read_post({"flags": 32768, "components": [text("x" * 4000)]}, WITH_COMPONENTS)
    long = {"flags": 32768, "components": [text("x" * 2001), text("x" * 2000)]}
    many = {"flags": 32768, "components": [text("x")] * 41}
    mixed = {"flags": 32768, "content": "x", "components": [text("x")]}

    assert codes(long, WITH_COMPONENTS).keys() == {"components"}
    assert codes(many, WITH_COMPONENTS).keys() == {"components"}
    assert codes(mixed, WITH_COMPONENTS).keys() == {"content"}


def test_a_kind_of_mention_is_parsed_or_listed_but_not_both() -> None:
    allowed = {"parse": ["users"], "users": ["1"]}
    found = codes({"content": "x", "allowed_mentions": allowed})

    assert found == {"allowed_mentions": "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"}


def test_no_more_than_100_people_are_listed() -> None:
    allowed = {"users": [str(n) for n in range(101)]}
    found = codes({"content": "x", "allowed_mentions": allowed})

    assert found == {"allowed_mentions.users": "BASE_TYPE_MAX_LENGTH"}


def test_an_edit_keeps_only_what_was_given() -> None:
    draft = read_edit({"content": None, "allowed_mentions": {"parse": []}}, POST)

    assert draft.parts == {"content": ""}
    assert draft.warnings == []


def test_an_edit_without_allowed_mentions_is_warned_about() -> None:
    assert "allowed_mentions" in read_edit({"content": "x"}, POST).warnings[0]
