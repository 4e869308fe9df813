"""What every channel must do. A channel's tests subclass `ChannelContract`, and
`EditorContract` where it can change what it has posted.

The provider is real enough: a server on loopback, so that what is tested is the whole
way from a message to an outcome.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.messages import HOSTILE, message
from tocsin.channels import channel
from tocsin.channels._http import Http
from tocsin.errors import Invalid
from tocsin.message import Message
from tocsin.ports import Channel, Editor, Kind, Outcome, Target

SLACK = 4.0  # of ten seconds that the provider drips


class ChannelContract:
    """The kit. Subclasses say which channel, with which settings, and what counts."""

    name: str
    given: Mapping[str, Any]
    secret_parts: tuple[str, ...]
    answers: tuple[tuple[int, object, Mapping[str, str], Kind], ...]
    accepted: object = {}
    """What the provider answers, with a 200, when it took the message."""

    def open(self, base: str) -> Channel:
        """The channel, calling `base`."""
        return channel(self.name, base)

    def quick(self, base: str) -> Channel:
        """The same with a total time of a second, for whom no answer comes."""
        raise NotImplementedError

    def check(self, request: loopback.Seen) -> None:
        """Assert that a request obeys the provider's limits and pings nobody."""
        raise NotImplementedError

    def one(self, text: str = "checkout-5xx is in ALARM") -> Message:
        """A message that the channel has to make a call for."""
        return message(text)

    def act(
        self, opened: Channel, messages: Sequence[Message], target: Target
    ) -> Outcome:
        """What is tested: posting them."""
        return opened.send(messages, target)

    def target(self, base: str = "") -> Target:
        """A destination as the vault and the settings would give it."""
        kept, secret = self.open(base or "http://127.0.0.1:1").split(self.given)
        return Target("ops", kept, secret)

    def send(self, *behaviours: loopback.Behaviour) -> Outcome:
        """One message, to a provider that behaves so."""
        with loopback.provider(*behaviours) as told:
            return self.act(self.open(told.base), [self.one()], self.target())

    def left_waiting(self, behaviour: loopback.Behaviour) -> Outcome:
        """The same, to one whose answer does not come in time."""
        with loopback.provider(behaviour) as told:
            return self.act(self.quick(told.base), [self.one()], self.target())

    def test_every_answer_has_its_outcome(self) -> None:
        for status, body, headers, kind in self.answers:
            outcome = self.send(loopback.answer(status, body, headers))

            assert outcome.kind is kind, (status, body, outcome)

    def test_every_status_has_an_outcome_and_a_reason(self) -> None:
        for status in (*range(200, 207), *range(300, 309), *range(400, 452), 500, 502):
            outcome = self.send(loopback.answer(status))

            assert outcome.kind is Kind.OK or outcome.reason, status
            assert (outcome.kind is Kind.OK) == (200 <= status < 300), status

    def test_an_answer_that_is_not_what_was_expected_is_survived(self) -> None:
        for body in (b"", b"<html>", b"[]", b'"x"', b"{" * 5000, b"\xff\xfe", b"null"):
            for status in (200, 400, 429, 500):
                assert self.send(loopback.answer(status, body)).kind

    def test_a_refused_connection_is_transient(self) -> None:
        with loopback.deaf_port() as base:
            outcome = self.act(self.open(base), [self.one()], self.target())

        assert outcome.kind is Kind.TRANSIENT

    @pytest.mark.parametrize(
        "behaviour", [loopback.hang, loopback.hang_up, loopback.reset]
    )
    def test_no_answer_after_the_request_left_is_unknown(
        self, behaviour: loopback.Behaviour
    ) -> None:
        assert self.left_waiting(behaviour).kind is Kind.UNKNOWN

    def test_an_answer_that_never_ends_is_cut_off_in_time(self) -> None:
        for prefix in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX-Long: "):
            began = time.monotonic()
            outcome = self.left_waiting(loopback.drip(prefix))

            assert time.monotonic() - began < SLACK
            assert outcome.kind is Kind.UNKNOWN

    def test_a_status_counts_even_if_its_body_breaks_off(self) -> None:
        head = b"HTTP/1.1 500 Oh\r\nContent-Length: 5000\r\n\r\n"

        assert self.left_waiting(loopback.drip(head)).kind is Kind.TRANSIENT
        assert self.send(loopback.raw(head + b"{")).kind is Kind.TRANSIENT

    def test_a_redirect_is_not_followed(self) -> None:
        with loopback.provider(loopback.answer(200, {})) as other:
            there = {"Location": f"{other.base}/elsewhere"}
            outcome = self.send(loopback.answer(307, None, there))

        assert outcome.kind is not Kind.OK
        assert other.requests == []

    def test_nothing_is_repeated(self) -> None:
        for behaviour in (loopback.answer(500), loopback.reset, loopback.answer(429)):
            with loopback.provider(behaviour) as told:
                self.act(self.open(told.base), [self.one()], self.target())

                assert len(told.requests) == 1

    def test_the_connection_is_kept(self) -> None:
        with loopback.provider(loopback.answer(200, self.accepted)) as told:
            opened, target = self.open(told.base), self.target()
            for _ in range(5):
                assert self.act(opened, [self.one()], target).kind is Kind.OK

            assert told.connections == 1

    def test_a_kept_connection_that_died_is_not_used_again(self) -> None:
        def once(sock: Any) -> None:
            loopback.answer(200, self.accepted)(sock)
            loopback.hang_up(sock)

        with loopback.provider(once) as told:
            opened, target = self.open(told.base), self.target()
            for _ in range(3):
                assert self.act(opened, [self.one()], target).kind is Kind.OK
                time.sleep(0.02)

    def test_no_secret_is_in_an_outcome_a_log_or_a_repr(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        target = self.target()
        echo = {"message": target.secret, "errors": {"x": target.secret}, "code": 1}
        shown = [repr(target)]
        for behaviour in (
            loopback.answer(400, echo),
            loopback.answer(400, {part: part for part in self.secret_parts}),
            loopback.answer(500, target.secret.encode()),
            loopback.reset,
            loopback.hang_up,
            loopback.raw(target.secret.encode()),
        ):
            with loopback.provider(behaviour) as told:
                opened = self.open(told.base)
                shown += [repr(self.act(opened, [self.one()], target)), repr(opened)]
                shown.append(repr(opened.probe(target)))
        shown += [record.getMessage() for record in caplog.records]
        for part in self.secret_parts:
            assert not [text for text in shown if part in text]

    def test_a_refusal_of_settings_does_not_repeat_the_secret(self) -> None:
        target = self.target()
        for wrong in ({"unknown": 1}, {"unknown": target.secret}):
            with pytest.raises(Invalid) as caught:
                self.open("http://127.0.0.1:1").split({**self.given, **wrong})

            told = f"{caught.value.detail} {caught.value.faults}"
            assert "unknown" in told
            assert not [part for part in self.secret_parts if part in told]
            assert caught.value.__cause__ is None

    def test_what_is_stored_wrongly_is_an_outcome_and_not_an_error(self) -> None:
        opened = self.open("http://127.0.0.1:1")
        for secret in ("", "https://example.com/x", "\x00", "http://["):
            target = Target("ops", {}, secret)

            assert self.act(opened, [self.one()], target).kind is Kind.PERMANENT
            assert not opened.probe(target).ok

    def test_hostile_text_arrives_within_the_limits(self) -> None:
        with loopback.provider(loopback.answer(200, self.accepted)) as told:
            opened, target = self.open(told.base), self.target()
            for text in HOSTILE:
                one = self.one(text)
                several = [one] * max(1, opened.fits([one] * 20))

                assert self.act(opened, [one], target).kind is Kind.OK
                assert self.act(opened, several, target).kind is Kind.OK

            for request in told.requests:
                self.check(request)

    def test_at_least_one_message_always_fits(self) -> None:
        opened = self.open("http://127.0.0.1:1")

        assert all(opened.fits([message(text)]) == 1 for text in HOSTILE)

    def test_a_probe_tells_what_is_wrong(self) -> None:
        for status, ok in ((200, True), (401, False), (404, False), (500, False)):
            body = self.accepted if ok else {}
            with loopback.provider(loopback.answer(status, body)) as told:
                probe = self.open(told.base).probe(self.target())

            assert probe.ok is ok, status
            assert probe.reason


class EditorContract(ChannelContract):
    """The same kit with edits in the place of posts, and what is special to them."""

    posted: tuple[str, str]
    """(message id, place) as a post returns them."""
    missing: tuple[tuple[int, object], ...]
    """The answers that say that the message is not there any more."""
    pings: tuple[str, ...] = ("@everyone",)

    def act(
        self, opened: Channel, messages: Sequence[Message], target: Target
    ) -> Outcome:
        """What is tested: editing what was posted."""
        assert isinstance(opened, Editor)
        return opened.edit(messages, target, *self.posted)

    def test_it_says_that_it_edits(self) -> None:
        opened = self.open("http://127.0.0.1:1")

        assert isinstance(opened, Editor)
        assert opened.edits(self.target())

    def test_a_message_that_is_gone_is_missing_and_not_refused(self) -> None:
        for status, body in self.missing:
            outcome = self.send(loopback.answer(status, body))

            assert outcome.kind is Kind.MISSING, (status, body, outcome)
            assert outcome.reason

    def test_the_same_answer_to_a_post_is_no_missing_message(self) -> None:
        for status, body in self.missing:
            with loopback.provider(loopback.answer(status, body)) as told:
                outcome = self.open(told.base).send([self.one()], self.target())

            assert outcome.kind is not Kind.MISSING, (status, body)

    def test_an_edit_calls_nobody_whoever_was_called_at_first(self) -> None:
        calling = replace(self.one(), pings=self.pings)
        with loopback.provider(loopback.answer(200, self.accepted)) as told:
            opened, target = self.open(told.base), self.target()
            assert self.act(opened, [calling], target).kind is Kind.OK
            assert self.act(opened, [self.one()], target).kind is Kind.OK

        calling_one, quiet_one = told.requests
        assert calling_one.body == quiet_one.body


def impatient(hosts: frozenset[str], base: str) -> Http:
    """The seam with a second in all, for whom no answer comes."""
    return Http(hosts, base, connect_within=0.7, total=1.0)


def patient(hosts: frozenset[str], base: str) -> Http:
    """The seam with the time that a busy machine takes."""
    return Http(hosts, base, connect_within=30.0, total=30.0)
