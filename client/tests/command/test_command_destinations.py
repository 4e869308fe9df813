"""`destinations`, `sources`: set up without a secret on the screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.tests.command.conftest import Run, environment
from client.tests.command.stack import Stack
from client.tests.command.terminal import Terminal
from tocsin.ports import Kind, Outcome
from tocsin_client.command.channels import KINDS, is_secret, kind_of

TOKEN = "x" * 68
HOOK = f"https://discord.com/api/webhooks/1100000000000000003/{TOKEN}"


def stored(stack: Stack) -> list[str]:
    return list(stack.world.vault.kept.values())


def test_a_secret_comes_through_a_pipe(stack: Stack, tocsin: Run) -> None:
    result = tocsin(
        "destinations", "add", "ops", "discord", "--secret-stdin", piped=HOOK
    )

    assert result.exit_code == 0, result.stderr
    assert TOKEN in stored(stack)[0]
    assert TOKEN not in result.stdout + result.stderr
    assert "tocsin destinations test ops" in result.stderr


def test_a_secret_comes_out_of_a_variable(stack: Stack, tocsin: Run) -> None:
    arguments = ["destinations", "add", "ops", "discord", "--secret-env", "HOOK"]

    assert tocsin(*arguments).exit_code == 2
    result = tocsin(*arguments, HOOK=HOOK)

    assert result.exit_code == 0
    assert TOKEN in stored(stack)[0]


def test_several_secrets_are_piped_in_as_json(stack: Stack, tocsin: Run) -> None:
    secrets = {"url": "https://hooks.example.com/t", "secret": "whsec_" + "QUJD" * 10}

    result = tocsin(
        *("destinations", "add", "crm", "webhook", "--secret-stdin"),
        piped=json.dumps(secrets),
    )

    assert result.exit_code == 0, result.stderr
    assert "whsec_" in stored(stack)[0]


def test_a_secret_on_the_command_line_is_taken_with_a_warning(
    stack: Stack, tocsin: Run
) -> None:
    result = tocsin("destinations", "add", "ops", "discord", "--set", f"url={HOOK}")

    assert result.exit_code == 0
    assert "shell's history" in result.stderr
    assert TOKEN not in result.stdout + result.stderr


def test_a_channel_without_a_secret_is_asked_for_none_and_takes_none(
    stack: Stack, tocsin: Run
) -> None:
    text = ("destinations", "add", "oncall", "sms", "--set", "number=+41791234567")

    refused = tocsin(*text, "--secret-stdin", piped="hunter2")
    assert refused.exit_code == 2
    assert "channel sms has no secret" in refused.stderr
    assert stored(stack) == []
    assert tocsin(*text).exit_code == 0


def test_without_a_person_a_missing_secret_is_no_question(
    stack: Stack, tocsin: Run
) -> None:
    result = tocsin("destinations", "add", "ops", "discord")

    assert result.exit_code == 2
    assert "--secret-stdin" in result.stderr


def test_a_person_types_the_secret_and_nobody_sees_it(stack: Stack, home: Path) -> None:
    arguments = ("destinations", "add", "ops", "discord")
    terminal = Terminal(environment(stack), *arguments)

    terminal.type(f"{HOOK}\n", after="not shown")

    assert terminal.end() == 0
    assert TOKEN.encode() not in terminal.seen
    assert TOKEN in stored(stack)[0]


@pytest.mark.parametrize(
    "given",
    [
        [
            "via=ses",
            "region=eu-central-1",
            "from=a@example.com",
            'to=["b@example.org"]',
        ],
        ["host=smtp.example.com", "from=a@example.com", 'to=["b@example.org"]'],
    ],
)
def test_mail_may_have_no_secret(stack: Stack, tocsin: Run, given: list[str]) -> None:
    options = [word for each in given for word in ("--set", each)]

    result = tocsin("destinations", "add", "mail", "email", *options)

    assert result.exit_code == 0, result.stderr
    assert "mail" in stack.world.settings.settings.destinations


def test_what_a_channel_needs_besides_is_asked_for_by_name(tocsin: Run) -> None:
    result = tocsin(
        "destinations", "add", "t", "telegram", "--secret-stdin", piped="1:A"
    )

    assert result.exit_code == 2
    assert "--set chat=" in result.stderr


def test_settings_change_while_the_secret_stays(stack: Stack, tocsin: Run) -> None:
    given = '{"url": "https://chat.example/1/t0ken"}'
    tocsin("destinations", "add", "ops", "fake", "--secret-stdin", piped=given)

    result = tocsin(
        *("destinations", "put", "ops", "fake", "--keep-secret", "--set", "room=7")
    )

    assert result.exit_code == 0, result.stderr
    assert stack.world.settings.settings.destinations["ops"].settings == {"room": 7}
    assert len(stored(stack)) == 1


def test_one_that_exists_is_replaced_by_put_only(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    result = tocsin(
        "destinations", "add", "ops", "discord", "--secret-stdin", piped=HOOK
    )

    assert result.exit_code == 1
    assert "tocsin destinations put ops discord" in result.stderr
    assert stack.world.settings.settings.destinations["ops"].channel == "fake"


def test_what_the_channel_refuses_is_told_by_field(tocsin: Run) -> None:
    result = tocsin(
        *("destinations", "add", "ops", "discord", "--secret-stdin"),
        piped="https://x.io",
    )

    assert result.exit_code == 4
    assert "url: not an address of Discord" in result.stderr


def test_destinations_are_listed_and_shown_without_their_secrets(
    stack: Stack, tocsin: Run
) -> None:
    stack.furnish("ops")

    assert tocsin("destinations").stdout.split("\t")[:2] == ["ops", "fake"]
    assert tocsin("destinations", "list", "--json").stdout.startswith("{")
    shown = tocsin("destinations", "show", "ops").stdout
    assert "fake" in shown
    assert "t0ken" not in shown


def test_a_test_says_whether_it_arrived(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    well = tocsin("destinations", "test", "ops")
    outcome = Outcome(Kind.PERMANENT, reason="missing permission")
    stack.world.provider.behaviour = lambda *_: outcome
    ill = tocsin("destinations", "test", "ops")

    assert well.exit_code == 0
    assert "ops took the message" in well.stdout
    assert ill.exit_code == 1
    assert "missing permission" in ill.stderr
    assert tocsin("destinations", "test", "ops", "--json").exit_code == 1


def test_status_asks_without_posting(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    result = tocsin("destinations", "status", "ops")

    assert result.exit_code == 0
    assert "it is there" in result.stdout
    assert not stack.world.provider.posts


def test_deleting_asks_and_a_used_one_stays(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    assert tocsin("destinations", "delete", "ops").exit_code == 2
    used = tocsin("destinations", "delete", "ops", "--yes")
    assert used.exit_code == 4
    assert "used by the route" in used.stderr
    stack.call("PUT", "/v1/config", {"routes": []})
    assert tocsin("destinations", "delete", "ops", "--yes").exit_code == 0
    assert not stack.world.settings.settings.destinations


def test_a_key_is_the_only_thing_on_stdout(stack: Stack, tocsin: Run) -> None:
    result = tocsin(
        "sources", "create", "web", "--scope", "ingest", "--scope", "operate"
    )

    key = result.stdout.strip()
    assert key.startswith("toc_")
    assert key not in result.stderr
    assert tocsin("list", key=key).exit_code == 0


def test_a_source_is_rotated_revoked_and_deleted(stack: Stack, tocsin: Run) -> None:
    old = tocsin("keys", "create", "web").stdout.strip()
    new = tocsin("keys", "rotate", "web").stdout.strip()

    assert tocsin("send", "X", key=old).exit_code == 0
    assert tocsin("sources", "revoke", "web").exit_code == 2
    assert tocsin("sources", "revoke", "web", "--yes").exit_code == 0
    assert tocsin("send", "X", key=old).exit_code == 4
    assert tocsin("send", "X", key=new).exit_code == 0
    listed = {row.split("\t")[0] for row in tocsin("sources").stdout.splitlines()}
    assert "web" in listed
    assert tocsin("sources", "delete", "web", "--yes").exit_code == 0
    assert tocsin("send", "X", key=new).exit_code == 4


def test_the_last_admin_stays(tocsin: Run) -> None:
    result = tocsin("sources", "delete", "admin", "--yes")

    assert result.exit_code == 4
    assert "last source that can administer" in result.stderr


@pytest.mark.parametrize("channel", sorted(KINDS))
def test_no_secret_of_a_known_channel_is_taken_for_a_setting(channel: str) -> None:
    for each in kind_of(channel).secrets:
        assert is_secret(channel, each.name)


@pytest.mark.parametrize(
    ("channel", "text", "name"),
    [
        ("slack", "https://hooks.slack.com/services/T/B/x", "url"),
        ("slack", "xoxb-1", "token"),
        ("telegram", "1:AA", "token"),
        ("pagerduty", "abc", "routing_key"),
        ("webhook", "whsec_abc", "secret"),
        ("whatever", "https://x.io", "url"),
    ],
)
def test_a_lone_secret_is_known_by_its_form(channel: str, text: str, name: str) -> None:
    assert kind_of(channel).secret_for(text).name == name
