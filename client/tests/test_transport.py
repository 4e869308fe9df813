"""The transport: a whole answer or a reason, and never the key."""

from __future__ import annotations

import os
import pickle
import signal
import traceback

import pytest
import urllib3
from urllib3.exceptions import ProtocolError, SSLError

from client.tests import loopback
from client.tests.conftest import KEY
from client.tests.loopback import Loopback, problem, reply
from tocsin_client.reasons import reason_of
from tocsin_client.transport import Answer, Fault, Problem, Transport, Unreachable

NOBODY = "http://127.0.0.1:9"


def test_a_call_carries_key_query_and_json(server: Loopback) -> None:
    transport = Transport(server.url, KEY)

    answer = transport.call("POST", "/v1/x", body={"a": "ü"}, query={"q": "1 2"})

    assert answer.ok
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/x?q=1+2")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert request.body == {"a": "ü"}


def test_bytes_go_as_they_are_under_the_content_type_given(server: Loopback) -> None:
    server.answers.append(reply(200, b"done", ETag='"7"'))

    answer = Transport(server.url, KEY).call(
        "POST", "/v1/config", body=b"a: 1", headers={"Content-Type": "text/yaml"}
    )

    assert server.requests[0].body == b"a: 1"
    assert server.requests[0].headers["content-type"] == "text/yaml"
    assert (answer.body, answer.headers["etag"]) == (b"done", '"7"')


def test_a_redirect_is_an_answer_and_not_followed(server: Loopback) -> None:
    server.answers.append(reply(307, None, Location=f"{server.url}/v1/elsewhere"))

    answer = Transport(server.url, KEY).call("POST", "/v1/events", body={})

    assert answer.status == 307
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (loopback.half, "broke off"),
        (loopback.garbage, "is none"),
        (loopback.reset, "broke off"),
        (loopback.hang, "no answer within 0.2 s"),
    ],
)
def test_what_is_no_whole_answer_is_unreachable(
    server: Loopback, answer: loopback.Answer, words: str
) -> None:
    server.answers.append(answer)

    with pytest.raises(Unreachable, match=words):
        Transport(server.url, KEY, timeout=0.2).call("POST", "/v1/events", body={})


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            SSLError("certificate verify failed: expired"),
            "no trusted connection: cert",
        ),
        (ProtocolError("Aborted", ConnectionResetError()), "is none: ConnectionReset"),
        (OSError("something else"), "OSError: something else"),
    ],
)
def test_reasons_are_said_in_words(error: Exception, words: str) -> None:
    assert words in reason_of(error, 5)


def test_nothing_is_repeated_by_the_transport(server: Loopback) -> None:
    server.answers.append(loopback.reset)

    with pytest.raises(Unreachable):
        Transport(server.url, KEY).call("GET", "/v1/health")

    assert len(server.requests) == 1


def test_the_key_is_in_no_error_repr_or_pickle(server: Loopback) -> None:
    transport = Transport(NOBODY, KEY, timeout=0.2)

    with pytest.raises(Unreachable) as caught:
        transport.call("GET", "/v1/health")
    told = "".join(traceback.format_exception(None, caught.value, None))

    assert "Connection refused" in told
    assert KEY not in told + repr(transport) + repr(vars(transport))
    assert caught.value.__context__ is None
    with pytest.raises(TypeError):
        pickle.dumps(transport)


@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nbreak", "schlüssel"])
def test_a_key_that_could_never_work_is_refused_unsaid(key: str) -> None:
    with pytest.raises(ValueError, match="key") as caught:
        Transport(NOBODY, key)

    assert not key.strip() or key not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["", "tocsin.example.com", "ftp://a", "https://", "https://u:p@a", "https://a?b=1"],
)
def test_an_address_that_could_never_work_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        Transport(url, KEY)


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
def test_the_root_may_be_written_with_its_version(end: str) -> None:
    assert Transport(f"https://a.example/stage{end}", KEY).url == (
        "https://a.example/stage"
    )


def test_a_refusal_is_told_in_the_servers_words(server: Loopback) -> None:
    server.answers.append(problem(422, "Invalid request", ("title", "is empty")))

    found = Transport(server.url, KEY).call("POST", "/v1/events", body={}).problem

    assert found == Problem(
        "Invalid request", "Invalid request in detail", (Fault("title", "is empty"),)
    )
    assert str(found) == "Invalid request in detail; title: is empty"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "HTTP 502"),
        (b"<h1>Bad\n gateway</h1>", "<h1>Bad gateway</h1>"),
        (b'{"message": "Forbidden"}', "Forbidden"),
        (b"[1]", "[1]"),
        (b'{"title": "No", "errors": {"a": 1}}', "No"),
        (b"\xff\xfe" * 900, "�"),
    ],
)
def test_a_strangers_refusal_is_told_as_far_as_it_can_be(
    body: bytes, words: str
) -> None:
    found = Answer(502, {}, body).problem

    assert found is not None
    assert words in str(found)
    assert len(str(found)) <= 300


def test_a_success_is_no_problem() -> None:
    assert Answer(202, {}, b"{}").problem is None


def test_a_pool_of_ones_own_is_used(server: Loopback) -> None:
    pool = urllib3.PoolManager()

    Transport(server.url, KEY, pool=pool).call("GET", "/v1/health")

    assert len(pool.pools) == 1


def test_a_child_makes_connections_of_its_own(server: Loopback) -> None:
    transport = Transport(server.url, KEY)
    transport.call("GET", "/v1/health")
    connected = server.requests[0].headers["host"]

    child = os.fork()
    if child == 0:
        signal.alarm(30)  # Where it waits for the parent's answers, it waits for ever.
        try:
            ok = all(transport.call("GET", f"/v1/c{n}").ok for n in range(20))
        finally:
            os._exit(0 if ok else 1)
    for number in range(20):
        assert transport.call("GET", f"/v1/p{number}").ok
    _, status = os.waitpid(child, 0)

    assert status == 0
    assert connected in server.url
    assert len(server.requests) == 41
