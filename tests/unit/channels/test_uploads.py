"""Files on their way to providers, on loopback: Discord, Telegram, Slack, mail."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.unit.channels import loopback, mail_server
from tests.unit.channels.conformance import impatient
from tests.unit.channels.messages import message
from tests.unit.channels.uploading import (
    HOSTILE_NAMES,
    PNG,
    UploaderContract,
    file_of,
    parts_of,
    with_files,
)
from tests.unit.discord_limits import broken_limits
from tocsin.attic import Uploader
from tocsin.channels import channel
from tocsin.channels._http import Response
from tocsin.channels._multipart import names_of, plain
from tocsin.channels.discord import Discord
from tocsin.channels.email import ses
from tocsin.channels.slack import HOSTS, Slack
from tocsin.channels.telegram import Telegram
from tocsin.message import File, Message, Text
from tocsin.ports import Channel, Kind, Outcome, Target

DISCORD_TOKEN = "t" * 68
DISCORD_BOT = f"{'M' * 26}.GabcdE.{'x' * 38}"
BOT = "110201543:AAE-abc_defghijklmnopqrstuvwxyz0123"
SLACK_TOKEN = "xoxb-1234567890-abcdefghijkl"
PDF = file_of("Bericht März.pdf", "application/pdf", b"%PDF-", 1)


class TestDiscordCarriesFiles(UploaderContract):
    """The kit."""

    name = "discord"
    given = {"url": f"https://discord.com/api/webhooks/12345678901234567/{'t' * 68}"}
    secret_parts = (DISCORD_TOKEN,)
    hosts = frozenset({"discord.com"})
    taken = ({"id": "7", "channel_id": "8"},)

    def make(self, http: Any) -> Channel:
        return Discord(http)

    def payload(self, *messages: Message) -> tuple[dict[str, Any], list[str]]:
        """(the payload, the names of the files) of one call."""
        with loopback.provider(loopback.answer(200, self.taken[0])) as provider:
            opened = self.make(impatient(self.hosts, provider.base))
            assert opened.send(messages, self.target()).kind is Kind.OK
        (request,) = provider.requests
        (_, _, media, body), *parts = parts_of(request)
        assert media == "application/json"
        assert broken_limits(_without_files(body)) == []
        fields = [field for field, _, _, _ in parts]
        assert fields == [f"files[{place}]" for place in range(len(parts))]
        return json.loads(body), [name for _, name, _, _ in parts]

    def test_the_first_picture_stands_in_the_embed(self) -> None:
        body, names = self.payload(with_files(PDF, file_of("Übersicht.png")))

        assert names == ["Bericht_Marz.pdf", "Ubersicht.png"]
        assert body["embeds"][0]["image"] == {"url": "attachment://Ubersicht.png"}
        assert body["attachments"] == [
            {"id": 0, "filename": names[0], "description": "Bericht März.pdf"},
            {"id": 1, "filename": names[1], "description": "Übersicht.png"},
        ]
        assert body["allowed_mentions"] == {"parse": []}

    def test_a_picture_by_its_address_stays_where_it_was(self) -> None:
        linked = replace(with_files(file_of()), picture="https://example.com/a.png")
        body, _ = self.payload(linked)

        assert body["embeds"][0]["image"] == {"url": "https://example.com/a.png"}

    def test_each_of_several_messages_shows_its_own(self) -> None:
        first = with_files(file_of())
        second = with_files(replace(file_of(), owner="m" * 26))
        body, names = self.payload(first, with_files(), second)
        images = [embed.get("image", {}).get("url") for embed in body["embeds"]]

        assert len(set(names)) == 2
        assert images == [f"attachment://{names[0]}", None, f"attachment://{names[1]}"]

    def edited(self, *steps: loopback.Behaviour) -> tuple[Outcome, list[Any]]:
        with loopback.provider(*steps) as provider:
            opened = Discord(impatient(self.hosts, provider.base))
            shown = with_files(replace(file_of(), content=b""))
            outcome = opened.edit([shown], self.target(), "7", "8")
        return outcome, [json.loads(request.body) for request in provider.requests]

    def test_an_edit_keeps_the_picture_that_was_sent_along(self) -> None:
        _, (body,) = self.edited(loopback.answer(200, self.taken[0]))

        assert body["embeds"][0]["image"] == {"url": "attachment://graph.png"}
        assert "attachments" not in body

    def test_an_edit_is_made_without_the_picture_should_that_be_refused(self) -> None:
        refusal = loopback.answer(400, {"code": 50035, "message": "Invalid Form Body"})
        outcome, bodies = self.edited(refusal, loopback.answer(200, self.taken[0]))

        assert outcome.kind is Kind.OK
        assert ["image" in body["embeds"][0] for body in bodies] == [True, False]


class TestADiscordBotCarriesFiles(UploaderContract):
    """The kit."""

    name = "discord"
    given = {"token": DISCORD_BOT, "channel_id": "888888888888888888"}
    secret_parts = (DISCORD_BOT,)
    hosts = frozenset({"discord.com"})
    taken = ({"id": "7", "channel_id": "888888888888888888"},)

    def make(self, http: Any) -> Channel:
        return Discord(http)


def _without_files(body: bytes) -> bytes:
    """What the limits of a message without any are known of."""
    told = json.loads(body)
    assert len(told.pop("attachments")) <= 10
    for embed in told["embeds"]:
        if embed.get("image", {}).get("url", "").startswith("attachment://"):
            del embed["image"]
    return json.dumps(told).encode()


class TestTelegramCarriesFiles(UploaderContract):
    """The kit."""

    name = "telegram"
    given = {"token": BOT, "chat": "-1001234567890"}
    secret_parts = (BOT, BOT.partition(":")[2])
    hosts = frozenset({"api.telegram.org"})
    taken = ({"ok": True, "result": {"message_id": 7, "chat": {"id": -100}}},)

    def make(self, http: Any) -> Channel:
        return Telegram(http, lambda _: None)

    def files_in(self, requests: Sequence[loopback.Seen]) -> list[bytes]:
        fields = ("photo", "document", "file0", "file1")
        return [
            content
            for request in requests
            for field, _, _, content in parts_of(request)
            if field in fields
        ]

    def calls(
        self, one: Message, *behaviours: loopback.Behaviour
    ) -> tuple[Outcome, list[str], list[dict[str, Any]]]:
        """(outcome, methods, what each was given)."""
        steps = behaviours or (loopback.answer(200, self.taken[0]),)
        outcome, requests = self.sent(one, *steps)
        given = []
        for request in requests:
            if request.headers["content-type"].startswith("multipart"):
                parts = parts_of(request)
                given.append({field: body for field, _, _, body in parts})
            else:
                given.append(json.loads(request.body))
        methods = [request.path.rpartition("/")[2] for request in requests]
        return outcome, methods, given

    def test_a_picture_with_few_words_is_one_photo_with_a_caption(self) -> None:
        _, methods, (given,) = self.calls(with_files(file_of()))

        assert methods == ["sendPhoto"]
        assert b"<b>" in given["caption"]
        assert given["parse_mode"] == b"HTML"
        assert given["chat_id"] == b"-1001234567890"
        assert "text" not in given

    def test_what_is_no_photo_is_a_document(self) -> None:
        assert self.calls(with_files(PDF))[1] == ["sendDocument"]
        gif = file_of("a.gif", "image/gif", b"GIF89a")
        assert self.calls(with_files(gif))[1] == ["sendDocument"]

    def test_long_words_come_first_and_the_file_answers_them(self) -> None:
        long = replace(with_files(file_of()), body=Text("word " * 400))
        outcome, methods, (_, given) = self.calls(long)

        assert methods == ["sendMessage", "sendPhoto"]
        assert json.loads(given["reply_parameters"])["message_id"] == 7
        assert given["disable_notification"] == b"true"
        assert outcome == Outcome(
            Kind.OK, message_id="7", place="-100", pause_ms=outcome.pause_ms
        )
        assert outcome.pause_ms >= 6_000

    def test_several_files_follow_in_groups_of_their_kind(self) -> None:
        three = (file_of(), file_of("b.png", place=2), PDF)
        _, methods, (_, photos, document) = self.calls(with_files(*three))

        assert methods == ["sendMessage", "sendMediaGroup", "sendDocument"]
        assert json.loads(photos["media"]) == [
            {"type": "photo", "media": "attach://file0"},
            {"type": "photo", "media": "attach://file1"},
        ]
        assert document["document"] == PDF.content

    def test_a_picture_that_is_no_photo_to_telegram_is_sent_as_it_is(self) -> None:
        words = "Bad Request: PHOTO_INVALID_DIMENSIONS"
        refusal = {"ok": False, "error_code": 400, "description": words}
        outcome, methods, _ = self.calls(
            with_files(file_of()),
            loopback.answer(400, refusal),
            loopback.answer(200, self.taken[0]),
        )

        assert methods == ["sendPhoto", "sendDocument"]
        assert outcome.kind is Kind.OK
        assert "as a document" in outcome.reason

    def test_a_message_stands_whatever_becomes_of_its_files(self) -> None:
        refusal = {"ok": False, "error_code": 413, "description": "too large"}
        outcome, methods, _ = self.calls(
            with_files(file_of(), PDF),
            loopback.answer(200, self.taken[0]),
            loopback.answer(413, refusal),
        )

        assert len(methods) == 3
        assert (outcome.kind, outcome.message_id) == (Kind.OK, "7")
        assert "posted without graph.png" in outcome.reason
        assert "posted without Bericht März.pdf" in outcome.reason

    def test_an_edit_of_a_photo_edits_its_caption(self) -> None:
        words = "Bad Request: there is no text in the message to edit"
        refusal = {"ok": False, "error_code": 400, "description": words}
        long = replace(with_files(), body=Text("word " * 400))
        with loopback.provider(
            loopback.answer(400, refusal), loopback.answer(200, self.taken[0])
        ) as provider:
            opened = Telegram(impatient(self.hosts, provider.base))
            outcome = opened.edit([long], self.target(), "7", "-100")
        first, second = (json.loads(each.body) for each in provider.requests)

        assert outcome.kind is Kind.OK
        assert provider.requests[1].path.endswith("/editMessageCaption")
        assert (len(first["text"]) > 1024, "caption" in first) == (True, False)
        assert "text" not in second
        assert len(second["caption"]) < 1200


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
        opened = Slack(impatient(HOSTS, "http://127.0.0.1:1"))

        assert isinstance(opened, Uploader)
        assert opened.room(Target("ops", {}, hook)) is None


# --- mail -------------------------------------------------------------------


def mailed(*files: File) -> EmailMessage:
    """The mail, as a server got it."""
    kept, secret = channel("email").split(mail_server.GIVEN)
    with mail_server.server() as rules:
        opened = channel("email", rules.base)
        outcome = opened.send([with_files(*files)], Target("ops", kept, secret))
        assert outcome.kind is Kind.OK
    (mail,) = rules.parsed
    return mail


def part_names(mail: EmailMessage) -> list[tuple[str, str | None, bytes]]:
    return [
        (part.get_content_type(), part.get_filename(), part.get_content())
        for part in mail.walk()
        if part.get_filename()
    ]


def test_a_picture_stands_in_the_mail_and_the_rest_is_attached() -> None:
    mail = mailed(file_of("Übersicht.png"), PDF)
    html = mail.get_body(("html",))
    (picture,) = (part for part in mail.walk() if part["Content-ID"])

    assert html is not None
    cid = picture["Content-ID"].strip("<>")
    assert f'<img src="cid:{cid}"' in html.get_content()
    assert part_names(mail) == [
        ("image/png", "Übersicht.png", PNG),
        ("application/pdf", "Bericht März.pdf", b"%PDF-"),
    ]
    assert [part.get_filename() for part in mail.iter_attachments()] == [PDF.name]
    text = mail.get_body(("plain",))
    assert text is not None
    assert "checkout-5xx is in ALARM" in text.get_content()


def test_the_same_mail_is_the_same_at_every_attempt() -> None:
    first, second = mailed(file_of(), PDF), mailed(file_of(), PDF)

    assert first.as_bytes() == second.as_bytes()


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_adds_a_header_to_a_mail(name: str) -> None:
    clean = mailed(file_of("graph.png"))
    mail = mailed(file_of(" ".join(name.replace("\0", "").split())[:200]))

    assert mail.keys() == clean.keys()
    assert [content for _, _, content in part_names(mail)] == [PNG]


def test_a_mail_without_files_is_as_it_was() -> None:
    mail = mailed()

    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


class Ses:
    """`AwsHttp` that keeps what it is asked."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    def deadline(self) -> float:
        return 5.0

    def ask(self, *_: object, body: bytes, **more: Any) -> Response:
        self.told = json.loads(body) | more
        return Response(200, {}, b'{"MessageId": "m"}')


def test_ses_is_given_the_whole_mail_and_more_time() -> None:
    http: Any = Ses()
    given = {"via": "ses", "region": "eu-central-1", "from": "a@b.ch", "to": "c@d.ch"}
    kept, secret = channel("email").split({**given})
    own = ses.settings_of(Target("ops", kept, secret))

    assert ses.send(http, with_files(file_of(), PDF), own, "ops").kind is Kind.OK
    raw = b64decode(http.told["Content"]["Raw"]["Data"])
    mail = BytesParser(EmailMessage, policy=default).parsebytes(raw)
    assert [name for _, name, _ in part_names(mail)] == ["graph.png", PDF.name]
    assert http.told["deadline"] == 8.0


def test_mail_lines_stay_short_with_any_file() -> None:
    mail = mailed(file_of(content=PNG * 500), PDF)
    whole = mail.as_bytes()

    assert max(map(len, whole.splitlines())) <= 998
    assert BytesParser(policy=default).parsebytes(whole).is_multipart()


# --- names ------------------------------------------------------------------


def test_names_differ_whatever_their_order() -> None:
    one, two = file_of(), replace(file_of(), owner="m" * 26)
    named = names_of([one, two])

    assert named == names_of([two, one])
    assert len(set(named.values())) == 2
    assert names_of([one]) == {one: "graph.png"}


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_plain_name_needs_no_quotes(name: str) -> None:
    assert plain(name)
    assert plain(name).isascii()
    assert not set(plain(name)) & set('/\\" \r\n\0;%')


def test_message_without_files_is_untouched() -> None:
    assert message().files == ()
