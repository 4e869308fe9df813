"""Problems: every error of the tree as an RFC 9457 document."""

from __future__ import annotations

import json

import pytest

from tocsin import errors
from tocsin.errors import Fault, Invalid, Refused, Stale, Unauthorized, Unavailable
from tocsin.problems import problem_of


def kinds(root: type[Refused]) -> list[type[Refused]]:
    return [root, *(kind for each in root.__subclasses__() for kind in kinds(each))]


@pytest.mark.parametrize("kind", kinds(Refused))
def test_every_refusal_keeps_its_status_and_its_words(kind: type[Refused]) -> None:
    problem = problem_of(kind("because", [Fault("a.b", "wrong")]))

    assert problem.status == kind.status
    assert 400 <= problem.status < 500
    assert problem.document["title"] == kind.title
    assert problem.document["detail"] == "because"
    assert problem.document["errors"] == [{"field": "a.b", "reason": "wrong"}]
    assert problem.document["type"] == f"urn:tocsin:problem:{kind.__name__.lower()}"


def test_no_error_of_the_tree_is_left_to_the_last_resort() -> None:
    for name in dir(errors):
        kind = getattr(errors, name)
        if isinstance(kind, type) and issubclass(kind, errors.TocsinError):
            if kind is errors.TocsinError:
                continue
            error = kind([0]) if kind is Stale else kind("x")
            assert problem_of(error).status != 500, name


def test_an_unknown_key_is_told_how_to_come_back() -> None:
    assert "Bearer" in problem_of(Unauthorized("no")).headers["www-authenticate"]


def test_what_is_not_available_says_when_to_come_back() -> None:
    problem = problem_of(Unavailable("dynamodb: AccessDenied for table secret-name"))

    assert problem.status == 503
    assert int(problem.headers["retry-after"]) > 0
    assert "secret-name" not in problem.body


def test_a_lost_race_is_a_conflict() -> None:
    assert problem_of(Stale([3])).status == 409


def test_our_own_mistakes_tell_nothing() -> None:
    problem = problem_of(RuntimeError("token abc"))

    assert problem.status == 500
    assert "abc" not in problem.body


def test_a_response_is_ascii_whatever_was_sent() -> None:
    response = problem_of(Invalid("\ud800 ü"), instance="r1").response()

    assert response["body"].isascii()
    assert json.loads(response["body"])["instance"] == "urn:request:r1"
    assert response["headers"]["content-type"] == "application/problem+json"
