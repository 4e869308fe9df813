"""Files on their way to Slack."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import patient
from tests.unit.channels.uploading import PNG, UploaderContract, file_of, with_files
from tocsin.attic import Uploader
from tocsin.channels.slack import HOSTS, Slack
from tocsin.ports import Channel, Kind, Target

SLACK_TOKEN = "xoxb-1234567890-abcdefghijkl"


class TestSlackCarriesFiles(UploaderContract):
    """The kit."""

    name = "slack"
    given = {"token": SLACK_TOKEN, "channel_id": "C0123456789"}
    secret_parts = (SLACK_TOKEN, "abcdefghijkl")
    hosts = HOSTS
    taken = (
        {
            "ok": True,
            "upload_url": "https://files.slack.com/upload/v1/ABC",
            "file_id": "F1",
        },
        b"OK - 277",
        {"ok": True, "ts": "17.1", "channel": "C0123456789"},
        {"ok": True, "files": [{"id": "F1"}]},
    )

    def make(self, http: Any) -> Channel:
        return Slack(http)

    def files_in(self, requests: Sequence[loopback.Seen]) -> list[bytes]:
        return [each.body for each in requests if each.path == "/upload/v1/ABC"]

    def test_files_are_handed_in_then_told_then_shown_under_it(self) -> None:
        outcome, requests = self.sent(with_files(file_of("Übersicht.png")))
        asked, uploaded, posted, shown = requests

        assert [each.path for each in requests] == [
            "/api/files.getUploadURLExternal",
            "/upload/v1/ABC",
            "/api/chat.postMessage",
            "/api/files.completeUploadExternal",
        ]
        assert parse_qs(asked.body.decode()) == {
            "filename": ["Übersicht.png"],
            "length": [str(len(PNG))],
        }
        assert "authorization" not in uploaded.headers
        assert json.loads(posted.body)["channel"] == "C0123456789"
        assert json.loads(shown.body) == {
            "files": [{"id": "F1", "title": "Übersicht.png"}],
            "channel_id": "C0123456789",
            "thread_ts": "17.1",
        }
        assert outcome.message_id == "17.1"

    def test_a_bot_that_may_not_upload_says_which_scope_it_lacks(self) -> None:
        refusal = {"ok": False, "error": "missing_scope", "needed": "files:write"}
        outcome, requests = self.sent(
            with_files(file_of()), loopback.answer(200, refusal)
        )

        assert outcome.kind is Kind.PERMANENT
        assert "files:write" in outcome.reason
        assert len(requests) == 1

    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example/upload",
            "http://files.slack.com/x",
            "https://files.slack.com.evil.example/",
            "https://files.slack.com@evil.example/",
            7,
        ],
    )
    def test_nothing_is_uploaded_to_anyone_else(self, address: object) -> None:
        asked = {"ok": True, "upload_url": address, "file_id": "F1"}
        outcome, requests = self.sent(
            with_files(file_of()), loopback.answer(200, asked)
        )

        assert outcome.kind is Kind.PERMANENT
        assert len(requests) == 1

    def test_a_message_stands_whatever_becomes_of_its_files(self) -> None:
        steps = [loopback.answer(200, each) for each in self.taken[:3]]
        broken = loopback.answer(200, {"ok": False, "error": "not_in_channel"})
        outcome, _ = self.sent(with_files(file_of()), *steps, broken)

        assert (outcome.kind, outcome.message_id) == (Kind.OK, "17.1")
        assert "posted without its files: not_in_channel" in outcome.reason

    def test_a_webhook_takes_none(self) -> None:
        hook = "https://hooks.slack.com/services/T0123/B0123/abcdefghijklmnop"
        opened = Slack(patient(HOSTS, "http://127.0.0.1:1"))

        assert isinstance(opened, Uploader)
        assert opened.room(Target("ops", {}, hook)) is None
