"""Enriching: alarms gain what AWS answers in time, and go out in any case."""

from __future__ import annotations

import pytest

from tests.fakes.enricher import PICTURE, FakeEnricher
from tests.fakes.world import event
from tests.unit.intake.payloads import batch_of
from tocsin.enriching import Alarm, enrich, with_details
from tocsin.errors import Unavailable
from tocsin.events import Attachment, Event, Fact, Link
from tocsin.intake.enrichment import enriched

ARN = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:checkout-5xx"
RUNBOOK = "https://wiki.example.com/checkout"
TAGS = {"Owner": "ada", "team": " shop ", "Runbook": RUNBOOK, "cost-centre": "7"}
ACCOUNT = "123456789012"


def asked(
    enricher: FakeEnricher, seconds: float = 30, widget: str = "{}"
) -> tuple[Event, list[str]]:
    """The event as it goes out, and why something of it is missing."""
    missed: list[str] = []
    (found,) = enrich(
        [(event("checkout-5xx is in ALARM"), Alarm(ARN, widget))],
        enricher=enricher,
        missed=missed.append,
        seconds=seconds,
    )
    return found, missed


def facts(found: Event) -> dict[str, str]:
    return {each.name: each.value for each in found.fields}


def test_tags_become_facts_and_a_runbook_a_link() -> None:
    found, missed = asked(FakeEnricher(TAGS))

    assert facts(found) == {"Owner": "ada", "Team": "shop"}
    assert [(each.label, str(each.url)) for each in found.links] == [
        ("Runbook", RUNBOOK)
    ]
    assert [each.model_dump() for each in found.attachments] == [
        {
            "id": "a" * 32,
            "name": "Graph.png",
            "media": "image/png",
            "size": 7,
            "url": None,
        }
    ]
    assert missed == []


@pytest.mark.parametrize("told", ["page 12 of the binder", "https://", "ftp://a.b/c"])
def test_a_runbook_that_is_no_address_is_a_fact(told: str) -> None:
    found = with_details(event(), {"runbook": told}, None)

    assert (facts(found), found.links) == ({"Runbook": told}, ())


def test_a_runbook_that_the_description_names_is_not_told_twice() -> None:
    link = Link.model_validate({"label": "Runbook", "url": RUNBOOK})

    assert with_details(event(links=(link,)), TAGS, None).links == (link,)


def test_an_empty_tag_is_not_told() -> None:
    assert with_details(event(), {"owner": "  "}, None) == event()


def test_what_the_event_holds_comes_first_when_there_is_no_more_room() -> None:
    full = event(
        fields=tuple(Fact(name=f"f{n}", value="x") for n in range(50)),
        links=tuple(
            Link.model_validate({"label": "l", "url": f"https://a.example/{n}"})
            for n in range(20)
        ),
        attachments=tuple(
            Attachment.model_validate({"name": "a", "url": f"https://a.example/{n}"})
            for n in range(10)
        ),
    )

    assert with_details(full, TAGS, PICTURE) == full


@pytest.mark.parametrize("slow", ["tags", "graph"])
def test_what_is_slow_is_left_out_and_the_rest_is_there(slow: str) -> None:
    enricher = FakeEnricher(TAGS, slow=slow)
    try:
        found, missed = asked(enricher, seconds=0.5)
    finally:
        enricher.held.set()

    assert missed == ["AWS did not answer in time"]
    assert bool(found.fields) == (slow != "tags")
    assert bool(found.attachments) == (slow != "graph")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (Unavailable("tags: AccessDenied"), "tags: AccessDenied"),
        (KeyError("what no one thought of"), "KeyError"),
    ],
)
def test_what_fails_is_left_out_and_named(error: Exception, why: str) -> None:
    found, missed = asked(FakeEnricher(tags=error, graph=error))

    assert found == event("checkout-5xx is in ALARM")
    assert missed == [why, why]


def test_an_alarm_without_a_metric_is_not_drawn() -> None:
    enricher = FakeEnricher(TAGS)
    found, missed = asked(enricher, widget="")

    assert (enricher.widgets, found.attachments, missed) == ([], (), [])


@pytest.mark.parametrize(
    "case", ["sns-alarm-metric", "eventbridge-alarm-metric", "lambda-alarm-action"]
)
def test_an_alarm_is_asked_about_however_it_comes_and_keeps_its_key(case: str) -> None:
    enricher, received = FakeEnricher(TAGS), batch_of(case).received

    found = enriched(received, account=ACCOUNT, enricher=enricher, missed=pytest.fail)

    assert enricher.asked[0].startswith(f"arn:aws:cloudwatch:eu-central-1:{ACCOUNT}")
    assert len(enricher.widgets) == 1
    assert [(each.key, each.at) for each in found] == [
        (each.key, each.at) for each in received
    ]
    assert "Owner" in facts(found[0].event)
    assert found[0].event.fingerprint == received[0].event.fingerprint


@pytest.mark.parametrize(
    ("case", "account"),
    [
        ("sns-alarm-metric", "999999999999"),
        ("sns-text", ACCOUNT),
        ("eventbridge-codebuild-failed", ACCOUNT),
    ],
)
def test_others_are_left_as_they_are_and_not_asked_about(
    case: str, account: str
) -> None:
    enricher, received = FakeEnricher(TAGS), batch_of(case).received

    found = enriched(received, account=account, enricher=enricher, missed=pytest.fail)

    assert (found, enricher.asked) == (list(received), [])


def test_an_alarm_goes_out_even_if_its_graph_cannot_be_described(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tocsin.intake.enrichment.widget_of", {}.__getitem__)
    received = batch_of("sns-alarm-metric").received
    missed: list[str] = []

    found = enriched(
        received, account=ACCOUNT, enricher=FakeEnricher(), missed=missed.append
    )

    assert found == list(received)
    assert missed == ["TypeError"]
